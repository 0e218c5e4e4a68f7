"""Cases through their actions: intake, answers, complaints, follow-up."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from shouwen.cases import actions
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case, FollowUp, Note, State
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Stale
from shouwen.people.models import Staff
from tests.cast import Cast, make_staff

pytestmark = pytest.mark.django_db


def take(cast: Cast, by: Staff, **changes: object) -> Case:
    given: dict[str, object] = {
        "community_id": cast.community.pk,
        "kind": "inquiry",
        "category": "fee",
        "title": "物业费怎么算",
        "unit_id": cast.unit.pk,
    } | changes
    case = register(Intake(**given), actor=cast.actor(by))  # type: ignore[arg-type]
    return Case.objects.get(pk=case.pk)


def verbs(case: Case) -> list[str]:
    return list(Entry.objects.filter(matter_id=case.pk).order_by("id").values_list("verb", flat=True))


def test_whoever_is_asked_first_is_the_first_responder(cast: Cast) -> None:
    case = take(cast, cast.bob)
    assert case.first_responder == case.handler == cast.bob
    assert case.number == f"{clock.today():%y%m%d}-001"
    assert verbs(case) == ["case:registered"]


def test_numbers_ascend_and_grow_past_three_digits(cast: Cast) -> None:
    from shouwen.kernel.models import Counter

    first = take(cast, cast.bob)
    Counter.objects.filter(community_id=cast.community.pk).update(last=999)
    assert take(cast, cast.bob).number == f"{first.number[:6]}-1000"
    Counter.objects.filter(community_id=cast.community.pk).update(last=9999)
    assert take(cast, cast.bob).number == f"{first.number[:6]}-10000"


def test_a_refused_intake_draws_no_number(cast: Cast) -> None:
    with pytest.raises(Refused, match="地点"):
        take(cast, cast.bob, unit_id=None)
    assert take(cast, cast.bob).number.endswith("-001")


def test_the_askers_yes_on_the_spot_closes_an_inquiry(cast: Cast) -> None:
    case = take(cast, cast.bob)
    case = actions.answer(
        case.pk, actor=cast.actor(cast.bob), words="按建筑面积每月 2.8 元", on_the_spot=True
    )
    assert (case.state, case.satisfied) == (State.SATISFIED, True)
    assert verbs(case) == ["case:registered", "case:answered", "case:satisfied"]
    assert Note.objects.get(case=case).words == "按建筑面积每月 2.8 元"


def test_otherwise_the_first_responder_owes_a_call(cast: Cast) -> None:
    case = actions.answer(take(cast, cast.bob).pk, actor=cast.actor(cast.bob), words="已答复")
    assert case.state == State.DONE
    done = Entry.objects.get(matter_id=case.pk, verb="case:done")
    assert done.data["follow_up_by"] == cast.bob.pk


def test_not_satisfied_reopens_and_satisfied_closes(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    case = actions.answer(take(cast, cast.bob).pk, actor=bob, words="已答复")
    case = actions.follow_up(case.pk, actor=bob, outcome="reached", satisfied=False, words="没听懂")
    assert (case.state, case.reopened) == (State.WORKING, 1)
    actions.answer(case.pk, actor=bob, words="再解释一遍")
    case = actions.follow_up(case.pk, actor=bob, outcome="reached", satisfied=True)
    assert case.state == State.SATISFIED
    assert FollowUp.objects.filter(case=case).count() == 2


def test_reached_must_say_satisfied_or_not(cast: Cast) -> None:
    case = actions.answer(take(cast, cast.bob).pk, actor=cast.actor(cast.bob), words="已答复")
    with pytest.raises(Refused, match="满意"):
        actions.follow_up(case.pk, actor=cast.actor(cast.bob), outcome="reached")
    assert not FollowUp.objects.exists()


def test_unconfirmed_needs_three_attempts_on_two_days(cast: Cast) -> None:
    alice, bob = cast.actor(cast.alice), cast.actor(cast.bob)
    start = clock.now()
    case = actions.answer(take(cast, cast.bob).pk, actor=bob, words="已答复")
    for _ in range(3):
        actions.follow_up(case.pk, actor=bob, outcome="no_answer")
    with pytest.raises(Refused, match="3 次、1 天"):
        actions.close_unconfirmed(case.pk, actor=alice, words="联系不上")
    with time_machine.travel(start + timedelta(days=1)):
        actions.follow_up(case.pk, actor=bob, outcome="no_answer")
        case = actions.close_unconfirmed(case.pk, actor=alice, words="联系不上")
    assert (case.state, case.satisfied) == (State.UNCONFIRMED, None)


def test_only_a_supervisor_closes_as_unconfirmed(cast: Cast) -> None:
    case = actions.answer(take(cast, cast.bob).pk, actor=cast.actor(cast.bob), words="已答复")
    with pytest.raises(NotAllowed):
        actions.close_unconfirmed(case.pk, actor=cast.actor(cast.bob), words="x")


def test_a_complaint_about_an_employee_never_reaches_them(cast: Cast) -> None:
    case = take(
        cast, cast.alice, kind="complaint", category="attitude", title="前台态度差", about_id=cast.bob.pk
    )
    bob = cast.actor(cast.bob)
    assert not Case.objects.visible_to(bob).filter(pk=case.pk).exists()
    with pytest.raises(NotFound):
        actions.note(case.pk, actor=bob, words="x")
    with pytest.raises(Refused, match="被投诉"):
        actions.hand(case.pk, actor=cast.actor(cast.alice), handler_id=cast.bob.pk)


def test_a_complaint_about_oneself_goes_to_somebody_else_at_once(cast: Cast) -> None:
    case = take(cast, cast.bob, kind="complaint", category="attitude", title="对我不满", about_id=cast.bob.pk)
    assert case.handler == cast.alice


@pytest.mark.parametrize(
    ("level", "severity", "owner"),
    [
        (1, "minor", "bob"),
        (2, "minor", "sup"),
        (3, "minor", "boss"),
        (1, "major", "boss"),
        (2, "major", "boss"),
    ],
)
def test_a_complaint_is_owned_by_its_class(cast: Cast, level: int, severity: str, owner: str) -> None:
    """Service stays with whoever took it, the developer's goes to the supervisor, the rest and what is major above."""
    sup = make_staff("sup", "主管", "cs_supervisor", cast.community)
    boss = make_staff("boss", "经理", "centre_manager", cast.community)
    case = take(cast, cast.bob, kind="complaint", category="noise", title="吵")
    case = actions.classify(case.pk, actor=cast.actor(sup), level=level, severity=severity)
    posts = {"bob": ("front_desk",), "sup": ("cs_supervisor",), "boss": ("centre_manager",)}
    held = set(case.handler.grants.values_list("post_id", flat=True)) if case.handler else set()
    assert held & set(posts[owner])
    assert boss.pk == case.handler_id or owner != "boss"
    assert case.first_responder == cast.bob


