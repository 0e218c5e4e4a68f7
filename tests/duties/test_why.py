"""The pop-over says why, the clock says how much is left, and a calendar that changes leaves old promises alone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils.translation import override

from shouwen.duties import kept, rulings
from shouwen.duties.actions import set_policy
from shouwen.duties.models import Duty, KeptCalendar
from shouwen.duties.why import clock_state, earliest, explain, why
from shouwen.estate.hours import set_hours
from shouwen.kernel.journal import switchboard
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from tests.cast import Cast
from tests.duties.facts import START, Matter, after, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast) -> Matter:
    return Matter(cast.community.pk)


def arrival(case: Matter) -> Duty:
    case.tell("order:dispatched", technician=9, handler=9, how="assigned", urgent=False)
    return case.duty("repair.arrive")


def test_the_why_tells_rule_start_pauses_due_and_ladder(case: Matter) -> None:
    arrival(case)
    case.tell("order:paused", when=after(30), reason="neighbour")
    case.tell("order:resumed", when=after(60))
    with override("zh-hans"), time_machine.travel(after(70), tick=False):
        reasons = explain(case.duty("repair.arrive"))
        lines = dict(reasons.lines)
        pairs = why(case.duty("repair.arrive"))
    assert reasons.title == "到场"
    assert lines["规则"] == (
        "“已派给技工”（不紧急）后，经办人在 2 小时内完成“到场”。只算服务时间，下班和休息日不算，"
        "“已停表”到“已继续”之间不计时。系统里有“技工已到场”或“工程已完工”的记录，就算办到。"
    )
    assert lines["起算"] == "07-22 10:00"
    assert lines["停表"] == "07-22 10:30 – 07-22 11:00 等邻户开门"
    assert lines["应于"] == "07-22 12:30"
    assert reasons.source == "A-0.8、A-3.1.10 第 1 版"
    assert (
        reasons.ladder == "80% 提醒本人 07-22 12:06 → 100% 报上一级 07-22 12:30 → 150% 再报上一级 07-22 13:30"
    )
    assert pairs[-1][1] == reasons.ladder


def test_a_pause_that_lasts_says_until_now(case: Matter) -> None:
    arrival(case)
    case.tell("order:paused", when=after(30), reason="parts")
    with override("zh-hans"):
        assert ("停表", "07-22 10:30 – 现在 等备件") in [
            (w, v.replace("2026-", "")) for w, v in explain(case.duty("repair.arrive")).lines
        ]


def test_a_clause_that_was_taken_out_still_has_a_due_time(case: Matter) -> None:
    duty = arrival(case)
    duty.clause = "gone.since"
    assert len(explain(duty).lines) == 1
    assert clock_state(duty, after(60)).left == timedelta(minutes=60)


def test_the_clock_stands_still_while_the_centre_is_closed(case: Matter) -> None:
    evening = START + timedelta(hours=7, minutes=30)  # 17:30
    case.tell("order:dispatched", when=evening, technician=9, handler=9, how="x", urgent=False)
    duty = case.duty("repair.arrive")
    night = clock_state(duty, evening + timedelta(hours=5))
    assert (night.kind, night.left, night.total, night.used) == (
        "open",
        timedelta(minutes=90),
        timedelta(hours=2),
        25,
    )
    assert clock_state(duty, evening + timedelta(days=2)).kind == "over"
    case.tell("order:paused", when=evening + timedelta(minutes=10), reason="parts")
    held = clock_state(case.duty("repair.arrive"), evening + timedelta(days=9))
    assert (held.kind, held.left, held.reason) == ("paused", timedelta(minutes=110), "parts")
    case.tell("order:arrived", when=evening + timedelta(days=9))
    assert clock_state(case.duty("repair.arrive")).kind == "met"


def test_new_service_hours_bind_new_duties_only(cast: Cast, case: Matter, monkeypatch) -> None:
    monkeypatch.setattr(switchboard, "reactions", {"hours:changed": [rulings.on_calendar_changed]})
    before = arrival(case)
    with time_machine.travel(after(1), tick=False):
        set_hours(cast.community.pk, actor=cast.actor(cast.alice), week=[((time(8, 30), time(11, 0)),)] * 7)
    rulings.forget()
    assert KeptCalendar.objects.filter(community=cast.community).count() == 2
    second = Matter(cast.community.pk)
    second.tell("order:dispatched", when=after(2), technician=9, handler=9, how="x", urgent=False)
    new = second.duty("repair.arrive")
    assert (before.calendar_version, new.calendar_version) == (1, 2)
    assert new.due_at == START + timedelta(hours=23, minutes=32), (
        "58 minutes today, the rest tomorrow from 08:30"
    )
    case.tell("order:paused", when=after(30), reason="parts")
    case.tell("order:resumed", when=after(90))
    assert case.duty("repair.arrive").due_at == after(180), "the old promise keeps its own calendar"
    kept.keep_calendar(cast.community.pk)
    assert KeptCalendar.objects.filter(community=cast.community).count() == 2, "nothing new to keep"


def test_policies_are_set_by_right_and_with_sense(cast: Cast) -> None:
    here = cast.community.pk
    with pytest.raises(NotAllowed):
        set_policy(here, "follow_up", "P2D", actor=cast.actor(cast.bob), reason="人手不足")
    with pytest.raises(NotFound):
        set_policy(here, "follow_up", "P2D", actor=cast.actor(cast.charlie), reason="人手不足")
    for key, value in (
        ("no.such", "P1D"),
        ("follow_up", "-P1D"),
        ("follow_up", "soon"),
        ("follow_up", "P9999D"),
    ):
        with pytest.raises(Refused):
            set_policy(here, key, value, actor=cast.actor(cast.alice), reason="人手不足")
    set_policy(here, "follow_up", "P2BD", actor=cast.actor(cast.alice), reason="人手不足")
    later = START.replace(year=2030)
    assert rulings.policy_value(here, "follow_up", later).iso == "P2BD"
    assert rulings.policy_value(cast.other.pk, "follow_up", later).iso == "P1D"
    assert rulings.policy_value(here, "follow_up").iso == "P1D", "it counts in ten seconds"


def test_a_proof_that_comes_too_early_is_known(case: Matter) -> None:
    arrival(case)
    case.tell("order:finished", public=True)
    with time_machine.travel(after(10), tick=False):
        assert earliest(case.pk, "order:arrived") is None
        Duty.objects.filter(clause="repair.inspect").update(opens_at=after(60))
        assert earliest(case.pk, "order:inspected") is None, "a clause without hold asks for no wait"


def test_lists_of_what_is_owed(cast: Cast) -> None:
    mine, late, post = (Matter(cast.community.pk) for _ in range(3))
    mine.tell_all([registered("inquiry", first_responder=cast.bob.pk)], when=after(60))
    late.tell_all([registered("inquiry", first_responder=cast.wen.pk)])
    post.tell_all(
        [registered("complaint", first_responder=cast.bob.pk, handler=cast.bob.pk, about=cast.alice.pk)]
    )
    bob, alice, charlie = (cast.actor(s) for s in (cast.bob, cast.alice, cast.charlie))
    with time_machine.travel(after(130), tick=False):
        assert {d.clause for d in Duty.objects.visible_to(bob).open().owed_by(bob)} == {
            "inquiry.answer",
            "complaint.reply",
        }
        supervises = bob.posts[cast.community.pk] | {"cs_supervisor"}
        assert Duty.objects.visible_to(bob).open().owed_by(bob, supervises).count() == 3
        assert [d.matter_id for d in Duty.objects.visible_to(alice).overdue()] == [late.pk], (
            "not what is about her"
        )
        assert [d.matter_id for d in Duty.objects.visible_to(bob).due_within(2)] == [mine.pk]
        assert not Duty.objects.visible_to(charlie).exists()


def test_a_due_time_in_a_year_not_announced_says_that_it_is_provisional(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell_all(
        [registered("complaint", first_responder=1, handler=1)],
        when=datetime(2027, 3, 1, 2, tzinfo=UTC),
    )
    duty = case.duty("complaint.reply")
    assert "日历" not in dict(why(duty)), "three days on the calendar need no holidays"
    duty.span = "P2BD"
    assert dict(why(duty))["日历"] == "2027 年的假日产生时还没公布，按平日暂算"
