"""Readers after the commit: at least once, in effect once, and one bad row stops nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection, transaction

from shouwen.kernel import clock, deliveries
from shouwen.kernel.actors import System
from shouwen.kernel.deliveries import deliver
from shouwen.kernel.journal import Fact, frame, record, switchboard
from shouwen.kernel.models import Delivery, Once
from tests.cast import Cast, cast, make_cast

__all__ = ["cast"]
ROOT = Path(__file__).resolve().parents[2]
VERB = "hours:changed"


@pytest.fixture(autouse=True)
def only_these_readers(monkeypatch):
    monkeypatch.setattr(switchboard, "readers", {})
    monkeypatch.setattr(switchboard, "reactions", {})
    monkeypatch.setattr(switchboard, "absorbers", [])


def listen(name: str, reader) -> None:
    switchboard.deliver(name, frozenset({VERB}), reader)


def happen(cast: Cast, calendar: int = 1) -> Fact:
    with frame(System.of(cast.community.pk)):
        return record(VERB, cast.community, calendar=calendar)


def write(fact: Fact) -> None:
    """What a reader writes: one row a fact; a second time would break the constraint."""
    Once.objects.create(scope="t", operation="o", key=str(fact.id), digest="", created_at=clock.now())


@pytest.mark.django_db
def test_a_fact_reaches_its_reader_as_it_was(cast: Cast) -> None:
    heard: list[Fact] = []
    listen("ear", heard.append)
    fact = happen(cast, 7)
    assert deliver() == deliveries.Outcome(delivered=1)
    assert heard == [fact]
    assert deliver() == deliveries.Outcome()
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_poison_reader_does_not_stop_the_line(cast: Cast) -> None:
    heard: list[int] = []

    def poison(fact: Fact) -> None:
        write(fact)
        raise ValueError("no")

    listen("poison", poison)
    listen("ear", lambda fact: heard.append(int(fact.data["calendar"])))
    for number in range(5):
        happen(cast, number)
    assert deliver() == deliveries.Outcome(delivered=5, failed=5)
    assert heard == [0, 1, 2, 3, 4]
    assert not Once.objects.exists(), "what a failed reader wrote is undone"
    row = Delivery.objects.first()
    assert row is not None
    assert (row.attempts, row.error) == (1, "ValueError: no")


@pytest.mark.django_db
def test_a_failing_row_comes_later_each_time_and_is_parked_at_last(cast: Cast) -> None:
    listen("poison", lambda _fact: int("no"))
    happen(cast)
    moment, waits = clock.now() + timedelta(seconds=1), []
    for _ in range(deliveries.MOST):
        with time_machine.travel(moment, tick=False):
            assert deliver().failed == 1
            assert deliver().failed == 0
        row = Delivery.objects.get()
        waits.append(row.run_at - moment)
        moment = row.run_at
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)
    with time_machine.travel(moment + timedelta(days=9), tick=False):
        assert deliver() == deliveries.Outcome()
        assert [d.error for d in deliveries.parked()] == [
            "ValueError: invalid literal for int() with base 10: 'no'"
        ]
        assert deliveries.retry_parked() == 1
        switchboard.readers.clear()
        listen("poison", write)
        assert deliver().delivered == 1


@pytest.mark.django_db
def test_a_reader_that_is_no_more_waits_for_the_version_that_has_it(cast: Cast) -> None:
    listen("gone", write)
    happen(cast)
    switchboard.readers.clear()
    assert deliver().failed == 1
    assert Delivery.objects.get().error == "no reader is called gone"


@pytest.mark.django_db
def test_a_reader_may_write_facts_of_its_own(cast: Cast) -> None:
    listen("echo", lambda fact: happen(cast, 2) if fact.data["calendar"] == 1 else None)
    happen(cast, 1)
    assert deliver().delivered == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_deliver_twice() -> None:
    cast = make_cast()

    def slow(fact: Fact) -> None:
        time.sleep(0.005)
        write(fact)

    listen("slow", slow)
    for number in range(30):
        happen(cast, number)
    gate, counts = threading.Barrier(3), []

    def run() -> None:
        gate.wait()
        counts.append(deliver())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sum(c.delivered for c in counts) == 30
    assert sum(c.failed for c in counts) == 0
    assert Once.objects.filter(scope="t").count() == 30


@pytest.mark.django_db(transaction=True)
def test_a_slow_reader_whose_lease_ran_out_is_not_overtaken() -> None:
    cast = make_cast()
    begun, go = threading.Event(), threading.Event()

    def slow(fact: Fact) -> None:
        begun.set()
        go.wait(10)
        write(fact)

    listen("slow", slow)
    happen(cast)

    def run() -> None:
        deliver()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(10)
    Delivery.objects.none()
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        assert deliver() == deliveries.Outcome()
    go.set()
    thread.join()
    assert Once.objects.count() == 1
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_transactions_that_commit_in_reverse_order_are_both_delivered() -> None:
    cast = make_cast()
    heard: list[object] = []
    listen("ear", lambda fact: heard.append(fact.data["calendar"]))
    begun, go = threading.Event(), threading.Event()

    def first() -> None:
        with frame(System.of(cast.community.pk)):
            record(VERB, cast.community, calendar=1)
            begun.set()
            go.wait(10)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(10)
    happen(cast, 2)
    deliver()
    assert heard == [2]
    go.set()
    thread.join()
    deliver()
    assert heard == [2, 1]


WORKER = """
import os, sys, time
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from shouwen.kernel import clock, deliveries
from shouwen.kernel.journal import switchboard
from shouwen.kernel.models import Once
def reader(fact):
    Once.objects.create(scope="t", operation="o", key=str(fact.id), digest="", created_at=clock.now())
    if sys.argv[2] == "die":
        print("in the middle", flush=True)
        time.sleep(60)
