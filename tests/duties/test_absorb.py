"""Duties are born and discharged by facts."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shouwen.duties import rulings
from shouwen.duties.actions import set_policy
from shouwen.duties.models import Duty
from shouwen.kernel.actors import System
from shouwen.kernel.clock import local
from shouwen.kernel.journal import frame, record
from tests.cast import Cast
from tests.duties.facts import START, Matter, after, minutes, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast) -> Matter:
    return Matter(cast.community.pk)


def dispatched(technician: int = 9, *, urgent: bool = False) -> dict[str, object]:
    return {"technician": technician, "handler": technician, "how": "assigned", "urgent": urgent}


def test_an_inquiry_owes_an_answer_of_the_first_responder(case: Matter) -> None:
    fact = case.tell(*registered("inquiry")[:1], **registered("inquiry", first_responder=5)[1])
    duty = case.duty("inquiry.answer")
    assert (duty.owner_role, duty.owner_id, duty.state) == ("first_responder", 5, "open")
    assert duty.born_at == fact.recorded_at
    assert duty.due_at == after(120)
    assert duty.alarm.at == after(96)
    assert duty.budget == 7200
    assert duty.span == "PT2H"
    assert duty.entry_id == fact.id
    assert set(case.duties()) == {"inquiry.answer"}


@pytest.mark.parametrize(("late", "state"), [(119, "met"), (120, "met"), (121, "late")])
def test_the_fact_of_the_work_ends_it(case: Matter, late: int, state: str) -> None:
    case.tell_all([registered("inquiry")])
    fact = case.tell("case:answered", when=after(late))
    duty = case.duty("inquiry.answer")
    assert (duty.state, duty.ended_at, duty.ended_by) == (state, fact.recorded_at, fact.id)


def test_a_cancelled_case_owes_nothing(case: Matter) -> None:
    case.tell_all([registered("inquiry")])
    case.tell("case:cancelled", when=after(5), by="resident")
    assert case.duty("inquiry.answer").state == Duty.State.VOID
    assert not Duty.objects.open().exists()


def test_another_kind_owes_another_thing(case: Matter) -> None:
    case.tell_all([registered("inquiry", first_responder=7)])
    case.tell("case:recast", when=after(10), kind="suggestion", category="y")
    assert case.duty("inquiry.answer").state == Duty.State.VOID
    new = case.duty("suggestion.answer")
    assert (new.state, new.born_at) == ("open", after(10))
    assert new.owner_id == 7, "who was asked first is known from the journal"


def test_a_repair_runs_from_order_to_call(case: Matter) -> None:
    case.tell_all(
        [registered("repair", first_responder=5), ("order:opened", {"trade": "plumbing", "urgent": False})]
    )
    assert set(case.duties()) == {"repair.dispatch", "repair.finish"}
    assert case.duty("repair.dispatch").owner_id == 5
    assert case.duty("repair.finish").owner_id is None
    case.tell_all([("case:started", {"handler": 9}), ("order:dispatched", dispatched())], when=after(5))
    assert case.duty("repair.dispatch").state == "met"
    assert case.duty("repair.arrive").owner_id == case.duty("repair.finish").owner_id == 9
    case.tell("order:arrived", when=after(40))
    assert case.duty("repair.arrive").state == "met"
    case.tell_all(
        [("case:done", {"follow_up_by": 5}), ("order:finished", {"public": False, "confirmed": True})],
        when=after(90),
    )
    assert case.duty("repair.finish").state == "met"
    assert "repair.inspect" not in case.duties()
    call = case.duty("follow_up")
    assert (call.owner_id, call.state) == (5, "open")
    assert f"{local(call.due_at):%m-%d %H:%M}" == "07-23 23:59"
    case.tell("follow_up:tried", when=after(100), outcome="no_answer")
    assert case.duty("follow_up").state == "open"
    case.tell_all(
        [("case:satisfied", {}), ("follow_up:tried", {"outcome": "reached", "satisfied": True})],
        when=after(120),
    )
    assert case.duty("follow_up").state == "met"
    assert not Duty.objects.open().exists()


def test_a_refused_order_is_owed_a_dispatch_again(case: Matter) -> None:
    case.tell_all(
        [registered("repair", first_responder=5), ("order:opened", {"trade": "x", "urgent": False})]
    )
    case.tell("order:dispatched", when=after(5), **dispatched(9))
    case.tell_all([("case:waiting", {}), ("order:refused", {"urgent": False})], when=after(10))
    assert case.duty("repair.arrive").state == "void"
    assert case.duty("repair.finish").owner_id is None, "it is in nobody's hand"
    again = case.duty("repair.dispatch")
    assert (again.state, again.born_at, again.owner_id) == ("open", after(10), 5)
    assert Duty.objects.filter(clause="repair.dispatch").count() == 2
    case.tell("order:dispatched", when=after(15), **dispatched(10))
    assert case.duty("repair.arrive").born_at == after(15)
    assert case.duty("repair.finish").owner_id == 10


def test_an_urgent_order_runs_by_the_clock_on_the_wall(case: Matter) -> None:
    night = START + minutes(12 * 60)
    case.tell("order:dispatched", when=night, **dispatched(urgent=True))
    assert case.duty("repair.arrive.urgent").due_at == night + minutes(30)
    assert "repair.arrive" not in case.duties()


def test_service_time_stands_still_at_night(case: Matter) -> None:
    evening = START + minutes(7.5 * 60)  # 17:30, the centre closes at 18:00
    case.tell("order:dispatched", when=evening, **dispatched())
    assert f"{local(case.duty('repair.arrive').due_at):%m-%d %H:%M}" == "07-23 10:00"


def test_a_pause_moves_the_due_time_by_service_time(case: Matter) -> None:
    case.tell("order:dispatched", **dispatched())
    case.tell("order:paused", when=after(30), reason="neighbour")
    held = case.duty("repair.arrive")
    assert (held.state, held.paused_at, held.pause_reason) == ("paused", after(30), "neighbour")
    case.tell("order:resumed", when=after(60))
    duty = case.duty("repair.arrive")
    assert (duty.state, duty.due_at, duty.paused_seconds, duty.paused_at) == ("open", after(150), 1800, None)
    assert duty.alarm.at == after(126), "80 % of two hours, half an hour later"


def test_a_pause_overnight_costs_only_service_hours(case: Matter) -> None:
    case.tell("order:dispatched", **dispatched())
    case.tell("order:paused", when=after(60), reason="parts")
    case.tell("order:resumed", when=START + minutes(24 * 60))
    assert case.duty("repair.arrive").due_at == START + minutes(25 * 60)


def test_a_stopped_clock_is_judged_where_it_stopped(case: Matter) -> None:
    case.tell_all([registered("repair"), ("order:opened", {"trade": "x", "urgent": True})])
    case.tell("order:paused", when=after(100), reason="parts")
    case.tell("order:finished", when=after(999), public=False)
    assert case.duty("repair.finish.urgent").state == "met"


def test_a_late_duty_stays_late_after_a_pause(case: Matter) -> None:
    case.tell("order:dispatched", **dispatched())
    case.tell("order:paused", when=after(130), reason="parts")
    case.tell("order:resumed", when=after(200))
    case.tell("order:arrived", when=after(201))
    duty = case.duty("repair.arrive")
    assert (duty.state, duty.due_at) == ("late", after(120))


def test_several_facts_of_one_frame_act_in_order(case: Matter) -> None:
    case.tell("order:dispatched", **dispatched())
    case.tell_all(
        [("order:paused", {"reason": "parts"}), ("order:resumed", {}), ("order:arrived", {})], when=after(9)
    )
    assert case.duty("repair.arrive").state == "met"
    both = Matter(case.community_id)
    both.tell_all([registered("inquiry"), ("case:answered", {})])
    assert both.duty("inquiry.answer").state == "met"


def test_a_frame_may_stop_and_start_the_clock_of_a_duty_that_it_bore(case: Matter) -> None:
    stop = [("order:dispatched", dispatched()), ("order:paused", {"reason": "parts"}), ("order:resumed", {})]
    case.tell_all(stop)
    assert case.duty("repair.arrive").state == "open"
    assert case.duty("repair.arrive").due_at == after(120)


def test_complaints_are_classed_answered_and_solved(case: Matter) -> None:
    case.tell_all([registered("complaint", handler=5, about=77)])
    assert set(case.duties()) == {"complaint.classify", "complaint.reply"}
    first = case.duty("complaint.classify")
    assert (first.owner_role, first.owner_id, first.about_id) == ("cs_supervisor", None, 77)
    assert f"{local(case.duty('complaint.reply').due_at):%m-%d}" == "07-25"
    case.tell("case:classified", when=after(30), level=2, severity="major", handler=6)
    solve = case.duty("complaint.solve")
    assert (solve.span, solve.owner_id, solve.about_id) == ("P15D", 6, 77)
    assert case.duty("complaint.reply").owner_id == 6
    case.tell("case:handed", when=after(40), handler=8)
    assert case.duty("complaint.solve").owner_id == case.duty("complaint.reply").owner_id == 8
    case.tell("case:replied", when=after(50))
    case.tell_all([("case:done", {"follow_up_by": 5}), ("case:solved", {})], when=after(60))
    assert {c: d.state for c, d in case.duties().items()} == {
        "complaint.classify": "met",
        "complaint.reply": "met",
        "complaint.solve": "met",
        "follow_up": "open",
    }


def test_a_household_that_is_not_satisfied_is_owed_it_again(case: Matter) -> None:
    case.tell_all([registered("inquiry", first_responder=5)])
    case.tell_all([("case:done", {"follow_up_by": 5}), ("case:answered", {})], when=after(5))
    no = ("follow_up:tried", {"outcome": "reached", "satisfied": False})
    case.tell_all([("case:reopened", {"handler": 6}), no], when=after(30))
    assert case.duty("follow_up").state == "met", "the call was made"
    redo = case.duty("case.redo")
    assert (redo.owner_id, redo.state) == (5, "open")
    case.tell("case:done", when=after(60), follow_up_by=5)
    assert case.duty("case.redo").state == "met"
    assert Duty.objects.filter(clause="follow_up").count() == 2


def test_public_work_is_inspected(case: Matter) -> None:
    case.tell("order:finished", public=True, confirmed=False)
    duty = case.duty("repair.inspect")
    assert (duty.owner_role, duty.owner_id) == ("customer_assistant", None)
    case.tell("order:inspected", when=after(5), passed=True)
    assert case.duty("repair.inspect").state == "met"


def test_a_confirmed_back_entry_counts_from_when_it_happened(case: Matter) -> None:
    happened = START - minutes(60)
    opening = [registered("repair", first_responder=5, back_entry=True)]
    with_at = case.tell_all(opening, at=happened)
    assert with_at[0].at == happened
    case.tell("order:opened", when=after(0.1), trade="x", urgent=False)
    assert case.duty("repair.dispatch").due_at == after(30.1)
    case.tell("case:back_entry_confirmed", when=after(5))
    duty = case.duty("repair.dispatch")
    assert (duty.born_at, duty.due_at, duty.state) == (happened, START - minutes(30), "open")
    case.tell("order:dispatched", when=after(6), **dispatched())
    assert case.duty("repair.dispatch").state == "late"
    assert case.duty("repair.arrive").born_at == after(6)


def test_an_entry_may_be_confirmed_in_the_frame_that_made_it(case: Matter) -> None:
    case.tell_all([registered("inquiry"), ("case:back_entry_confirmed", {})], at=START - minutes(60))
    assert case.duty("inquiry.answer").due_at == after(60)


def test_confirming_an_entry_that_was_not_back_dated_changes_nothing(case: Matter) -> None:
    case.tell_all([registered("inquiry", back_entry=True)])
    case.tell("case:back_entry_confirmed", when=after(5))
    assert case.duty("inquiry.answer").due_at == after(120)


def test_an_intake_costs_one_statement_and_no_reading(case: Matter) -> None:
    from shouwen.duties.absorb import absorb

    case.tell_all([registered("inquiry")])  # warm
    other = Matter(case.community_id)
    with frame(System.of(case.community_id)) as opened:
        record("case:registered", other, **registered("complaint", handler=3)[1])
        record("order:opened", other, trade="x", urgent=False)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            statements = absorb(opened.facts)
    assert len(statements) == 1
    assert len(queries) == 0


def test_absorbing_twice_owes_once(case: Matter) -> None:
    from shouwen.duties.absorb import absorb

    facts = case.tell_all([registered("inquiry")])
    with connection.cursor() as cursor:
        for sql, params in absorb(facts):
            cursor.execute(sql, params)
    assert Duty.objects.count() == 1


def test_odd_data_never_stops_a_fact(case: Matter) -> None:
    case.tell("case:registered", kind="complaint", first_responder="five", handler=True, about="nobody")
    assert case.duty("complaint.reply").owner_id is None
    case.tell("case:classified", when=after(1), level=99, severity="?", handler=None)
    assert case.duty("complaint.solve").span == "P7D", "a level that nobody thought of has the general time"
    case.tell("order:paused", when=after(2), reason="x" * 500)
    stranger = Matter(10**15)
    stranger.tell_all([registered("inquiry")])
    assert stranger.duty("inquiry.answer").calendar_version == 0, "an unknown community has no calendar"


def test_a_community_chooses_its_own_times(cast: Cast, case: Matter) -> None:
    import time_machine

    with time_machine.travel(START, tick=False):
        row = set_policy(
            cast.community.pk, "inquiry.answer", "PT30M", actor=cast.actor(cast.alice), reason="人手不足"
        )
    assert row.since == START + rulings.LEAD
    case.tell_all([registered("inquiry")], when=START + rulings.LEAD - minutes(0.01))
    assert case.duty("inquiry.answer").span == "PT2H", "it does not count yet"
    later = Matter(cast.community.pk)
    later.tell_all([registered("inquiry")], when=after(1))
    assert later.duty("inquiry.answer").due_at == after(31)
    elsewhere = Matter(cast.other.pk)
    elsewhere.tell_all([registered("inquiry")], when=after(1))
    assert elsewhere.duty("inquiry.answer").span == "PT2H"
