"""Facts about made-up matters: what the rooms above would write, without the rooms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection

from shouwen.duties import days, rulings
from shouwen.duties.models import Duty, Run
from shouwen.duties.rebuilding import rebuild
from shouwen.duties.sweep import sweep
from shouwen.kernel.actors import System
from shouwen.kernel.journal import Fact, frame, record

# A Wednesday, 10:00 in Shanghai.
START = datetime(2026, 7, 22, 2, 0, tzinfo=UTC)


class Matter:
    """A row that facts can be about."""

    class _meta:  # noqa: N801
        model_name = "case"

    def __init__(self, community_id: int, key: UUID | None = None) -> None:
        self.community_id = community_id
        self.pk = key or uuid4()
        self.matter_id = self.pk
        self.unit_id: int | None = None

    def tell(
        self, verb: str, *, when: datetime | None = None, at: datetime | None = None, **data: Any
    ) -> Fact:
        """One frame with one fact."""
        return self.tell_all([(verb, data)], when=when, at=at)[0]

    def tell_all(
        self, facts: list[tuple[str, dict[str, Any]]], when: datetime | None = None, at=None
    ) -> list[Fact]:
        """One frame with several facts."""
        moment = when or START
        with time_machine.travel(moment, tick=False), frame(System.of(self.community_id)):
            return [record(verb, self, at=at, **data) for verb, data in facts]

    def duties(self) -> dict[str, Duty]:
        """The duties of this matter by clause, the newest of each."""
        return {d.clause: d for d in Duty.objects.filter(matter_id=self.pk).order_by("born_at", "entry_id")}

    def duty(self, clause: str) -> Duty:
        return self.duties()[clause]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def after(count: float) -> datetime:
    """So many minutes after the start."""
    return START + minutes(count)


def registered(kind: str = "repair", **data: Any) -> tuple[str, dict[str, Any]]:
    given = {"kind": kind, "category": "x", "urgent": False, "first_responder": 1, "back_entry": False} | data
    return "case:registered", given


ROWS = """
select to_jsonb(d) || jsonb_build_object('rung', coalesce(a.rung, 0), 'next_at', case when d.state = 'open' then a.at end)
from duties_duty d left join duties_alarm a on a.duty_id = d.id order by d.id
"""


def rows() -> list[Any]:
    """Every column of every duty, how far it has climbed, and the next moment of those that run."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        return [row for (row,) in cursor.fetchall()]


def rebuilt_alike() -> None:
    """Deleted and built again from clauses and journal, the duties are the same rows."""
    before = rows()
    rulings.forget()
    days.forget()
    rebuild()
    after_rows = rows()
    for old, new in zip(before, after_rows, strict=True):
        assert new == old


def started(community_id: int, since: date) -> None:
    """The community carries out the periodic clauses from this day on."""
    Run.objects.create(community_id=community_id, since=since)
    rulings.forget()


def pass_time(until: datetime) -> None:
    """Nothing happens but the house's own clock: days open, periods close, rungs are raised."""
    with time_machine.travel(until, tick=False):
        days.lay_out()
        sweep()


def local(text: str) -> datetime:
    """``2026-07-22 10:00`` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
