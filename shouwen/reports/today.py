"""The supervisor's day in numbers: what came in and went out, who holds what, which door waits. Set-based."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from shouwen.cases.actions import ATTEMPTS, DAYS
from shouwen.cases.models import Case, Kind, State
from shouwen.duties.models import Duty, DutyQuerySet
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.reports.periods import Period

SOON = timedelta(hours=2)
WEEKS = 4


def _all(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def arrivals(community_id: int, periods: Sequence[Period]) -> tuple[list[int], dict[str, int]]:
    """How many cases came in in each period, and in the last one how many of each kind."""
    rows = _all(
        """select b.n, k.kind, c.count
           from unnest(%s::timestamptz[], %s::timestamptz[]) with ordinality b(starts, ends, n)
           cross join unnest(%s::text[]) k(kind)
           cross join lateral (select count(*) as count from cases_case c where c.community_id = %s
             and c.kind = k.kind and c.opened_at >= b.starts and c.opened_at < b.ends) c""",
        [[p.start for p in periods], [p.end for p in periods], list(Kind.values), community_id],
    )
    totals = [0] * len(periods)
    for n, _kind, count in rows:
        totals[n - 1] += count
    return totals, {kind: count for n, kind, count in rows if n == len(periods)}


@dataclass(frozen=True, slots=True)
class HourCounts:
    """Twenty-four numbers each: came in and done today, and the mean of what came in on the last four weeks' days."""

    came: tuple[int, ...]
    done: tuple[int, ...]
    mean: tuple[float, ...]


def hours(community_id: int, zone: str) -> HourCounts:
    """Arrivals and completions of today by the hour."""
    today = Period.now("day", zone)
    since = today.move(-7 * WEEKS).start
    rows = _all(
        """select 'came', extract(hour from opened_at at time zone %s)::int, opened_at >= %s, count(*)
           from cases_case where community_id = %s and opened_at >= %s and opened_at < %s and state <> 'merged'
           group by 2, 3
           union all
           select 'done', extract(hour from done_at at time zone %s)::int, true, count(*)
           from cases_case where community_id = %s and done_at >= %s and done_at < %s and state <> 'cancelled'
           group by 2""",
        [zone, today.start, community_id, since, today.end, zone, community_id, today.start, today.end],
    )
    came, done, before = ([0] * 24 for _ in range(3))
    for what, hour, is_today, count in rows:
        (done if what == "done" else came if is_today else before)[hour] = count
    return HourCounts(tuple(came), tuple(done), tuple(round(n / (7 * WEEKS), 2) for n in before))


def late(viewer: Actor, community_id: int, cases: QuerySet[Case]) -> DutyQuerySet:
    """Of each of these cases the running duty that presses most, where it is late or was told to those above."""
    return _first(viewer, community_id, cases, Q(due_at__lt=clock.now()) | Q(alarm__rung__gte=2))


def soon(viewer: Actor, community_id: int, cases: QuerySet[Case]) -> DutyQuerySet:
    """Of each of these cases that is not late yet the duty that is due first, within two hours."""
    now = clock.now()
    late_ones = Duty.objects.open().filter(
        Q(due_at__lt=now) | Q(alarm__rung__gte=2), state=Duty.State.OPEN, matter_id=OuterRef("pk")
    )
    near = Q(due_at__gte=now, due_at__lt=now + SOON)
    return _first(viewer, community_id, cases.exclude(Exists(late_ones)), near)


def _first(viewer: Actor, community_id: int, cases: QuerySet[Case], which: Q) -> DutyQuerySet:
    rows = Duty.objects.visible_to(viewer).filter(which, community_id=community_id, ended_at=None)
    rows = rows.filter(state=Duty.State.OPEN, matter_id__in=cases.values("pk"))
    firsts = rows.order_by("matter_id", "due_at").distinct("matter_id")
    return Duty.objects.filter(pk__in=firsts.values("pk")).order_by("due_at", "id")


