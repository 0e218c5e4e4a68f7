"""The page of a case: how it ended, its pictures with what they show, and where a move leads back to."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.cases.models import Case, Photo
from shouwen.kernel import files
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import Cast
from tests.front.test_technician import picture
from tests.works.test_actions import finished, leak

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def shown(desk: Client, key: object) -> Any:
    page = desk.get(reverse("case", args=[key]))
    assert page.status_code == 200
    return page.context["case"]


def words(case: Any) -> list[str]:
    return [tag.words for tag in case.tags]


def test_an_open_case_says_what_the_hand_waits_for_a_closed_one_how_it_ended(
    cast: Cast, desk: Client
) -> None:
    order = leak(cast)
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    case = shown(desk, order.case_id)
    assert (case.closed, case.hand.name, case.hand.note, words(case)) == (False, "文师傅", "处理中", ["紧急"])
    works.accept(order.pk, actor=cast.actor(cast.wen))
    works.arrive(order.pk, actor=cast.actor(cast.wen))
    works.finish(order.pk, actor=cast.actor(cast.wen), result="换了角阀", confirmed_by="梅女士")
    cases.follow_up(order.case_id, actor=cast.actor(cast.bob), outcome="reached", satisfied=True)
    case = shown(desk, order.case_id)
    assert (case.closed, case.hand.name, case.hand.note) == (True, "文师傅", "")
    assert words(case) == ["紧急", "满意关闭"], "the case is satisfied, not its hand"
    assert "经办人" in desk.get(reverse("case", args=[order.case_id])).content.decode()


def test_a_cancelled_case_had_nobody(cast: Cast, desk: Client) -> None:
    order = leak(cast, category="lamp")
    cases.cancel(order.case_id, actor=cast.actor(cast.alice), by="centre", words="重复")
    case = shown(desk, order.case_id)
    assert (case.hand.shape, words(case)) == ("nobody", ["已取消"])
    assert "没有人经办" in desk.get(reverse("case", args=[order.case_id])).content.decode()


def test_each_picture_says_what_it_shows(cast: Cast, desk: Client) -> None:
    order, wen = leak(cast), cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    kept = [
        files.keep(
            files.prepare(picture(), frozenset({files.IMAGE})), actor=wen, community_id=order.community_id
        )
        for _ in range(3)
    ]
    works.photograph(Order.objects.get(pk=order.pk), [kept[0].pk, kept[1].pk], actor=wen)
    works.photograph(Order.objects.get(pk=order.pk), [kept[2].pk], actor=wen)
    items = [item for item in shown(desk, order.case_id).timeline if item.photos]
    assert [(item.photos_words, [p.caption[:2] for p in item.photos]) for item in items] == [
        ("修前 2 张", ["修前", "修前"]),
        ("修后 1 张", ["修后"]),
    ]
    page = desk.get(reverse("case", args=[order.case_id])).content.decode()
    assert page.count('<span class="caption">修前') == 2
    assert set(Photo.objects.values_list("stage", flat=True)) == {"before", "after"}


def test_a_move_leads_back_to_the_list_where_it_was_made(cast: Cast, desk: Client) -> None:
    order = leak(cast)
    here = f"{reverse('desk', args=['pool'])}?case={order.case_id}"
    page = desk.get(here)
    urge = next(a for a in page.context["case"].actions if a.name == "urge")
    form = desk.get(urge.url)
    answer = desk.post(reverse("case_move", args=[order.case_id, "urge"]), dict(form.context["hidden"]))
    assert (answer.status_code, answer["Location"]) == (303, here)
    note = {"words": "已联系住户", "next": page.context["case"].here_url}
    assert desk.post(page.context["case"].note_url, note)["Location"] == here


def test_the_sheets_are_offered_while_some_order_waits_to_be_accepted(cast: Cast, desk: Client) -> None:
    order = leak(cast)
    assert desk.get(reverse("board")).context["board"].links == ()
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    (link,) = desk.get(reverse("board")).context["board"].links
    assert link.words == "打印派工单"
    assert desk.get(link.url)["Content-Type"] == "application/pdf"


def test_the_search_box_offers_what_its_viewer_can_find(cast: Cast, desk: Client) -> None:
    order = leak(cast, words="灯座旁滴水")
    number = Case.objects.get(pk=order.case_id).number
    assert (
        desk.get(reverse("desk", args=["today"])).context["frame"].search_hint
        == "房号、姓名拼音、电话、车牌、单号"
    )
    phone = Client()
    phone.force_login(cast.wen)
    assert phone.get(reverse("my_orders")).context["frame"].search_hint == "单号、房号、事项"
    for text in (number, "3-1-12", "灯座"):
        (group,) = phone.get(reverse("search"), {"q": text}).context["hit_groups"]
        assert [(h.room_number, h.url) for h in group.hits] == [
            ("3-1-1201", reverse("order", args=[order.pk]))
        ]
    assert not phone.get(reverse("search"), {"q": "梅若兰"}).context["hit_groups"], (
        "the estate is not theirs to search"
    )


def test_finished_public_work_waits_for_inspection_by_name(cast: Cast, desk: Client) -> None:
    order = finished(cast, leak(cast, category="lamp", unit_id=None, space_id=cast.space.pk))
    rows = desk.get(reverse("desk", args=["working"])).context["groups"][0].rows
    assert [(r.room_number, r.stage) for r in rows] == [(order.case.place, "待公共区验收")]


def test_the_timeline_is_shown_in_parts_with_their_counts(cast: Cast, client: Client) -> None:
    order = leak(cast)
    case, bob = order.case, cast.actor(cast.bob)
    cases.note(case.pk, actor=bob, words="住户来电")
    works.assign(order.pk, actor=bob, technician_id=cast.wen.pk)
    client.force_login(cast.bob)
    url = f"/desk/working/?case={case.pk}"
    shown = client.get(url).context["case"]
    assert [(tab.words, tab.count) for tab in shown.tabs] == [
        ("全部", "3"), ("沟通", "2"), ("办理", "1"), ("照片", "0"),
    ]  # fmt: skip
    assert shown.tabs[0].current
    work = client.get(shown.tabs[2].url)
    assert work.context["case"].tabs[2].current
    assert [item.talk for item in work.context["case"].timeline] == [False]
    assert work.context["case"].tabs[0].url == url
    assert len(client.get(f"{url}&show=nonsense").context["case"].timeline) == 3
    page = client.get(work.context["case"].tabs[3].url)
    assert "这一部分还没有记录。" in page.content.decode()


def test_who_claims_an_order_sends_nobody(cast: Cast, desk: Client) -> None:
    def said(case: Any) -> list[str]:
        return ["".join(part.text for part in item.sentence).strip() for item in case.timeline]

    claimed, sent = leak(cast), leak(cast, title="另一件", category="lamp")
    works.claim(claimed.pk, actor=cast.actor(cast.wen))
    works.assign(sent.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    assert any("抢单" in words for words in said(shown(desk, claimed.case_id)))
    assert any("派工给" in words for words in said(shown(desk, sent.case_id)))
