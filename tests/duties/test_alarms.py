"""Alarms: they ring for what is still owed, fall silent for the rest, and came over from an older release."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module

import pytest
from django.db import connection

from shouwen.duties.models import Alarm, Duty
from shouwen.duties.rebuilding import rebuild
from shouwen.kernel.models import Entry
from tests.cast import Cast
from tests.duties.facts import Matter, after
from tests.duties.test_absorb import dispatched
from tests.duties.test_sweep import at, inquiry, told

pytestmark = pytest.mark.django_db


def ringing() -> dict[str, datetime]:
    rows = Duty.objects.filter(alarm__at__isnull=False).values_list("clause", "alarm__at")
    return dict(rows)


def test_an_alarm_that_rings_for_nothing_is_silenced_without_a_word(cast: Cast) -> None:
    inquiry(cast, cast.bob).tell("case:answered", when=after(5))
    assert ringing() == {"inquiry.answer": after(96)}, "an end takes no alarm back"
    assert at(97) == 0
    assert (ringing(), told()) == ({}, set())
    assert not Entry.objects.filter(verb="duty:escalated").exists()


def test_a_clock_that_goes_on_after_its_alarm_fell_silent_rings_again(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell("order:dispatched", **dispatched())
    case.tell("order:paused", when=after(30), reason="neighbour")
    assert at(100) == 0
    assert "repair.arrive" not in ringing()
    case.tell("order:resumed", when=after(130))
    assert ringing()["repair.arrive"] == after(196), "80 % of two hours, a hundred minutes later"


def test_what_is_rebuilt_rings_only_for_what_is_owed(cast: Cast) -> None:
    inquiry(cast, cast.bob).tell("case:answered", when=after(5))
    inquiry(cast, cast.bob)
    assert at(97) == 1
    rebuild()
    assert ringing() == {"inquiry.answer": after(120)}
    assert sorted(Alarm.objects.values_list("rung", flat=True)) == [0, 1]


def test_duties_of_an_older_release_keep_their_moment_and_their_rung(cast: Cast) -> None:
    """The moments stood in the duties themselves."""
    inquiry(cast, cast.bob)
    assert at(97) == 1
    inquiry(cast, cast.bob).tell("case:answered", when=after(5))
    before = set(Alarm.objects.values_list("duty_id", "at", "rung").filter(rung__gt=0))
    with connection.cursor() as cursor:
        cursor.execute(
            "alter table duties_duty add next_at timestamptz, add rung smallint not null default 0"
        )
        cursor.execute(
            "update duties_duty d set rung = a.rung, next_at = case when d.ended_at is null then a.at end"
            " from duties_alarm a where a.duty_id = d.id"
        )
        cursor.execute("delete from duties_alarm")
        cursor.execute(import_module("shouwen.duties.migrations.0008_alarm").COPY)
    assert set(Alarm.objects.values_list("duty_id", "at", "rung")) == before
    assert at(121) == 1
