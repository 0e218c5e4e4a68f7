"""What duties cost: the sweep, a day laid out for many communities, and what a fact pays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from shouwen.duties import days, kept, rulings
from shouwen.duties.models import Duty, Run
from shouwen.duties.sweep import sweep
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.journal import Fact, frame, switchboard
from shouwen.people.models import Staff

SWEEP_BAR, LAYOUT_BAR, ABSORB_BAR = 1.0, 10.0, 1.0
# A Monday that begins a week, a month and a quarter lays out more than any other kind of day of a year.
BUSIEST = "2029-01-01"

# All due in an hour, on their second rung; keys grow with time, as the product's do.
_FILL = """
with born as (insert into duties_duty (id, community_id, clause, clause_version, calendar_version, matter_kind, matter_id, entry_id,
    owner_role, owner_id, span, budget, state, born_at, due_at, pause_reason, paused_seconds)
select k.key, c.id, 'inquiry.answer', 1, 1, 'case', k.key, k.key,
    'first_responder', s.id, 'PT2H', 7200, 'open', m.at - interval '2 hours', m.at, '', 0
from generate_series(1, %s) n,
     lateral (select %s::timestamptz + interval '1 hour' + n * interval '1 microsecond' as at) m,
     lateral (select overlay(gen_random_uuid()::text placing to_hex(1e8::bigint + n) from 1 for 7)::uuid as key) k,
     lateral (select (%s::bigint[])[1 + n %% %s] as id) c, lateral (select (%s::bigint[])[1 + n %% %s] as id) s
returning id, due_at)
insert into duties_alarm (duty_id, at, rung) select id, due_at, 1 from born
"""
_FALL_DUE = """
with fallen as (
    update duties_duty set due_at = %s
    where id in (select duty_id from duties_alarm join duties_duty d on d.id = duty_id
                 where clause = 'inquiry.answer' and rung = 1 and ended_at is null order by hashtext(id::text) limit %s)
    returning id, due_at)
