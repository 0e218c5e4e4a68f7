"""The sweep: what runs out is told, rung by rung. It reads only duties whose next moment has come."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from shouwen.duties import rulings
from shouwen.duties.clauses import ESCALATED, book
from shouwen.duties.grammar import Clause
from shouwen.duties.ladder import Ladder
from shouwen.duties.models import Duty
from shouwen.duties.times import rung_at
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.journal import Data, frame, record
from shouwen.notices.actions import Telling, telling

log = logging.getLogger(__name__)
BATCH = 500
_HUSH = "update duties_duty set next_at = null where id = any(%s)"
# 1 the warning, 2 due, 3 and above long overdue.
CODES = {1: "duty.warned", 2: "duty.late"}
CODE_ABOVE = "duty.long_late"


@dataclass(frozen=True)
class Raised:
    """A rung that a duty has reached, and the moment of the one after it."""

    duty: Duty
    rung: int
    next_at: datetime | None


def sweep(batches: int = 100) -> int:
    """Raise every rung that is due; returns how many. Safe to run twice and at the same time."""
    told, ladder = 0, Ladder()
    for _ in range(batches):
        count, more = _batch(ladder)
        told += count
        if not more:
            break
    return told


def _batch(ladder: Ladder) -> tuple[int, bool]:
    """One transaction: the rows locked by another sweep or by an action are left to the next pass."""
    now = clock.now()
    with frame(System.of()) as opened:
        duties = list(_due(now)[:BATCH])
        raised, mute = _reached(duties, now)
        for reached in raised:
            after = reached.next_at.isoformat() if reached.next_at else None
            record(ESCALATED, reached.duty, clause=reached.duty.clause, rung=reached.rung, next=after)
        if statement := telling([t for reached in raised for t in _tellings(reached, ladder, now)]):
            opened.statements.append(statement)
        if mute:
            opened.statements.append((_HUSH, [mute]))
    return len(raised), len(duties) == BATCH


def _due(now: datetime) -> QuerySet[Duty]:
    return Duty.objects.select_for_update(skip_locked=True).filter(next_at__lte=now).order_by("next_at")


def _reached(duties: Sequence[Duty], now: datetime) -> tuple[list[Raised], list[UUID]]:
    """The highest rung due of each, and the duties that have none any more."""
    raised: list[Raised] = []
    mute: list[UUID] = []
    for duty in duties:
        clause = book().clause(duty.clause)
        reached = clause and _highest(duty, clause, now)
        if reached:
            raised.append(reached)
        else:
            log.warning("duty %s of clause %s has no rung left", duty.pk, duty.clause)
            mute.append(duty.pk)
    return raised, mute


def _highest(duty: Duty, clause: Clause, now: datetime) -> Raised | None:
    """A clock that jumped forward raises only the highest rung, once; the rungs below are passed over in silence."""
    if duty.rung >= len(clause.rungs) or duty.next_at is None:
        return None
    calendar = rulings.kept_calendar(duty.community_id, duty.calendar_version)
    rung = duty.rung + 1
    for percent in clause.rungs[rung:]:
        moment = rung_at(duty.due_at, duty.budget, percent, clause.clock, calendar)
        if moment > now:
            return Raised(duty, rung, moment)
        rung += 1
    return Raised(duty, rung, None)


def _tellings(reached: Raised, ladder: Ladder, now: datetime) -> list[Telling]:
    duty = reached.duty
    clause = book().clauses[duty.clause]
    data: Data = {"clause": duty.clause, "rung": reached.rung, "due": duty.due_at.isoformat()}
    return [
        Telling(
            community_id=duty.community_id,
            staff_id=staff,
            code=CODES.get(reached.rung, CODE_ABOVE),
            data=data,
            matter_kind=duty.matter_kind,
            matter_id=duty.matter_id,
            once=f"duty:{duty.pk}:{reached.rung}",
            at=now,
        )
        for staff in ladder.hearers(duty, reached.rung, clause.copy)
    ]
