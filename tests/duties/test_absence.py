"""Who is away is stood in for: the substitute hears and may act; and still never only the one who is late."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from shouwen.duties import occasion_actions, proof_actions
from shouwen.duties.hearers import Ladder
from shouwen.duties.models import Duty
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people import absences
from shouwen.people.models import Absence, Staff
from tests.cast import Cast, make_staff
from tests.duties.facts import START, after
from tests.duties.test_sweep import at, inquiry, told

pytestmark = pytest.mark.django_db
TODAY = clock.local(START).date()


@pytest.fixture(autouse=True)
def today() -> object:
    with time_machine.travel(START, tick=False):
        yield


def away(cast: Cast, staff: Staff, substitute: Staff, days: int = 0) -> Absence:
    return absences.add_absence(
        staff.pk, actor=cast.actor(cast.alice), substitute_id=substitute.pk, since=TODAY,
        until=TODAY + timedelta(days=days),
    )  # fmt: skip


def test_the_substitute_is_told_in_place_of_who_is_away(cast: Cast) -> None:
    dora = make_staff("dora", "多拉", "front_desk", cast.community)
    away(cast, cast.bob, dora)
    inquiry(cast, cast.bob)
    at(97)
    assert told("duty.warned") == {"dora"}
    at(121)
    assert told("duty.late") == {"dora", "alice"}
    assert not cast.bob.notices.exists()


def test_when_the_superior_is_away_and_the_late_one_stands_in_somebody_else_hears(cast: Cast) -> None:
    gao = make_staff("gao", "高", "office_manager", cast.community)
    Absence.objects.create(staff=cast.alice, substitute=cast.bob, since=TODAY, until=TODAY)
    case = inquiry(cast, cast.bob)
    duty = case.duty("inquiry.answer")
    for rung in (2, 3):
        assert set(Ladder().hearers(duty, rung)) - {cast.bob.pk, cast.alice.pk} == {gao.pk}


def test_an_employee_complained_of_never_stands_in(cast: Cast) -> None:
    dora = make_staff("dora", "多拉", "front_desk", cast.community)
    Absence.objects.create(staff=cast.alice, substitute=dora, since=TODAY, until=TODAY)
    case = inquiry(cast, cast.bob, about=dora.pk)
    assert dora.pk not in Ladder().hearers(case.duty("inquiry.answer"), 2)


def test_a_chain_of_absences_ends_with_somebody_present_and_a_ring_with_the_person(cast: Cast) -> None:
    dora = make_staff("dora", "多拉", "front_desk", cast.community)
    away(cast, cast.bob, dora)
    second = away(cast, dora, cast.wen)
    assert absences.standing_in() == {cast.bob.pk: cast.wen.pk, dora.pk: cast.wen.pk}
    Absence.objects.create(staff=cast.wen, substitute=cast.bob, since=TODAY, until=TODAY)
    assert absences.standing_in() == {}
    Absence.objects.filter(staff=cast.wen).delete()
    absences.end_absence(second.pk, actor=cast.actor(cast.alice))
    assert absences.standing_in() == {cast.bob.pk: dora.pk}


def test_the_substitute_sees_and_may_act_and_only_on_those_days(cast: Cast) -> None:
    dora = make_staff("dora", "多拉", "front_desk", cast.community)
    due = START + timedelta(days=5)
    task = occasion_actions.give(
        cast.community.pk, actor=cast.actor(cast.alice), words="换灯泡", owner_id=cast.bob.pk, due=due
    )
    duty = Duty.objects.get(matter_id=task.pk)
    mine = Duty.objects.open().owed_by(cast.actor(dora))
    assert not mine.exists()
    with pytest.raises(NotAllowed):
        proof_actions.ask_excuse(duty.pk, actor=cast.actor(dora), words="x")
    away(cast, cast.bob, dora, days=1)
    assert [d.pk for d in Duty.objects.open().owed_by(cast.actor(dora))] == [duty.pk]
    proof_actions.ask_excuse(duty.pk, actor=cast.actor(dora), words="灯还没到")
    with time_machine.travel(START + timedelta(days=2), tick=False):
        assert not Duty.objects.open().owed_by(cast.actor(dora)).exists()
        assert not proof_actions.owes(duty, cast.actor(dora))


def test_a_post_is_stood_in_for_where_the_absent_one_holds_it(cast: Cast) -> None:
    duty = Duty(community_id=cast.community.pk, owner_role="cs_supervisor")
    assert not proof_actions.owes(duty, cast.actor(cast.bob))
    Absence.objects.create(staff=cast.alice, substitute=cast.bob, since=TODAY, until=TODAY)
    assert proof_actions.owes(duty, cast.actor(cast.bob))
    duty.community_id = cast.other.pk
    assert not proof_actions.owes(duty, cast.actor(cast.bob))


def test_what_makes_no_sense_is_refused(cast: Cast) -> None:
    alice = cast.actor(cast.alice)

    def add(staff: Staff, substitute: int, first: int, last: int) -> str:
        with pytest.raises((Refused, NotFound)) as refused:
            absences.add_absence(
                staff.pk, actor=alice, substitute_id=substitute, since=TODAY + timedelta(days=first),
                until=TODAY + timedelta(days=last),
            )  # fmt: skip
        return refused.value.code

    assert add(cast.bob, cast.bob.pk, 0, 0) == "absence_other"
    assert add(cast.bob, cast.wen.pk, 3, 1) == "absence_days"
    assert add(cast.bob, cast.wen.pk, -3, -1) == "absence_past"
    assert add(cast.bob, cast.charlie.pk, 0, 1) == "not_here"
    assert add(cast.bob, 10**9, 0, 1) == "not_found"
    assert add(cast.charlie, cast.bob.pk, 0, 1) == "not_found"
    away(cast, cast.bob, cast.wen, days=3)
    assert add(cast.bob, cast.wen.pk, 2, 5) == "absence_twice"
    cast.wen.is_active = False
    cast.wen.save()
    assert add(cast.alice, cast.wen.pk, 0, 1) == "inactive"
    assert absences.standing_in() == {}, "who has left stands in for nobody"
    fact = Entry.objects.get(verb="staff:away")
    assert (fact.data["heir"], fact.subject_id) == (cast.wen.pk, str(cast.bob.pk))
    assert after(0) == START
