"""The dispatch board: the pool by its clocks, digits and drags, the undo, and a cost that does not grow."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.kernel.deliveries import deliver
from shouwen.notices.models import Notice
from shouwen.people.models import Area, Grant, Skill, Staff, Trade
from shouwen.works import actions as works
from shouwen.works.models import Order, State
from tests.cast import Cast, make_staff, make_unit
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def person(cast: Cast, name: str, trade: str = Trade.PLUMBING) -> Staff:
    staff = make_staff(f"t{Staff.objects.count()}", name, "engineering", cast.community)
    Skill.objects.create(staff=staff, trade=trade)
    return staff


def press(desk: Client, order: Order, staff: Staff, **more: object) -> object:
    changed = {name.removesuffix("_"): value for name, value in more.items()}
    sent = {"order": order.pk, "person": staff.pk, "version": order.version} | changed
    return desk.post(reverse("board_assign"), sent)


def test_the_pool_suggests_who_knows_trade_and_building(cast: Cast, desk: Client) -> None:
    near = person(cast, "孙志强")
    Area.objects.create(community=cast.community, staff=near, building=cast.building)
    leak(cast)
    page = desk.get(reverse("board"))
    assert [(c.room_number, c.hint) for c in page.context["pool"]] == [("3-1-1201", "建议 孙志强")]
    rows = [r for g in page.context["board"].groups for r in g.rows]
    best, other = rows
    assert (best.name, best.key, best.suggested) == ("孙志强", "1", True)
    assert best.reasons == "同楼栋"
    assert best.cells[0].drop.label == "派到这里 3-1-1201"
    assert (other.name, other.key, other.assign.label) == ("文师傅", "2", "派给 文师傅")


def test_who_sent_it_back_is_named_with_the_reason_and_not_suggested_again(cast: Cast, desk: Client) -> None:
    near = person(cast, "孙志强")
    Area.objects.create(community=cast.community, staff=near, building=cast.building)
    order = leak(cast)
    press(desk, order, near)
    works.refuse(order.pk, actor=cast.actor(near), words="没带工具")
    shown = desk.get(reverse("board")).context["pool"][0]
    assert (shown.hint, shown.back) == ("建议 文师傅", "孙志强 退单：没带工具")
    works.assign(order.pk, actor=cast.actor(cast.alice), technician_id=cast.wen.pk)
    works.refuse(order.pk, actor=cast.actor(cast.wen), words="人在外面")
    deliver()
    told = (
        Notice.objects.filter(code="order.refused").order_by("at").values_list("staff__username", flat=True)
    )
    assert Counter(told) == {"bob": 2, "alice": 1}, "whoever answers for it, and whoever sent him"
    page = desk.get(reverse("board"))
    shown = page.context["pool"][0]
    assert (shown.hint, shown.back) == ("", "文师傅 退单：人在外面")
    assert shown.back in page.content.decode()


def test_nobody_is_suggested_for_a_trade_that_nobody_has(cast: Cast, desk: Client) -> None:
    leak(cast, category="door")
    page = desk.get(reverse("board"))
    assert [c.hint for c in page.context["pool"]] == [""]
    assert not any(r.suggested for g in page.context["board"].groups for r in g.rows)


def test_a_digit_sends_and_z_takes_back(cast: Cast, desk: Client) -> None:
    order = leak(cast)
    answer = press(desk, order, cast.wen)
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("board"))
    order.refresh_from_db()
    assert (order.state, order.technician, order.assigned_by) == (State.OFFERED, cast.wen, cast.bob)
    page = desk.get(reverse("board")).content.decode()
    undo = reverse("order_move", args=[order.pk, "recall"])
    assert "3-1-1201 已派给文师傅" in page
    assert f'action="{undo}"' in page
    desk.post(undo, {"next": reverse("board")})
    order.refresh_from_db()
    assert (order.state, order.technician) == (State.POOL, None)


def test_the_second_of_two_desks_sees_both_versions(cast: Cast, desk: Client) -> None:
    order, second = leak(cast), person(cast, "高翔")
    works.assign(order.pk, actor=cast.actor(cast.alice), technician_id=cast.wen.pk)
    answer = press(desk, order, second)
    assert answer.status_code == 409
    told = [(d.label, d.mine, d.theirs) for d in answer.context["differences"]]
    assert ("派给", "高翔", "文师傅") in told
    assert Order.objects.get(pk=order.pk).technician == cast.wen
    keep = dict(answer.context["keep"].hidden)
    assert desk.post(reverse("board_assign"), keep).status_code == 303
    assert Order.objects.get(pk=order.pk).technician == second


def test_a_drag_without_a_version_never_takes_an_order_from_somebody(cast: Cast, desk: Client) -> None:
    order, second = leak(cast), person(cast, "高翔")
    works.assign(order.pk, actor=cast.actor(cast.alice), technician_id=cast.wen.pk)
    assert press(desk, order, second, version="").status_code == 409


@pytest.mark.parametrize("sent", [{"order_": "x"}, {"person": "x"}, {"person": 10**20}, {"person": -1}])
def test_ids_changed_in_the_form_are_not_found(cast: Cast, desk: Client, sent: dict[str, object]) -> None:
    assert press(desk, leak(cast), cast.wen, **sent).status_code == 404


def test_staff_and_orders_of_another_community_are_not_found(
    cast: Cast, desk: Client, client: Client
) -> None:
    order = leak(cast)
    assert press(desk, order, cast.charlie).status_code == 404
    Grant.objects.create(staff=cast.charlie, post_id="front_desk", community=cast.other)
    client.force_login(cast.charlie)
    assert press(client, order, cast.charlie).status_code == 404


def test_a_technician_sends_nobody(cast: Cast, client: Client) -> None:
    client.force_login(cast.wen)
    order = leak(cast)
    page = client.get(reverse("board"))
    assert page.status_code == 200
    assert page.context["board"].assign_url == ""
    assert not any(r.key for g in page.context["board"].groups for r in g.rows)
    assert press(client, order, cast.wen).status_code == 403


def test_somebody_who_is_no_technician_is_refused_aloud(cast: Cast, desk: Client) -> None:
    answer = press(desk, leak(cast), cast.bob)
    assert answer.status_code == 303
    assert "不能接单" in desk.get(reverse("board")).content.decode()


@pytest.mark.parametrize("by", ["person", "trade", "state", "building", "nonsense"])
def test_every_way_to_look_costs_the_same_at_one_and_at_fifty(cast: Cast, desk: Client, by: str) -> None:
    def filled() -> int:
        url = f"{reverse('board')}?by={by}"
        desk.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(url).status_code == 200
        return len(queries)

    works.assign(leak(cast).pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    leak(cast, category="lamp")
    one = filled()
    crew = [cast.wen, *(person(cast, f"技工{n}", trade) for n, trade in enumerate(list(Trade) * 2))]
    for n in range(50):
        unit = make_unit(cast.community, f"{n % 5 + 4}-1-{n % 9 + 1:02d}{n // 9 + 1:02d}")
        order = leak(cast, unit_id=unit.pk, category=("leak", "lamp", "door")[n % 3])
        if n % 2:
            works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=crew[n % len(crew)].pk)
    assert filled() == one


def test_two_cards_in_a_cell_then_how_many_more(cast: Cast, desk: Client) -> None:
    for n in range(5):
        unit = make_unit(cast.community, f"4-1-{n + 1:02d}01")
        works.assign(leak(cast, unit_id=unit.pk).pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    page = desk.get(reverse("board"))
    (row,) = [r for g in page.context["board"].groups for r in g.rows]
    assert (len(row.cells[0].cards), row.cells[0].more) == (2, 3)
    more = desk.get(row.cells[0].more_url)
    assert len(more.context["table"].rows) == 5
    assert page.context["board"].columns[0] == ("待接单", 5)


def test_figures_count_orders_by_their_clocks(cast: Cast, desk: Client) -> None:
    page = desk.get(reverse("board"))
    assert [(words, count) for words, count, _tone in page.context["board"].figures] == [
        ("技工", "1"), ("将到期", "0"), ("超时", "0"), ("今日完工", "0"),
    ]  # fmt: skip


def test_the_list_of_orders_exports(cast: Cast, desk: Client) -> None:
    order = leak(cast)
    csv = b"".join(desk.get(f"{reverse('order_list')}?export=csv").streaming_content).decode("utf-8-sig")
    assert f"{order.case.number}-1" in csv
