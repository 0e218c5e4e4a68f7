"""Changes of a community's own table of public days: a whole year at once, one day, and back to the library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from shouwen.estate.hours import next_version
from shouwen.estate.models import Community, PublicDay
from shouwen.estate.public import Row, rows_of
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused

YEARS = range(2000, 2101)


def publish(community_ids: Iterable[int], year: int, rows: Sequence[Row], *, actor: Actor) -> list[Community]:
    """Make these days the whole announcement of a year, in each of the communities."""
    if year not in YEARS:
        raise Refused("public_year")
    if not rows:
        raise Refused("public_empty")
    for row in rows:
        if not may_lie(row.on, year):
            raise Refused("public_on", day=row.on.isoformat(), year=year)
    with frame(actor):
        return [_put(key, year, rows, actor) for key in sorted(set(community_ids))]


def set_public_day(
    community_id: int, year: int, on: date, kind: str | None, *, actor: Actor, name: str = ""
) -> Community:
    """Mend one day of a year; None takes it out. The rest of the year stays as it was, the library's if it was that."""
    rows = [row for row in rows_of(community_id, year)[0] if row.on != on]
    if kind:
        rows.append(Row(on, kind, name))
    return publish([community_id], year, rows, actor=actor)[0]


def withdraw(community_id: int, year: int, *, actor: Actor) -> Community:
    """Take the community's own table of a year away: the library's holds again, or the year is provisional."""
    with frame(actor):
        row = next_version(community_id, actor)
        gone, _by_model = PublicDay.objects.filter(community=row, year=year).delete()
        if not gone:
            raise Refused("public_none", year=year)
        record("year:published", row, calendar=row.calendar_version, year=year, count=0)
    return row


def may_lie(on: date, year: int) -> bool:
    """Whether a day can belong to the announcement of a year: New Year's holiday may begin in the December before."""
    return on.year == year or (on.year, on.month) in ((year - 1, 12), (year + 1, 1))


def _put(community_id: int, year: int, rows: Sequence[Row], actor: Actor) -> Community:
    community = next_version(community_id, actor)
    days = {row.on: row for row in rows}
    old = PublicDay.objects.filter(community=community)
    old.filter(year=year).delete()
    old.filter(on__in=days).delete()
    PublicDay.objects.bulk_create(
        PublicDay(community=community, year=year, on=row.on, kind=row.kind, name=row.name[:20])
        for row in days.values()
    )
    record("year:published", community, calendar=community.calendar_version, year=year, count=len(days))
    return community