def test_class_three_climbs(cast: Cast) -> None:
    case = take(cast, cast.bob, kind="complaint", category="noise", title="邻居装修")
    case = actions.classify(case.pk, actor=cast.actor(cast.alice), level=2, severity="minor")
    assert (case.level, case.handler) == (2, cast.alice)


def test_a_stale_form_is_refused_with_the_newest_row(cast: Cast) -> None:
    case = take(cast, cast.bob)
    actions.note(case.pk, actor=cast.actor(cast.bob), words="一", version=case.version)
    with pytest.raises(Stale) as stale:
        actions.note(case.pk, actor=cast.actor(cast.alice), words="二", version=case.version)
    assert stale.value.row.version == case.version + 1


def test_charlie_sees_nothing(cast: Cast) -> None:
    case = take(cast, cast.bob)
    with pytest.raises(NotFound):
        actions.note(case.pk, actor=cast.actor(cast.charlie), words="x")
    with pytest.raises(NotAllowed):
        take(cast, cast.charlie)


def test_a_unit_of_another_community_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        take(cast, cast.charlie, community_id=cast.other.pk)


def test_a_back_entry_counts_only_after_a_second_person_confirms(cast: Cast) -> None:
    earlier = clock.now() - timedelta(hours=5)
    case = take(cast, cast.bob, happened_at=earlier)
    assert case.back_entry
    assert case.opened_at > earlier
    with pytest.raises(NotAllowed):
        actions.confirm_back_entry(case.pk, actor=cast.actor(cast.bob))
    case = actions.confirm_back_entry(case.pk, actor=cast.actor(cast.alice))
    assert case.opened_at == earlier
