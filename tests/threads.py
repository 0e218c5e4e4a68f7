"""Races with real threads, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

J = TypeVar("J")
R = TypeVar("R")


def in_threads(many: int, act: Callable[[J], R], jobs: Sequence[J]) -> list[R]:
    """Do all jobs with so many threads; the results in the order of the jobs, the first error raised."""
    shares = [list(range(n, len(jobs), many)) for n in range(many)]

    def share(indexes: list[int]) -> list[tuple[int, R]]:
        try:
            return [(index, act(jobs[index])) for index in indexes]
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        done = [pair for part in pool.map(share, shares) for pair in part]
    return [result for _index, result in sorted(done, key=lambda pair: pair[0])]


def at_once(many: int, act: Callable[[int], R]) -> list[R | Exception]:
    """Let so many threads begin at the same moment; what each returned or raised, in order."""
    gate = threading.Barrier(many)

    def run(number: int) -> R | Exception:
        try:
            connection.ensure_connection()
            gate.wait(30)
            return act(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(run, range(many)))
