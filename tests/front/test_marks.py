"""What stands beside a matter wherever it is listed: urgent, a late arrival, an unconfirmed back-entry, who has how much."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.cases.models import Case
from shouwen.duties import rulings
from shouwen.front import look
from shouwen.kernel import clock
from shouwen.reports.figures import value
from shouwen.reports.kpis import BY_CODE
from shouwen.reports.periods import Period
from shouwen.works import actions as works
from tests.cast import Cast, make_staff, make_unit
from tests.duties.facts import START
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db
URGENT, LATE, PROVE = "紧急", "到场逾期", "补录待确认"


@pytest.fixture(autouse=True)
def wall() -> Iterator[Any]:
    rulings.forget()
    with time_machine.travel(START, tick=False) as wall:
        yield wall
    rulings.forget()


def door(staff: object) -> Client:
    client = Client()
    client.force_login(staff)  # type: ignore[arg-type]
    return client


def words(tags: tuple[look.Tag, ...]) -> list[str]:
    return [tag.words for tag in tags]


def test_urgent_is_marked_at_the_desk_on_the_board_and_on_the_telephone(cast: Cast) -> None:
    leak(cast)  # a leak is an urgent category
    leak(cast, category="lamp", title="灯不亮", unit_id=None, space_id=cast.space.pk)
    desk, phone = door(cast.bob), door(cast.wen)
    rows = desk.get(reverse("desk", args=["pool"])).context["groups"]
    assert {r.title: words(r.tags) for g in rows for r in g.rows} == {"天花渗水": [URGENT], "灯不亮": []}
    pool = desk.get(reverse("board")).context["pool"]
    assert {c.title: words(c.tags) for c in pool} == {"天花渗水": [URGENT], "灯不亮": []}
    claimable = phone.get(reverse("my_orders")).context["claimable"]
    assert {o.title: words(o.tags) for o in claimable} == {"天花渗水": [URGENT], "灯不亮": []}
    page = desk.get(reverse("case_list"), {"urgent": "1"})
    (row,) = page.context["table"].rows
    assert words(row.cells[1].tags) == [URGENT]
    assert 'class="tag urgent"' in page.content.decode()


def test_who_came_too_late_is_marked_even_when_the_work_goes_on_in_time(cast: Cast, wall: Any) -> None:
    order, wen = leak(cast, category="lamp", title="灯不亮"), cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    desk, phone = door(cast.bob), door(cast.wen)
    chip = phone.get(reverse("my_orders")).context["job"].clock
    assert (chip.words, chip.suffix) == ("剩 2时到场", "到场"), (
        "before that, the clock says what it waits for"
    )
    row = desk.get(reverse("desk", args=["working"])).context["groups"][0].rows[0]
    assert (row.stage, words(row.tags)) == ("待到场", [])
    wall.shift(timedelta(hours=2, minutes=5))
    row = desk.get(reverse("desk", args=["overdue"])).context["groups"][0].rows[0]
    assert (row.stage, row.clock.words) == ("待到场", "超 5分")
    works.arrive(order.pk, actor=wen)
    row = desk.get(reverse("desk", args=["working"])).context["groups"][0].rows[0]
    assert (row.stage, row.clock.tone, words(row.tags)) == ("待完工", "running", [LATE])
    (slot,) = [
        c
        for g in desk.get(reverse("board")).context["board"].groups
        for r in g.rows
        for c in r.cells
        if c.cards
    ]
    assert words(slot.cards[0].tags) == [LATE]
    assert words(phone.get(reverse("my_orders")).context["job"].tags) == [LATE]
    for name in ("case_list", "order_list"):
        (found,) = desk.get(reverse(name), {"late_arrival": "1"}).context["table"].rows
        assert words(found.cells[1].tags) == [LATE]
    cases.cancel(order.case_id, actor=cast.actor(cast.bob), by="resident", words="自己修好了")
    (found,) = desk.get(reverse("case_list"), {"late": "1"}).context["table"].rows
    assert words(found.cells[1].tags) == [LATE], "the lateness is named once, by its own name"


def test_what_was_late_is_still_told_of_a_closed_case(cast: Cast, wall: Any) -> None:
    late, fine = (
        leak(cast, title="水槽漏水"),
        leak(cast, title="灯不亮", category="lamp", unit_id=None, space_id=cast.space.pk),
    )
    wall.shift(timedelta(hours=3))
    cases.cancel(late.case_id, actor=cast.actor(cast.bob), by="resident", words="自己修好了")
    desk = door(cast.bob)
    assert desk.get(reverse("case_list"), {"late": "1"}).context["table"].rows == (), (
        "nothing was owed any more"
    )
    works.claim(fine.pk, actor=cast.actor(cast.wen))
    cases.cancel(fine.case_id, actor=cast.actor(cast.bob), by="resident", words="亮了")
    (found,) = desk.get(reverse("case_list"), {"late": "1"}).context["table"].rows
    assert words(found.cells[1].tags) == ["曾超时"]
    page = desk.get(reverse("case", args=[fine.case_id])).context["case"]
    assert "曾超时" in words(page.tags)


def test_no_list_asks_more_for_more_rows(cast: Cast) -> None:
    desk = door(cast.bob)
    pages = (reverse("desk", args=["pool"]), reverse("case_list"), reverse("order_list"), reverse("board"))

    def asked() -> list[int]:
        numbers = []
        for page in pages:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert desk.get(page).status_code == 200
            numbers.append(len(queries))
        return numbers

    leak(cast)
    few = asked()
    for number in range(12):
        leak(cast, unit_id=make_unit(cast.community, f"3-2-{number + 1}01").pk)
    assert asked() == few


# --- a back-entry ------------------------------------------------------------------------------------------------------


def test_an_unconfirmed_back_entry_is_worked_on_and_counts_only_once_it_is_confirmed(
    cast: Cast, wall: Any
) -> None:
    """A leak does not wait for a signature: it is sent at once, is marked everywhere, and stands in no figure (C-4.3b.2)."""
    order = leak(cast, category="lamp", title="灯不亮", happened_at=clock.now() - timedelta(hours=3))
    wen = cast.actor(cast.wen)
    assert words(door(cast.wen).get(reverse("my_orders")).context["claimable"][0].tags) == [PROVE]
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    works.finish(order.pk, actor=wen, result="换了灯管", confirmed_by="梅女士")
    cases.follow_up(order.case_id, actor=cast.actor(cast.bob), outcome="reached", satisfied=True)
    month = Period.now("month", clock.ZONE)
    wall.shift(timedelta(days=2))
    for code in ("timeliness", "follow_up", "satisfaction", "rework"):
        found = value(BY_CODE[code], cast.community.pk, month)
        assert (found.denominator, found.back_entries) == (0, 1), code
    row = door(cast.bob).get(reverse("case_list")).context["table"].rows[0]
    assert words(row.cells[1].tags) == [PROVE]
    cases.confirm_back_entry(order.case_id, actor=cast.actor(cast.alice))
    for code in ("timeliness", "follow_up", "satisfaction", "rework"):
        found = value(BY_CODE[code], cast.community.pk, month)
        assert (found.denominator, found.back_entries) == (1, 0), code
    assert Case.objects.get(pk=order.case_id).opened_at == START - timedelta(hours=3)


# --- load --------------------------------------------------------------------------------------------------------------


def test_what_was_sent_and_not_accepted_is_no_leisure_and_no_work_in_hand(cast: Cast) -> None:
    gao = make_staff("gao", "高翔", "engineering", cast.community)
    one, two = leak(cast), leak(cast, category="door", title="门禁")
    works.assign(one.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    works.claim(two.pk, actor=cast.actor(gao))
    works.arrive(two.pk, actor=cast.actor(gao))
    rows = {r.name: r for g in door(cast.bob).get(reverse("board")).context["board"].groups for r in g.rows}
    wen, busy = rows["文师傅"], rows["高翔"]
    assert (wen.place, wen.load.shown, wen.load.load) == ("待接 1 单", "0+1", 0)
    assert (busy.place, busy.load.shown) == ("3-1-1201\u00a0• 作业中", "1")
    people = {p.name: p for p in door(cast.alice).get(reverse("overview")).context["on_post"]}
    assert (people["文师傅"].doing, people["高翔"].doing) == ("待接 1 单", "3-1-1201 作业中")
    three = leak(cast, title="又漏")
    form = door(cast.bob).get(reverse("order_move", args=[three.pk, "assign"])).context["form"]
    said = [label for _key, label in form.fields["technician_id"].choices]
    assert "手上 0 单\u00a0• 待接 1 单" in said[0]
    works.accept(one.pk, actor=cast.actor(cast.wen))
    rows = {r.name: r for g in door(cast.bob).get(reverse("board")).context["board"].groups for r in g.rows}
    assert (rows["文师傅"].place, rows["文师傅"].load.shown) == ("3-1-1201\u00a0• 已接单", "1")
