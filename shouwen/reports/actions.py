"""Freezing: a closed period's figures are written once and never again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection

from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotFound
from shouwen.reports.figures import COUNTS, lateral
from shouwen.reports.kpis import KPIS, Kpi
from shouwen.reports.periods import KINDS, Period

# How many closed periods a first run goes back.
LOOK_BACK = {"day": 92, "week": 53, "month": 36}

_FREEZE = """
insert into reports_figure (community_id, kpi, version, period, first_day, last_day, target, frozen_at, frozen_by_id,
    numerator, denominator, back_entries, unconfirmed, base_ids, counted_ids, apart_ids, digest)
select %s, %s, %s, %s, b.first, b.last, %s, %s, %s, m.*
from unnest(%s::date[], %s::date[], %s::timestamptz[], %s::timestamptz[]) b(first, last, starts, ends)
cross join lateral (
    select {counts},
        coalesce(array_agg(m.id::uuid order by m.id) filter (where m.base and %s), '{{}}'),
        coalesce(array_agg(m.id::uuid order by m.id) filter (where m.counted), '{{}}'),
        coalesce(array_agg(m.id::uuid order by m.id) filter (where m.apart <> ''), '{{}}'),
        encode(sha256(convert_to(coalesce(string_agg(
            concat_ws(':', m.id, m.base, m.counted, m.apart), ',' order by m.id), ''), 'UTF8')), 'hex')
    from ({members}) m) m
on conflict (community_id, kpi, period, first_day) do nothing
"""


def freeze(community_id: int, *, actor: Actor) -> int:
    """Freeze what is closed, settled and not frozen yet; returns how many figures were written. Safe to repeat."""
    if community_id not in actor.communities:
        raise NotFound("not_found")
    community = Community.objects.get(pk=community_id)
    began = _began(community)
    if began is None:
        return 0
    with frame(actor):
        written = sum(_freeze(community, kpi, kind, began, actor) for kpi in KPIS for kind in KINDS)
        if written:
            record("figures:frozen", community, figures=written)
    return written


def closed(kpi: Kpi, kind: str, began: date, zone: str) -> list[Period]:
    """The periods of a kind, in order, that can't change any more; the first one holds the day of the first fact."""
    settled = clock.today(zone) - timedelta(days=kpi.settle)
    ended = Period.of(kind, settled, zone).move(-1)
    first = Period.of(kind, began, zone)
    return [p for p in ended.back(LOOK_BACK[kind]) if p.first >= first.first]


def _began(community: Community) -> date | None:
    """The day of the first case recorded here: what was imported from before is counted, but not frozen as empty."""
    registered = Entry.objects.filter(community_id=community.pk, verb="case:registered")
    moment = registered.order_by("recorded_at").values_list("recorded_at", flat=True).first()
    return clock.local(moment, community.zone).date() if moment else None


def _freeze(community: Community, kpi: Kpi, kind: str, began: date, actor: Actor) -> int:
    periods = _missing(community, kpi, closed(kpi, kind, began, community.zone))
    if not periods:
        return 0
    now = clock.now()
    inner, params = lateral(kpi, community.pk, community.zone, now)
    head: list[Any] = [
        community.pk,
        kpi.code,
        kpi.version,
        kind,
        kpi.target,
        now,
        actor.id if actor.kind == "staff" else None,
    ]
    days: list[Any] = [[p.first for p in periods], [p.last for p in periods]]
    moments: list[Any] = [[p.start for p in periods], [p.end for p in periods]]
    with connection.cursor() as cursor:
        sql = _FREEZE.format(counts=COUNTS, members=inner)
        cursor.execute(sql, [*head, *days, *moments, kpi.base_in != "unit", *params])
        return int(cursor.rowcount)


def _missing(community: Community, kpi: Kpi, periods: Sequence[Period]) -> list[Period]:
    if not periods:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """select first_day from reports_figure
                where community_id = %s and kpi = %s and period = %s and first_day >= %s""",
            [community.pk, kpi.code, periods[0].kind, periods[0].first],
        )
        there = {row[0] for row in cursor.fetchall()}
    return [p for p in periods if p.first not in there]
