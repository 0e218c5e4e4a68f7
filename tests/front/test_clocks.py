"""Chips over closed hours: a clock that stands says its moment, an open one counts, a late one counts for everybody."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.duties.models import Duty
from shouwen.front import look
from shouwen.front.clocks import chip
from shouwen.front.drawing import clock as drawn
from shouwen.kernel import clock
from tests.cast import Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 9, 14)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return clock.at(day, time(hour, minute))


def dispatch(cast: Cast, when: datetime) -> Duty:
    """The duty to send somebody: half an hour of service time. The centre closes for the night."""
    with clock.standing_at(when):
        order = leak(cast, category="lamp")
    return Duty.objects.get(matter_id=order.case_id, clause__startswith="repair.dispatch")


def words(duty: Duty, when: datetime) -> str:
    with clock.standing_at(when):
        return chip(duty).words


def test_a_clock_that_stands_says_its_moment_and_the_same_an_hour_later(cast: Cast) -> None:
    duty = dispatch(cast, at(22, 21))
    assert duty.due_at
    due = clock.local(duty.due_at)
    assert due.date() == MONDAY + timedelta(days=1)
    assert words(duty, at(22, 30)) == words(duty, at(23, 30)) == f"明天 {due:%H:%M} 前"
    assert words(duty, at(1, 0, due.date())) == f"{due:%H:%M} 前"
    assert words(duty, duty.due_at - timedelta(minutes=10)) == "剩 10分"
    assert words(duty, duty.due_at + timedelta(hours=20)) == "超 20时", "late counts as the wall clock has it"
    with clock.standing_at(at(22, 30)):
        assert chip(duty).tone == "running", "two hours are two hours by the wall clock"


def test_the_browser_hears_from_when_on_it_counts(cast: Cast) -> None:
    duty = dispatch(cast, at(22, 21))
    assert duty.due_at
    with clock.standing_at(at(22, 30)):
        told = chip(duty)
        html = str(drawn(told))
    edges = [edge for edge, _said in told.until]
    assert edges == sorted(edges, reverse=True)
    assert told.left > edges[1] >= edges[2], "tomorrow is said until midnight, the hour until the doors open"
    assert told.left == int((duty.due_at - at(22, 30)).total_seconds())
    assert json.dumps(told.until[2][1], ensure_ascii=False).replace('"', "&quot;") in html


def test_an_open_stretch_counts_as_before(cast: Cast) -> None:
    duty = dispatch(cast, at(10))
    with clock.standing_at(at(10, 5)):
        told = chip(duty)
    assert (told.until, told.words[:1]) == ((), "剩")
    assert told.used == look.running_clock(told.left, told.total).used


def test_which_clock_counts_stands_in_the_why(cast: Cast, client: Client) -> None:
    duty = dispatch(cast, at(22, 21))
    with clock.standing_at(at(22, 30)):
        lines = dict(chip(duty, explain=True).why)
    assert lines["计时"] == "只算服务时间，下班和休息日不算"
    client.force_login(cast.bob)
    assert "只算服务时间" in client.get(reverse("case", args=[duty.matter_id])).content.decode()
