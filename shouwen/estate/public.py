"""Public holidays and make-up days: those that the house knows by itself, and those that a community's own table has.

A year in the table replaces the same year of the library, so that an announcement can be imported before the library
has it, or mended where it is wrong. A year in neither runs on weekday rules and is provisional.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from shouwen.estate.models import CalendarDay, PublicDay
from shouwen.kernel.calendar import holidays_of

Kind = CalendarDay.Kind


class Row(NamedTuple):
    """One public day: a holiday or a make-up day, and of which feast."""

    on: date
    kind: str
    name: str


@dataclass
class Days:
    """The days of several years, and the years that are known."""

    holidays: set[date] = field(default_factory=set)
    workdays: set[date] = field(default_factory=set)
    known: set[int] = field(default_factory=set)

    def put(self, on: date, kind: str) -> None:
        """A day as this source has it, whatever the one before said."""
        (self.holidays if kind == Kind.HOLIDAY else self.workdays).add(on)
        (self.workdays if kind == Kind.HOLIDAY else self.holidays).discard(on)


def of_years(community_id: int, first: int, last: int) -> Days:
    """The public days of the years from first to last."""
    found = Days()
    own = list(PublicDay.objects.filter(community_id=community_id, year__range=(first, last)))
    imported = {row.year for row in own}
    for year in range(first, last + 1):
        built_in = holidays_of(year)
        if year in imported or built_in.known:
            found.known.add(year)
        if year not in imported:
            found.holidays |= built_in.holidays
            found.workdays |= built_in.workdays
    for row in own:
        found.put(row.on, row.kind)
    return found


def rows_of(community_id: int, year: int) -> tuple[list[Row], bool]:
    """The public days of a year in order, and whether they are the community's own table."""
    own = PublicDay.objects.filter(community_id=community_id, year=year).order_by("on")
    if rows := [Row(row.on, row.kind, row.name) for row in own]:
        return rows, True
    return list(built_in(year)), False


def feasts() -> dict[str, str]:
    """What the library calls the holidays, and what we do."""
    from chinese_calendar import constants  # noqa: PLC0415 - loads twenty years of dates

    return {one.value: one.chinese for one in constants.Holiday}


@lru_cache(maxsize=16)
def built_in(year: int) -> tuple[Row, ...]:
    """The days as the library has them; empty for a year that it does not know."""
    from chinese_calendar import constants  # noqa: PLC0415 - loads twenty years of dates

    names = feasts()
    sources = (Kind.HOLIDAY, constants.holidays), (Kind.WORKDAY, constants.workdays)
    found = [
        Row(day, kind, names.get(name, name))
        for kind, days in sources
        for day, name in days.items()
        if day.year == year
    ]
    return tuple(sorted(found))
