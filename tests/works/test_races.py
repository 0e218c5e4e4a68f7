"""Two pairs of hands on one order, with real threads and connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from shouwen.cases import actions as cases
from shouwen.cases.merging.actions import merge
from shouwen.cases.models import Case
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import Refused, Stale
from shouwen.people.models import Skill, Trade
from shouwen.works import actions as works
from shouwen.works.models import Order, State
from tests.cast import Cast, make_cast, make_staff
from tests.threads import at_once
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


def test_one_of_many_technicians_claims_and_the_others_hear_who(crowd: Cast) -> None:
    order, others = leak(crowd), []
    for n in range(4):
        others.append(make_staff(f"tech{n}", f"技工{n}", "engineering", crowd.community))
        Skill.objects.create(staff=others[-1], trade=Trade.PLUMBING)
    actors = [crowd.actor(s) for s in (crowd.wen, *others)]
    told = at_once(len(actors), lambda n: works.claim(order.pk, actor=actors[n]))
    won = [result for result in told if isinstance(result, Order)]
    lost = [result for result in told if isinstance(result, Refused)]
    assert (len(won), len(lost)) == (1, 4)
    winner = Order.objects.select_related("technician").get(pk=order.pk)
    assert winner.state == State.ACCEPTED
    assert {str(no) for no in lost} == {f"这张单刚被 {winner.technician.name} 接走了。"}
    assert Entry.objects.filter(matter_id=order.case_id, verb="order:dispatched").count() == 1


def test_one_of_two_desks_sends_and_the_other_is_stale(crowd: Cast) -> None:
    order = leak(crowd)
    second = make_staff("gao", "高翔", "engineering", crowd.community)
    jobs = [(crowd.actor(crowd.bob), crowd.wen.pk), (crowd.actor(crowd.alice), second.pk)]
    told = at_once(
        2,
        lambda n: works.assign(order.pk, actor=jobs[n][0], version=order.version, technician_id=jobs[n][1]),
    )
    (won,) = [result for result in told if isinstance(result, Order)]
    (lost,) = [result for result in told if isinstance(result, Stale)]
    assert lost.status == 409
    assert Order.objects.get(pk=order.pk).technician_id == won.technician_id
    assert Entry.objects.filter(matter_id=order.case_id, verb="order:dispatched").count() == 1


def test_the_double_press_of_one_technician_claims_once(crowd: Cast) -> None:
    order, wen = leak(crowd), crowd.actor(crowd.wen)
    told = at_once(2, lambda _n: works.claim(order.pk, actor=wen))
    (lost,) = [result for result in told if isinstance(result, Refused)]
    assert str(lost) == "这张单已经在你手上。"


def cancelled(crowd: Cast, order: Order) -> Callable[[], Any]:
    alice = crowd.actor(crowd.alice)
    return lambda: cases.cancel(order.case_id, actor=alice, by="resident", words="自己修好了")


def merged(crowd: Cast, order: Order) -> Callable[[], Any]:
    kept = leak(crowd, title="先报的").case_id
    return lambda: merge(order.case_id, actor=crowd.actor(crowd.alice), into=kept)


@pytest.mark.parametrize("ending", [cancelled, merged])
def test_a_case_ends_while_its_order_is_sent_and_nobody_waits_for_ever(
    crowd: Cast, monkeypatch: pytest.MonkeyPatch, ending: Callable[[Cast, Order], Callable[[], Any]]
) -> None:
    """Each holds what the other needs, unless both take case and order in the same order."""
    order = leak(crowd)
    end = ending(crowd, order)
    held = {"case": threading.Event(), "order": threading.Event()}

    def meets(name: str, mine: str, theirs: str) -> None:
        real = getattr(works, name)

        def act(*given: Any, **more: Any) -> Any:
            held[mine].set()
            held[theirs].wait(1)
            return real(*given, **more)

        monkeypatch.setattr(works, name, act)

    meets("hand_to", "order", "case")
    meets("cancel", "case", "order")
    bob = crowd.actor(crowd.bob)
    jobs = (lambda: works.assign(order.pk, actor=bob, technician_id=crowd.wen.pk), end)
    told = at_once(2, lambda n: jobs[n]())
    assert not [one for one in told if isinstance(one, Exception) and not isinstance(one, Refused)], told
    order.refresh_from_db()
    assert order.state == (State.CANCELLED if ending is cancelled or merged_first(told) else State.OFFERED)


def merged_first(told: list[Any]) -> bool:
    """A merge is refused where somebody is on the way; sending is refused where the case was merged."""
    sent, ended = told
    assert isinstance(sent, Refused) is not isinstance(ended, Refused), told
    return isinstance(sent, Refused)


def test_two_cases_are_merged_both_ways_while_both_orders_are_sent(crowd: Cast) -> None:
    """Four presses at the same moment: whatever the order, each is made or refused, and all agrees in the end."""
    bob, alice = crowd.actor(crowd.bob), crowd.actor(crowd.alice)
    for turn in range(6):
        one, two = leak(crowd, title=f"一 {turn}"), leak(crowd, title=f"二 {turn}")
        presses = (
            lambda one=one, two=two: merge(one.case_id, actor=alice, into=two.case_id),
            lambda one=one, two=two: merge(two.case_id, actor=alice, into=one.case_id),
            lambda one=one: works.assign(one.pk, actor=bob, technician_id=crowd.wen.pk),
            lambda two=two: works.assign(two.pk, actor=bob, technician_id=crowd.wen.pk),
        )
        told = at_once(4, lambda n, presses=presses: presses[n]())
        assert not [no for no in told if isinstance(no, Exception) and not isinstance(no, Refused)], told
        for order in Order.objects.filter(pk__in=[one.pk, two.pk]).select_related("case"):
            gone = order.case.state == "merged"
            assert (order.state == State.CANCELLED) is gone, (order.state, order.case.state)
        assert Case.objects.filter(pk__in=[one.case_id, two.case_id], state="merged").count() <= 1
