"""What the compliance board costs beside a million duties, on a database that is thrown away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection

from shouwen.duties.clauses import book
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.people.models import Grant, Staff
from shouwen.people.viewers import StaffActor
from shouwen.reports.compliance import by_clause, by_community
from shouwen.reports.periods import Period

ONE_BAR, MANY_BAR = 200.0, 1.0
COLUMNS, ROUNDS = 13, 5

# A twentieth falls to the first community: a large one beside many small ones. Outcomes as they are found in real life.
_FILL = """
insert into duties_duty (id, community_id, clause, clause_version, calendar_version, matter_kind, matter_id, entry_id,
    owner_role, owner_id, span, budget, state, born_at, due_at, ended_at, pause_reason, paused_seconds, proof)
select gen_random_uuid(), c.id, k.clause, 1, 1, 'duty', gen_random_uuid(), gen_random_uuid(), 'handler', n %% 5000, '', 0,
    s.state, m.at - interval '1 day', m.at, case when s.state = 'open' then null else m.at end, '', 0,
    case when s.state <> 'met' then '' when n %% 20 = 0 then 'hand' else 'fact' end
from generate_series(1, %s) n,
    lateral (select case when n %% 20 = 0 then (%s::bigint[])[1] else (%s::bigint[])[1 + n %% %s] end as id) c,
    lateral (select (%s::text[])[1 + (n / 7) %% %s] as clause) k,
    lateral (select %s::timestamptz + (%s::timestamptz - %s::timestamptz) * (n::float8 / %s) as at) m,
    lateral (select case when n %% 97 = 0 then 'late' when n %% 301 = 0 then 'breached' when n %% 501 = 0 then 'excused'
        when n %% 83 = 0 then 'open' when n %% 211 = 0 then 'void' else 'met' end as state) s
"""


def bench_board(duties: int = 1_000_000, communities: int = 500) -> list[dict[str, Any]]:
    """Milliseconds for one community and a year, seconds for all of them: medians of rounds, and the first ones."""
    here = _communities(communities)
    viewer = _overseer(here)
    months = Period.now("month").back(COLUMNS)
    _fill(duties, [c.pk for c in here], months[0].start, clock.now())
    one = _timed(lambda: by_clause(viewer, here[0], months))
    many = _timed(lambda: by_community(viewer, here, "month", months))
    return [
        _figure("board", one, 1000, "ms", ONE_BAR, duties // 20),
        _figure("board-communities", many, 1, "s", MANY_BAR, duties),
    ]


@dataclass(frozen=True)
class _Took:
    first: float
    usual: float


def _timed(ask: Callable[[], object]) -> _Took:
    seconds = []
    for _ in range(ROUNDS):
        begin = perf_counter()
        ask()
        seconds.append(perf_counter() - begin)
    return _Took(seconds[0], median(seconds))


def _figure(name: str, took: _Took, scale: float, unit: str, bar: float, rows: int) -> dict[str, Any]:
    value = took.usual * scale
    return {
        "bench": name, "value": round(value, 3), "unit": unit, "limit": None, "ratio": None, "bar": bar,
        "ok": value <= bar, "n": rows, "rounds": ROUNDS, "first": round(took.first * scale, 3),
    }  # fmt: skip


def _fill(duties: int, here: list[int], since: datetime, until: datetime) -> None:
    codes = list(book().clauses)
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [duties, here, here, len(here), codes, len(codes), since, until, since, duties])
        # As autovacuum leaves a table at work; a test can't, inside of its transaction.
        cursor.execute("analyze duties_duty" if connection.in_atomic_block else "vacuum analyze duties_duty")


def _communities(count: int) -> list[Community]:
    """So many communities, made where there are too few."""
    made = list(Community.objects.order_by("pk")[:count])
    if not made:
        raise ValueError("measured on a house with at least one community")
    first = made[0]
    rows = [
        Community(branch=first.branch, name=f"测 {n}", code=f"board-{n}", zone=first.zone)
        for n in range(count - len(made))
    ]
    return made + Community.objects.bulk_create(rows)


def _overseer(here: list[Community]) -> StaffActor:
    """Somebody from head office, with a grant in every community."""
    staff = Staff.objects.create(username="bench-overseer", name="测")
    Grant.objects.bulk_create(Grant(staff=staff, post_id="quality_dept", community=c) for c in here)
    return StaffActor.of(staff)
