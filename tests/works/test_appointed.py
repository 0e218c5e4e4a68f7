"""An agreed time takes the place of the policy's: at dispatch, by a later promise, by carrying over. On record, by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.duties import rulings
from shouwen.duties.models import Duty
from shouwen.front.caseview import of_step
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import Refused
from shouwen.portal.progress import visit
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import Cast
from tests.duties.facts import START
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wall() -> Iterator[Any]:
    rulings.forget()
    with time_machine.travel(START, tick=False) as wall:
        yield wall
    rulings.forget()


def arrivals(order: Any) -> dict[str, str]:
    rows = Duty.objects.filter(matter_id=order.case_id, clause__startswith="repair.arrive").order_by(
        "born_at"
    )
    return {d.clause: d.state for d in rows}


def owed(order: Any) -> Duty:
    return Duty.objects.open().get(matter_id=order.case_id, clause__startswith="repair.arrive")


def test_who_is_sent_is_expected_when_it_was_agreed(cast: Cast) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    order = leak(cast, category="lamp", preferred_at=tomorrow)
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    assert (owed(order).clause, owed(order).due_at, owed(order).owner_id) == (
        "repair.arrive.agreed",
        tomorrow,
        cast.wen.pk,
    )
    assert Entry.objects.get(matter_id=order.case_id, verb="order:appointed").data == {
        "due": tomorrow.isoformat()
    }


def test_a_later_promise_moves_the_arrival_and_coming_then_is_in_time(cast: Cast, wall: Any) -> None:
    order, wen = leak(cast), cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    assert owed(order).clause == "repair.arrive.urgent"
    evening = clock.now() + timedelta(hours=6)
    cases.promise(order.case_id, actor=cast.actor(cast.bob), preferred_at=evening)
    assert (owed(order).clause, owed(order).due_at) == ("repair.arrive.agreed", evening)
    wall.shift(timedelta(hours=5))
    works.arrive(order.pk, actor=wen)
    assert arrivals(order) == {"repair.arrive.urgent": "void", "repair.arrive.agreed": "met"}


def test_a_carried_order_is_owed_on_the_day_it_was_carried_to_and_completion_runs_on(
    cast: Cast, wall: Any
) -> None:
    order, wen = leak(cast, category="lamp"), cast.actor(cast.wen)
    works.claim(order.pk, actor=wen)
    works.arrive(order.pk, actor=wen)
    finish = Duty.objects.open().get(matter_id=order.case_id, clause="repair.finish").due_at
    works.carry(order.pk, actor=wen, on=clock.today() + timedelta(days=2), words="等备件")
    due = owed(order)
    assert (due.clause, clock.local(due.due_at).date()) == (
        "repair.arrive.agreed",
        clock.today() + timedelta(days=2),
    )
    assert Duty.objects.open().get(matter_id=order.case_id, clause="repair.finish").due_at == finish, (
        "B-BB.20"
    )
    wall.shift(timedelta(days=4))
    works.arrive(order.pk, actor=wen)
    assert arrivals(order)["repair.arrive.agreed"] == "late"


def test_a_part_of_a_day_is_kept_until_its_end_and_both_sides_read_the_same_hours(
    cast: Cast, client: Client, wall: Any
) -> None:
    morning = clock.at(clock.today() + timedelta(days=1), time(9))
    noon = morning + timedelta(hours=3)
    order = leak(cast, category="lamp", preferred_at=morning, preferred_until=noon)
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    assert (owed(order).clause, owed(order).due_at) == ("repair.arrive.agreed", noon)
    client.force_login(cast.bob)
    facts = client.get(reverse("case", args=[order.case_id])).context["case"].facts
    assert f"约 {clock.local(morning):%m-%d} 09:00–12:00" in [fact.text for fact in facts]
    order = Order.objects.select_related("case").get(pk=order.pk)
    assert visit(order.case, order, "文师傅") == "文师傅会在 明天 09:00–12:00 上门"
    wall.move_to(morning + timedelta(hours=2))
    assert visit(order.case, order, "文师傅") == "文师傅会在 09:00–12:00 上门"
    works.accept(order.pk, actor=cast.actor(cast.wen))
    works.arrive(order.pk, actor=cast.actor(cast.wen))
    assert arrivals(order)["repair.arrive.agreed"] == "met"


def test_the_step_shows_the_clock_that_runs_and_not_the_one_that_fell_away(cast: Cast) -> None:
    """The policy's clock and the agreed one are born in one press, in either order."""
    order = leak(cast, category="lamp", preferred_at=clock.now() + timedelta(days=1))
    works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    for ended, state in ((False, "open"), (True, "met")):
        if ended:
            works.accept(order.pk, actor=cast.actor(cast.wen))
            works.arrive(order.pk, actor=cast.actor(cast.wen))
        duties = list(Duty.objects.filter(matter_id=order.case_id, clause__startswith="repair.arrive"))
        assert sorted(d.state for d in duties) == sorted([state, "void"])
        for found in (duties, duties[::-1]):
            duty = of_step("arrive", found)
            assert duty is not None
            assert (duty.clause, duty.state) == ("repair.arrive.agreed", state)
    assert of_step("arrive", []) is None


