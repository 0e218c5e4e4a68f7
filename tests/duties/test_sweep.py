"""What runs out is told: rung by rung, once, and never only to the one who is late."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from shouwen.duties.models import Duty
from shouwen.duties.sweep import Ladder, sweep
from shouwen.kernel.models import Entry
from shouwen.notices.models import Notice
from shouwen.people.models import Fallback, Staff
from tests.cast import Cast, make_cast, make_staff
from tests.duties.facts import START, Matter, after, registered

pytestmark = pytest.mark.django_db


def at(minute: float, run=sweep) -> int:
    with time_machine.travel(after(minute), tick=False):
        return run()


def told(code: str = "") -> set[str]:
    rows = Notice.objects.filter(code=code) if code else Notice.objects.all()
    return set(rows.values_list("staff__username", flat=True))


def inquiry(cast: Cast, responder: Staff, **data: object) -> Matter:
    case = Matter(cast.community.pk)
    case.tell_all([registered("inquiry", first_responder=responder.pk, **data)])
    return case


def test_the_ladder_is_climbed_one_rung_at_a_time(cast: Cast) -> None:
    boss = make_staff("gao", "高", "office_manager", cast.community)
    case = inquiry(cast, cast.bob)
    assert at(95) == 0
    assert at(97) == 1
    assert told() == told("duty.warned") == {"bob"}
    assert case.duty("inquiry.answer").alarm.at == after(120)
    assert at(119) == 0
    assert at(121) == 1
    assert told("duty.late") == {"bob", "alice"}
    assert at(179) == 0
    assert at(181) == 1
    assert told("duty.long_late") == {"alice", "gao"}
    assert boss.notices.count() == 1
    assert case.duty("inquiry.answer").alarm.at is None
    assert at(99999) == 0
    rungs = list(
        Entry.objects.filter(verb="duty:escalated").order_by("id").values_list("data__rung", flat=True)
    )
    assert rungs == [1, 2, 3]
    notice = Notice.objects.get(code="duty.warned")
    assert (notice.matter_id, notice.data["clause"]) == (case.pk, "inquiry.answer")


def test_a_clock_that_jumps_raises_the_highest_rung_once(cast: Cast) -> None:
    inquiry(cast, cast.bob)
    assert at(10000) == 1
    assert not told("duty.warned")
    assert told("duty.long_late")
    assert at(5) == at(10001) == 0
    assert Entry.objects.filter(verb="duty:escalated").count() == 1


def test_a_clock_that_falls_back_tells_nobody_twice(cast: Cast) -> None:
    inquiry(cast, cast.bob)
    assert at(97) == 1
    assert at(1) == at(98) == 0
    assert Notice.objects.count() == 1


def test_a_duty_that_has_ended_or_stands_still_is_silent(cast: Cast) -> None:
    inquiry(cast, cast.bob).tell("case:answered", when=after(5))
    Matter(cast.community.pk).tell_all(
        [
            ("order:dispatched", {"technician": 1, "handler": 1, "urgent": False}),
            ("order:paused", {"reason": "parts"}),
        ]
    )
    assert at(9000) == 0


def test_the_employee_complained_of_hears_nothing(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell_all(
        [registered("complaint", first_responder=cast.alice.pk, handler=cast.bob.pk, about=cast.alice.pk)]
    )
    gao = make_staff("gao", "高", "office_manager", cast.community)
    assert at(99999) == 2
    assert told() == {"gao"} | ({"bob"} & told())
    assert "alice" not in told()
    assert gao.notices.count() == 2


def test_a_late_duty_is_never_told_only_to_the_one_who_is_late(cast: Cast) -> None:
    """Alice is the highest post and the fallback; the one who may supervise hears of her delay."""
    make_staff("zhao", "赵", "customer_assistant", cast.community)
    other = make_staff("qian", "钱", "office_director", cast.community)
    case = inquiry(cast, cast.alice)
    hearers = Ladder().hearers(case.duty("inquiry.answer"), 2)
    assert cast.alice.pk in hearers
    assert other.pk in hearers


def test_a_post_without_a_holder_climbs_and_never_ends_with_nobody(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell("order:finished", public=True)
    ladder = Ladder()
    duty = case.duty("repair.inspect")
    assert ladder.owners(duty) == (cast.alice.pk,), "no customer assistant: the post above answers"
    duty.owner_role = "quality_centre"
    assert Ladder().owners(duty) == (cast.alice.pk,), "nobody at all: the fallback"
    duty.owner_role, duty.owner_id = "handler", None
    assert Ladder().owners(duty) == (cast.alice.pk,)
    Fallback.objects.all().delete()
    assert Ladder().owners(duty) == (cast.alice.pk,), "no fallback either: who manages the staff"
    assert at(99999) == 1


def test_a_complaint_about_the_fallback_goes_past_the_fallback(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell_all([registered("complaint", first_responder=cast.bob.pk, about=cast.alice.pk)])
    reply = case.duty("complaint.reply")
    assert cast.alice.pk not in Ladder().owners(reply)
    gao = make_staff("gao", "高", "office_manager", cast.community)
    assert Ladder().owners(reply) == (gao.pk,)
    assert Ladder().hearers(reply, 3) == (gao.pk,)


def test_a_notice_to_somebody_who_has_left_breaks_nothing(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell_all([registered("inquiry", first_responder=10**9)])
    cast.bob.is_active = False
    cast.bob.save()
    inquiry(cast, cast.bob)
    assert at(121) == 2
    assert "bob" not in told()
    assert "alice" in told()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_the_same_time_tell_once() -> None:
    cast = make_cast()
    for _ in range(40):
        inquiry(cast, cast.bob)
    gate = threading.Barrier(2)
    counts: list[int] = []

    def run() -> None:
        gate.wait()
        counts.append(sweep())
        connection.close()

    with time_machine.travel(START + timedelta(minutes=121), tick=False):
        threads = [threading.Thread(target=run) for _ in range(2)]
        [t.start() for t in threads]
        [t.join() for t in threads]
    assert sum(counts) == 40
    assert Entry.objects.filter(verb="duty:escalated").count() == 40
    assert Notice.objects.filter(staff=cast.bob).count() == 40
    assert Duty.objects.filter(alarm__rung=2).count() == 40
