"""The jobs process killed in the midst of a sweep, and sweepers that run at once: the duties are those of a quiet house."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest
import time_machine
from django.db import connection, transaction

from shouwen.duties import days, rulings
from shouwen.duties import sweep as sweeping
from shouwen.duties.jobs import sweep_duties
from shouwen.duties.models import Duty
from shouwen.duties.sweep import sweep
from shouwen.kernel.models import Entry
from shouwen.notices.models import Notice
from tests.cast import Cast, make_cast
from tests.duties.facts import START, Matter, local, registered, rows, started
from tests.threads import at_once

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)
MANY = 30


def ground() -> Cast:
    """Thirty inquiries whose every rung is long past."""
    cast = make_cast()
    for _ in range(MANY):
        Matter(cast.community.pk).tell_all([registered("inquiry", first_responder=cast.bob.pk)])
    return cast


def undisturbed(moment: Any) -> list[Any]:
    """The duties after one quiet sweep, which is then taken back."""
    with time_machine.travel(moment, tick=False), transaction.atomic():
        sweep()
        found = rows()
        transaction.set_rollback(True)
    return _timeless(found)


def _timeless(found: list[Any]) -> list[Any]:
    """Without the keys of facts, which tell the moment of the sweep."""
    read = (json.loads(row) if isinstance(row, str) else row for row in found)
    return [{name: value for name, value in row.items() if name != "ended_by"} for row in read]


def test_two_sweepers_at_once_leave_what_one_leaves() -> None:
    cast = ground()
    started(cast.community.pk, date(2026, 7, 22))  # and a day of periods that have ended
    with time_machine.travel(local("2026-07-22 23:00"), tick=False):
        days.lay_out()
    moment = local("2026-07-24 12:00")
    expected = undisturbed(moment)
    with time_machine.travel(moment, tick=False):
        done = at_once(2, lambda _n: sweep())
    assert _timeless(rows()) == expected
    raised = Entry.objects.filter(verb__in=("duty:escalated", "duty:lapsed")).count()
    assert sum(n for n in done if isinstance(n, int)) == raised, done
    assert Duty.objects.filter(clause="inquiry.answer", alarm__rung=3).count() == MANY
    assert Notice.objects.filter(staff=cast.alice, code="duty.long_late").count() == MANY


def test_two_hands_of_one_sweeper_share_many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, moment = ground(), local("2026-07-24 12:00")
    expected = undisturbed(moment)
    monkeypatch.setattr(sweeping, "BATCH", 3)
    with time_machine.travel(moment, tick=False):
        days.lay_out()
        told = sweep(hands=2)
    assert told >= MANY
    assert [row for row in _timeless(rows()) if row["clause"] == "inquiry.answer"] == [
        row for row in expected if row["clause"] == "inquiry.answer"
    ]
    assert Notice.objects.filter(staff=cast.alice, code="duty.long_late").count() == MANY


# --- killed -------------------------------------------------------------------------------------------------------


def _own_url() -> str:
    """The database of this test for a process of its own."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(url._replace(path="/" + connection.settings_dict["NAME"]))


@contextlib.contextmanager
def jobs() -> Iterator[subprocess.Popen[bytes]]:
    """The real jobs process."""
    environment = os.environ | {"DATABASE_URL": _own_url(), "SHOUWEN_TESTING": ""}
    process = subprocess.Popen([sys.executable, "-m", "shouwen", "work"], env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        _kill(process)
        with connection.cursor() as cursor:  # what it had begun is no business of the tests that come after
            cursor.execute("truncate procrastinate_jobs cascade")


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
    process.kill()
    process.wait(30)


def _until(true: Any, words: str) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(words)


def _blocked(cursor: Any) -> bool:
    cursor.execute("select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                   " where not l.granted and a.datname = current_database()")  # fmt: skip
    return bool(cursor.fetchone()[0])


def _at_work(cursor: Any) -> bool:
    """Whether somebody besides this test and the one who holds the lock is in a transaction."""
    cursor.execute("select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle'"
                   " and pid <> pg_backend_pid()")  # fmt: skip
    return bool(cursor.fetchone()[0])


@pytest.mark.slow
def test_the_jobs_process_killed_in_the_midst_of_a_sweep_leaves_nothing_half() -> None:
    """Its notices can't be written yet: so it stands between its rungs and its commit when it is killed with -9."""
    ground()
    before, expected = rows(), undisturbed(START + timedelta(days=365))
    sweep_duties.defer(timestamp=0)
    with psycopg.connect(_own_url()) as holder, psycopg.connect(_own_url(), autocommit=True) as watcher:
        holder.execute("lock table notices_notice in share mode")
        with jobs() as process:
            _until(lambda: _blocked(watcher.cursor()), "the sweep never came to its notices")
            _kill(process)
        assert (rows(), Notice.objects.exists()) == (before, False), "nothing of the killed sweep is seen"
        holder.rollback()
        _until(lambda: not _at_work(watcher.cursor()), "a backend of the dead process is at work for ever")
    # What lay in the line when the process died may still be carried out: then as a whole.
    assert rows() == before or _timeless(rows()) == expected
    rulings.forget()
    with time_machine.travel(START + timedelta(days=365), tick=False):
        sweep()
    assert _timeless(rows()) == expected
    raised = Entry.objects.filter(verb="duty:escalated", data__rung=3).count()
    assert Notice.objects.filter(code="duty.long_late").count() == raised == MANY
