"""Service time: when a community's service is open, and how durations are counted on it.

What is fixed here (see `duties.md`), for every clock:

* A span that counts whole days (P3D, P1M, P2BD, P0D) ends at the end of a local day; P0D is the end of this
  day. The day of birth is day zero. Only the clock "elapsed" keeps the wall time (P1D = this time tomorrow).
* A month from 31 January is the last day of February.
* "calendar" counts all days, "service" counts days on which the service opens, business days (BD) are the
  statutory working days in both: Monday to Friday without holidays, and the make-up days. A centre that opens
  on Sunday has seven service days a week, but still five business days.
* Hours and minutes pass while the service is open in the clock "service", and always in the two others.
* A span with both (P1DT2H) first moves by its days to the same wall time, then by its hours.
"""

from __future__ import annotations

import calendar as _months
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from shouwen.kernel.clock import ZONE, Span, at, end_of_day, local

Clock = Literal["service", "elapsed", "calendar"]
Roll = Literal["none", "earlier", "later"]
Hours = tuple[tuple[time, time], ...]
Interval = tuple[datetime, datetime]

ALL_DAY: Hours = ((time.min, time.min),)
_ONE_DAY = timedelta(days=1)
_ZERO = timedelta(0)
_WHOLE = 24 * 60
_ENDLESS = "the walk over open intervals has no end"


