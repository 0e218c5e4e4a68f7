"""What is due on which day: the duties there are, counted by day and clause, and those that periods will bear."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q
from django.db.models.functions import TruncDate

from shouwen.duties import days, rulings
from shouwen.duties.born import members_of
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause
from shouwen.duties.laying import need_of, speaks
from shouwen.duties.models import Duty, DutyQuerySet
from shouwen.duties.periods import slots
from shouwen.duties.rulings import Asking
from shouwen.kernel import clock
from shouwen.kernel.clock import local, start_of_day
from shouwen.kernel.journal import Data

AHEAD = timedelta(days=731)
"""How far ahead is worked out what periods will bear: the rest of this year and all of the next."""
_DAY = timedelta(days=1)
_LATE = Q(state__in=[Duty.State.LATE, Duty.State.BREACHED])


class Heap(NamedTuple):
    """The duties of one clause that are due on one day: how many, how many are still owed, how many late."""

    day: date
    clause: str
    total: int
    owed: int
    late: int


class Planned(NamedTuple):
    """What a period will bear: ``duties`` of them, one for each member of its set as it is today."""

    clause: Clause
    due: datetime
    duties: int = 1


def heaps(rows: DutyQuerySet, first: date, last: date, zone: str) -> list[Heap]:
    """Days from first to last, the late and the early ones first on each."""
    bounds = start_of_day(first, zone), start_of_day(last + _DAY, zone)
    late = _LATE | Q(state=Duty.State.OPEN, due_at__lt=clock.now())
    found = (
        rows.filter(due_at__gte=bounds[0], due_at__lt=bounds[1])
        .exclude(state=Duty.State.VOID)
        .annotate(day=TruncDate("due_at", tzinfo=ZoneInfo(zone)))
        .values("day", "clause")
        .annotate(
            total=Count("pk"),
            owed=Count("pk", filter=Q(ended_at=None)),
            late=Count("pk", filter=late),
            at=Min("due_at"),
        )
        .order_by("day", "-late", "-owed", "at", "clause")
    )
    return [Heap(row["day"], row["clause"], row["total"], row["owed"], row["late"]) for row in found]


def planned(
    community_id: int, first: date, last: date, posts: Collection[str] | None = None
) -> list[Planned]:
    """What the days after today will bear that is due from first to last, by the values and the calendar of now.

    Surprises and draws are not told beforehand. ``posts``: only what these owe.
    """
    today = clock.today(rulings.zone_of(community_id))
    last = min(last, today + AHEAD)
    if not rulings.runs(community_id) or last <= today:
        return []
    zone = rulings.zone_of(community_id)
    # what it is like today stands in for what will be
    frozen = days.states([community_id], today)[community_id]
    members = {name: len(held) for (_c, name), held in members_of([community_id], clock.now()).items()}
    found = [
        one
        for number in range(1, (last - today).days + 1)
        for one in _borne(community_id, today + number * _DAY, frozen, members, posts)
    ]
    return sorted((o for o in found if first <= local(o.due, zone).date() <= last), key=lambda o: o.due)


def _borne(
    community_id: int, day: date, frozen: Data, members: Mapping[str, int], posts: Collection[str] | None
) -> Iterator[Planned]:
    ask = rulings.asking(community_id, start_of_day(day, rulings.zone_of(community_id)))
    calendar = rulings.calendar_at(community_id, clock.now())
    for clause in book().periodic:
        if clause.draw or clause.surprise or (posts is not None and clause.owner not in posts):
            continue
        if not (borne := slots(clause, day, calendar, ask)) or not speaks(clause, frozen, day, ask):
            continue
        count = _members(clause, frozen, members, ask)
        for slot in borne:
            if count and need_of(clause.quota, frozen, slot, calendar, ask) != 0:
                yield Planned(clause, slot.due, count)


def _members(clause: Clause, frozen: Data, members: Mapping[str, int], ask: Asking) -> int:
    """How many duties one period bears."""
    spec = book().sets.get(clause.per)
    if spec is None:
        return 1
    if spec.policy:
        return len(ask(spec.policy) or ())
    if spec.stock:
        return sum(bool(key) for key in str(frozen.get(spec.stock) or "").split(","))
    return members.get(spec.name, 0)
