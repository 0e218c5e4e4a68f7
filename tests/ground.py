"""The ground that tests stand on: an embedded PostgreSQL, found before Django reads its settings.

A plugin, not a conftest: pytest-django imports the settings before any conftest is read. Several runs at the same
time share the server and have a database of their own each.
"""

import atexit
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from shouwen.plant.postgres import Embedded
from shouwen.plant.up import allow_files

DATA = Path(__file__).resolve().parent.parent / "var" / "test"

os.environ["SHOUWEN_TESTING"] = "1"
os.environ.setdefault("SHOUWEN_KEY", "tests-only-" + "0" * 32)
os.environ.setdefault("SHOUWEN_LOG", "plain")
os.environ.setdefault("DATA_DIR", str(DATA))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread of the test
allow_files()
_server: Embedded | None = None
if not os.environ.get("DATABASE_URL"):
    _server = Embedded(DATA, durable=False)
    os.environ["DATABASE_URL"] = _server.start()


@atexit.register
def _leave() -> None:
    """Also after a start that failed before pytest was configured."""
    if _server is not None:
        _drop_left_behind(os.environ["DATABASE_URL"])
        _server.stop()


_not_run: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _not_run[reason.removeprefix("Skipped: ")] += 1


def pytest_deselected(items: list[pytest.Item]) -> None:
    _not_run["deselected"] += len(items)


def pytest_unconfigure() -> None:
    """`./dev test` ends with how many tests were not run, and why."""
    if os.environ.get("SHOUWEN_SAY_NOT_RUN") == "1":
        why = "; ".join(f"{count} × {reason}" for reason, count in _not_run.most_common())
        print(f"未运行 / not run: {_not_run.total()}" + (f" ({why})" if why else ""))


def _drop_left_behind(url: str) -> None:
    """Drop databases of test runs that were killed: their name has the number of a process that is gone."""
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute(
            "select datname from pg_database where datname like 'test_shouwen_%'"
        ):
            if not psutil.pid_exists(int(name.split("_")[2])):
                connection.execute(
                    sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
                )
