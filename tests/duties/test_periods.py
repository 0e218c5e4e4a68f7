"""What a clause owes on a day: tables without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.duties.book.syntax import parse_period
from shouwen.duties.periods import Slot, opening_number, slots, step_slot, surprise_day
from shouwen.kernel.calendar import ServiceCalendar, holidays_of
from shouwen.kernel.clock import start_of_day
from tests.duties.books import clause_of, presets

DESK = ((time(8, 30), time(12)), (time(14), time(18)))
HOLIDAYS = holidays_of(2026).holidays | holidays_of(2025).holidays
WORKDAYS = holidays_of(2026).workdays | holidays_of(2025).workdays
OFFICE = ServiceCalendar(1, (DESK,) * 5 + ((), ()), HOLIDAYS, WORKDAYS)
DAILY = ServiceCalendar(1, (DESK,) * 7)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def short(slot: Slot) -> str:
    """``key opens due lapses`` in local time; 24:00 is the end of a day."""

    def words(moment: datetime | None) -> str:
        if moment is None:
            return "-"
        local = moment.astimezone(SHANGHAI)
        return f"{local:%m-%d} 24:00" if local.microsecond else f"{local:%m-%d %H:%M}"

    return f"{slot.key or '.'} | {words(slot.opens)} | {words(slot.due)} | {words(slot.lapses)}"


def laid(
    text: str, day: str, calendar: ServiceCalendar = OFFICE, *, first: bool = False, **chosen: str
) -> list[str]:
    found = slots(clause_of(text), date.fromisoformat(day), calendar, presets(**chosen), first=first)
    assert all(s.born == start_of_day(date.fromisoformat(day)) for s in found)
    return [short(s) for s in found]


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        # days: those on which the service opens; workdays: the statutory ones, make-up days included
        ('every = "day"', "2026-07-22", [". | 07-22 00:00 | 07-22 24:00 | 07-22 24:00"]),
        ('every = "day"', "2026-07-25", []),
        ('every = "day"', "2026-10-01", []),
        ('every = "workday"', "2026-10-10", [". | 10-10 00:00 | 10-10 24:00 | 10-10 24:00"]),
        ('every = "workday"', "2026-10-02", []),
        ('every = "P3D"', "2026-07-21", [". | 07-21 00:00 | 07-23 24:00 | 07-23 24:00"]),
        ('every = "P3D"', "2026-07-22", []),
        # weeks and their days: a missed Tuesday is missed
        ('every = "week"', "2026-07-20", [". | 07-20 00:00 | 07-26 24:00 | 07-26 24:00"]),
        ('every = "week"', "2026-07-21", []),
        ('every = "week"\ndue = "tue wed"', "2026-07-20",
         ["tue | 07-21 00:00 | 07-21 24:00 | 07-21 24:00", "wed | 07-22 00:00 | 07-22 24:00 | 07-22 24:00"]),
        ('every = "week"\ndue = "thu"', "2026-09-28", []),  # the National Day
        ('every = "week"\ndue = "thu"\nroll = "earlier"', "2026-09-28", ["thu | 09-30 00:00 | 09-30 24:00 | 09-30 24:00"]),
        # halves of months, months, quarters, years
        ('every = "half-month"', "2026-07-01", [". | 07-01 00:00 | 07-15 24:00 | 07-15 24:00"]),
        ('every = "half-month"', "2026-02-16", [". | 02-16 00:00 | 02-28 24:00 | 02-28 24:00"]),
        ('every = "month"\ndue = "last day"', "2026-02-01", [". | 02-01 00:00 | 02-28 24:00 | 02-28 24:00"]),
        ('every = "month"\ndue = "day 30"', "2028-02-01", [". | 02-01 00:00 | 02-29 24:00 | 02-29 24:00"]),
        ('every = "month"\ndue = "day 3"', "2026-05-01", [". | 05-01 00:00 | 05-03 24:00 | 05-31 24:00"]),
        ('every = "month"\ndue = "day 3"\nroll = "later"', "2026-05-01", [". | 05-01 00:00 | 05-06 24:00 | 05-31 24:00"]),
        ('every = "month"\ndue = "day 3"\nroll = "earlier"', "2026-05-01", [". | 05-01 00:00 | 05-03 24:00 | 05-31 24:00"]),
        ('every = "month"\ndue = "last day"\nroll = "later"', "2026-05-01", [". | 05-01 00:00 | 06-01 24:00 | 06-01 24:00"]),
        ('every = "month"\ndue = "last day"\ngrace = "P7D"\nclock = "calendar"', "2026-05-01",
         [". | 05-01 00:00 | 06-07 24:00 | 06-07 24:00"]),
        ('every = "month"\nwithin = "P2BD"', "2026-05-01", [". | 05-01 00:00 | 05-07 24:00 | 05-31 24:00"]),
        ('every = "month"\ncarry = true', "2026-05-01", [". | 05-01 00:00 | 05-31 24:00 | -"]),
        ('every = "quarter"\ndue = "month 1 day 15"', "2026-07-01", [". | 07-01 00:00 | 07-15 24:00 | 09-30 24:00"]),
        ('every = "quarter"\ndue = "month 1 day 15"', "2026-08-01", []),
        ('every = "quarter"\ndue = "last day"', "2026-01-01", [". | 01-01 00:00 | 03-31 24:00 | 03-31 24:00"]),
        ('every = "half-year"', "2026-07-01", [". | 07-01 00:00 | 12-31 24:00 | 12-31 24:00"]),
        ('every = "year"\ndue = "01-15"', "2026-01-01", [". | 01-01 00:00 | 01-15 24:00 | 12-31 24:00"]),
        ('every = "@survey.cycle"', "2026-07-01", [". | 07-01 00:00 | 12-31 24:00 | 12-31 24:00"]),
        ('every = "month"\ndue = "@vacancy.day"', "2026-06-01", [". | 06-01 00:00 | 06-30 24:00 | 06-30 24:00"]),
        # windows
        ('every = "day"\nwindows = ["am", "pm"]', "2026-07-22",
         ["am | 07-22 08:30 | 07-22 12:00 | 07-22 12:00", "pm | 07-22 14:00 | 07-22 18:00 | 07-22 18:00"]),
        ('every = "day"\nwindow = ["end -PT1H", "end -PT30M"]', "2026-07-22",
         [". | 07-22 17:00 | 07-22 17:30 | 07-22 17:30"]),
        ('every = "day"\ndue = "start +PT30M"', "2026-07-22", [". | 07-22 00:00 | 07-22 09:00 | 07-22 24:00"]),
        # shifts: the night belongs to the day on which it begins
        ('every = "shift"\ndue = "end -PT15M"', "2026-07-25",
         ["1 | 07-25 00:00 | 07-25 19:45 | 07-25 20:00", "2 | 07-25 00:00 | 07-26 07:45 | 07-26 08:00"]),
        ('every = "shift"\ndue = "start -PT5M"', "2026-07-25",
         ["1 | 07-25 00:00 | 07-25 07:55 | 07-25 20:00", "2 | 07-25 00:00 | 07-25 19:55 | 07-26 08:00"]),
        ('every = "shift"', "2026-07-25", ["1 | 07-25 00:00 | 07-25 20:00 | 07-25 20:00",
                                           "2 | 07-25 00:00 | 07-26 08:00 | 07-26 08:00"]),
        # festivals by the moon: seven days before until the day; by its eve
        ('every = "festival"\nwindow = ["-P7D", "P0D"]', "2026-02-10", ["spring | 02-10 00:00 | 02-17 24:00 | 02-17 24:00"]),
        ('every = "festival"\nwindow = ["-P7D", "P0D"]', "2026-02-17", []),
        ('every = "festival"', "2026-09-25", ["mid_autumn | 09-25 00:00 | 09-25 24:00 | 09-25 24:00"]),
        # seasons over the turn of the year
        ('every = "season heating"', "2026-11-15", [". | 11-15 00:00 | 03-15 24:00 | 03-15 24:00"]),
        ('every = "season heating"', "2026-12-15", []),
        ('every = "season heating"\ndue = "day 30"', "2026-11-15", [". | 11-15 00:00 | 11-30 24:00 | 03-15 24:00"]),
    ],
)  # fmt: skip
def test_what_a_day_bears(text: str, day: str, expected: list[str]) -> None:
    assert laid(text, day) == expected


def test_a_day_around_the_clock_is_halved_at_noon() -> None:
    always = ServiceCalendar(1, (((time.min, time.min),),) * 7)
    assert laid('every = "day"\nwindows = ["am", "pm"]', "2026-07-25", always) == [
        "am | 07-25 00:00 | 07-25 12:00 | 07-25 12:00", "pm | 07-25 12:00 | 07-25 24:00 | 07-25 24:00",
    ]  # fmt: skip


def test_a_morning_service_has_no_afternoon() -> None:
    mornings = ServiceCalendar(1, (((time(8), time(11)),),) * 7)
    assert laid('every = "day"\nwindows = ["am", "pm"]', "2026-07-25", mornings) == [
        "am | 07-25 08:00 | 07-25 11:00 | 07-25 11:00"
    ]


def test_what_a_community_chose_decides() -> None:
    assert laid('every = "@survey.cycle"', "2026-07-01", survey__cycle="off") == []
    assert laid('every = "@survey.cycle"', "2026-08-01", survey__cycle="month") != []
    assert laid('every = "month"\ndue = "@vacancy.day"', "2026-06-01", vacancy__day="day 25") == [
        ". | 06-01 00:00 | 06-25 24:00 | 06-30 24:00"
    ]
    assert laid('every = "festival"', "2026-09-25", festivals="spring") == []
    assert laid('every = "shift"', "2026-07-25", shift__model="off") == []
    assert laid('every = "season heating"', "2026-11-01", season__heating="11-01..03-31")[0].endswith(
        "03-31 24:00"
    )


def test_a_first_day_also_owes_what_earlier_days_would_still_owe() -> None:
    assert laid('every = "month"\ndue = "last day"', "2026-07-22") == []
    assert laid('every = "month"\ndue = "last day"', "2026-07-22", first=True) == [
        ". | 07-01 00:00 | 07-31 24:00 | 07-31 24:00"
    ]
    assert laid('every = "month"\ndue = "day 3"', "2026-07-22", first=True) == []
    assert laid('every = "week"\ndue = "tue thu"', "2026-07-22", first=True) == [
        "thu | 07-23 00:00 | 07-23 24:00 | 07-23 24:00"
    ]


def test_a_surprise_is_one_open_day_of_its_period() -> None:
    clause = clause_of('every = "month"\ncount = 1\nsurprise = true')
    days = {
        surprise_day(clause, date(2026, 10, 1), OFFICE, presets(), lambda _period, below, n=n: n % below)
        for n in range(40)
    }
    assert days == {date(2026, 10, n) for n in range(1, 32) if OFFICE.is_open(date(2026, 10, n))}
    assert laid('every = "month"\ncount = 1\nsurprise = true', "2026-10-15") == [
        ". | 10-15 00:00 | 10-15 24:00 | 10-31 24:00"
    ]


def test_a_later_step_is_born_with_the_signature_before_it() -> None:
    clause = clause_of('every = "quarter"\ndue = "month 1 day 18"')
    born = at("2026-07-16 10:00").astimezone(UTC)
    slot = step_slot(clause, date(2026, 7, 1), born, OFFICE, presets())
    assert slot is not None
    assert (slot.born, short(slot)) == (born, ". | 07-16 10:00 | 07-18 24:00 | 09-30 24:00")
    late = at("2026-07-25 10:00").astimezone(UTC)
    slot = step_slot(clause, date(2026, 7, 1), late, OFFICE, presets())
    assert slot is not None
    assert slot.due == late


@pytest.mark.parametrize(
    ("every", "handed", "day", "number"),
    [
        ("quarter", "2026-02-10", "2026-04-01", 1), ("quarter", "2026-02-10", "2026-07-01", 2),
        ("month", "2026-02-10", "2026-03-01", 1), ("month", "2026-02-10", "2027-02-01", 12),
        ("quarter", "2026-04-01", "2026-04-01", None), ("day", "2026-02-10", "2026-04-01", None),
        ("quarter", None, "2026-04-01", None),
    ],
)  # fmt: skip
def test_the_number_of_an_issue_counts_from_the_handover(every, handed, day, number) -> None:
    handed_over = date.fromisoformat(handed) if handed else None
    assert opening_number(parse_period(every), handed_over, date.fromisoformat(day)) == number


EVERY = [
    'every = "day"', 'every = "workday"', 'every = "week"', 'every = "week"\ndue = "tue fri"', 'every = "half-month"',
    'every = "month"\ndue = "day 31"\nroll = "later"', 'every = "quarter"\ndue = "month 2 day 29"', 'every = "P3D"',
    'every = "half-year"', 'every = "year"', 'every = "shift"\ndue = "end -PT15M"', 'every = "season heating"',
    'every = "festival"\nwindow = ["-P7D", "P0D"]', 'every = "day"\nwindows = ["am", "pm"]',
]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(year=st.integers(2024, 2029), text=st.sampled_from(EVERY), office=st.booleans())
def test_over_a_year_every_period_is_laid_once_and_in_order(year: int, text: str, office: bool) -> None:
    """No slot twice, none born outside of its day, none due before it opens, none that lapses before it is due."""
    clause, calendar = clause_of(text), OFFICE if office else DAILY
    seen: set[tuple[date, str]] = set()
    day = date(year, 1, 1)
    while day.year == year:
        for slot in slots(clause, day, calendar, presets()):
            assert (slot.period, slot.key) not in seen
            seen.add((slot.period, slot.key))
            assert slot.born == start_of_day(day)
            assert slot.opens < slot.due
            assert slot.lapses is None or slot.due <= slot.lapses
        day += timedelta(days=1)
    assert seen
