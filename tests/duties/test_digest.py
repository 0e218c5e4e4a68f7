"""One digest in the morning: what is owed and late, once, and never only to the late one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from shouwen.duties import digest
from shouwen.duties.models import Digest
from shouwen.estate.hours import set_day
from shouwen.kernel.clock import end_of_day
from shouwen.notices.models import Notice
from shouwen.people.models import Absence
from tests.cast import Cast, make_cast, make_staff
from tests.duties.facts import local, pass_time, started
from tests.duties.test_sweep import inquiry
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 23)


def morning(text: str = "08:31", day: date = DAY) -> int:
    with time_machine.travel(local(f"{day} {text}"), tick=False):
        return digest.tell()


def told() -> dict[str, dict[str, int]]:
    rows = Notice.objects.filter(code=digest.CODE)
    return {row.staff.username: row.data for row in rows.select_related("staff")}


def test_the_late_one_and_who_stands_above_are_told_the_same_morning(cast: Cast) -> None:
    inquiry(cast, cast.bob)  # due at noon of the day before
    inquiry(cast, cast.bob)
    assert morning("08:29") == 0
    assert morning() == 2
    assert told() == {
        "bob": {"due": 0, "late": 2, "below": 0}, "alice": {"due": 0, "late": 0, "below": 2},
    }  # fmt: skip


def test_never_twice_a_day_however_often_it_is_asked_and_again_the_next(cast: Cast) -> None:
    inquiry(cast, cast.bob)
    assert morning() == 2
    assert [morning(text) for text in ("08:32", "12:00", "23:59")] == [0, 0, 0]
    assert morning("08:00", DAY - timedelta(days=1)) == 0, "a clock that falls back"
    assert morning(day=DAY + timedelta(days=1)) == 2
    assert Notice.objects.filter(code=digest.CODE, staff=cast.bob).count() == 2


def test_what_is_not_urgent_is_told_here_and_nowhere_else(cast: Cast) -> None:
    started(cast.community.pk, DAY)
    pass_time(local(f"{DAY} 08:00"))
    assert not Notice.objects.exists()
    assert morning() == 2
    assert told()["alice"]["due"] > 0


def test_a_closed_day_has_none_and_the_next_tells_all(cast: Cast) -> None:
    inquiry(cast, cast.bob)
    with time_machine.travel(local("2026-07-20 09:00"), tick=False):
        set_day(cast.community.pk, actor=cast.actor(cast.alice), on=DAY, kind="holiday")
        from shouwen.duties import kept, rulings

        kept.keep_calendar(cast.community.pk)
        rulings.forget()
    morning()
    assert told() == {}
    morning(day=DAY + timedelta(days=1))
    assert told()["bob"]["late"] == 1


def test_who_is_away_is_stood_in_for(cast: Cast) -> None:
    dora = make_staff("dora", "多拉", "front_desk", cast.community)
    Absence.objects.create(staff=cast.bob, substitute=dora, since=DAY, until=DAY)
    inquiry(cast, cast.bob)
    morning()
    assert set(told()) == {"dora", "alice"}
    assert end_of_day(DAY) > local(f"{DAY} 08:31")


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_tell_once() -> None:
    cast = make_cast()
    inquiry(cast, cast.bob)
    with time_machine.travel(local(f"{DAY} 08:31"), tick=False):
        done = at_once(2, lambda _n: digest.tell())
    assert sum(n for n in done if isinstance(n, int)) == 2, done
    assert Notice.objects.filter(code=digest.CODE, staff=cast.bob).count() == 1
    assert Digest.objects.count() == 2
