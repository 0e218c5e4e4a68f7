"""When a community serves: its hours and days as a versioned calendar, and the actions that change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import pairwise

from django.utils.translation import gettext_lazy

from shouwen.estate import public
from shouwen.estate.actions import SETTING
from shouwen.estate.models import CalendarDay, Community, ServiceHours
from shouwen.estate.saving import fetch, save
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.calendar import Hours, ServiceCalendar
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused

# A community that has not said when it serves: every day, as a service centre commonly does.
DEFAULT_HOURS: Hours = ((time(8, 30), time(18, 0)),)
_YEARS_BACK, _YEARS_AHEAD = 12, 3
_MINUTES = 24 * 60
FEAST = 7
"""The line of holidays, below the seven weekdays."""
WEEKDAYS = (
    gettext_lazy("星期一"), gettext_lazy("星期二"), gettext_lazy("星期三"), gettext_lazy("星期四"),
    gettext_lazy("星期五"), gettext_lazy("星期六"), gettext_lazy("星期日"), gettext_lazy("节假日"),
)  # fmt: skip
MONTHS = (
    gettext_lazy("1 月"), gettext_lazy("2 月"), gettext_lazy("3 月"), gettext_lazy("4 月"), gettext_lazy("5 月"),
    gettext_lazy("6 月"), gettext_lazy("7 月"), gettext_lazy("8 月"), gettext_lazy("9 月"), gettext_lazy("10 月"),
    gettext_lazy("11 月"), gettext_lazy("12 月"),
)  # fmt: skip
"""The months of the year, January first."""


def calendar_of(community: Community) -> ServiceCalendar:
    """The community's calendar at its present version; built once per process and version."""
    this_year = clock.today(community.zone).year
    return _calendar(community.pk, community.calendar_version, community.zone, this_year)


@lru_cache(maxsize=2048)
def _calendar(community_id: int, version: int, zone: str, year: int) -> ServiceCalendar:
    week: list[list[tuple[time, time]]] = [[] for _ in range(8)]
    for row in ServiceHours.objects.filter(community_id=community_id):
        week[row.weekday].append((row.start, row.end))
    *days, feast = (tuple(sorted(day)) for day in week)
    found = public.of_years(community_id, year - _YEARS_BACK, year + _YEARS_AHEAD)
    for day in CalendarDay.objects.filter(community_id=community_id):
        found.put(day.on, day.kind)
    return ServiceCalendar(
        version=version, week=tuple(days) if any(days) else (DEFAULT_HOURS,) * 7, holidays=frozenset(found.holidays),
        workdays=frozenset(found.workdays), holiday_hours=feast, zone=zone, years=frozenset(found.known),
    )  # fmt: skip


def set_hours(
    community_id: int,
    *,
    actor: Actor,
    week: Sequence[Hours],
    feast: Hours | None = None,
    version: int | None = None,
) -> Community:
    """Replace the service hours: seven tuples of intervals, Monday first, and those of holidays unless None."""
    _check(week)
    _apart(feast or (), str(WEEKDAYS[FEAST]))
    with frame(actor):
        row = next_version(community_id, actor, version)
        old = ServiceHours.objects.filter(community=row)
        (old if feast is not None else old.exclude(weekday=FEAST)).delete()
        for weekday, intervals in enumerate((*week, feast or ())):
            for start, end in intervals:
                save(ServiceHours(community=row, weekday=weekday, start=start, end=end))
        record("hours:changed", row, calendar=row.calendar_version)
    return row


def set_day(
    community_id: int, *, actor: Actor, on: date, kind: str | None, version: int | None = None
) -> Community:
    """Keep a day differently from the national calendar; ``kind`` None takes the difference back."""
    with frame(actor):
        row = next_version(community_id, actor, version)
        CalendarDay.objects.filter(community=row, on=on).delete()
        if kind:
            save(CalendarDay(community=row, on=on, kind=kind))
        record("days:changed", row, calendar=row.calendar_version, on=on.isoformat(), kind=kind)
    return row


def next_version(community_id: int, actor: Actor, version: int | None = None) -> Community:
    """The locked community, at its next calendar."""
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
        _apart(intervals, str(WEEKDAYS[weekday]), week[(weekday + 1) % 7])


def _apart(intervals: Hours, day: str, tomorrow: Hours = ()) -> None:
    spans = sorted(map(_minutes, intervals))
    after = [(a + _MINUTES, b + _MINUTES) for a, b in map(_minutes, tomorrow)]
    line = [*spans, *sorted(after)[:1]]
    if any(first[1] > second[0] for first, second in pairwise(line)):
        raise Refused("hours_overlap", day=day)


def _minutes(interval: tuple[time, time]) -> tuple[int, int]:
    start, end = (timedelta(hours=t.hour, minutes=t.minute).seconds // 60 for t in interval)
    return start, end if end > start else end + _MINUTES
