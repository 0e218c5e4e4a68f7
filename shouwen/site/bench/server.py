"""The product's own web processes on a free port, with the bench's database behind them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from shouwen.people.models import Staff
from shouwen.plant.ports import free_port


@contextmanager
def serving(workers: int = 2) -> Iterator[int]:
    """Start ``shouwen serve`` and yield its port; everything is stopped at the end.

    The planner knows every table first, as it does in a house that has stood for more than a few minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
    port = free_port("127.0.0.1", None)
    environment = os.environ | {"SHOUWEN_BENCH": "1", "DATABASE_URL": settings.DATABASE_URL}
    words = [sys.executable, "-m", "shouwen", "serve", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(words, env=environment, stdin=subprocess.PIPE)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise RuntimeError("the web processes did not come up")


def cookie(staff: Staff) -> str:
    """The header of a browser in which ``staff`` is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.create()
    return f"sessionid={session.session_key}"
