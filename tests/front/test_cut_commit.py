"""The line to the database is cut at COMMIT: whoever presses again has it done once, and is told so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse

from shouwen.cases.models import Case
from shouwen.kernel.models import Entry
from shouwen.works import actions as works
from shouwen.works.models import Order, State
from tests.api.conftest import Machine, make_token
from tests.cast import Cast, make_cast, make_staff
from tests.front.test_faults import address, picture, typed
from tests.front.test_pocket import Telephone
from tests.threads import at_once
from tests.wire import Moment, Wire, wire
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def line(crowd: Cast) -> Iterator[Wire]:
    with wire() as one:
        yield one


@pytest.fixture
def desk(crowd: Cast, line: Wire) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(crowd.bob)
    return client


each_moment = pytest.mark.parametrize("moment", get_args(Moment))


def pressed_twice(line: Wire, moment: Moment, press: Any) -> tuple[Any, Any]:
    """The answers to a press whose COMMIT is cut and to the same press again, as the server's threads make them."""
    answers = []
    for cut in (moment, None):
        close_old_connections()  # as the server does when a request begins
        line.cut_at = cut
        answers.append(press())
    assert line.cut == 1, "the line was not cut: nothing was tested"
    return answers[0], answers[1]


def said(answer: Any) -> str:
    return " ".join(str(one) for one in get_messages(answer.wsgi_request))


def verbs(matter: Any) -> list[str]:
    return list(Entry.objects.filter(matter_id=matter).order_by("id").values_list("verb", flat=True))


@each_moment
def test_an_intake(crowd: Cast, line: Wire, desk: Client, moment: Moment) -> None:
    body = typed()
    first, second = pressed_twice(line, moment, lambda: desk.post(address(crowd), body))
    assert (first.status_code, second.status_code) == (503, 303)
    assert "再提交一次" in first.content.decode()
    case = Case.objects.get()
    assert case.number in said(second)
    assert ("没有再登一遍" in said(second)) is (moment == "after")
    assert (verbs(case.pk), Order.objects.count()) == (["case:registered", "order:opened"], 1)
    assert case.number.endswith("-001"), "no number is lost with the line"


@each_moment
def test_an_intake_of_a_machine(crowd: Cast, line: Wire, moment: Moment) -> None:
    machine = Machine(make_token(crowd.community, crowd.bob))
    body = {"kind": "repair", "category": "leak", "title": "漏水", "unit_id": crowd.unit.pk}
    first, second = pressed_twice(line, moment, lambda: machine.post("/cases", body, key="k1"))
    assert (first.status_code, first.json()["code"]) == (503, "api.line_cut")
    assert second.status_code == (200 if moment == "after" else 201)
    case = Case.objects.get()
    assert (second.json()["id"], verbs(case.pk)) == (str(case.pk), ["case:registered", "order:opened"])


@each_moment
def test_a_move_of_a_case(crowd: Cast, line: Wire, desk: Client, moment: Moment) -> None:
    case = leak(crowd).case
    url = reverse("case_move", args=[case.pk, "cancel"])
    body = {"by": "resident", "words": "自己修好了", "version": case.version}
    first, second = pressed_twice(line, moment, lambda: desk.post(url, body))
    assert (first.status_code, second.status_code) == (503, 303), second.content.decode()
    assert ("没有再办一遍" in said(second)) is (moment == "after")
    assert verbs(case.pk).count("case:cancelled") == 1


@each_moment
def test_a_note_with_its_picture(crowd: Cast, line: Wire, desk: Client, moment: Moment) -> None:
    """It names no version to overwrite; the one that it was drawn on is its key."""
    case = leak(crowd).case
    url = reverse("case_move", args=[case.pk, "note"])

    def press() -> Any:
        return desk.post(url, {"words": "邻居说是上楼", "photos": picture(), "key": case.version})

    first, second = pressed_twice(line, moment, press)
    assert (first.status_code, second.status_code) == (503, 303)
    assert (case.notes.count(), case.photos.count()) == (1, 1)
    desk.post(url, {"words": "再记一句", "key": case.version})
    assert case.notes.count() == 2, "other words are another press"


