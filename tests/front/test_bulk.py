"""Ticked rows and one move: each row for itself, each with its result, what was refused tried again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases.models import Case, Note
from shouwen.kernel.models import Entry
from shouwen.people.models import Post
from shouwen.works import actions as works
from shouwen.works.models import Order, State
from tests.cases.test_actions import take
from tests.cast import Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def shown(desk: Client, url: str, rows: list[Any]) -> dict[str, Any]:
    """What the form posts after the ticks: its hidden values, a list for each name."""
    page = desk.post(url, {"ids": [str(row.pk) for row in rows], "next": "/cases/?kind=inquiry"})
    assert page.status_code == 200
    given: dict[str, Any] = {}
    for name, value in page.context["hidden"]:
        given.setdefault(name, []).append(value)
    return given


def test_every_row_is_moved_and_one_that_cannot_be_says_why(cast: Cast, desk: Client) -> None:
    url = reverse("case_bulk", args=["hand"])
    first, second, theirs = (take(cast, cast.bob) for _n in range(3))
    Case.objects.filter(pk=theirs.pk).update(handler=cast.alice)
    given = shown(desk, url, [first, second, theirs]) | {"handler_id": cast.alice.pk, "words": "请跟进"}
    page = desk.post(url, given)
    assert [(r.ok, r.why) for r in page.context["bulk_results"][:2]] == [(True, "转派")] * 2
    refused = page.context["bulk_results"][2]
    assert (refused.ok, refused.why) == (False, f"已经由 {cast.alice.name} 经办。")
    assert "转派：2 件办好了，1 件没办成" in page.content.decode()
    assert [value for name, value in page.context["hidden"] if name == "ids"] == [f"{theirs.pk}:1"]
    assert page.context["form"]["words"].value() == "请跟进"
    assert Note.objects.filter(words="请跟进").count() == 2
    assert Case.objects.get(pk=first.pk).handler == cast.alice


def test_the_same_press_again_changes_nothing(cast: Cast, desk: Client) -> None:
    url, case = reverse("case_bulk", args=["urge"]), take(cast, cast.bob)
    given = shown(desk, url, [case]) | {"words": "住户又来电"}
    for _press in range(2):
        answer = desk.post(url, given, follow=True)
        assert answer.redirect_chain[-1][0] == "/cases/?kind=inquiry"
        assert "催办：1 件都办好了" in answer.content.decode()
    assert Case.objects.get(pk=case.pk).urges == 1


def test_a_row_that_somebody_changed_meanwhile_is_refused_and_tried_again(cast: Cast, desk: Client) -> None:
    url, orders = reverse("order_bulk", args=["assign"]), [leak(cast), leak(cast, title="又漏了")]
    given = shown(desk, url, orders) | {"technician_id": cast.wen.pk}
    works.claim(orders[1].pk, actor=cast.actor(cast.wen))
    page = desk.post(url, given)
    assert [r.ok for r in page.context["bulk_results"]] == [True, False]
    assert "刚被别人改过" in page.context["bulk_results"][1].why
    again: dict[str, Any] = {}
    for name, value in page.context["hidden"]:
        again.setdefault(name, []).append(value)
    answer = desk.post(url, again | {"technician_id": cast.wen.pk})
    assert answer.status_code == 303
    assert {o.state for o in Order.objects.all()} == {State.OFFERED}
    assert Entry.objects.filter(verb="order:dispatched", matter_id=orders[0].case_id).count() == 1


def test_urgent_and_a_form_without_its_words(cast: Cast, desk: Client) -> None:
    case, url = take(cast, cast.bob), reverse("case_bulk", args=["urgent"])
    desk.post(url, shown(desk, url, [case]))
    assert Case.objects.get(pk=case.pk).urgent
    url = reverse("case_bulk", args=["cancel"])
    page = desk.post(url, shown(desk, url, [case]) | {"by": "centre"})
    assert page.status_code == 422
    assert "words" in page.context["form"].errors
    assert page.context["form"]["by"].value() == "centre"


def test_rows_out_of_sight_and_too_many_are_left_alone(cast: Cast, desk: Client) -> None:
    url, case = reverse("case_bulk", args=["urge"]), take(cast, cast.bob)
    stranger = Client()
    stranger.force_login(cast.charlie)
    answer = stranger.post(url, {"ids": [str(case.pk)], "go": "1"}, follow=True)
    assert "先在清单里勾选要办的。" in answer.content.decode()
    many = [str(case.pk), *(f"01900000-0000-7000-8000-{n:012d}" for n in range(50))]
    assert "一次最多 50 件。" in desk.post(url, {"ids": many, "go": "1"}, follow=True).content.decode()
    assert Case.objects.get(pk=case.pk).urges == 0


def test_a_list_offers_only_what_the_viewer_may(cast: Cast, desk: Client) -> None:
    take(cast, cast.bob)
    table = desk.get(reverse("case_list")).context["table"]
    assert [action.name for action in table.bulk] == ["hand", "urge", "cancel", "urgent"]
    assert [a.name for a in desk.get(reverse("order_list")).context["table"].bulk] == ["assign", "recall"]
    desk.force_login(cast.wen)
    assert desk.get(reverse("order_list")).context["table"].bulk == ()


def test_the_board_ticks_what_can_be_sent_and_comes_back_to_how_it_was_looked_at(
    cast: Cast, desk: Client
) -> None:
    waiting, offered, on_site = (leak(cast, title=f"漏水 {n}") for n in range(3))
    works.assign(offered.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    works.claim(on_site.pk, actor=cast.actor(cast.wen))
    works.arrive(on_site.pk, actor=cast.actor(cast.wen))
    home = f"{reverse('board')}?by=trade"
    page = desk.get(home).content.decode()
    ticks = {str(o.pk): f'id="tick-{o.pk}"' in page for o in (waiting, offered, on_site)}
    assert list(ticks.values()) == [True, True, False]
    url = reverse("order_bulk", args=["recall"])
    form = desk.post(url, {"ids": [str(waiting.pk), str(offered.pk)], "next": home})
    given: dict[str, Any] = {}
    for name, value in form.context["hidden"]:
        given.setdefault(name, []).append(value)
    told = desk.post(url, given)
    assert [r.ok for r in told.context["bulk_results"]] == [False, True], "what waits cannot be taken back"
    assert Order.objects.get(pk=offered.pk).state == State.POOL
    assert dict(told.context["hidden"])["next"] == home


def test_who_may_not_send_sees_no_ticks(cast: Cast, client: Client) -> None:
    leak(cast)
    Post.objects.filter(code="front_desk").update(rights=["case.see", "order.see"])
    client.force_login(cast.bob)
    page = client.get(reverse("board"))
    assert page.context["bulk"] == ()
    assert "data-tick" not in page.content.decode()
