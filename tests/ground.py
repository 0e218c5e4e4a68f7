"""The ground that tests stand on: an embedded PostgreSQL, found before Django reads its settings.

A plugin, not a conftest: pytest-django imports the settings before any conftest is read. Several runs at the same
time share the server and have a database of their own each.
"""

import atexit
import os
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

from shouwen.plant.postgres import Embedded

DATA = Path(__file__).resolve().parent.parent / "var" / "test"

os.environ["SHOUWEN_TESTING"] = "1"
os.environ.setdefault("SHOUWEN_KEY", "tests-only-" + "0" * 32)
os.environ.setdefault("SHOUWEN_LOG", "plain")
os.environ.setdefault("DATA_DIR", str(DATA))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread of the test
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


def _drop_left_behind(url: str) -> None:
    """Drop databases of test runs that were killed: their name ends in the number of a process that is gone."""
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute("select datname from pg_database where datname like 'test_shouwen_%'"):
            if not Path(f"/proc/{name.rsplit('_', 1)[-1]}").exists() and Path("/proc/self").exists():
                connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
