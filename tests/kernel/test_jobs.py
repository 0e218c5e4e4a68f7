"""Periodic jobs stand in the registry, and a worker runs them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from croniter import croniter
from django.db import connection
from procrastinate.contrib.django import app

from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.jobs import KEEP_ONCE
from shouwen.kernel.journal import frame, record, switchboard
from shouwen.kernel.models import Delivery, Once
from tests.cast import make_cast

PERIODIC = {
    "shouwen.kernel.jobs.deliver_facts",
    "shouwen.kernel.jobs.retry_stalled",
    "shouwen.kernel.jobs.delete_old_jobs",
    "shouwen.kernel.jobs.sweep_files",
    "shouwen.kernel.jobs.tidy",
    "shouwen.duties.jobs.sweep_duties",
    "shouwen.duties.jobs.keep_calendars",
}


def test_every_periodic_job_is_registered_and_never_piles_up() -> None:
    registered = {task.task.name: task.task for task in app.periodic_registry.periodic_tasks.values()}
    assert set(registered) >= PERIODIC
    assert all(registered[name].queueing_lock for name in PERIODIC)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("shouwen.kernel.jobs.deliver_facts", 2),
        ("shouwen.duties.jobs.sweep_duties", 30),
        ("shouwen.kernel.jobs.retry_stalled", 30),
    ],
)
def test_what_must_not_wait_comes_round_within_seconds(name: str, seconds: int) -> None:
    """The sixth field of a cron line is the seconds: in the first place they would be minutes."""
    (task,) = (t for t in app.periodic_registry.periodic_tasks.values() if t.task.name == name)
    rounds = croniter(task.cron, 1_000_000_000)
    moments = [rounds.get_next(float) for _ in range(40)]
    assert {b - a for a, b in pairwise(moments)} == {seconds}


@pytest.mark.django_db(transaction=True)
def test_a_worker_runs_the_jobs(monkeypatch) -> None:
    cast = make_cast()
    # The threads of the worker must not keep the test database open.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    heard: list[object] = []
    monkeypatch.setattr(switchboard, "readers", {"ear": (frozenset({"hours:changed"}), heard.append)})
    monkeypatch.setattr(switchboard, "reactions", {})
    with frame(System.of(cast.community.pk)):
        record("hours:changed", cast.community, calendar=1)
    Once.objects.create(
        scope="t", operation="o", key="old", digest="", created_at=clock.now() - KEEP_ONCE - timedelta(days=1)
    )
    for name in sorted(PERIODIC - {"shouwen.kernel.jobs.sweep_files"}):
        app.configure_task(name).defer(timestamp=0)

    async def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            async with worker.open_async():
                await worker.run_worker_async(
                    wait=False, install_signal_handlers=False, delete_jobs="successful"
                )

    asyncio.run(work())
    assert len(heard) == 1
    assert not Delivery.objects.exists()
    assert not Once.objects.exists()
    from procrastinate.contrib.django.models import ProcrastinateJob

    left = list(ProcrastinateJob.objects.values_list("task_name", "status"))
    assert left == []