update duties_alarm set at = due_at from fallen where duty_id = id
"""


def bench_sweep(duties: int = 1_000_000, due: int = 10_000, rounds: int = 5) -> dict[str, Any]:
    """Seconds that one sweep takes, the median of ``rounds``, each with other rows due; and of one that finds nothing.

    It commits: made for a database that is thrown away.
    """
    communities, staff = _somebody()
    for community in communities:
        kept.keep_calendar(community)
    with connection.cursor() as cursor:
        cursor.execute("update duties_alarm set at = null where at <= %s", [clock.now()])
        given: list[Any] = [duties, clock.now(), communities, len(communities), staff, len(staff)]
        cursor.execute(_FILL, given)
        cursor.execute("analyze duties_duty, duties_alarm")
    measured = [_swept(due) for _ in range(rounds)]
    seconds, idle = median(busy for busy, _ in measured), median(quiet for _, quiet in measured)
    return {
        "bench": "sweep", "value": round(seconds, 3), "unit": "s", "limit": None, "ratio": None, "bar": SWEEP_BAR,
        "ok": seconds <= SWEEP_BAR, "n": due, "rounds": rounds, "open": duties, "idle_ms": round(idle * 1000, 1),
    }  # fmt: skip


def _swept(due: int) -> tuple[float, float]:
    moment = clock.now() - timedelta(seconds=1)
    with connection.cursor() as cursor:
        cursor.execute(_FALL_DUE, [moment, due])
    begin = perf_counter()
    told = sweep(hands=2)
    middle = perf_counter()
    sweep(hands=2)
    end = perf_counter()
    if told < due:
        raise ValueError(f"the sweep told {told} of {due}")
    return middle - begin, end - middle


def bench_layout(communities: int = 1000) -> dict[str, Any]:
    """Seconds that the busiest kind of day takes to be laid out for so many communities."""
    with _forgotten():
        here = _communities(communities)
        moment = clock.start_of_day(clock.local(clock.now()).date().fromisoformat(BUSIEST)) + timedelta(
            hours=1
        )
        with clock.standing_at(moment):
            for community in here:
                kept.keep_calendar(community)
            Run.objects.filter(pk__in=here).delete()
            today = clock.today()
            Run.objects.bulk_create(
                Run(community_id=c, since=today - timedelta(days=9), laid=today - timedelta(days=1))
                for c in here
            )
            rulings.forget()
            for community in here:
                rulings.calendar_at(community, moment)
            before, begin = Duty.objects.count(), perf_counter()
            days.lay_out()
            seconds = perf_counter() - begin
            rows = Duty.objects.count() - before
    return {
        "bench": "layout", "value": round(seconds, 3), "unit": "s", "limit": None, "ratio": None, "bar": LAYOUT_BAR,
        "ok": seconds <= LAYOUT_BAR, "n": rows, "rounds": 1, "communities": communities,
    }  # fmt: skip


def bench_absorb(duties: int = 100_000, facts: int = 400) -> dict[str, Any]:
    """Milliseconds that duties add to the writing of a fact, beside many open duties."""
    with _forgotten():
        here, staff = _somebody()
        with connection.cursor() as cursor:
            cursor.execute(
                _FILL, [duties, clock.now() + timedelta(days=1), here, len(here), staff, len(staff)]
            )
            cursor.execute("analyze duties_duty, duties_alarm")
        verbs = [verb for _ in range(facts // len(_VERBS)) for verb in _VERBS]
        with_duties = [_written(_fact(here[0], verb, staff[0])) for verb in verbs]
        with _deaf():
            without = [_written(_fact(here[0], verb, staff[0])) for verb in verbs]
    value = (median(with_duties) - median(without)) * 1000
    return {
        "bench": "absorb", "value": round(value, 3), "unit": "ms", "limit": None, "ratio": None, "bar": ABSORB_BAR,
        "ok": value <= ABSORB_BAR, "n": len(verbs), "rounds": 1, "open": duties,
    }  # fmt: skip


_VERBS: dict[str, dict[str, Any]] = {
    "case:registered": {"kind": "complaint", "urgent": False},
    "case:replied": {},
    "order:dispatched": {"urgent": False},
    "occasion:closed": {"kind": "key_lent"},
}


def _fact(community: int, verb: str, staff: int) -> Fact:
    now, key = clock.now(), uuid4()
    data = dict(_VERBS[verb])
    if verb in ("case:registered", "order:dispatched"):
        data |= {"handler": staff}
    return Fact(
        community=community, verb=verb, subject_kind="case", subject_id=str(key), matter=key, actor_kind="staff",
        actor_id=staff, at=now, recorded_at=now, data=data,
    )  # fmt: skip


def _written(fact: Fact) -> float:
    begin = perf_counter()
    with frame(System.of()) as opened:
        opened.facts.append(fact)
    return perf_counter() - begin


@contextmanager
def _deaf() -> Iterator[None]:
    """A house whose facts bear no duties."""
    absorbers, openers = switchboard.absorbers[:], switchboard.openers[:]
    switchboard.absorbers.clear()
    switchboard.openers.clear()
    try:
        yield
    finally:
        switchboard.absorbers.extend(absorbers)
        switchboard.openers.extend(openers)


@contextmanager
def _forgotten() -> Iterator[None]:
    """What is measured here is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    rulings.forget()
    days.forget()


def _communities(count: int) -> list[int]:
    """So many communities, made where there are too few."""
    made = list(Community.objects.order_by("pk")[:count])
    if not made:
        raise ValueError("measured on a house with at least one community")
    first = made[0]
    rows = [
        Community(branch=first.branch, name=f"测 {n}", code=f"layout-{n}", zone=first.zone)
        for n in range(count - len(made))
    ]
    made += Community.objects.bulk_create(rows)
    return [community.pk for community in made]


def _somebody() -> tuple[list[int], list[int]]:
    communities = list(Community.objects.values_list("pk", flat=True)[:50])
    staff = list(Staff.objects.filter(is_active=True).values_list("pk", flat=True)[:200])
    if not communities or not staff or not switchboard.connected:
        raise ValueError("measured on a house with at least one community and one colleague")
    return communities, staff
