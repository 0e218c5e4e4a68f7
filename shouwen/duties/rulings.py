"""What held when: the policy values and the service calendar of a community at a moment, without a round trip.

A birth needs both, and must give the same row when it is repeated years later. So both are kept as rows that are
added and never changed, each with the moment from which it counts, ``LEAD`` after it was written. A process keeps
what it read for at most ``MAX_AGE``, which is less: every process has read a row before it counts, so all of them,
and every rebuild, answer alike. One query in five seconds, none in between.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from functools import lru_cache
from typing import Any

from django.db import connection

from shouwen.duties.clauses import book
from shouwen.duties.grammar import Limit
from shouwen.estate.hours import calendar_of
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.calendar import ALL_DAY, ServiceCalendar
from shouwen.kernel.clock import Span, parse_duration
from shouwen.kernel.journal import Data, Fact

MAX_AGE = 5.0
LEAD = timedelta(seconds=10)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_ALWAYS_OPEN = ServiceCalendar(version=0, week=(ALL_DAY,) * 7)


@dataclass(frozen=True)
class Dated:
    """Values in the order in which they began to count."""

    since: tuple[datetime, ...] = ()
    values: tuple[Any, ...] = ()

    def at(self, moment: datetime) -> Any:
        """The value that counts at the moment, None before the first."""
        place = bisect_right(self.since, moment)
        return self.values[place - 1] if place else None


@dataclass
class _Known:
    read_at: float = float("-inf")
    policies: dict[tuple[int, str], Dated] = field(default_factory=dict)
    calendars: dict[int, Dated] = field(default_factory=dict)


_known = _Known()

_READ = """
select 'policy', community_id, key, value, since, 0 from duties_policy
union all select 'calendar', community_id, '', '', since, version from duties_keptcalendar
order by 5, 6
"""


def forget() -> None:
    """Read again at the next question: for tests, and for the process that wrote."""
    global _known  # noqa: PLW0603 - one cache a process, replaced as a whole so that threads see one or the other
    _known = _Known()
    kept_calendar.cache_clear()


def _current() -> _Known:
    global _known  # noqa: PLW0603 - as above
    known = _known
    if 0 <= time.monotonic() - known.read_at <= MAX_AGE:
        return known
    fresh = _Known(time.monotonic())
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        rows = cursor.fetchall()
    lists: dict[Any, list[tuple[datetime, Any]]] = {}
    for what, community, key, value, since, version in rows:
        lists.setdefault((community, key) if what == "policy" else community, []).append(
            (since, value or version)
        )
    for place, dated in lists.items():
        made = Dated(tuple(since for since, _ in dated), tuple(value for _, value in dated))
        if isinstance(place, tuple):
            fresh.policies[place] = made
        else:
            fresh.calendars[place] = made
    _known = fresh
    return fresh


def span_of(limit: Limit, community_id: int, data: Data, moment: datetime) -> Span:
    """The duration that a clause gives at a moment: written, or the policy's value, or its preset."""
    if limit.span is not None:
        return limit.span
    known, seeds = _current(), book().policies
    for key in limit.keys(data):
        if key in seeds:
            chosen = known.policies.get((community_id, key))
            return read_span(chosen.at(moment) if chosen else "") or seeds[key].preset
    return seeds[limit.key].preset


def policy_value(community_id: int, key: str, moment: datetime | None = None) -> Span:
    """The duration in force for a policy key of the clause files; KeyError for any other key."""
    chosen = _current().policies.get((community_id, key))
    return read_span(chosen.at(moment or clock.now()) if chosen else "") or book().policies[key].preset


def read_span(text: Any) -> Span | None:
    """A stored duration; None for nothing, and for what a person wrote into the table past the action."""
    try:
        return parse_duration(text) if text else None
    except ValueError:
        return None


def calendar_at(community_id: int, moment: datetime) -> ServiceCalendar:
    """The calendar that counts at the moment. The first question about a community keeps its first version."""
    dated = _current().calendars.get(community_id)
    if dated is None:
        if not keep_calendar(community_id):
            return _ALWAYS_OPEN
        forget()
        dated = _current().calendars[community_id]
    return kept_calendar(community_id, dated.at(moment) or dated.values[0])


@lru_cache(maxsize=4096)
def kept_calendar(community_id: int, version: int) -> ServiceCalendar:
    """One version, as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select body from duties_keptcalendar where community_id = %s and version = %s",
            [community_id, version],
        )
        row = cursor.fetchone()
    return (
        _revived(version, json.loads(row[0]) if isinstance(row[0], str) else row[0]) if row else _ALWAYS_OPEN
    )


def on_calendar_changed(fact: Fact, actor: Actor) -> None:
    """Keep the new version in the transaction that made it."""
    keep_calendar(fact.community)


def keep_calendar(community_id: int) -> bool:
    """Keep the community's calendar if it differs from the last version kept; False if there is no such community."""
    community = Community.objects.filter(pk=community_id).first()
    if community is None:
        return False
    # Past the cache of `calendar_of`: what this transaction wrote may still be rolled back.
    community.calendar_version = time.time_ns()
    body = json.dumps(_frozen(calendar_of(community)), sort_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [community_id, body, clock.now() + LEAD, _BEGINNING, community_id, body])
    return True


# The first version counts from the beginning; a later one only if it says something else.
_KEEP = """
with last as (
    select version, body from duties_keptcalendar where community_id = %s order by version desc limit 1)
insert into duties_keptcalendar (community_id, version, since, body)
select c.id, coalesce((select version from last), 0) + 1,
       case when exists (select from last) then n.since else n.first end, n.body
from (select %s::jsonb as body, %s::timestamptz as since, %s::timestamptz as first) n, estate_community c
where c.id = %s and not exists (select from last where last.body = %s::jsonb)
on conflict (community_id, version) do nothing
"""


def _frozen(calendar: ServiceCalendar) -> dict[str, Any]:
    def hours(intervals: Any) -> list[list[str]]:
        return [[a.isoformat("minutes"), b.isoformat("minutes")] for a, b in intervals]

    return {
        "week": [hours(day) for day in calendar.week],
        "holidays": sorted(day.isoformat() for day in calendar.holidays),
        "workdays": sorted(day.isoformat() for day in calendar.workdays),
        "holiday_hours": hours(calendar.holiday_hours),
        "zone": calendar.zone,
    }


def _revived(version: int, body: dict[str, Any]) -> ServiceCalendar:
    def hours(intervals: list[list[str]]) -> tuple[tuple[wall_time, wall_time], ...]:
        return tuple((wall_time.fromisoformat(a), wall_time.fromisoformat(b)) for a, b in intervals)

    return ServiceCalendar(
        version=version,
        week=tuple(hours(day) for day in body["week"]),
        holidays=frozenset(map(date.fromisoformat, body["holidays"])),
        workdays=frozenset(map(date.fromisoformat, body["workdays"])),
        holiday_hours=hours(body["holiday_hours"]),
        zone=body["zone"],
    )
