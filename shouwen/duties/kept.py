"""What was in force is kept: each version of a community's calendar, and of the book of clauses.

Rows are added and never changed, so that a duty can be rebuilt years later with the rules of its day.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from functools import lru_cache
from typing import Any

from django.db import connection

from shouwen.duties.clauses import Book, compile_book
from shouwen.estate.hours import calendar_of
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.calendar import ALL_DAY, ServiceCalendar

LEAD = timedelta(seconds=10)
"""How long after it was written a ruling begins to count: longer than any process keeps what it has read."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS_OPEN = ServiceCalendar(version=0, week=(ALL_DAY,) * 7)


def keep_calendar(community_id: int) -> bool:
    """Keep the community's calendar if it differs from the last version kept; False if there is no such community."""
    community = Community.objects.filter(pk=community_id).first()
    if community is None:
        return False
    # Past the cache of `calendar_of`: what this transaction wrote may still be rolled back.
    community.calendar_version = time.time_ns()
    body = json.dumps(_frozen(calendar_of(community)), sort_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [community_id, body, clock.now() + LEAD, BEGINNING, community_id, body])
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


@lru_cache(maxsize=8192)
def kept_calendar(community_id: int, version: int) -> ServiceCalendar:
    """One version, as it was. Communities that serve alike share one calendar, and what it has worked out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select body::text from duties_keptcalendar where community_id = %s and version = %s",
            [community_id, version],
        )
        row = cursor.fetchone()
    return _revived(version, row[0]) if row else ALWAYS_OPEN


def _frozen(calendar: ServiceCalendar) -> dict[str, Any]:
    def hours(intervals: Any) -> list[list[str]]:
        return [[a.isoformat("minutes"), b.isoformat("minutes")] for a, b in intervals]

    return {
        "week": [hours(day) for day in calendar.week],
        "holidays": sorted(day.isoformat() for day in calendar.holidays),
        "workdays": sorted(day.isoformat() for day in calendar.workdays),
        "holiday_hours": hours(calendar.holiday_hours),
        "zone": calendar.zone,
        "years": sorted(calendar.years),
    }


@lru_cache(maxsize=1024)
def _revived(version: int, text: str) -> ServiceCalendar:
    def hours(intervals: list[list[str]]) -> tuple[tuple[wall_time, wall_time], ...]:
        return tuple((wall_time.fromisoformat(a), wall_time.fromisoformat(b)) for a, b in intervals)

    body = json.loads(text)
    return ServiceCalendar(
        version=version,
        week=tuple(hours(day) for day in body["week"]),
        holidays=frozenset(map(date.fromisoformat, body["holidays"])),
        workdays=frozenset(map(date.fromisoformat, body["workdays"])),
        holiday_hours=hours(body["holiday_hours"]),
        zone=body["zone"],
        years=frozenset(body["years"] if "years" in body else (int(day[:4]) for day in body["holidays"])),
    )


# --- the book -----------------------------------------------------------------------------------------------------


def keep_book(texts: Mapping[str, str]) -> bool:
    """Keep the clause files if they differ from the last ones kept; True if they did. Only what compiles is kept."""
    compile_book(texts)
    body = json.dumps(dict(sorted(texts.items())), ensure_ascii=False)
    digest = hashlib.sha256(body.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_BOOK, [BEGINNING, clock.now(), digest, body, digest])
        return bool(cursor.rowcount == 1)


_KEEP_BOOK = """
insert into duties_keptbook (since, digest, body)
select case when exists (select from duties_keptbook) then n.now else n.first end, n.digest, n.body
from (select %s::timestamptz as first, %s::timestamptz as now, %s as digest, %s::jsonb as body) n
where not exists (select from (select digest from duties_keptbook order by since desc, id desc limit 1) l where l.digest = %s)
"""


@lru_cache(maxsize=16)
def kept_book(key: int) -> Book:
    """One version of the book as it was."""
    with connection.cursor() as cursor:
        cursor.execute("select body::text from duties_keptbook where id = %s", [key])
        return compile_book(json.loads(cursor.fetchone()[0]))


def forget() -> None:
    """Read again at the next question."""
    kept_calendar.cache_clear()
    kept_book.cache_clear()
