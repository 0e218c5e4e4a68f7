"""The sweep: what runs out is told, rung by rung. It reads only duties whose next moment has come.

The owner hears first, then those above, never only the one who is late.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from shouwen.duties import rulings
from shouwen.duties.clauses import ESCALATED, book
from shouwen.duties.grammar import OWNER_FIELDS, Clause
from shouwen.duties.models import Duty
from shouwen.duties.times import rung_at
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.journal import Data, frame, record
from shouwen.notices.actions import Telling, telling
from shouwen.people import who
from shouwen.people.models import Post

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


@dataclass
class Ladder:
    """The answers of one pass of the sweep; each question about people is asked once."""

    _kept: dict[tuple[object, ...], tuple[int, ...]] = field(default_factory=dict)

    def hearers(self, duty: Duty, rung: int, copy: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Staff who are told at a rung: 1 the owner, 2 also the one above, 3 and higher the one above that.

        An employee complained of hears nothing. From rung 2 on somebody other than the owner hears.
        """
        owners = self.owners(duty)
        if rung <= 1:
            return owners
        above: list[int] = []
        climbers = owners[:3]
        for _ in range(rung - 1):
            climbers = tuple(dict.fromkeys(b for s in climbers if (b := self._above(s, duty)) is not None))
            above += climbers
        for post in copy:
            above += self._holders(duty.community_id, post)
        strangers = {*owners, duty.about_id}
        others = [s for s in above if s not in strangers]
        if not others:
            others = [s for s in self._holders(duty.community_id, "case.supervise") if s not in strangers][:3]
        return tuple(dict.fromkeys([*(owners if rung == 2 else ()), *others])) or owners

    def owners(self, duty: Duty) -> tuple[int, ...]:
        """Whose duty it is now: the person, the holders of the post, or whoever owns what nobody else can."""
        if duty.owner_id is not None and duty.owner_id != duty.about_id:
            return (duty.owner_id,)
        if duty.owner_id is None and duty.owner_role not in OWNER_FIELDS:
            held = [s for s in self._climb(duty.community_id, duty.owner_role) if s != duty.about_id]
            if held:
                return tuple(held)
        return self._last_resort(duty)

    def _last_resort(self, duty: Duty) -> tuple[int, ...]:
        """The fallback owner, or who stands above when the complaint is about just that person."""
        fallback = self._keep(("fallback", duty.community_id), lambda: _fallback(duty.community_id))
        if fallback and fallback[0] == duty.about_id:
            others = [s for s in self._holders(duty.community_id, "case.supervise") if s != duty.about_id]
            above = self._above(fallback[0], duty)
            return (above,) if above is not None else tuple(others[:1])
        return fallback

    def _climb(self, community_id: int, post: str) -> tuple[int, ...]:
        """The holders of a post; a vacant one climbs to what it reports to."""
        seen: set[str] = set()
        while post and post not in seen:
            if held := self._holders(community_id, post):
                return held
            seen.add(post)
            row = Post.objects.filter(pk=post).values_list("reports_to", flat=True).first()
            post = str(row or "")
        return ()

    def _above(self, staff: int, duty: Duty) -> int | None:
        """Whoever stands above, and not the employee complained of."""
        above = self._superior(staff, duty.community_id)
        if above is not None and above == duty.about_id:
            above = self._superior(above, duty.community_id)
        return None if above == duty.about_id else above

    def _superior(self, staff: int, community_id: int) -> int | None:
        found = self._keep(("above", staff, community_id), lambda: [who.superior_of(staff, community_id)])
        return found[0] if found else None

    def _holders(self, community_id: int, code: str) -> tuple[int, ...]:
        return self._keep(("hold", community_id, code), lambda: who.holders(community_id, code))

    def _keep(self, key: tuple[object, ...], ask: Callable[[], Sequence[int | None]]) -> tuple[int, ...]:
        if key not in self._kept:
            self._kept[key] = tuple(s for s in ask() if s is not None)
        return self._kept[key]


def _fallback(community_id: int) -> list[int]:
    try:
        return [who.fallback_of(community_id)]
    except LookupError:  # a house without a single account
        return []
