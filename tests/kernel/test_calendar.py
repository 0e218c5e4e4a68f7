from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shouwen.kernel import clock
from shouwen.kernel.calendar import ALL_DAY, ServiceCalendar, add_months, holidays_of
from shouwen.kernel.clock import Span, parse_duration

SHANGHAI = ZoneInfo("Asia/Shanghai")
DESK = ((time(8, 30), time(12)), (time(13, 30), time(18)))
NIGHT = ((time(22), time(6)),)
NATIONAL = frozenset(date(2026, 10, day) for day in range(1, 8))
OFFICE = ServiceCalendar(1, (DESK,) * 5 + ((), ()), NATIONAL, frozenset({date(2026, 10, 10)}))
DAILY = ServiceCalendar(1, (((time(8), time(20)),),) * 7)
ALWAYS = ServiceCalendar(1, (ALL_DAY,) * 7)
GATE = ServiceCalendar(1, (NIGHT,) * 7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def end(text: str) -> datetime:
    return clock.end_of_day(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("start", "amount", "which", "due"),
    [
        # whole days end with the day
        ("2026-11-20 10:00", "P0D", "service", end("2026-11-20")),
        ("2026-11-20 10:00", "P0D", "elapsed", end("2026-11-20")),
        ("2026-11-20 10:00", "P3D", "calendar", end("2026-11-23")),
        ("2026-11-20 10:00", "P3D", "service", end("2026-11-25")),  # Friday: Monday, Tuesday, Wednesday
        ("2026-11-20 10:00", "P2BD", "service", end("2026-11-24")),
        ("2026-11-20 10:00", "P2BD", "calendar", end("2026-11-24")),
        ("2026-11-21 10:00", "P1BD", "service", end("2026-11-23")),  # Saturday
        ("2026-09-30 17:00", "P1BD", "service", end("2026-10-08")),  # over the National Day
        ("2026-10-09 17:00", "P1BD", "service", end("2026-10-10")),  # a make-up Saturday
        ("2026-01-31 10:00", "P1M", "calendar", end("2026-02-28")),
        ("2028-01-31 10:00", "P1M", "calendar", end("2028-02-29")),
        ("2026-11-20 10:00", "P1Y", "calendar", end("2027-11-20")),
        ("2026-11-20 10:00", "-P7D", "calendar", end("2026-11-13")),
        ("2026-11-23 10:00", "-P1D", "service", end("2026-11-20")),
        # elapsed keeps the wall time
        ("2026-11-20 10:00", "P3D", "elapsed", at("2026-11-23 10:00")),
        ("2026-01-31 10:00", "P1M", "elapsed", at("2026-02-28 10:00")),
        # hours
        ("2026-11-20 10:00", "PT24H", "elapsed", at("2026-11-21 10:00")),
        ("2026-11-20 10:00", "PT24H", "calendar", at("2026-11-21 10:00")),
        ("2026-11-20 10:00", "PT2H", "service", at("2026-11-20 12:00")),
        ("2026-11-20 10:00", "PT3H", "service", at("2026-11-20 14:30")),
        ("2026-11-20 17:30", "PT1H", "service", at("2026-11-23 09:00")),
        ("2026-11-21 03:00", "PT30M", "service", at("2026-11-23 09:00")),
        ("2026-11-23 09:00", "-PT1H", "service", at("2026-11-20 17:30")),
        ("2026-11-23 09:00", "-PT1H", "elapsed", at("2026-11-23 08:00")),
        ("2026-11-20 10:00", "P1DT1H", "service", at("2026-11-23 11:00")),
    ],
)
def test_due_moments_of_an_office(start, amount, which, due):
    assert OFFICE.add(at(start), parse_duration(amount), which) == due


def test_a_centre_open_on_sunday_counts_sunday_as_a_service_day_but_not_as_a_business_day():
    friday = at("2026-11-20 10:00")
    assert DAILY.add(friday, Span(days=2)) == end("2026-11-22")
    assert DAILY.add(friday, Span(business_days=2)) == end("2026-11-24")


def test_hours_past_midnight_belong_to_the_evening_before():
    assert GATE.between(at("2026-11-20 00:00"), at("2026-11-21 00:00")) == timedelta(hours=8)
    assert GATE.add(at("2026-11-20 05:00"), timedelta(hours=2)) == at("2026-11-20 23:00")
    assert GATE.open_intervals(at("2026-11-20 01:00"), at("2026-11-21 01:00")) == [
        (at("2026-11-20 01:00"), at("2026-11-20 06:00")),
        (at("2026-11-20 22:00"), at("2026-11-21 01:00")),
    ]


def test_a_service_that_never_closes_is_one_stretch_and_equals_elapsed_time():
    first, second = at("2026-11-20 01:00"), at("2026-12-20 01:00")
    assert ALWAYS.open_intervals(first, second) == [(first, second)]
    assert ALWAYS.add(first, timedelta(days=30)) == second


def test_overlapping_hours_count_once():
    messy = ServiceCalendar(1, (((time(9), time(12)), (time(11), time(14)), (time(9), time(10))),) * 7)
    assert messy.between(at("2026-11-20 00:00"), at("2026-11-21 00:00")) == timedelta(hours=5)


def test_a_make_up_day_has_the_hours_of_a_weekday_and_a_holiday_its_own():
    assert OFFICE.hours(date(2026, 10, 10)) == DESK
    assert OFFICE.hours(date(2026, 10, 17)) == ()
    assert not OFFICE.is_open(date(2026, 10, 1))
    short = ServiceCalendar(2, OFFICE.week, NATIONAL, frozenset(), ((time(9), time(12)),))
    assert short.between(at("2026-10-01 00:00"), at("2026-10-02 00:00")) == timedelta(hours=3)
    assert not short.is_workday(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("day", "how", "rolled"),
    [
        ("2026-10-03", "none", "2026-10-03"),
        ("2026-10-03", "earlier", "2026-09-30"),
        ("2026-10-03", "later", "2026-10-08"),
        ("2026-10-10", "later", "2026-10-10"),
        ("2026-11-22", "earlier", "2026-11-20"),
    ],
)
def test_a_due_day_on_a_holiday_rolls_as_told(day, how, rolled):
    assert OFFICE.roll(date.fromisoformat(day), how) == date.fromisoformat(rolled)


def test_a_calendar_that_never_opens_is_refused():
    with pytest.raises(ValueError, match="open"):
        ServiceCalendar(1, ((),) * 7)
    with pytest.raises(ValueError, match="seven"):
        ServiceCalendar(1, (DESK,) * 5)


def test_the_day_the_clocks_change_has_its_true_length():
    berlin = ServiceCalendar(1, (ALL_DAY,) * 7, zone="Europe/Berlin")
    day = ServiceCalendar(1, (((time(1), time(5)),),) * 7, zone="Europe/Berlin")
    first, second = (datetime(2026, 3, n, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC) for n in (29, 30))
    assert berlin.between(first, second) == timedelta(hours=23)
    assert day.between(first, second) == timedelta(hours=3)


def test_the_known_year_has_its_holidays_and_the_unknown_one_says_so():
    known, unknown = holidays_of(2026), holidays_of(2027)
    assert known.known
    assert date(2026, 2, 17) in known.holidays
    assert date(2026, 10, 10) in known.workdays
    assert (unknown.known, unknown.holidays, unknown.workdays) == (False, frozenset(), frozenset())
    calendar = ServiceCalendar(1, OFFICE.week, unknown.holidays, unknown.workdays)
    assert calendar.is_workday(date(2027, 1, 4))
    assert not calendar.is_workday(date(2027, 1, 3))


def test_months_are_added_over_years_both_ways():
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


# --- what holds for every calendar ---

YEAR = (datetime(2026, 1, 1), datetime(2026, 12, 1))  # noqa: DTZ001 - hypothesis wants naive bounds
moments = st.datetimes(*YEAR).map(lambda d: d.replace(tzinfo=UTC))
walls = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
hours = st.lists(st.tuples(walls, walls), max_size=3).map(tuple)
days = st.dates(date(2025, 12, 1), date(2027, 3, 1))


@st.composite
def calendars(draw):
    week = tuple(draw(hours) for _ in range(7))
    assume(any(week))
    off = draw(st.frozensets(days, max_size=20))
    makeup = draw(st.frozensets(days, max_size=5))
    return ServiceCalendar(1, week, off - makeup, makeup, draw(hours))


amounts = st.integers(1, 200 * 3600).map(lambda s: timedelta(seconds=s))


@settings(max_examples=200, deadline=None)
@given(calendars(), moments, amounts)
def test_between_undoes_add_and_lands_in_open_time(calendar, start, amount):
    due = calendar.add(start, amount)
    assert calendar.between(start, due) == amount
    assert calendar.between(due - timedelta(microseconds=1), due) == timedelta(microseconds=1)


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, amounts)
def test_a_negative_amount_goes_back_the_same_service_time(calendar, start, amount):
    begun = calendar.add(start, -amount)
    assert begun < start
    assert calendar.between(begun, start) == amount


@settings(max_examples=200, deadline=None)
@given(
    calendars(),
    moments,
    st.timedeltas(timedelta(0), timedelta(days=9)),
    st.sampled_from(["PT5H", "P2D", "P0D", "P2BD", "P1M", "PT30M", "-P1D", "-PT3H"]),
    st.sampled_from(["service", "elapsed", "calendar"]),
)
def test_who_comes_later_is_never_due_earlier(calendar, start, later, amount, which):
    span = parse_duration(amount)
    assert calendar.add(start, span, which) <= calendar.add(start + later, span, which)


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, moments, moments)
def test_service_time_is_additive_and_never_more_than_elapsed(calendar, a, b, c):
    a, b, c = sorted((a, b, c))
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c) <= c - a
    assert calendar.between(c, a) == -calendar.between(a, c)


@settings(max_examples=100, deadline=None)
@given(calendars(), moments, moments)
def test_open_stretches_are_in_order_and_apart(calendar, a, b):
    a, b = sorted((a, b))
    stretches = calendar.open_intervals(a, b)
    assert all(opens < closes for opens, closes in stretches)
    assert all(one[1] < two[0] for one, two in pairwise(stretches))
    assert all(a <= opens and closes <= b for opens, closes in stretches)
