"""A web process that is killed in the middle of a request: nothing half, nothing lost, nothing doubled."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import psutil
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from shouwen.cases.models import Case
from shouwen.kernel.models import Entry
from shouwen.works.models import Order
from tests.browser.line import free_port
from tests.cast import make_cast
from tests.front.test_faults import address, typed
from tests.works.test_actions import leak

ROOT = Path(__file__).resolve().parents[2]


def _own_url() -> str:
    """The database of this test for a process of its own."""
    return urlunsplit(
        urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    )


@contextlib.contextmanager
def web(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The real server with one worker: gate, Django and all."""
    environment = os.environ | {"DATABASE_URL": _own_url(), "SHOUWEN_TESTING": ""}
    words = ["serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen([sys.executable, "-m", "shouwen", *words], env=environment, cwd=ROOT)
    try:
        _wait(port)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _post(port: int, url: str, body: dict[str, Any], session: str) -> int:
    """The status of a post, or 0 when the line was cut."""
    mark = "a" * 32
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={mark}"
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        line.request("POST", url, urlencode(body | {"csrfmiddlewaretoken": mark}), headers)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0


def _waiting_for_a_lock(cursor: Any) -> bool:
    cursor.execute("select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                   " where not l.granted and a.datname = current_database()")  # fmt: skip
    return bool(cursor.fetchone()[0])


def _kill_workers(server: subprocess.Popen[bytes]) -> None:
    for child in psutil.Process(server.pid).children(recursive=True):
        if "resource_tracker" not in " ".join(child.cmdline()):
            child.kill()


def _until(true: Any, words: str) -> None:
    for _ in range(300):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(words)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_web_process_killed_in_mid_request_leaves_nothing_half() -> None:
    """The request stands before its number; the worker dies; the same press again makes the one case there is."""
    cast = make_cast()
    leak(cast, title="前一件")
    client, port = Client(), free_port()
    client.force_login(cast.bob)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    body, answers = typed(title="正在登记", photos=""), []
    with (
        web(port) as server,
        psycopg.connect(_own_url()) as holder,
        psycopg.connect(_own_url(), autocommit=True) as watcher,
    ):
        holder.execute("select * from kernel_counter for update")
        press = threading.Thread(target=lambda: answers.append(_post(port, address(cast), body, session)))
        press.start()
        _until(lambda: _waiting_for_a_lock(watcher.cursor()), "the request never came to its number")
        _kill_workers(server)
        press.join(60)
        holder.rollback()
        assert answers == [0]
        _until(lambda: not _waiting_for_a_lock(watcher.cursor()), "a backend waits for ever")
        _wait(port)
        assert _post(port, address(cast), body, session) == 303
    whole = Case.objects.filter(title="正在登记")
    assert whole.count() == 1
    assert Order.objects.filter(case=whole.get()).count() == 1
    assert list(Entry.objects.filter(matter_id=whole.get().pk).order_by("id").values_list("verb", flat=True)) == [
        "case:registered", "order:opened",
    ]  # fmt: skip
    numbers = [c.number[-3:] for c in Case.objects.order_by("turn")]
    assert numbers == ["001", "002"], "no number is lost with the process"
