"""Delete all duties, build them again from clauses and journal: the same rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouwen.duties import kept, rulings
from shouwen.duties.actions import set_policy
from shouwen.duties.models import Duty
from shouwen.duties.rebuilding import rebuild
from shouwen.duties.sweep import sweep
from shouwen.estate.models import ServiceHours
from shouwen.kernel.models import Entry
from tests.cast import Cast
from tests.duties.facts import START, Matter, registered, rows

pytestmark = pytest.mark.django_db

people = st.integers(1, 4)
flag = st.booleans()
FACTS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "case:registered": st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["repair", "complaint", "inquiry", "suggestion"]),
            "first_responder": people,
        },
        optional={"handler": people, "about": people, "back_entry": flag},
    ),
    "case:recast": st.fixed_dictionaries(
        {"kind": st.sampled_from(["repair", "complaint", "inquiry", "suggestion"])}
    ),
    "case:handed": st.fixed_dictionaries({"handler": people}),
    "case:waiting": st.just({}),
    "case:answered": st.just({}),
    "case:classified": st.fixed_dictionaries({"level": st.integers(1, 4), "handler": people}),
    "case:replied": st.just({}),
    "case:solved": st.just({}),
    "case:done": st.fixed_dictionaries({"follow_up_by": people}),
    "follow_up:tried": st.fixed_dictionaries(
        {"outcome": st.sampled_from(["reached", "no_answer", "refused"])}
    ),
    "case:satisfied": st.just({}),
    "case:reopened": st.fixed_dictionaries({}, optional={"handler": people}),
    "case:unconfirmed": st.just({}),
    "case:cancelled": st.just({}),
    "case:back_entry_confirmed": st.just({}),
    "order:opened": st.fixed_dictionaries({"urgent": flag}),
    "order:dispatched": st.fixed_dictionaries({"technician": people, "handler": people, "urgent": flag}),
    "order:arrived": st.just({}),
    "order:paused": st.fixed_dictionaries({"reason": st.sampled_from(["parts", "resident"])}),
    "order:resumed": st.just({}),
    "order:refused": st.just({}),
    "order:recalled": st.just({}),
    "order:finished": st.fixed_dictionaries({"public": flag}),
    "order:inspected": st.just({}),
    "order:cancelled": st.just({}),
}
fact = st.sampled_from(sorted(FACTS)).flatmap(lambda verb: st.tuples(st.just(verb), FACTS[verb]))
# What happens next: minutes pass, then a frame of facts about one of two matters, a sweep, or a new rule.
step = st.one_of(
    st.tuples(
        st.integers(0, 3000), st.integers(0, 1), st.lists(fact, min_size=1, max_size=4), st.integers(0, 600)
    ),
    st.tuples(st.integers(0, 3000), st.just("sweep")),
    st.tuples(st.integers(0, 300), st.just("policy"), st.sampled_from(["PT20M", "P1D", "PT5H", ""])),
    st.tuples(st.integers(0, 300), st.just("hours"), st.integers(0, 6)),
)


def live(cast: Cast, steps: list[Any]) -> None:
    matters = [Matter(cast.community.pk), Matter(cast.community.pk)]
    moment, begun = START, set()
    for minute, what, *rest in steps:
        moment += timedelta(minutes=minute, seconds=minute % 7, microseconds=minute % 11)
        if what == "sweep":
            with time_machine.travel(moment, tick=False):
                sweep()
        elif what == "policy":
            with time_machine.travel(moment, tick=False):
                for key in ("inquiry.answer", "repair.finish", "complaint.solve.2"):
                    set_policy(
                        cast.community.pk, key, rest[0], actor=cast.actor(cast.alice), reason="人手不足"
                    )
            moment += timedelta(minutes=1)
        elif what == "hours":
            with time_machine.travel(moment, tick=False):
                ServiceHours.objects.filter(community=cast.community, weekday=rest[0]).delete()
                kept.keep_calendar(cast.community.pk)
                rulings.forget()
            moment += timedelta(minutes=1)
        else:
            facts, back = rest
            # A matter is opened once, and by its first fact.
            facts = [f for n, f in enumerate(facts) if f[0] != "case:registered" or not (n or what in begun)]
            begun.add(what)
            matters[what].tell_all(facts, when=moment, at=moment - timedelta(minutes=back))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=1, max_size=14))
def test_any_history_gives_the_same_rows_again(cast: Cast, steps: list[Any]) -> None:
    rulings.forget()
    with transaction.atomic():
        live(cast, steps)
        before = rows()
        rulings.forget()
        rebuild()
        assert rows() == before
        transaction.set_rollback(True)


def test_a_day_of_work_gives_the_same_rows_again(cast: Cast) -> None:
    """One history in full, with pauses, rungs and a new rule, and in chunks smaller than the history."""
    steps: list[Any] = [
        (0, 0, [registered("repair"), ("order:opened", {"urgent": False})], 30),
        (1, "policy", "PT20M"),
        (5, 1, [registered("complaint", about=3, handler=2)], 0),
        (20, "sweep"),
        (3, 0, [("order:dispatched", {"technician": 2, "handler": 2, "urgent": False})], 0),
        (30, 0, [("order:paused", {"reason": "parts"})], 0),
        (600, "sweep"),
        (900, 0, [("order:resumed", {})], 0),
        (2000, "sweep"),
        (10, 0, [("order:arrived", {}), ("order:finished", {"public": True})], 0),
        (10, 1, [("case:classified", {"level": 2, "handler": 4})], 0),
        (2000, "sweep"),
        (9000, "sweep"),
    ]
    live(cast, steps)
    before = rows()
    assert len(before) >= 7
    assert Entry.objects.filter(verb="duty:escalated").count() >= 3
    assert Duty.objects.filter(alarm__rung__gt=0).exists()
    rebuild()
    assert rows() == before
