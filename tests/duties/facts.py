"""Facts about made-up matters: what the rooms above would write, without the rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import time_machine

from shouwen.duties.models import Duty
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
        self.unit_id = None

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
select id, community_id, clause, clause_version, calendar_version, matter_kind, matter_id, unit_id, entry_id,
       owner_role, owner_id, about_id, span, budget, state, born_at, due_at, limit_at, paused_at, pause_reason,
       paused_seconds, next_at, rung, ended_at, ended_by
from duties_duty order by id
"""
