"""What holds for every service calendar: overnight, around the clock, holidays, make-up days, over a leap day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shouwen.duties.book.syntax import Rung
from shouwen.duties.times import rung_at, shifted
from shouwen.kernel.calendar import ALL_DAY, ServiceCalendar
from shouwen.kernel.clock import Span, end_of_day, parse_duration

BOUNDS = datetime(2028, 2, 18), datetime(2028, 3, 3)  # noqa: DTZ001 - hypothesis wants naive bounds
NIGHT = ((time(22), time(6)),)
DESK = ((time(8, 30), time(12)), (time(13, 30), time(18)))
CLOCKS = st.sampled_from(["service", "elapsed", "calendar"])
SPANS = st.sampled_from(["PT30M", "PT5H", "PT40H", "P0D", "P1D", "P3D", "P1BD", "P2BD", "P1M", "P1DT2H"]).map(
    parse_duration
)

moments = st.datetimes(*BOUNDS).map(lambda d: d.replace(tzinfo=UTC))
walls = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
intervals = st.tuples(walls, walls)
hours = st.one_of(
    st.just(()), st.just(DESK), st.just(NIGHT), st.just(ALL_DAY), st.lists(intervals, max_size=3).map(tuple)
)
days = st.dates(date(2028, 2, 17), date(2028, 3, 8))  # close together, around the leap day
amounts = st.integers(1, 60 * 3600).map(lambda s: timedelta(seconds=s))


@st.composite
def calendars(draw) -> ServiceCalendar:
    week = tuple(draw(hours) for _ in range(7))
    assume(any(week))
    off = draw(st.frozensets(days, max_size=8))
    makeup = draw(st.frozensets(days, max_size=8))
    return ServiceCalendar(1, week, off - makeup, makeup, draw(hours))


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, st.timedeltas(timedelta(0), timedelta(days=9)), SPANS, CLOCKS)
def test_who_begins_later_is_never_due_earlier(calendar, start, later, span, which):
    assert calendar.add(start, span, which) <= calendar.add(start + later, span, which)


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, amounts, amounts, st.integers(0, 9), st.integers(0, 9), CLOCKS)
def test_who_has_longer_is_never_due_earlier(calendar, start, less, more, few, many, which):
    assert calendar.add(start, less, which) < calendar.add(start, less + more, which)
    for unit in ("days", "business_days", "months"):
        short, long = Span(**{unit: few}), Span(**{unit: few + many})
        assert calendar.add(start, short, which) <= calendar.add(start, long, which)


@settings(max_examples=200, deadline=None)
@given(calendars(), moments, st.one_of(amounts, SPANS), st.integers(0, 7), intervals)
def test_another_interval_never_makes_a_deadline_later(calendar, start, amount, line, interval):
    if line == 7:
        wider = replace(calendar, holiday_hours=(*calendar.holiday_hours, interval))
    else:
        week = tuple((*h, interval) if n == line else h for n, h in enumerate(calendar.week))
        wider = replace(calendar, week=week)
    assert wider.add(start, amount) <= calendar.add(start, amount)


RUNGS = [Rung(80), Rung(100), Rung(150), Rung(offset=parse_duration("P1D"))]


@settings(max_examples=200, deadline=None)
@given(calendars(), moments, amounts, days)
def test_another_holiday_makes_no_rung_of_the_ladder_earlier(calendar, start, amount, feast):
    held = replace(calendar, holidays=calendar.holidays | {feast}, workdays=calendar.workdays - {feast})
    budget = int(amount.total_seconds())
    for rung in RUNGS:
        with_it, without = (
            rung_at(rung, one.add(start, amount), budget, "service", one)
            if rung.percent >= 100 or rung.offset
            else one.add(start, amount * 4 // 5)
            for one in (held, calendar)
        )
        assert with_it >= without


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, SPANS, days, CLOCKS)
def test_another_holiday_makes_no_promise_of_days_due_earlier(calendar, start, span, feast, which):
    held = replace(calendar, holidays=calendar.holidays | {feast}, workdays=calendar.workdays - {feast})
    assert held.add(start, span, which) >= calendar.add(start, span, which)
    assert held.roll(feast, "later") >= calendar.roll(feast, "later")


@settings(max_examples=150, deadline=None)
@given(
    calendars(),
    moments,
    st.one_of(amounts, SPANS),
    amounts,
    st.timedeltas(timedelta(0), timedelta(days=4)),
    CLOCKS,
)
def test_a_pause_that_ends_at_once_changes_nothing_and_none_brings_a_deadline_forward(
    calendar, start, amount, after, long, which
):
    due = calendar.add(start, amount, which)
    stopped = start + after
    assert shifted(stopped, due, stopped, which, calendar) == due
    assert shifted(stopped, due, stopped + long, which, calendar) >= due
    if stopped < due and long and isinstance(amount, timedelta):
        left = calendar.between(stopped, due, which)
        moved = shifted(stopped, due, stopped + long, which, calendar)
        assert calendar.between(stopped + long, moved, which) == left or moved == due


@settings(max_examples=150, deadline=None)
@given(calendars(), moments, moments, st.lists(moments, max_size=4))
def test_any_split_of_a_stretch_gives_the_same_sum(calendar, first, last, cuts):
    points = sorted([first, last, *cuts])
    parts = [calendar.between(a, b) for a, b in pairwise(points)]
    assert sum(parts, timedelta(0)) == calendar.between(points[0], points[-1])


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, amounts, st.integers(0, 6), st.data())
def test_an_interval_cut_in_two_is_the_same_calendar(calendar, start, amount, line, data):
    assume(calendar.week[line])
    begins, ends = calendar.week[line][0]
    length = ((ends.hour - begins.hour) * 60 + ends.minute - begins.minute) % 1440 or 1440
    assume(length > 1)
    cut = (begins.hour * 60 + begins.minute + data.draw(st.integers(1, length - 1))) % 1440
    middle = time(cut // 60, cut % 60)
    assume(
        begins.hour * 60 + begins.minute < cut
    )  # past midnight the second half would belong to the next day
    halves = ((begins, middle), (middle, ends), *calendar.week[line][1:])
    assert replace(calendar, week=tuple(halves if n == line else h for n, h in enumerate(calendar.week))).add(
        start, amount
    ) == calendar.add(start, amount)


@pytest.mark.parametrize(
    ("start", "span", "due"),
    [
        ("2028-02-28", "P1D", "2028-02-29"),
        ("2028-02-29", "P1Y", "2029-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
    ],
)
def test_a_leap_day_is_a_day(start: str, span: str, due: str) -> None:
    calendar = ServiceCalendar(1, (NIGHT,) * 7)
    moment = datetime.fromisoformat(f"{start}T04:00+00:00")
    assert calendar.add(moment, parse_duration(span), "calendar") == end_of_day(date.fromisoformat(due))


def test_a_make_up_day_is_open_whenever_some_weekday_is() -> None:
    week = (((time(8), time(12)),), ((time(10), time(18)),), NIGHT, (), (), (), ())
    calendar = ServiceCalendar(1, week, workdays=frozenset({date(2028, 2, 5)}))
    assert calendar.hours(date(2028, 2, 5)) == ((time(8), time(18)), (time(22), time(6)))


def test_a_holiday_keeps_of_its_weekday_what_lies_in_the_holiday_hours() -> None:
    feast = frozenset({date(2028, 2, 7), date(2028, 2, 6)})
    calendar = ServiceCalendar(1, (DESK,) * 5 + ((), ()), feast, holiday_hours=((time(9), time(14)),))
    assert calendar.hours(date(2028, 2, 7)) == ((time(9), time(12)), (time(13, 30), time(14)))
    assert calendar.hours(date(2028, 2, 6)) == (), "a Sunday that is closed stays closed"
    always = ServiceCalendar(1, (ALL_DAY,) * 7, feast, holiday_hours=ALL_DAY)
    assert always.hours(date(2028, 2, 6)) == ALL_DAY
