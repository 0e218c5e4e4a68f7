"""The compliance board counts what the duties say, for whoever may know of them; a rebuild changes no figure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.duties import actions, days, proof_actions, rulings
from shouwen.duties.models import Duty
from shouwen.duties.rebuilding import rebuild
from shouwen.duties.sweep import sweep
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.reports.bench import bench_board
from shouwen.reports.compliance import (
    OUTCOMES,
    Tally,
    by_clause,
    by_community,
    by_day,
    by_person,
    fallen_due,
    sample,
    total,
)
from shouwen.reports.periods import Period
from tests.cast import Cast

pytestmark = pytest.mark.django_db
JULY = Period("month", date(2026, 7, 1))
NOW = clock.at(date(2026, 8, 5), datetime.min.time().replace(hour=10))


@pytest.fixture(autouse=True)
def _stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def owe(
    community: Community, state: str, due: datetime | None, clause: str = "follow_up", **more: Any
) -> Duty:
    given = {
        "id": uuid4(), "community": community, "clause": clause, "clause_version": 1, "calendar_version": 1,
        "matter_kind": "duty", "matter_id": uuid4(), "entry_id": uuid4(), "owner_role": "follow_up_by", "state": state,
        "span": "P1D", "budget": 3600, "born_at": NOW - timedelta(days=60), "due_at": due,
        "ended_at": None if state in ("open", "paused") else due, "proof": "fact" if state == "met" else "",
    }  # fmt: skip
    return Duty.objects.create(**given | more)


def on(month: int, day: int, hour: int = 18) -> datetime:
    return clock.at(date(2026, month, day), datetime.min.time().replace(hour=hour))


def july(cast: Cast, viewer: Any = None) -> Tally:
    found = by_clause(viewer or cast.actor(cast.alice), cast.community, [JULY])
    return total(t[0] for t in found.values())


@pytest.mark.parametrize(
    ("state", "more", "outcome"),
    [
        ("met", {}, "proven"),
        ("met", {"proof": "hand"}, "attested"),
        ("excused", {"proof": "excuse"}, "excused"),
        ("late", {"proof": "fact"}, "late"),
        ("late", {"proof": "hand"}, "late"),
        ("breached", {}, "breached"),
        ("open", {}, "breached"),
        ("paused", {"paused_at": on(7, 10)}, "running"),
        ("paused", {"paused_at": on(7, 30)}, "breached"),
    ],
)
def test_every_duty_has_one_outcome(cast: Cast, state: str, more: dict[str, Any], outcome: str) -> None:
    owe(cast.community, state, on(7, 20), **more)
    assert july(cast) == Tally(**{outcome: 1})


def test_what_is_void_or_has_no_due_moment_is_in_no_figure(cast: Cast) -> None:
    owe(cast.community, "void", on(7, 20))
    owe(cast.community, "met", None)
    assert july(cast) == Tally()


def test_what_is_not_due_yet_is_no_breach(cast: Cast) -> None:
    owe(cast.community, "open", on(8, 20))
    found = by_clause(cast.actor(cast.alice), cast.community, JULY.move(1).back(2))
    assert found["follow_up"] == [Tally(), Tally(running=1)]
    assert found["follow_up"][1].rate is None


def test_the_rate_leaves_out_what_was_excused() -> None:
    tally = Tally(proven=52, attested=1, excused=4, late=2, breached=1)
    assert (str(tally.rate), tally.owed, tally.worst) == ("94.6", 60, "breached")
    assert [str(tally.share(name)) for name in OUTCOMES] == ["86.7", "1.7", "6.7", "3.3", "1.7"]


def test_a_duty_belongs_to_the_local_day_on_which_it_fell_due(cast: Cast) -> None:
    owe(cast.community, "met", JULY.start)
    owe(cast.community, "met", JULY.end - timedelta(microseconds=1))
    owe(cast.community, "late", JULY.end)
    owe(cast.community, "late", JULY.start - timedelta(microseconds=1))
    assert july(cast) == Tally(proven=2)
    rows = fallen_due(cast.actor(cast.alice), [cast.community.pk], JULY.start, JULY.end)
    every = [Period("day", date(2026, 7, n + 1)) for n in range(31)]
    by = by_day(rows, every)
    assert (by[0], by[30], total(by)) == (Tally(proven=1), Tally(proven=1), Tally(proven=2))


def test_an_employee_complained_of_is_not_counted_the_duty(cast: Cast) -> None:
    owe(cast.community, "late", on(7, 20), about_id=cast.alice.pk)
    assert july(cast) == Tally()
    assert july(cast, cast.actor(cast.bob)) == Tally()  # has no right to the board
    owe(cast.community, "met", on(7, 20), about_id=cast.bob.pk)
    assert july(cast) == Tally(proven=1)


def test_a_surprise_that_runs_is_on_nobodys_board(cast: Cast) -> None:
    secret = owe(cast.community, "open", on(7, 20), secret=True, owner_role="quality_centre")
    assert july(cast) == Tally()
    Duty.objects.filter(pk=secret.pk).update(state="breached", ended_at=on(7, 21))
    assert july(cast) == Tally(breached=1)


def test_another_community_is_not_counted(cast: Cast) -> None:
    owe(cast.other, "met", on(7, 20))
    found = by_community(cast.actor(cast.alice), [cast.community, cast.other], "month", [JULY])
    assert found == {}


def test_communities_and_clauses_give_the_same_figures(cast: Cast) -> None:
    for n, state in enumerate(("met", "late", "breached", "excused", "open", "met")):
        owe(cast.community, state, on(7, 3 * n + 1), ("follow_up", "case.redo")[n % 2])
    alice, year = cast.actor(cast.alice), JULY.back(12)
    clauses = by_clause(alice, cast.community, year)
    columns = [total(t[n] for t in clauses.values()) for n in range(12)]
    assert by_community(alice, [cast.community], "month", year)[cast.community.pk] == columns
    assert columns[-1] == Tally(proven=2, late=1, breached=2, excused=1)


def test_a_sample_can_be_drawn_again(cast: Cast) -> None:
    for day in range(1, 28):
        owe(cast.community, "met", on(7, day))
    rows = fallen_due(cast.actor(cast.alice), [cast.community.pk], JULY.start, JULY.end)
    first = sample(rows, "0701", 3)
    assert first == sample(rows.order_by("-due_at"), "0701", 3)
    assert first != sample(rows, "0702", 3)
    assert len(set(first)) == 3


def test_people_are_counted_by_name_and_by_post(cast: Cast) -> None:
    owe(cast.community, "met", on(7, 1), owner_id=cast.bob.pk)
    owe(cast.community, "late", on(7, 2), owner_id=cast.bob.pk)
    owe(cast.community, "met", on(7, 3), owner_role="cs_supervisor")
    found = by_person(fallen_due(cast.actor(cast.alice), [cast.community.pk], JULY.start, JULY.end))
    assert found == {(cast.bob.pk, ""): Tally(proven=1, late=1), (None, "cs_supervisor"): Tally(proven=1)}


def test_a_year_of_a_community_is_one_statement(cast: Cast) -> None:
    owe(cast.community, "met", on(7, 20))
    alice = cast.actor(cast.alice)
    with CaptureQueriesContext(connection) as caught:
        by_clause(alice, cast.community, JULY.back(13))
    assert len(caught) == 1
    with CaptureQueriesContext(connection) as caught:
        by_community(alice, [cast.community, cast.other], "month", JULY.back(13))
    assert len(caught) == 1


# --- beside the duties themselves ---------------------------------------------------------------------------------


def recount(community: Community, period: Period) -> dict[str, dict[str, int]]:
    """The same figures by hand, row by row."""
    found: dict[str, dict[str, int]] = {}
    for d in Duty.objects.filter(community=community).exclude(state="void"):
        if d.due_at is None or not period.start <= d.due_at < period.end:
            continue
        if d.ended_at is None and d.secret:
            continue
        late = d.state == "open" and d.due_at < clock.now()
        names = {"excused": "excused", "late": "late", "breached": "breached"}
        met = "attested" if d.proof == "hand" else "proven"
        outcome = "breached" if late else met if d.state == "met" else names.get(d.state, "running")
        found.setdefault(d.clause, dict.fromkeys((*OUTCOMES, "running"), 0))[outcome] += 1
    return found


def told(cast: Cast, period: Period) -> dict[str, dict[str, int]]:
    found = by_clause(cast.actor(cast.alice), cast.community, [period])
    return {code: {name: t[0].of(name) for name in (*OUTCOMES, "running")} for code, t in found.items()}


def test_the_board_equals_a_recount_also_after_a_rebuild(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three weeks of the manual through the mechanism: laid out, some signed, some excused, the rest closed."""
    rulings.forget()
    days.forget()
    alice, start = cast.actor(cast.alice), NOW - timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: start)
    actions.begin(cast.community.pk, actor=alice)
    for n in range(21):
        monkeypatch.setattr(clock, "now", lambda n=n: start + timedelta(days=n))
        days.lay_out()
        rows = Duty.objects.open().filter(clause="log.review", due_at__gt=clock.now())
        for duty in rows:
            if n % 3 == 0:
                proof_actions.excuse(duty.pk, actor=alice, words="停业")
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=22))
    sweep()
    for period in (JULY, *(Period("week", date(2026, 7, 6)).move(n) for n in range(4))):
        assert told(cast, period) == recount(cast.community, period)
    before = told(cast, JULY)
    assert {"excused", "breached"} <= {name for t in before.values() for name, n in t.items() if n}
    rebuild()
    assert told(cast, JULY) == before == recount(cast.community, JULY)
    rulings.forget()
    days.forget()


def test_the_bench_measures_what_it_says(cast: Cast) -> None:
    one, many = bench_board(duties=400, communities=3)
    assert (one["bench"], one["unit"], many["unit"], many["n"]) == ("board", "ms", "s", 400)
    assert one["value"] > 0 < many["value"]
    assert Duty.objects.values("community").distinct().count() == 3
