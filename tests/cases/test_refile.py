"""Another category, urgency or kind after the first word: what it means for promises and orders, and what forbids it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions
from shouwen.cases.models import Case
from shouwen.cases.recognise import suggest
from shouwen.duties.models import Duty
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import Refused
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cases.test_actions import take, verbs
from tests.cast import Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


def orders(case: object) -> list[tuple[str, str]]:
    return list(Order.objects.filter(case_id=case).order_by("turn").values_list("state", "trade"))


def owed(case: object) -> set[str]:
    return set(Duty.objects.open().filter(matter_id=case).values_list("clause", flat=True))


def test_another_category_of_the_same_trade_keeps_the_order_even_on_site(cast: Cast) -> None:
    bob, wen = cast.actor(cast.bob), cast.actor(cast.wen)
    order = leak(cast, category="lamp", urgent=True)
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    before = owed(order.case_id)
    case = actions.refile(order.case_id, actor=bob, category="leak")
    assert (case.category_id, case.state, case.handler_id) == ("leak", "working", cast.wen.pk)
    assert orders(case.pk) == [("on_site", "plumbing")]
    assert owed(case.pk) == before, "what was promised stands"


def test_another_trade_calls_back_hands_that_have_not_come_yet(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    order = leak(cast, category="lamp")
    works.assign(order.pk, actor=bob, technician_id=cast.wen.pk)
    case = actions.refile(order.case_id, actor=bob, category="door")
    case.refresh_from_db()
    assert (case.state, case.handler_id) == ("received", None)
    assert orders(case.pk) == [("cancelled", "plumbing"), ("pool", "low_voltage")]
    assert owed(case.pk) == {"repair.dispatch", "repair.finish"}


def test_work_that_was_begun_is_not_turned_into_another_trade_or_kind(cast: Cast) -> None:
    bob, wen = cast.actor(cast.bob), cast.actor(cast.wen)
    order = leak(cast, category="lamp")
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    with pytest.raises(Refused, match="文师傅已经到场"):
        actions.refile(order.case_id, actor=bob, category="door")
    with pytest.raises(Refused, match="文师傅已经到场"):
        actions.recast(order.case_id, actor=bob, kind="complaint", category="noise")
    case = Case.objects.get(pk=order.case_id)
    assert (case.kind, case.category_id, case.state, orders(case.pk)) == (
        "repair", "lamp", "working", [("on_site", "plumbing")],
    )  # fmt: skip


def test_urgency_gives_an_order_that_waits_new_clocks_and_one_that_was_sent_must_be_recalled(
    cast: Cast,
) -> None:
    bob = cast.actor(cast.bob)
    order = leak(cast, category="lamp")
    actions.refile(order.case_id, actor=bob, category="lamp", urgent=True)
    assert orders(order.case_id) == [("cancelled", "plumbing"), ("pool", "plumbing")]
    assert owed(order.case_id) == {"repair.dispatch.urgent", "repair.finish.urgent"}
    works.assign(Order.objects.get(turn=2).pk, actor=bob, technician_id=cast.wen.pk)
    with pytest.raises(Refused, match="请先撤回"):
        actions.refile(order.case_id, actor=bob, category="lamp", urgent=False)
    works.recall(Order.objects.get(turn=2).pk, actor=bob)
    assert actions.refile(order.case_id, actor=bob, category="lamp", urgent=False).urgent is False


def test_another_kind_begins_anew_after_dispatch_too(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    order = leak(cast, category="lamp")
    works.assign(order.pk, actor=bob, technician_id=cast.wen.pk)
    case = actions.recast(order.case_id, actor=bob, kind="complaint", category="noise")
    assert (case.kind, case.state, case.handler_id) == ("complaint", "received", cast.bob.pk)
    assert orders(case.pk) == [("cancelled", "plumbing")]
    assert owed(case.pk) == {"complaint.classify", "complaint.reply"}
    actions.classify(case.pk, actor=cast.actor(cast.alice), level=1, severity="minor")
    case = actions.recast(case.pk, actor=bob, kind="repair", category="lamp")
    assert (case.state, case.handler_id, case.level, case.severity) == ("received", None, None, "")
    assert orders(case.pk)[-1] == ("pool", "plumbing")
    assert "repair.dispatch" in owed(case.pk)
    assert not owed(case.pk) & {"complaint.classify", "complaint.reply"}


def test_a_category_alone_does_not_restart_the_clock_of_a_complaint(cast: Cast) -> None:
    case = take(cast, cast.bob, kind="complaint", category="noise", title="狗叫")
    due = dict(Duty.objects.filter(matter_id=case.pk).values_list("clause", "due_at"))
    actions.refile(case.pk, actor=cast.actor(cast.bob), category="pets")
    assert dict(Duty.objects.open().filter(matter_id=case.pk).values_list("clause", "due_at")) == due
    with pytest.raises(Refused, match="类型没有变"):
        actions.recast(case.pk, actor=cast.actor(cast.bob), kind="complaint", category="noise")
    with pytest.raises(Refused, match="都没有变"):
        actions.refile(case.pk, actor=cast.actor(cast.bob), category="pets")
    with pytest.raises(Refused, match="分类与类型不符"):
        actions.refile(case.pk, actor=cast.actor(cast.bob), category="leak")


# --- the suggestion ----------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def strip(desk: Client, case: Case) -> object:
    return desk.get(reverse("case", args=[case.pk])).context["case"].suggestion


def test_words_are_heard_with_their_evidence(cast: Cast) -> None:
    found = suggest("楼上渗水，一直滴水，地上都湿了")
    assert found is not None
    assert (found.kind, found.category.pk, found.urgent, found.evidence) == (
        "repair",
        "leak",
        True,
        ("渗水", "滴水", "湿了"),
    )
    assert suggest("谢谢") is None


def test_the_strip_proposes_with_evidence_and_never_by_itself(cast: Cast, desk: Client) -> None:
    take(cast, cast.bob, kind="repair", category="leak", title="漏过一次")
    case = take(cast, cast.bob, kind="repair", category="lamp", title="灯座旁渗水滴水")
    shown = strip(desk, case)
    assert [p.text for p in shown.words if p.strong] == ["漏水渗水", "紧急"]
    assert shown.evidence == "依据 “渗水”“滴水”；这一户近一年同类 1 单"
    assert Case.objects.get(pk=case.pk).category_id == "lamp"
    answer = desk.post(shown.accept_url, dict(shown.accept))
    assert (answer.status_code, answer["Location"]) == (303, reverse("case", args=[case.pk]))
    case.refresh_from_db()
    assert (case.category_id, case.urgent) == ("leak", True)
    assert Entry.objects.get(matter_id=case.pk, verb="case:refiled").data["suggested"] is True
    assert strip(desk, case) is None
    assert "采纳建议" in desk.get(reverse("case", args=[case.pk])).content.decode()


def test_another_urgency_alone_is_told_as_such(cast: Cast, desk: Client) -> None:
    case = take(cast, cast.bob, kind="repair", category="lamp")
    typed = {"category": "lamp", "urgent": "on", "version": case.version}
    answer = desk.post(reverse("case_move", args=[case.pk, "refile"]), typed, follow=True)
    assert "已改紧急程度为紧急" in answer.content.decode()
    page = desk.get(reverse("case", args=[case.pk]))
    told = ["".join(part.text for part in item.sentence) for item in page.context["case"].timeline]
    assert any("鲍勃 改紧急程度为紧急" in line for line in told)
    actions.refile(case.pk, actor=cast.actor(cast.bob), category="door", urgent=False)
    page = desk.get(reverse("case", args=[case.pk]))
    told = ["".join(part.text for part in item.sentence) for item in page.context["case"].timeline]
    assert any("改分类为门禁" in line and "紧急程度改为一般" in line for line in told)


def test_declined_once_it_is_not_asked_again(cast: Cast, desk: Client) -> None:
    case = take(cast, cast.bob, kind="inquiry", category="fee", title="家里漏水怎么办")
    shown = strip(desk, case)
    assert [p.text for p in shown.words if p.strong] == ["报修", "漏水渗水", "紧急"]
    assert shown.accept_url == reverse("case_move", args=[case.pk, "recast"])
    assert desk.post(shown.decline_url, dict(shown.decline)).status_code == 303
    assert strip(desk, case) is None
    assert verbs(case)[-1] == "case:suggestion_declined"
    assert Case.objects.get(pk=case.pk).kind == "inquiry"


def test_no_strip_where_it_agrees_is_over_or_may_not_be_taken(cast: Cast, desk: Client) -> None:
    assert strip(desk, take(cast, cast.bob, kind="repair", category="leak", title="漏水")) is None
    closed = take(cast, cast.bob, kind="repair", category="lamp", title="渗水")
    actions.cancel(closed.pk, actor=cast.actor(cast.alice), by="centre", words="重复")
    assert strip(desk, closed) is None
    about = take(cast, cast.alice, kind="complaint", category="attitude", title="漏水", about_id=cast.wen.pk)
    assert strip(desk, about) is None, "a complaint about somebody stays a complaint"


# --- undo --------------------------------------------------------------------------------------------------------------


def test_what_has_not_left_the_house_can_be_undone_by_its_name(cast: Cast, desk: Client) -> None:
    case = take(cast, cast.bob, title="物业费")
    desk.post(reverse("case_move", args=[case.pk, "hand"]), {"handler_id": cast.alice.pk})
    assert Case.objects.get(pk=case.pk).handler == cast.alice
    (message,) = desk.get(reverse("case", args=[case.pk])).context["messages"]
    undo = message.extra_tags.removeprefix("undo:")
    answer = desk.post(undo)
    assert answer.status_code == 303, answer.context["form"].errors
    assert Case.objects.get(pk=case.pk).handler == cast.bob
    assert desk.post(undo).status_code == 303, "the same press again is told that it was made"
    assert verbs(case).count("case:handed") == 2, "once there, once back"
    repair = take(cast, cast.bob, kind="repair", category="lamp", title="灯")
    desk.get(reverse("case", args=[case.pk]))
    desk.post(reverse("case_move", args=[repair.pk, "refile"]), {"category": "door"})
    *_, message = desk.get(reverse("case", args=[repair.pk])).context["messages"]
    desk.post(message.extra_tags.removeprefix("undo:"))
    repair.refresh_from_db()
    assert (repair.category_id, orders(repair.pk)[-1]) == ("lamp", ("pool", "plumbing"))
