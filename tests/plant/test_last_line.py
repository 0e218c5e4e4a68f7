"""The ground leaves nothing behind, and `./dev test` ends with how many tests were not run, and why."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import psycopg
import pytest

from tests import ground


def _skipped(reason: str) -> pytest.TestReport:
    where = ("tests/x.py", 1, f"Skipped: {reason}")
    return pytest.TestReport("tests/x.py::x", ("tests/x.py", 1, "x"), {}, "skipped", where, "setup")


def test_what_was_not_run_is_counted_by_its_reason(monkeypatch, capsys) -> None:
    monkeypatch.setattr(ground, "_not_run", Counter())
    monkeypatch.setenv("SHOUWEN_SAY_NOT_RUN", "1")
    for reason in ("no Chromium found", "no Chromium found", "no git"):
        ground.pytest_runtest_logreport(_skipped(reason))
    ground.pytest_deselected([object(), object(), object()])
    ground.pytest_unconfigure()
    assert (
        capsys.readouterr().out == "未运行 / not run: 6 (3 × deselected; 2 × no Chromium found; 1 × no git)\n"
    )


def test_a_run_of_everything_says_nothing_is_missing(monkeypatch, capsys) -> None:
    monkeypatch.setattr(ground, "_not_run", Counter())
    monkeypatch.setenv("SHOUWEN_SAY_NOT_RUN", "1")
    ground.pytest_unconfigure()
    assert capsys.readouterr().out == "未运行 / not run: 0\n"


def test_databases_of_a_run_that_was_killed_are_dropped_and_no_others() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, used = f"test_shouwen_{gone.pid}_gw0", f"test_shouwen_{os.getpid()}_gw9"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for name in (left, used):
            connection.execute(f"create database {name} template template0")
        try:
            ground._drop_left_behind(os.environ["DATABASE_URL"])
            there = {name for (name,) in connection.execute("select datname from pg_database")}
        finally:
            connection.execute(f"drop database {used}")
    assert used in there
    assert left not in there
