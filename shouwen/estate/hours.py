"""When a community serves: its hours and days as a versioned calendar, and the actions that change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import pairwise

from shouwen.estate.actions import SETTING
from shouwen.estate.models import CalendarDay, Community, ServiceHours
from shouwen.estate.saving import fetch, save
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.calendar import Hours, ServiceCalendar, holidays_of
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused

# A community that has not said when it serves: every day, as a service centre commonly does.
DEFAULT_HOURS: Hours = ((time(8, 30), time(18, 0)),)
_YEARS_BACK, _YEARS_AHEAD = 12, 3
_MINUTES = 24 * 60


def calendar_of(community: Community) -> ServiceCalendar:
    """The community's calendar at its present version; built once per process and version."""
    this_year = clock.today(community.zone).year
    return _calendar(community.pk, community.calendar_version, community.zone, this_year)


@lru_cache(maxsize=2048)
def _calendar(community_id: int, version: int, zone: str, year: int) -> ServiceCalendar:
    week: list[list[tuple[time, time]]] = [[] for _ in range(7)]
    for row in ServiceHours.objects.filter(community_id=community_id):
        week[row.weekday].append((row.start, row.end))
    holidays: set[date] = set()
    workdays: set[date] = set()
    for each in range(year - _YEARS_BACK, year + _YEARS_AHEAD + 1):
        known = holidays_of(each)
        holidays |= known.holidays
        workdays |= known.workdays
    for day in CalendarDay.objects.filter(community_id=community_id):
        (holidays if day.kind == CalendarDay.Kind.HOLIDAY else workdays).add(day.on)
        (workdays if day.kind == CalendarDay.Kind.HOLIDAY else holidays).discard(day.on)
    hours = tuple(tuple(sorted(day)) for day in week) if any(week) else (DEFAULT_HOURS,) * 7
    return ServiceCalendar(
        version=version, week=hours, holidays=frozenset(holidays), workdays=frozenset(workdays), zone=zone
    )


def set_hours(
    community_id: int, *, actor: Actor, week: Sequence[Hours], version: int | None = None
) -> Community:
    """Replace the service hours: seven tuples of intervals, Monday first."""
    _check(week)
    with frame(actor):
        row = _next_version(community_id, actor, version)
        ServiceHours.objects.filter(community=row).delete()
        for weekday, intervals in enumerate(week):
            for start, end in intervals:
                save(ServiceHours(community=row, weekday=weekday, start=start, end=end))
        record("hours:changed", row, calendar=row.calendar_version)
    return row


def set_day(
    community_id: int, *, actor: Actor, on: date, kind: str | None, version: int | None = None
) -> Community:
    """Keep a day differently from the national calendar; ``kind`` None takes the difference back."""
    with frame(actor):
        row = _next_version(community_id, actor, version)
        CalendarDay.objects.filter(community=row, on=on).delete()
        if kind:
            save(CalendarDay(community=row, on=on, kind=kind))
        record("days:changed", row, calendar=row.calendar_version, on=on.isoformat(), kind=kind)
    return row


def _next_version(community_id: int, actor: Actor, version: int | None) -> Community:
    row: Community = fetch(Community.objects, community_id, actor=actor, right=SETTING)
    if version is not None and row.calendar_version != version:
        raise Refused("calendar_changed")
    row.calendar_version += 1
    return save(row)


def _check(week: Sequence[Hours]) -> None:
    if len(week) != 7 or not any(week):
        raise Refused("hours_missing")
    # Sunday's last interval may run into Monday's first, so the week is laid out once around.
    for weekday, intervals in enumerate(week):
        spans = sorted(map(_minutes, intervals))
        tomorrow = [(a + _MINUTES, b + _MINUTES) for a, b in map(_minutes, week[(weekday + 1) % 7])]
        line = [*spans, *sorted(tomorrow)[:1]]
        if any(first[1] > second[0] for first, second in pairwise(line)):
            raise Refused("hours_overlap", day="一二三四五六日"[weekday])


def _minutes(interval: tuple[time, time]) -> tuple[int, int]:
    start, end = (timedelta(hours=t.hour, minutes=t.minute).seconds // 60 for t in interval)
    return start, end if end > start else end + _MINUTES