switchboard.readers = {"slow": (frozenset(), reader)}
print(deliveries.deliver().delivered, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_delivery_delivers_again_and_once_in_effect() -> None:
    cast = make_cast()
    listen("slow", write)
    happen(cast)

    def worker(how: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WORKER), connection.settings_dict["NAME"], how],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "shouwen.site.settings"},
        )

    doomed = worker("die")
    assert doomed.stdout is not None
    assert doomed.stdout.readline().strip() == "in the middle"
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    doomed.stdout.close()
    assert Once.objects.count() == 0
    assert Delivery.objects.get().attempts == 1
    deadline = time.monotonic() + 10
    while not deliveries_free() and time.monotonic() < deadline:
        time.sleep(0.05)
    Delivery.objects.update(run_at=clock.now())
    second = worker("live")
    assert second.communicate(timeout=30)[0].strip() == "1"
    assert Once.objects.count() == 1
    assert not Delivery.objects.exists()


def deliveries_free() -> bool:
    """Whether the server has noticed that the killed worker is gone."""
    with transaction.atomic():
        return Delivery.objects.select_for_update(skip_locked=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_touches_for_a_moment_is_delivered_all_the_same(monkeypatch) -> None:
    cast, held, let_go = make_cast(), threading.Event(), threading.Event()
    listen("ear", write)
    happen(cast)

    def touch() -> None:
        with transaction.atomic():
            list(Delivery.objects.select_for_update())
            held.set()
            let_go.wait(0.3)
        connection.close()

    def claimed_and_touched(claim=deliveries._claim):
        found = claim()
        if found and not held.is_set():
            thread.start()
            held.wait(5)
        return found

    thread = threading.Thread(target=touch)
    monkeypatch.setattr(deliveries, "_claim", claimed_and_touched)
    assert deliver() == deliveries.Outcome(delivered=1)
    thread.join()
    assert Once.objects.filter(scope="t").count() == 1