def test_a_moment_agreed_later_is_no_window_any_more(cast: Cast) -> None:
    morning = clock.at(clock.today() + timedelta(days=1), time(9))
    order = leak(cast, category="lamp", preferred_at=morning, preferred_until=morning + timedelta(hours=3))
    works.claim(order.pk, actor=cast.actor(cast.wen))
    evening = morning + timedelta(hours=10)
    cases.promise(order.case_id, actor=cast.actor(cast.bob), preferred_at=evening)
    assert owed(order).due_at == evening
    assert Order.objects.get(pk=order.pk).case.preferred_until is None


@pytest.mark.parametrize("hours", [0, -1, 15])
def test_a_window_ends_on_its_day_and_after_it_began(cast: Cast, hours: int) -> None:
    morning = clock.at(clock.today() + timedelta(days=1), time(9))
    window = {"preferred_at": morning, "preferred_until": morning + timedelta(hours=hours)}
    with pytest.raises(Refused, match="同一天"):
        leak(cast, **window)
    case = leak(cast).case
    with pytest.raises(Refused, match="同一天"):
        cases.promise(case.pk, actor=cast.actor(cast.bob), **window)


def test_no_hours_are_wished_for_that_were_over_when_the_matter_was_brought(cast: Cast, wall: Any) -> None:
    """What was brought earlier and is written down now may wish for hours of that day."""
    before = clock.now() - timedelta(hours=3)
    with pytest.raises(Refused, match="不能早于现在"):
        leak(cast, preferred_at=before)
    with pytest.raises(Refused, match="不能早于现在"):
        leak(cast, preferred_at=before, preferred_until=before + timedelta(hours=1))
    order = leak(cast, preferred_at=before, preferred_until=before + timedelta(hours=4))
    assert order.case.preferred_at == before
    late = leak(cast, preferred_at=before, happened_at=before - timedelta(hours=1))
    assert late.case.preferred_at == before


def test_the_desk_agrees_hours_and_they_are_owed_until_their_end(
    cast: Cast, client: Client, wall: Any
) -> None:
    """Typed as a moment and the time of day at which the hours end; hours that run already may be agreed."""
    client.force_login(cast.bob)
    order = leak(cast, category="lamp")
    works.claim(order.pk, actor=cast.actor(cast.wen))
    url = reverse("case_move", args=[order.case_id, "promise"])
    begins = clock.local(clock.now()).replace(hour=9, minute=0)
    typed = {"preferred_at": f"{begins:%Y-%m-%dT%H:%M}"}
    refused = client.post(url, typed | {"preferred_until": "08:30", "words": "先打电话"})
    assert refused.status_code == 422
    assert "同一天" in refused.content.decode()
    assert 'value="08:30"' in refused.content.decode()
    wall.move_to(begins + timedelta(minutes=20))
    assert client.post(url, typed).status_code == 422, "a moment that has passed"
    assert client.post(url, typed | {"preferred_until": "11:30"}).status_code == 303
    assert owed(order).due_at == begins + timedelta(hours=2, minutes=30)
    page = client.get(reverse("case", args=[order.case_id])).context["case"]
    assert f"约 {begins:%m-%d} 09:00–11:30" in [fact.text for fact in page.facts]
    told = ["".join(part.text for part in item.sentence) for item in page.timeline]
    assert any(sentence.endswith(f"与住户约好 {begins:%m-%d} 09:00–11:30") for sentence in told)
