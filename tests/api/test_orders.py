"""Orders at the machine door."""

from __future__ import annotations

import pytest

from shouwen.works import actions
from shouwen.works.models import Order
from tests.api.conftest import Machine
from tests.cases.test_actions import take
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(cast: Cast) -> Order:
    return Order.objects.get(case=take(cast, cast.bob, kind="repair", category="leak", title="厨房漏水"))


def test_an_order_is_listed_shown_and_sent_out(cast: Cast, machine: Machine, order: Order) -> None:
    (row,) = machine.get("/orders", state="pool", active="true").json()["rows"]
    assert (row["id"], row["number"], row["title"]) == (str(order.pk), f"{order.case.number}-1", "厨房漏水")
    told = machine.get(f"/orders/{order.pk}").json()
    assert {m["name"] for m in told["moves"]} == {"assign", "claim"}
    answer = machine.post(f"/orders/{order.pk}/moves/assign", {"technician_id": cast.wen.pk, "version": 1})
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["state"], answer.json()["technician"]) == ("offered", cast.wen.name)
    assert machine.get("/orders", technician_id=cast.wen.pk).json()["rows"][0]["id"] == str(order.pk)
    assert machine.get("/orders", active="false").json()["rows"] == []


def test_a_machine_has_no_hands(cast: Cast, machine: Machine, order: Order) -> None:
    answer = machine.post(f"/orders/{order.pk}/moves/claim")
    assert (answer.status_code, answer.json()["code"]) == (422, "order.no_skill")
    actions.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    answer = machine.post(f"/orders/{order.pk}/moves/accept")
    assert (answer.status_code, answer.json()["code"]) == (422, "order.not_yours")
    assert Order.objects.get(pk=order.pk).state == "offered"


def test_somebody_without_the_skill_or_from_elsewhere_is_not_sent(
    cast: Cast, machine: Machine, order: Order
) -> None:
    for nobody in (cast.charlie.pk, cast.bob.pk, 10**30, "x"):
        assert machine.post(f"/orders/{order.pk}/moves/assign", {"technician_id": nobody}).status_code == 422


def test_a_stale_order_is_told_as_it_stands(cast: Cast, machine: Machine, order: Order) -> None:
    actions.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    answer = machine.post(f"/orders/{order.pk}/moves/assign", {"technician_id": cast.wen.pk, "version": 1})
    assert answer.status_code == 409
    assert answer.json()["facts"]["current"]["state"] == "offered"


def test_another_community_sees_no_order(stranger: Machine, order: Order) -> None:
    assert stranger.get("/orders").json()["rows"] == []
    assert stranger.get(f"/orders/{order.pk}").status_code == 404
    assert stranger.post(f"/orders/{order.pk}/moves/assign", {"technician_id": 1}).status_code == 404
