"""Round trips to the database, counted in libpq's own trace of the protocol."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection


@contextmanager
def protocol(path: Path) -> Iterator[list[str]]:
    """What goes over the wire. A round trip ends with ReadyForQuery: the client waits for it, and only for it."""
    if sys.platform != "linux":
        pytest.skip("libpq traces on Linux only")
    connection.ensure_connection()
    raw = connection.connection.pgconn
    found: list[str] = []
    with path.open("w") as file:
        raw.trace(file.fileno())
        try:
            yield found
        finally:
            raw.untrace()
    found += path.read_text().splitlines()


def trips(lines: list[str]) -> int:
    return sum("\tReadyForQuery\t" in line for line in lines)
