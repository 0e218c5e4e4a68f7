"""The rooms' own actions move the duties: a repair and a complaint from the first word to satisfied."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from shouwen.cases import actions as cases
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case
from shouwen.duties import rulings
from shouwen.duties.models import Duty
from shouwen.duties.rebuilding import rebuild
from shouwen.kernel.deliveries import deliver
from shouwen.notices.models import Notice
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import Cast, make_staff
from tests.duties.facts import START, after, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def duties_on():
    """Here the reactions of the house stay on."""
    rulings.forget()
    yield
    rulings.forget()


def states(case: Case) -> dict[str, str]:
    return {d.clause: d.state for d in Duty.objects.filter(matter_id=case.pk).order_by("born_at", "entry_id")}


def take(cast: Cast, **changes: object) -> Case:
    given: dict[str, object] = {
        "community_id": cast.community.pk, "kind": "repair", "category": "lamp", "title": "灯不亮",
        "unit_id": cast.unit.pk,
    } | changes  # fmt: skip
    return register(Intake(**given), actor=cast.actor(cast.bob))  # type: ignore[arg-type]


def test_a_repair_is_owed_step_by_step(cast: Cast) -> None:
    bob, wen = cast.actor(cast.bob), cast.actor(cast.wen)
    with time_machine.travel(START, tick=False) as now:
        case = take(cast)
        order = Order.objects.get(case=case)
        assert states(case) == {"repair.dispatch": "open", "repair.finish": "open"}
        now.move_to(after(10))
        works.assign(order.pk, actor=bob, technician_id=cast.wen.pk)
        assert states(case) == {"repair.dispatch": "met", "repair.finish": "open", "repair.arrive": "open"}
        assert set(Duty.objects.open().values_list("owner_id", flat=True)) == {cast.wen.pk}
        works.accept(order.pk, actor=wen)
        works.refuse(order.pk, actor=wen, words="没有梯子")
        assert states(case)["repair.arrive"] == "void"
        assert states(case)["repair.dispatch"] == "open"
        assert Duty.objects.get(clause="repair.finish").owner_id is None
        works.assign(order.pk, actor=bob, technician_id=cast.wen.pk)
        works.accept(order.pk, actor=wen)
        works.arrive(order.pk, actor=wen)
        works.pause(order.pk, actor=wen, reason="parts")
        assert states(case)["repair.finish"] == "paused"
        now.move_to(after(60))
        works.resume(order.pk, actor=wen)
        now.move_to(after(90))
        works.finish(order.pk, actor=wen, result="换了灯泡", minutes=20, confirmed_by="梅")
        assert states(case)["repair.finish"] == "met"
        call = Duty.objects.open().get(matter_id=case.pk)
        assert (call.clause, call.owner_id) == ("follow_up", cast.bob.pk)
        cases.follow_up(case.pk, actor=bob, outcome="reached", satisfied=False, words="还是不亮")
        assert states(case)["follow_up"] == "met"
        assert {d.clause for d in Duty.objects.open()} == {"case.redo", "repair.dispatch", "repair.finish"}
        order = Order.objects.get(case=case, turn=2)
        works.claim(order.pk, actor=wen)
        works.arrive(order.pk, actor=wen)
        works.finish(order.pk, actor=wen, result="换了灯座", minutes=20, confirmed_by="梅")
        cases.follow_up(case.pk, actor=bob, outcome="reached", satisfied=True)
        assert not Duty.objects.open().exists()
        deliver()
    before = rows()
    rebuild()
    assert rows() == before
    codes = set(Notice.objects.values_list("staff__username", "code"))
    assert {("wen", "order.assigned"), ("bob", "order.refused")} <= codes
    assert ("wen", "order.refused") not in codes


def test_a_complaint_about_an_employee_never_reaches_that_employee(cast: Cast) -> None:
    gao = make_staff("gao", "高", "office_manager", cast.community)
    with time_machine.travel(START, tick=False) as now:
        case = take(cast, kind="complaint", category="attitude", title="态度不好", about_id=cast.alice.pk)
        assert states(case) == {"complaint.classify": "open", "complaint.reply": "open"}
        now.move_to(after(5))
        cases.classify(case.pk, actor=cast.actor(gao), level=1, severity="major")
        assert Duty.objects.get(clause="complaint.solve").owner_id == gao.pk
        from shouwen.duties.sweep import sweep

        now.move_to(START + timedelta(days=40))
        assert sweep() == 2
        deliver()
    assert not Notice.objects.filter(staff=cast.alice).exists()
    assert not Duty.objects.visible_to(cast.actor(cast.alice)).exists()
    assert Notice.objects.filter(staff=gao).exists()


def test_a_cancelled_repair_owes_nothing(cast: Cast) -> None:
    case = take(cast)
    cases.cancel(case.pk, actor=cast.actor(cast.bob), by="resident", words="自己修好了")
    assert set(states(case).values()) == {"void"}


def test_a_back_entry_counts_from_when_it_happened_once_confirmed(cast: Cast) -> None:
    with time_machine.travel(START, tick=False) as now:
        case = take(cast, happened_at=after(-60))
        assert Duty.objects.get(clause="repair.dispatch").due_at == after(30)
        now.move_to(after(2))
        cases.confirm_back_entry(case.pk, actor=cast.actor(cast.alice))
    assert Duty.objects.get(clause="repair.dispatch").due_at == after(-30)
    assert Duty.objects.get(clause="repair.finish").born_at == after(-60)
    before = rows()
    rebuild()
    assert rows() == before
