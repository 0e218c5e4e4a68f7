"""What the sweep costs: 100,000 open duties of which 1,000 have come to a rung. Nothing of it is kept."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from shouwen.duties import kept, rulings
from shouwen.duties.sweep import sweep
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.journal import switchboard
from shouwen.people.models import Staff

BAR_SECONDS = 3.0

_FILL = """
insert into duties_duty (id, community_id, clause, clause_version, calendar_version, matter_kind, matter_id, entry_id,
    owner_role, owner_id, span, budget, state, born_at, due_at, next_at, pause_reason, paused_seconds, rung)
select gen_random_uuid(), c.id, 'inquiry.answer', 1, 1, 'case', gen_random_uuid(), gen_random_uuid(),
    'first_responder', s.id, 'PT2H', 7200, 'open', m.at - interval '2 hours', m.at, m.at, '', 0, 1
from generate_series(1, %s) n,
     lateral (select %s::timestamptz + case when n <= %s then - interval '1 second' else interval '1 hour' end
                     + n * interval '1 millisecond' as at) m,
     lateral (select (%s::bigint[])[1 + n %% %s] as id) c, lateral (select (%s::bigint[])[1 + n %% %s] as id) s
"""


def bench_sweep(duties: int = 100_000, due: int = 1_000, rounds: int = 5) -> dict[str, Any]:
    """Seconds that one sweep takes, the median of ``rounds``, each on fresh rows; and of one that finds nothing."""
    seconds, idle = [], []
    for _ in range(rounds):
        busy, quiet = _round(duties, due)
        seconds.append(busy)
        idle.append(quiet)
    value = median(seconds)
    return {
        "bench": "sweep",
        "value": round(value, 3),
        "unit": "s",
        "limit": None,
        "ratio": None,
        "bar": BAR_SECONDS,
        "ok": value <= BAR_SECONDS,
        "n": due,
        "rounds": rounds,
        "open": duties,
        "idle_ms": round(median(idle) * 1000, 1),
    }


def _round(duties: int, due: int) -> tuple[float, float]:
    with transaction.atomic():
        took = _measured(duties, due)
        transaction.set_rollback(True)
    rulings.forget()
    return took


def _measured(duties: int, due: int) -> tuple[float, float]:
    communities = list(Community.objects.values_list("pk", flat=True)[:50])
    staff = list(Staff.objects.filter(is_active=True).values_list("pk", flat=True)[:200])
    if not communities or not staff or not switchboard.connected:
        raise ValueError("the sweep is measured on a house with at least one community and one colleague")
    for community in communities:
        kept.keep_calendar(community)
    with connection.cursor() as cursor:
        cursor.execute("update duties_duty set next_at = null where next_at <= %s", [clock.now()])
        given: list[Any] = [duties, clock.now(), due, communities, len(communities), staff, len(staff)]
        cursor.execute(_FILL, given)
        cursor.execute("analyze duties_duty")
    begin = perf_counter()
    told = sweep()
    middle = perf_counter()
    sweep()
    end = perf_counter()
    if told < due:
        raise ValueError(f"the sweep told {told} of {due}")
    return middle - begin, end - middle
