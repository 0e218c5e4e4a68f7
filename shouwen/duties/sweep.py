"""The sweep: what runs out is told, rung by rung, and a period that ends without proof is closed.

It reads only duties whose alarm rings. The owner hears first, then those above, never only the one who is
late. Duties that are not urgent are told in the digest of the day (see `digest`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from shouwen.duties import rulings
from shouwen.duties.absorb import ESCALATED, LAPSED
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause
from shouwen.duties.hearers import Ladder
from shouwen.duties.models import Duty
from shouwen.duties.times import earlier, next_rung
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.journal import Data, Fact, frame
from shouwen.kernel.writes import read
from shouwen.notices.actions import Telling, telling

log = logging.getLogger(__name__)
BATCH = 1000
_HUSH = "update duties_alarm set at = null where duty_id = any(%s)"
_DUE = """
select d.id, d.community_id, d.clause, d.calendar_version, d.unit_id, d.matter_kind, d.matter_id, d.owner_role, d.owner_id,
    d.about_id, d.born_at, d.due_at, d.lapses_at, a.at, d.budget, a.rung, d.state
from duties_alarm a join duties_duty d on d.id = a.duty_id
where a.at <= %s order by a.at limit %s for update skip locked
"""
# 1 the warning, 2 due, 3 and above long overdue.
CODES = {1: "duty.warned", 2: "duty.late"}
CODE_ABOVE = "duty.long_late"


class Row(NamedTuple):
    """As much of a duty as the sweep reads."""

    id: UUID
    community_id: int
    clause: str
    calendar_version: int
    unit_id: int | None
    matter_kind: str
    matter_id: UUID
    owner_role: str
    owner_id: int | None
    about_id: int | None
    born_at: datetime
    due_at: datetime | None
    lapses_at: datetime | None
    at: datetime
    budget: int
    rung: int
    state: str


@dataclass(frozen=True, slots=True)
class Raised:
    """A rung that a duty has reached, its level, who else hears of it, and the moment of the one after it."""

    row: Row
    clause: Clause
    rung: int
    level: int
    to: tuple[str, ...]
    next_at: datetime | None


def sweep(batches: int = 200, hands: int = 1) -> int:
    """Raise every rung that is due and close what has run out; returns how many. Safe to run twice and at once.

    Where more than a batch is due, that many ``hands`` share it: while the database writes for one, the other
    thinks. Inside a transaction of the caller's there is one hand, for others would not see its rows.
    """
    if hands == 1 or connection.in_atomic_block or not _many():
        return _batches(batches)
    with ThreadPoolExecutor(hands - 1, thread_name_prefix="sweep") as pool:
        others = [pool.submit(_one_hand, batches) for _ in range(hands - 1)]
        return _batches(batches) + sum(other.result() for other in others)


def _many() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select from duties_alarm where at <= %s offset %s limit 1", [clock.now(), BATCH])
        return cursor.fetchone() is not None


def _batches(most: int) -> int:
    told, ladder = 0, Ladder()
    for _ in range(most):
        count, more = _batch(ladder)
        told += count
        if not more:
            break
    return told


def _one_hand(most: int) -> int:
    try:
        return _batches(most)
    finally:
        connection.close()


def _batch(ladder: Ladder) -> tuple[int, bool]:
    """One transaction: the rows locked by another sweep or by an action are left to the next pass."""
    now = clock.now()
    with frame(System.of()) as opened:
        rows = list(starmap(Row, read(_DUE, [now, BATCH])))
        owed = [row for row in rows if row.state == Duty.State.OPEN]
        lapsed = [row for row in owed if row.lapses_at is not None and row.lapses_at <= now]
        gone = {row.id for row in lapsed}
        ladder.read(row.community_id for row in owed)
        raised = _reached([row for row in owed if row.id not in gone], now)
        heard = {one.row.id for one in raised}
        opened.facts += [_fact(LAPSED, row, now, {"clause": row.clause}) for row in lapsed]
        opened.facts += [_fact(ESCALATED, one.row, now, _told(one)) for one in raised]
        if statement := telling([_telling(one, ladder, now) for one in raised if one.clause.urgent]):
            opened.statements.append(statement)
        # What ended or paused before its alarm rang, what has lapsed, and what has no rung left.
        if mute := [row.id for row in rows if row.id not in heard]:
            opened.statements.append((_HUSH, [mute]))
    return len(raised) + len(lapsed), len(rows) == BATCH


def _fact(verb: str, row: Row, now: datetime, data: Data) -> Fact:
    return Fact(
        community=row.community_id, verb=verb, subject_kind="duty", subject_id=str(row.id), matter=row.matter_id,
        actor_kind="system", actor_id=None, at=now, recorded_at=now, data=data, unit=row.unit_id,
    )  # fmt: skip


def _told(one: Raised) -> Data:
    data: Data = {"clause": one.row.clause, "rung": one.rung}
    if one.next_at is not None:
        data["next"] = one.next_at.isoformat()
    return data


def _reached(rows: Sequence[Row], now: datetime) -> list[Raised]:
    """The highest rung due of each that has one."""
    raised: list[Raised] = []
    for row in rows:
        clause = book().clause(row.clause)
        reached = clause and (_reminded(row, clause, now) if clause.remind else _highest(row, clause, now))
        if reached:
            raised.append(reached)
        else:
            log.warning("duty %s of clause %s has no rung left", row.id, row.clause)
    return raised


def _highest(row: Row, clause: Clause, now: datetime) -> Raised | None:
    """A clock that jumped forward raises only the highest rung, once; the rungs below are passed over in silence."""
    if row.rung >= len(clause.rungs):
        return None
    calendar = rulings.kept_calendar(row.community_id, row.calendar_version)
    rung, after = row.rung + 1, None
    while (after := next_rung(clause, row.due_at, row.budget, rung, calendar)) is not None and after <= now:
        rung += 1
    reached = clause.rungs[rung - 1]
    if row.lapses_at is not None:
        after = earlier(after, row.lapses_at)
    return Raised(row, clause, rung, reached.level, reached.to, after)


def _reminded(row: Row, clause: Clause, now: datetime) -> Raised:
    """Owed until it is done: the owner hears again and again, the superior from the third time on."""
    assert clause.remind is not None
    calendar = rulings.kept_calendar(row.community_id, row.calendar_version)
    after = row.at
    while after <= now:
        after = calendar.add(after, clause.remind, clause.clock)
    return Raised(row, clause, min(row.rung + 1, 2**15 - 1), 1 if row.rung < 2 else 2, (), after)


def _telling(one: Raised, ladder: Ladder, now: datetime) -> Telling:
    row = one.row
    due = row.due_at.isoformat() if row.due_at else None
    copy = (*one.to, *(one.clause.copy if one.level > 1 else ()))
    return Telling(
        community_id=row.community_id, staff=ladder.hearers(row, one.level, copy),
        code=CODES.get(one.level, CODE_ABOVE), data={"clause": row.clause, "rung": one.rung, "due": due},
        matter_kind=row.matter_kind, matter_id=row.matter_id, once=f"duty:{row.id}:{one.rung}", at=now,
    )  # fmt: skip
