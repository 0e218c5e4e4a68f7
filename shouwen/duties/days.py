"""Days that open: before a fact of a new day is absorbed, the day is laid out in that community.

The fact ``day:opened`` carries all that its duties read besides the rulings: who and how many live there, which
members the sets of the estate have, which surprise is drawn for the day. Its key begins with the first moment of the
day, so that it stands before the day's other facts in the journal, whenever it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid5

from django.db import connection

from shouwen.duties import rulings
from shouwen.duties.absorb import OPENED
from shouwen.duties.clauses import Book, book
from shouwen.duties.draws import DRAWN, drawn_on, secret
from shouwen.duties.models import Run
from shouwen.duties.periods import surprise_day
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.clock import local, start_of_day
from shouwen.kernel.ids import first_id
from shouwen.kernel.journal import Data, Fact, Frame, frame

MOST_DAYS = 400
"""How far back an absence is made good."""
_ONE_DAY = timedelta(days=1)
# What this process knows to be laid out, and committed.
_laid: dict[int, date] = {}

# The row lock lets one of several processes lay out a day; the others find it done.
_CLAIM = """
update duties_run r set laid = d.upto from unnest(%s::bigint[], %s::date[]) d(id, upto),
    lateral (select laid as was from duties_run where community_id = d.id for update) old
where r.community_id = d.id and coalesce(old.was, r.since - 1) < d.upto
returning r.community_id, coalesce(old.was, r.since - 1), r.since, d.upto
"""
_STATE = """
select c.id, c.kind, c.handed_over_on,
    (select count(*) from estate_unit u where u.community_id = c.id and u.kind = 'residence'
        and (u.retired_on is null or u.retired_on > %(on)s)),
    (select count(distinct o.person_id) from estate_occupancy o
        where o.community_id = c.id and o.role = 'owner' and o.during @> %(on)s),
    (select string_agg(u.id::text, ',' order by u.id) from estate_unit u where u.community_id = c.id
        and u.status = 'vacant' and (u.retired_on is null or u.retired_on > %(on)s)),
    (select string_agg(b.id::text, ',' order by b.sort, b.id) from estate_building b where b.community_id = c.id)
