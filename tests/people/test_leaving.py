"""Nobody leaves with open matters in their hands: named, counted, and handed over in one press; nothing is nobody's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case
from shouwen.duties.models import Duty
from shouwen.duties.rebuilding import rebuild
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.notices.models import Notice
from shouwen.people import actions
from shouwen.people.holdings import held_by
from shouwen.people.jobs import adopt_left_behind
from shouwen.people.models import Grant, Skill, Staff
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import Cast, make_staff
from tests.duties.facts import rows

pytestmark = pytest.mark.django_db


def taken(cast: Cast, by: Staff, kind: str = "repair", category: str = "leak", **more: object) -> Case:
    asked = Intake(cast.community.pk, kind, category, "一件事", unit_id=cast.unit.pk, **more)  # type: ignore[arg-type]
    return register(asked, actor=cast.actor(by))


@pytest.fixture
def busy(cast: Cast) -> dict[str, Case]:
    """Bob received all of these; each stands somewhere else. Dan of the desk will take over."""
    alice, bob, wen = (cast.actor(s) for s in (cast.alice, cast.bob, cast.wen))
    made = {
        "pool": taken(cast, cast.bob),
        "sent": taken(cast, cast.bob),
        "asked": taken(cast, cast.bob, "inquiry", "fee"),
        "answered": taken(cast, cast.bob, "inquiry", "fee"),
        "complaint": taken(cast, cast.alice, "complaint", "noise"),
        "closed": taken(cast, cast.bob, "inquiry", "fee"),
    }
    order = Order.objects.get(case=made["sent"])
    works.assign(order.pk, actor=alice, technician_id=cast.wen.pk)
    works.accept(order.pk, actor=wen)
    works.pause(order.pk, actor=wen, reason="parts")
    cases.answer(made["answered"].pk, actor=bob, words="按面积")
    cases.answer(made["closed"].pk, actor=bob, words="按面积", on_the_spot=True)
    cases.classify(made["complaint"].pk, actor=alice, level=1, severity="minor", handler_id=cast.bob.pk)
    return made


@pytest.fixture
def dan(cast: Cast) -> Staff:
    return make_staff("dan", "单雄", "front_desk", cast.community)


def owners() -> set[int | None]:
    """Who owes anything by name."""
    return set(Duty.objects.open().values_list("owner_id", flat=True))


def test_who_holds_open_matters_does_not_leave(cast: Cast, busy: dict[str, Case]) -> None:
    alice = cast.actor(cast.alice)
    with pytest.raises(Refused, match="鲍勃手上还有事没转出去：翠湖花园 5 件事项"):
        actions.deactivate(cast.bob.pk, actor=alice)
    with pytest.raises(Refused, match="翠湖花园 1 张派工单"):
        actions.deactivate(cast.wen.pk, actor=alice)
    with pytest.raises(Refused, match="请先转给别人"):
        actions.revoke(Grant.objects.get(staff=cast.bob).pk, actor=alice)
    assert Grant.objects.filter(staff=cast.bob).exists()


def test_all_of_it_goes_to_the_heir_with_every_duty(cast: Cast, busy: dict[str, Case], dan: Staff) -> None:
    count = actions.hand_over(
        cast.bob.pk, actor=cast.actor(cast.alice), community_id=cast.community.pk, heir_id=dan.pk
    )
    assert (count, held_by(cast.bob)) == (5, {})
    for case in busy.values():
        case.refresh_from_db()
    assert {n for n, case in busy.items() if case.first_responder == dan} == {
        "pool",
        "sent",
        "asked",
        "answered",
    }
    assert busy["complaint"].handler == dan
    assert busy["sent"].handler == cast.wen, "whoever was sent stays sent"
    assert busy["closed"].first_responder == cast.bob, "what is closed stays as it was"
    assert cast.bob.pk not in owners()
    facts = Entry.objects.filter(verb="case:taken_over")
    assert {(f.data["left"], f.data["heir"], f.actor_id) for f in facts} == {
        (cast.bob.pk, dan.pk, cast.alice.pk)
    }
    summary = Entry.objects.get(verb="staff:handed_over")
    assert summary.data == {"heir": dan.pk, "community": cast.community.pk, "count": 5}
    actions.deactivate(cast.bob.pk, actor=cast.actor(cast.alice))
    before = rows()
    rebuild()
    assert rows() == before, "the journal alone says who owes what"


def test_orders_go_to_another_technician_or_back_to_the_board(
    cast: Cast, busy: dict[str, Case], dan: Staff
) -> None:
    alice = cast.actor(cast.alice)
    li = make_staff("li", "李师傅", "engineering", cast.community)
    Skill.objects.create(staff=li, trade="plumbing")
    order = Order.objects.get(case=busy["sent"])
    actions.hand_over(cast.wen.pk, actor=alice, community_id=cast.community.pk, heir_id=li.pk)
    order.refresh_from_db()
    assert (order.state, order.technician, order.case.handler) == ("offered", li, li)
    assert cast.wen.pk not in owners()
    assert li.pk in owners()
    works.accept(order.pk, actor=cast.actor(li))
    works.arrive(order.pk, actor=cast.actor(li))
    actions.hand_over(li.pk, actor=alice, community_id=cast.community.pk, heir_id=dan.pk)
    order.refresh_from_db()
    assert (order.state, order.technician, order.case.handler) == ("pool", None, None)
    assert not owners() & {li.pk, cast.wen.pk}
    before = rows()
    rebuild()
    assert rows() == before


def test_a_complaint_never_goes_to_whom_it_is_about(cast: Cast, dan: Staff) -> None:
    case = taken(cast, cast.bob, "complaint", "attitude", about_id=dan.pk)
    actions.hand_over(
        cast.bob.pk, actor=cast.actor(cast.alice), community_id=cast.community.pk, heir_id=dan.pk
    )
    case.refresh_from_db()
    assert (case.first_responder, case.about) == (cast.alice, dan)


def test_who_takes_over_can_work_on_it_and_is_here_and_another(
    cast: Cast, busy: dict[str, Case], dan: Staff
) -> None:
    alice = cast.actor(cast.alice)
    for heir, why in ((cast.wen, "不能答复"), (cast.charlie, "没有岗位"), (cast.bob, "另一位")):
        with pytest.raises(Refused, match=why):
            actions.hand_over(cast.bob.pk, actor=alice, community_id=cast.community.pk, heir_id=heir.pk)
    Staff.objects.filter(pk=dan.pk).update(is_active=False)
    with pytest.raises(Refused, match="已停用"):
        actions.hand_over(cast.bob.pk, actor=alice, community_id=cast.community.pk, heir_id=dan.pk)
    with pytest.raises(NotAllowed):
        actions.hand_over(
            cast.bob.pk, actor=cast.actor(cast.wen), community_id=cast.community.pk, heir_id=cast.alice.pk
        )
    assert not Entry.objects.filter(verb="case:taken_over").exists()


def test_the_heir_hears_of_it_once(cast: Cast, busy: dict[str, Case], dan: Staff) -> None:
    actions.hand_over(
        cast.bob.pk, actor=cast.actor(cast.alice), community_id=cast.community.pk, heir_id=dan.pk
    )
    deliver()
    [notice] = Notice.objects.filter(staff=dan)
    assert (notice.code, notice.data, notice.community) == ("staff.handed_over", {"count": 5}, cast.community)


def test_a_call_back_goes_to_somebody_who_did_not_do_the_work(cast: Cast, dan: Staff) -> None:
    """Dan handed the repair in and mends it; so Bob was to call, and he leaves."""
    Grant.objects.create(staff=dan, post_id="engineering", community=cast.community)
    case = taken(cast, dan)
    order = Order.objects.get(case=case)
    works.assign(order.pk, actor=cast.actor(cast.alice), technician_id=dan.pk)
    works.accept(order.pk, actor=cast.actor(dan))
    works.arrive(order.pk, actor=cast.actor(dan))
    works.finish(order.pk, actor=cast.actor(dan), result="好了", confirmed_by="梅若兰")
    caller = Duty.objects.open().get(owner_role="follow_up_by").owner_id
    assert caller not in (None, dan.pk)
    leaver = Staff.objects.get(pk=caller)
    boss = make_staff("boss", "主任", "centre_manager", cast.community)
    actions.hand_over(leaver.pk, actor=cast.actor(boss), community_id=cast.community.pk, heir_id=dan.pk)
    assert Duty.objects.open().get(owner_role="follow_up_by").owner_id not in (None, dan.pk, leaver.pk)


def test_what_came_in_the_last_moment_is_adopted_by_the_fallback_owner(
    cast: Cast, busy: dict[str, Case]
) -> None:
    Staff.objects.filter(pk__in=[cast.bob.pk, cast.wen.pk]).update(is_active=False)
    adopt_left_behind(0)
    assert not Case.objects.open().filter(first_responder__is_active=False).exists()
    assert not owners() & {cast.bob.pk, cast.wen.pk}
    assert Order.objects.get(case=busy["sent"]).state == "pool"
    before = Entry.objects.count()
    adopt_left_behind(0)
    assert Entry.objects.count() == before


# --- at the door and on the command line ------------------------------------------------------------------------------


@pytest.fixture
def manager(cast: Cast, client: Client) -> Client:
    client.force_login(cast.alice)
    return client


def test_the_page_names_what_is_held_and_takes_the_heir_in_the_same_press(
    cast: Cast, busy: dict[str, Case], dan: Staff, manager: Client
) -> None:
    url = reverse("staff_leave", args=[cast.bob.pk])
    page = manager.get(url)
    field = f"heir{cast.community.pk}"
    assert "翠湖花园 的 5 件事项 转给" in page.content.decode()
    assert page.context["form"][field].value() == cast.alice.pk, "the fallback owner is proposed"
    empty = manager.post(url, {field: ""})
    assert empty.status_code == 422
    assert Staff.objects.get(pk=cast.bob.pk).is_active
    assert manager.post(url, {field: dan.pk}).status_code == 303
    assert not Staff.objects.get(pk=cast.bob.pk).is_active
    assert Case.objects.open().filter(first_responder=dan).count() == 4


def test_a_refused_heir_leaves_everything_as_it_was(
    cast: Cast, busy: dict[str, Case], manager: Client
) -> None:
    url = reverse("staff_leave", args=[cast.bob.pk])
    answer = manager.post(url, {f"heir{cast.community.pk}": cast.wen.pk})
    assert answer.status_code == 422
    assert "不能答复、办理事项" in answer.content.decode()
    assert Staff.objects.get(pk=cast.bob.pk).is_active


def test_somebody_who_stays_hands_over_too(
    cast: Cast, busy: dict[str, Case], dan: Staff, manager: Client
) -> None:
    assert (
        reverse("staff_hand_over", args=[cast.bob.pk])
        in manager.get(reverse("staff", args=[cast.bob.pk])).content.decode()
    )
    url = reverse("staff_hand_over", args=[cast.bob.pk])
    assert manager.post(url, {f"heir{cast.community.pk}": dan.pk}).status_code == 303
    assert Staff.objects.get(pk=cast.bob.pk).is_active
    told = manager.get(reverse("staff", args=[cast.bob.pk])).content.decode()
    assert "把手上的" in told
    assert "单雄" in told


def test_the_command_hands_over_or_says_what_is_left(
    cast: Cast, busy: dict[str, Case], dan: Staff, capsys
) -> None:
    with pytest.raises(CommandError, match="5 件事项"):
        call_command("user", "off", "bob")
    call_command("user", "off", "bob", to="dan")
    assert not Staff.objects.get(pk=cast.bob.pk).is_active


def test_handing_over_late_does_not_restart_a_clock(cast: Cast, busy: dict[str, Case], dan: Staff) -> None:
    due = dict(Duty.objects.open().filter(owner_id=cast.bob.pk).values_list("pk", "due_at"))
    with clock.standing_at(clock.now() + timedelta(hours=3)):
        actions.hand_over(
            cast.bob.pk, actor=cast.actor(cast.alice), community_id=cast.community.pk, heir_id=dan.pk
        )
    assert dict(Duty.objects.filter(pk__in=due).values_list("pk", "due_at")) == due