def unreachable(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases that may be closed as unconfirmed: three attempts on two days since the work was done, nobody reached."""
    since = Q(follow_ups__at__gte=Coalesce("done_at", "opened_at")) & ~Q(follow_ups__outcome="reached")
    tries = cases.filter(state=State.DONE).annotate(
        tried=Count("follow_ups", filter=since),
        days=Count(TruncDate("follow_ups__at"), filter=since, distinct=True),
    )
    return tries.filter(tried__gte=ATTEMPTS, days__gte=DAYS).order_by("done_at", "id")


@dataclass(frozen=True, slots=True)
class Load:
    """What a colleague has in hand: open cases as the handler, those of them not accepted yet, and where they work."""

    staff_id: int
    name: str
    post: str
    cases: int
    offered: int
    at_work: str


def loads(community_id: int, limit: int) -> list[Load]:
    """Who has open matters in hand, the fullest first."""
    rows = _all(
        """select h.handler_id, s.name, coalesce(p.name, ''), h.cases - n.offered, n.offered, coalesce(o.place, '')
           from (select handler_id, count(*) as cases from cases_case
                 where community_id = %s and closed_at is null and handler_id is not null and state <> 'done'
                 group by handler_id) h
           join people_staff s on s.id = h.handler_id and s.is_active
           cross join lateral (select count(*) as offered from works_order o
                               where o.technician_id = s.id and o.state = 'offered' and o.community_id = %s) n
           left join lateral (select p.name from people_grant g join people_post p on p.code = g.post_id
                              where g.staff_id = s.id order by p.sort limit 1) p on true
           left join lateral (select c.place from works_order o join cases_case c on c.id = o.case_id
                              where o.technician_id = s.id and o.state = 'on_site' and o.community_id = %s
                              order by o.arrived_at desc nulls last limit 1) o on true
           order by h.cases desc, s.name, s.id limit %s""",
        [community_id, community_id, community_id, limit],
    )
    return [Load(*row) for row in rows]


# --- the floor plan -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """A building with its open cases and how many of them are late."""

    id: int
    code: str
    name: str
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Door:
    """A unit with its open cases: how many, the title of the most pressing, and when that is due."""

    id: int
    code: str
    entrance: str
    floor: int | None
    door: str
    status: str
    open: int
    title: str
    case_id: Any
    due_at: datetime | None


_OPEN = """
    ({cases}) c
    join estate_unit u on u.id = c.unit_id
    left join (select d.matter_id, min(d.due_at) as due_at from duties_duty d
               where d.community_id = %s and d.ended_at is null and d.state = 'open' group by 1) d on d.matter_id = c.id
"""


def blocks(community_id: int, cases: QuerySet[Case], limit: int) -> list[Block]:
    """The buildings in their order with what is open in each."""
    inner, params = _open(cases, community_id)
    rows = _all(
        f"""select b.id, b.code, b.name, coalesce(n.open, 0), coalesce(n.late, 0)
            from estate_building b
            left join (select u.building_id, count(*) as open, count(*) filter (where d.due_at < %s) as late
                       from {inner} group by 1) n on n.building_id = b.id
            where b.community_id = %s order by b.sort, b.code limit %s""",
        [clock.now(), *params, community_id, limit],
    )
    return [Block(*row) for row in rows]


def doors(community_id: int, building_id: int, cases: QuerySet[Case], limit: int) -> list[Door]:
    """The units of a building, from the top floor down, each with what presses most."""
    inner, params = _open(cases.filter(unit__building_id=building_id), community_id)
    rows = _all(
        f"""select u.id, u.code, u.entrance, u.floor, u.door, u.status,
                   coalesce(n.open, 0), coalesce(n.title, ''), n.case_id, n.due_at
            from estate_unit u
            left join (select u.id as unit_id, count(*) as open, min(d.due_at) as due_at,
                              (array_agg(c.title order by d.due_at nulls last, c.id))[1] as title,
                              (array_agg(c.id order by d.due_at nulls last, c.id))[1] as case_id
                       from {inner} group by 1) n on n.unit_id = u.id
            where u.building_id = %s and u.retired_on is null
            order by u.floor desc nulls last, u.sort, u.id limit %s""",
        [*params, building_id, limit],
    )
    return [Door(*row) for row in rows]


def _open(cases: QuerySet[Case], community_id: int) -> tuple[str, tuple[Any, ...]]:
    """Open cases with what is due first: both from indexes that hold the open ones only, joined once."""
    rows = cases.filter(unit__isnull=False).order_by().values("id", "unit_id", "title")
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:  # who may see no case at all
        sql, params = "select null::uuid as id, null::bigint as unit_id, '' as title where false", ()
    return _OPEN.format(cases=sql), (*params, community_id)
