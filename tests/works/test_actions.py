"""Orders through their actions: the board, the site, inspection, what a reopened case does to its order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.cases import actions as cases
from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.kernel.refusals import Refused
from shouwen.works import actions as works
from shouwen.works.models import Order, State
from tests.cases.test_actions import take, verbs
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def leak(cast: Cast, **changes: object) -> Order:
    case = take(cast, cast.bob, **({"kind": "repair", "category": "leak", "title": "天花渗水"} | changes))
    return Order.objects.get(case=case)


def finished(cast: Cast, order: Order) -> Order:
    wen = cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    return works.finish(order.pk, actor=wen, result="换了角阀", minutes=40, confirmed_by="梅女士")


def test_every_repair_is_on_the_board_from_its_first_second(cast: Cast) -> None:
    order = leak(cast)
    assert (order.state, order.trade, order.turn) == (State.POOL, "plumbing", 1)
    assert verbs(order.case) == ["case:registered", "order:opened"]


def test_from_dispatch_to_satisfied(cast: Cast) -> None:
    order = leak(cast)
    wen, bob = cast.actor(cast.wen), cast.actor(cast.bob)
    works.assign(order.pk, actor=bob, technician_id=cast.wen.pk)
    works.accept(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    works.pause(order.pk, actor=wen, reason="neighbour")
    works.resume(order.pk, actor=wen)
    order = works.finish(order.pk, actor=wen, result="疏通", minutes=30, confirmed_by="梅女士")
    assert order.state == State.CLOSED
    case = cases.follow_up(order.case_id, actor=bob, outcome="reached", satisfied=True)
    assert case.state == "satisfied"
    assert verbs(case) == [
        "case:registered", "order:opened", "order:dispatched", "case:started", "order:accepted", "order:arrived",
        "order:paused", "order:resumed", "order:finished", "case:done", "follow_up:tried", "case:satisfied",
    ]  # fmt: skip


def test_a_refused_order_is_back_on_the_board_with_its_reason(cast: Cast) -> None:
    order = leak(cast)
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    with pytest.raises(Refused, match="原因"):
        works.refuse(order.pk, actor=cast.actor(cast.wen), words=" ")
    order = works.refuse(order.pk, actor=cast.actor(cast.wen), words="在另一户走不开")
    assert (order.state, order.technician_id) == (State.POOL, None)
    case = Case.objects.get(pk=order.case_id)
    assert (case.state, case.handler_id) == ("received", None)
    assert case.notes.get().words == "在另一户走不开"


def test_not_satisfied_puts_a_new_order_on_the_board(cast: Cast) -> None:
    order = finished(cast, leak(cast))
    cases.follow_up(
        order.case_id, actor=cast.actor(cast.bob), outcome="reached", satisfied=False, words="还在滴"
    )
    again = Order.objects.get(case_id=order.case_id, turn=2)
    assert again.state == State.POOL


def test_public_work_is_inspected_by_somebody_else(cast: Cast) -> None:
    order = finished(cast, leak(cast, unit_id=None, space_id=cast.space.pk))
    assert order.state == State.FINISHED
    assert Case.objects.get(pk=order.case_id).state == "working"
    order = works.inspect(order.pk, actor=cast.actor(cast.alice), passed=True)
    assert order.state == State.CLOSED
    assert Case.objects.get(pk=order.case_id).state == "done"


def test_failed_inspection_opens_the_next_turn(cast: Cast) -> None:
    order = finished(cast, leak(cast, unit_id=None, space_id=cast.space.pk))
    works.inspect(order.pk, actor=cast.actor(cast.alice), passed=False, words="灯还闪")
    assert Order.objects.get(case_id=order.case_id, turn=2).state == State.POOL


def test_finishing_in_a_home_needs_confirmation_or_why_not(cast: Cast) -> None:
    order = leak(cast)
    wen = cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    with pytest.raises(Refused, match="确认"):
        works.finish(order.pk, actor=wen, result="好了")
    assert works.finish(order.pk, actor=wen, result="好了", unconfirmed_why="家里没人").state == State.CLOSED


def test_cancelling_the_case_takes_the_order_off_the_board(cast: Cast) -> None:
    order = leak(cast)
    cases.cancel(order.case_id, actor=cast.actor(cast.bob), by="resident", words="自己好了")
    assert Order.objects.get(pk=order.pk).state == State.CANCELLED


@pytest.mark.parametrize("public", [False, True])
def test_a_second_repair_within_thirty_days_is_rework(cast: Cast, public: bool) -> None:
    """Of the same home, or of the same public area, and of the same category."""
    place = {"unit_id": None, "space_id": cast.space.pk} if public else {}
    first = finished(cast, leak(cast, **place))
    if public:
        works.inspect(first.pk, actor=cast.actor(cast.alice), passed=True)
    assert leak(cast, **place).case.rework_of_id == first.case_id
    assert leak(cast, category="lamp", **place).case.rework_of_id is None
    assert (
        leak(cast, **({} if public else {"unit_id": None, "space_id": cast.space.pk})).case.rework_of_id
        is None
    )
    Case.objects.filter(pk=first.case_id).update(done_at=clock.now() - timedelta(days=31))
    assert leak(cast, **place).case.rework_of_id is None


def test_who_repaired_does_not_ask_whether_it_was_good(cast: Cast) -> None:
    """The first responder who also did the work: the call goes to the desk (E-1.5.1)."""
    from shouwen.people.models import Grant

    Grant.objects.create(staff=cast.bob, post_id="engineering", community=cast.community)
    order = leak(cast)
    bob = cast.actor(cast.bob)
    works.claim(order.pk, actor=bob)
    works.arrive(order.pk, actor=bob)
    works.finish(order.pk, actor=bob, result="好了", confirmed_by="梅女士")
    with pytest.raises(Refused, match="自己办的事"):
        cases.follow_up(order.case_id, actor=bob, outcome="reached", satisfied=True)
    assert cases.follow_up(order.case_id, actor=cast.actor(cast.alice), outcome="reached", satisfied=True)