from estate_community c where c.id = any(%(ids)s)
"""


def before(opened: Frame) -> None:
    """The switchboard asks before the facts of a frame are absorbed: lay out the days that they are the first of."""
    days: dict[int, date] = {}
    for fact in opened.facts:
        if fact.verb != OPENED and rulings.runs(fact.community):
            day = local(fact.recorded_at, rulings.zone_of(fact.community)).date()
            days[fact.community] = max(day, days.get(fact.community, day))
    if days and (behind := _behind(days)):
        opened.facts[:0] = _opened(behind)


def lay_out(most: int = 100) -> int:
    """Lay out today wherever it is not; returns how many days were. Run by the sweep, safe to run twice."""
    done = 0
    waiting = _waiting()
    for start in range(0, len(waiting), most):
        days = {community: _today(community) for community in waiting[start : start + most]}
        if behind := _behind(days):
            with frame(System.of(*days)) as opened:
                opened.facts += _opened(behind)
                done += len(opened.facts)
    return done


def forget() -> None:
    """For tests, and after a rebuild."""
    _laid.clear()


def _today(community_id: int) -> date:
    return clock.today(rulings.zone_of(community_id))


def _waiting() -> list[int]:
    """Communities that carry out the manuals and may be behind: the earliest zone decides, the frame looks again."""
    latest = clock.today("Pacific/Kiritimati")
    rows = Run.objects.filter(since__lte=latest).exclude(laid__gte=latest).order_by("pk")
    return [pk for pk in rows.values_list("pk", flat=True) if _laid.get(pk, date.min) < _today(pk)]


def _behind(days: dict[int, date]) -> dict[int, date]:
    """Those whose day is not known to be laid out; what is found committed is remembered."""
    asked = {community: day for community, day in days.items() if _laid.get(community, date.min) < day}
    if not asked:
        return {}
    rows = Run.objects.filter(pk__in=asked).values_list("pk", "since", "laid")
    laid = {community: done or since - _ONE_DAY for community, since, done in rows}
    _laid.update(laid)
    return {community: asked[community] for community, done in laid.items() if done < asked[community]}


def _opened(behind: dict[int, date]) -> list[Fact]:
    """The facts of all days from the last that was laid out to this one."""
    ordered = sorted(behind.items())
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [[c for c, _ in ordered], [d for _, d in ordered]])
        claimed = cursor.fetchall()
    facts: list[Fact] = []
    for upto in sorted({row[3] for row in claimed}):
        facts += _facts_upto([row for row in claimed if row[3] == upto], upto)
    return sorted(facts, key=lambda fact: fact.at)


def _facts_upto(claimed: Sequence[tuple[int, date, date, date]], upto: date) -> list[Fact]:
    facts: list[Fact] = []
    earliest = max(min(was for _, was, _, _ in claimed), upto - timedelta(days=MOST_DAYS))
    day = earliest + _ONE_DAY
    while day <= upto:
        today = [(community, since) for community, was, since, _ in claimed if was < day]
        found = states([community for community, _ in today], day)
        for community, since in today:
            facts.append(_fact(community, day, {**found[community], "first": True if day == since else None}))
            pending = [fact for fact in facts if fact.verb == DRAWN]
            facts += drawn_on(community, day, found[community], book(), pending)
        day += _ONE_DAY
    return facts


def _fact(community: int, day: date, data: Data) -> Fact:
    """Written by the house itself, whoever's fact happens to be the first of the day."""
    zone = rulings.zone_of(community)
    return Fact(
        community=community,
        verb=OPENED,
        subject_kind="community",
        subject_id=str(community),
        matter=None,
        actor_kind="system",
        actor_id=None,
        at=start_of_day(day, zone),
        recorded_at=clock.now(),
        data={"on": day.isoformat(), **{name: value for name, value in data.items() if value is not None}},
        id=day_key(community, day, zone),
    )


def day_key(community: int, day: date, zone: str) -> UUID:
    """The key of the fact that opens a day: the same whoever writes it, before all other facts of that day."""
    first = first_id(start_of_day(day, zone))
    tail = uuid5(first, f"{community}/{day}").int & ((1 << 62) - 1)
    return UUID(int=first.int | tail)


def states(communities: list[int], day: date) -> dict[int, Data]:
    """What is frozen when the day opens: kind, handover, how many live there, surprises, members of the estate's sets."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, {"ids": communities, "on": day})
        rows = cursor.fetchall()
    clauses = book()
    stocks = {spec.stock for spec in clauses.sets.values() if spec.stock}
    found: dict[int, Data] = {}
    for community, kind, handed, households, owners, vacant, buildings in rows:
        data: Data = {"place": kind, "households": households, "owners": owners}
        data["handed_over"] = handed and handed.isoformat()
        data["surprise"] = " ".join(_surprises(clauses, community, day)) or None
        if "vacant_units" in stocks:
            data["vacant_units"] = vacant
        if "buildings" in stocks:
            data["buildings"] = buildings
        found[community] = data
    return found


def _surprises(clauses: Book, community: int, day: date) -> Iterable[str]:
    """The surprises whose drawn day this is. The draw is secret: it needs the key of the house."""
    start = start_of_day(day, rulings.zone_of(community))
    for clause in clauses.periodic:
        if clause.surprise:
            calendar, ask = rulings.calendar_at(community, start), rulings.asking(community, start, clauses)

            def draw(period: date, below: int, code: str = clause.code) -> int:
                return int(secret(f"{community}/{code}/{period}")[:12], 16) % below

            if surprise_day(clause, day, calendar, ask, draw) == day:
                yield clause.code