@dataclass(frozen=True)
class ServiceCalendar:
    """One version of a community's calendar.

    `week` has the hours of Monday to Sunday: several intervals a day, an end not after its start runs past
    midnight (00:00-00:00 is the whole day), empty is closed. `holidays` are closed but for what of their weekday's
    hours lies in `holiday_hours`; `workdays` (make-up days) are open whenever some weekday is. So neither another
    interval makes a deadline later, nor a holiday one earlier. `years` are those whose public holidays are known;
    another year runs on weekday rules.
    """

    version: int
    week: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    holiday_hours: Hours = ()
    zone: str = ZONE
    years: frozenset[int] = frozenset()
    _known: dict[date, list[Interval]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        # Without any open hour no service time would ever pass and no duty could be given a time.
        if not any(self.week):
            raise ValueError("a service calendar must open on some weekday")

    def is_workday(self, day: date) -> bool:
        """Whether the day is a statutory working day (what BD counts)."""
        return day in self.workdays or (day.weekday() < 5 and day not in self.holidays)

    def is_open(self, day: date) -> bool:
        """Whether the service opens on the day at all (what days count in the clock "service")."""
        return bool(self.hours(day))

    def guessed(self, first: datetime, last: datetime) -> tuple[int, ...]:
        """The years between two moments whose public holidays were not known: provisional."""
        years = range(self._day(first).year, self._day(last).year + 1)
        return tuple(year for year in years if year not in self.years)

    def hours(self, day: date) -> Hours:
        """The intervals that begin on this day, in wall time."""
        if day in self.workdays:
            return _united(self.week)
        usual = self.week[day.weekday()]
        return _common(usual, self.holiday_hours) if day in self.holidays else usual

    def open_intervals(self, start: datetime, end: datetime) -> list[Interval]:
        """The open stretches between two moments, in UTC, in order, joined where they touch."""
        result: list[Interval] = []
        for opens, closes in self._from(start.astimezone(UTC)):
            if opens >= end:
                return result
            begins = result.pop()[0] if result and result[-1][1] == opens else opens
            result.append((begins, min(closes, end.astimezone(UTC))))
        raise AssertionError(_ENDLESS)

    def add(self, start: datetime, amount: Span | timedelta, clock: Clock = "service") -> datetime:
        """The moment that lies a duration after `start` (before it, if negative) on the clock, in UTC."""
        if isinstance(amount, timedelta):
            return self._add_time(start, amount, clock)
        day = self.moved(self._day(start), amount, clock)
        if amount.by_day and (clock != "elapsed" or amount == Span()):
            return end_of_day(day, self.zone)
        wall = local(start, self.zone)
        moved = start if day == wall.date() else self._at(day, wall.time())
        return self._add_time(moved, timedelta(seconds=amount.seconds), clock)

    def between(self, first: datetime, second: datetime, clock: Clock = "service") -> timedelta:
        """The time on the given clock from one moment to another; negative if they are in the other order."""
        if clock != "service":
            return second - first
        if second < first:
            return -self.between(second, first, clock)
        return sum((closes - opens for opens, closes in self.open_intervals(first, second)), _ZERO)

    def roll(self, day: date, how: Roll = "none") -> date:
        """Move a day that isn't a working day to the nearest working day before or after it."""
        step = {"none": _ZERO, "earlier": -_ONE_DAY, "later": _ONE_DAY}[how]
        while step and not self.is_workday(day):
            day += step
        return day

    def moved(self, day: date, span: Span, clock: Clock = "service") -> date:
        """The day that lies the months, days and business days of a span after this one."""
        day = add_months(day, span.months)
        if clock == "service":
            day = _step(day, span.days, self.is_open)
        else:
            day += timedelta(days=span.days)
        return _step(day, span.business_days, self.is_workday)

    def _add_time(self, start: datetime, amount: timedelta, clock: Clock) -> datetime:
        if clock != "service" or not amount:
            return (start + amount).astimezone(UTC)
        return self._forward(start, amount) if amount > _ZERO else self._backward(start, -amount)

    def _forward(self, start: datetime, left: timedelta) -> datetime:
        for opens, closes in self._from(start):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise AssertionError(_ENDLESS)

    def _backward(self, start: datetime, left: timedelta) -> datetime:
        for opens, closes in self._before(start):
            if left <= closes - opens:
                return closes - left
            left -= closes - opens
        raise AssertionError(_ENDLESS)

    def _from(self, start: datetime) -> Iterator[Interval]:
        """Open stretches from `start` on, without end and without overlap, none longer than a day's."""
        day = self._day(start) - _ONE_DAY  # yesterday's hours may run past midnight
        reached = start
        while True:
            for opens, closes in self.served(day):
                if closes > reached:
                    yield max(opens, reached), closes
                    reached = closes
            day += _ONE_DAY

    def _before(self, end: datetime) -> Iterator[Interval]:
        """Open stretches before `end`, the latest first, without end."""
        last = self._day(end)
        while True:
            first = last - timedelta(days=14)
            since = self._at(first, time.min)
            yield from reversed(self.open_intervals(since, min(end, self._at(last + _ONE_DAY, time.min))))
            last = first - _ONE_DAY

    def served(self, day: date) -> list[Interval]:
        """The intervals that begin on this day, in UTC; the last may run past midnight."""
        # Days are asked for over and over: a few thousand small lists save nine tenths of the time.
        if day not in self._known:
            self._known[day] = self._intervals(day)
        return self._known[day]

    def _intervals(self, day: date) -> list[Interval]:
        return sorted(
            (self._at(day, opens), self._at(day if closes > opens else day + _ONE_DAY, closes))
            for opens, closes in self.hours(day)
        )

    def _day(self, moment: datetime) -> date:
        return local(moment, self.zone).date()

    def _at(self, day: date, wall: time) -> datetime:
        return at(day, wall, self.zone)


class YearDays(NamedTuple):
    """The statutory holidays and make-up days of a year; without `known` only weekdays are in force yet."""

    holidays: frozenset[date]
    workdays: frozenset[date]
    known: bool


@lru_cache(maxsize=16)
def holidays_of(year: int) -> YearDays:
    """The days as the State Council announced them. A year not announced yet has none, and says so."""
    from chinese_calendar import constants  # noqa: PLC0415 - loads twenty years of dates

    holidays = frozenset(day for day in constants.holidays if day.year == year)
    workdays = frozenset(day for day in constants.workdays if day.year == year)
    return YearDays(holidays, workdays, known=bool(holidays))


@lru_cache(maxsize=1024)
def _united(week: tuple[Hours, ...]) -> Hours:
    """When any of these days is open."""
    joined: list[list[int]] = []
    for begins, ends in sorted(_minutes(one) for hours in week for one in hours):
        if joined and begins <= joined[-1][1] and ends <= joined[-1][0] + _WHOLE:
            joined[-1][1] = max(joined[-1][1], ends)
        else:  # what would pass a whole day stands beside: overlapping hours count once
            joined.append([begins, ends])
    return _walls((begins, ends) for begins, ends in joined)


@lru_cache(maxsize=1024)
def _common(some: Hours, others: Hours) -> Hours:
    """What lies in both; the small hours of the next day as well."""
    pairs = ((_minutes(a), _minutes(b)) for a in some for b in others)
    shared = ((max(a[0], b[0]), min(a[1], b[1])) for a, b in pairs)
    return _walls(sorted(one for one in shared if one[0] < one[1]))


def _minutes(interval: tuple[time, time]) -> tuple[int, int]:
    begins, ends = (wall.hour * 60 + wall.minute for wall in interval)
    return begins, ends if ends > begins else ends + _WHOLE


def _walls(stretches: Iterable[tuple[int, int]]) -> Hours:
    return tuple((_wall(begins), _wall(ends)) for begins, ends in stretches)


def _wall(minutes: int) -> time:
    return time(minutes % _WHOLE // 60, minutes % 60)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or its last day if that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day_of_month(year, month + 1, day.day)


def day_of_month(year: int, month: int, day: int) -> date:
    """The day of a month, or its last one if the month is shorter."""
    return date(year, month, min(day, _months.monthrange(year, month)[1]))


def _step(day: date, count: int, counts: Callable[[date], bool]) -> date:
    """Walk until `count` days that count have passed, backwards if negative; no step for zero."""
    step = _ONE_DAY if count > 0 else -_ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= counts(day)
    return day