@each_moment
@pytest.mark.parametrize("door", ["form", "board"])
def test_sending_an_order(crowd: Cast, line: Wire, desk: Client, moment: Moment, door: str) -> None:
    order = leak(crowd)
    known = {"version": order.version}
    url, body = {
        "form": (reverse("order_move", args=[order.pk, "assign"]), {"technician_id": crowd.wen.pk} | known),
        "board": (reverse("board_assign"), {"order": order.pk, "person": crowd.wen.pk} | known),
    }[door]
    first, second = pressed_twice(line, moment, lambda: desk.post(url, body))
    assert (first.status_code, second.status_code) == (503, 303), second.content.decode()
    assert ("没有再办一遍" in said(second)) is (moment == "after")
    assert verbs(order.case_id).count("order:dispatched") == 1
    other = make_staff("gao", "高翔", "engineering", crowd.community)
    person = "technician_id" if door == "form" else "person"
    assert desk.post(url, body | {person: other.pk}).status_code == 409, "another choice is no second try"


@each_moment
def test_many_rows_at_once(crowd: Cast, line: Wire, desk: Client, moment: Moment) -> None:
    """The first row's COMMIT is cut; pressing the same form again finds it done, or does it."""
    orders = [leak(crowd), leak(crowd)]
    body = {"go": "1", "key": uuid4().hex, "technician_id": crowd.wen.pk}
    body["ids"] = [f"{order.pk}:{order.version}" for order in orders]
    url = reverse("order_bulk", args=["assign"])
    first, second = pressed_twice(line, moment, lambda: desk.post(url, body))
    assert (first.status_code, second.status_code) == (503, 303), second.content.decode()
    assert [verbs(order.case_id).count("order:dispatched") for order in orders] == [1, 1]


@each_moment
def test_an_action_out_of_a_pocket(crowd: Cast, line: Wire, moment: Moment) -> None:
    order = works.claim(leak(crowd).pk, actor=crowd.actor(crowd.wen))
    phone = Telephone(crowd)
    first, second = pressed_twice(
        line, moment, lambda: phone.send(order, "arrive", key="k" * 32, version=order.version)
    )
    assert first.status_code == 503, "the telephone keeps it and tries again"
    assert (second.status_code, second.json()["version"]) == (200, order.version + 1)
    assert verbs(order.case_id).count("order:arrived") == 1
    order.refresh_from_db()
    assert order.state == State.ON_SITE


def test_a_form_pressed_twice_at_the_same_moment_is_made_once(crowd: Cast) -> None:
    order = leak(crowd)
    url = reverse("order_move", args=[order.pk, "assign"])
    clients = [Client() for _ in range(3)]
    for client in clients:
        client.force_login(crowd.bob)
    body = {"technician_id": crowd.wen.pk, "version": order.version}
    answers = at_once(3, lambda n: clients[n].post(url, body))
    assert [getattr(a, "status_code", a) for a in answers] == [303] * 3
    assert verbs(order.case_id).count("order:dispatched") == 1


def test_who_pressed_before_is_told_even_where_the_row_is_out_of_sight(crowd: Cast) -> None:
    """The same press again when the order has gone on: neither a conflict nor a refusal."""
    order = works.claim(leak(crowd).pk, actor=crowd.actor(crowd.wen))
    client, url = Client(), reverse("order_move", args=[order.pk, "refuse"])
    client.force_login(crowd.wen)
    body = {"reason": "skill", "words": "不会修这种阀", "version": order.version}
    assert client.post(url, body).status_code == 303
    works.assign(order.pk, actor=crowd.actor(crowd.bob), technician_id=make_staff(
        "gao", "高翔", "engineering", crowd.community).pk)  # fmt: skip
    again = client.post(url, body)
    assert again.status_code == 303
    assert "没有再办一遍" in said(again)
    client.force_login(crowd.bob)
    assert client.post(url, body).status_code in (403, 409), "somebody else's press is not mine"
