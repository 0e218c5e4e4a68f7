"""Figures: what a KPI says of a period, from its frozen row or counted now by the same statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from shouwen.kernel import clock
from shouwen.reports.kpis import Kpi
from shouwen.reports.models import Figure
from shouwen.reports.periods import Period

Part = Literal["base", "counted", "missed", "apart"]
Sql = tuple[str, list[Any]]

_NAMES = re.compile(r"(?<![:\w]):(community|start|end|now|zone)\b")
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Value:
    """Numerator and denominator of a period; ``figure`` is the frozen row they come from, None when counted now."""

    numerator: int
    denominator: int
    back_entries: int = 0
    unconfirmed: int = 0
    figure: Figure | None = None

    @property
    def frozen(self) -> bool:
        return self.figure is not None

    def rate(self, kpi: Kpi) -> Decimal | None:
        """The rate to one place, half up; None without a denominator."""
        return rate(self.numerator, self.denominator, kpi.scale)


def rate(numerator: int, denominator: int, scale: int = 100) -> Decimal | None:
    """96.4 of 54 in 56; None where there is nothing to divide by."""
    if not denominator:
        return None
    return (Decimal(scale) * numerator / denominator).quantize(_TENTH, ROUND_HALF_UP)


def shown(value: Decimal | None) -> str:
    """96.4, 100 and – for nothing."""
    if value is None:
        return "–"
    return str(value.to_integral_value()) if value == value.to_integral_value() else str(value)


def filled(sql: str, texts: Mapping[str, tuple[str, list[Any]]]) -> Sql:
    """The statement with each ``:name`` replaced by its text, and the parameters in their order."""
    params: list[Any] = []

    def put(found: re.Match[str]) -> str:
        text, values = texts[found[1]]
        params.extend(values)
        return text

    return _NAMES.sub(put, sql), params


def members(kpi: Kpi, community_id: int, period: Period, now: datetime | None = None) -> Sql:
    """The statement that names the members of one period."""
    return filled(
        kpi.sql,
        {
            "community": ("%s::bigint", [community_id]),
            "start": ("%s::timestamptz", [period.start]),
            "end": ("%s::timestamptz", [period.end]),
            "now": ("%s::timestamptz", [now or clock.now()]),
            "zone": ("%s::text", [period.zone]),
        },
    )


def lateral(kpi: Kpi, community_id: int, zone: str, now: datetime) -> Sql:
    """The same statement for a join with rows ``b(starts, ends)``: many periods in one go."""
    return filled(
        kpi.sql,
        {
            "community": ("%s::bigint", [community_id]),
            "start": ("b.starts", []),
            "end": ("b.ends", []),
            "now": ("%s::timestamptz", [now]),
            "zone": ("%s::text", [zone]),
        },
    )


COUNTS = """count(*) filter (where m.counted), count(*) filter (where m.base),
    count(*) filter (where m.apart = 'back_entry'), count(*) filter (where m.apart = 'unconfirmed')"""


def counted_now(kpi: Kpi, community_id: int, periods: Sequence[Period]) -> list[Value]:
    """The values of these periods as the rows stand now; one statement."""
    if not periods:
        return []
    inner, params = lateral(kpi, community_id, periods[0].zone, clock.now())
    sql = f"""select {COUNTS}
        from unnest(%s::timestamptz[], %s::timestamptz[]) with ordinality b(starts, ends, n)
        left join lateral ({inner}) m on true group by b.n order by b.n"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [[p.start for p in periods], [p.end for p in periods], *params])
        return [Value(*row) for row in cursor.fetchall()]


def values(
    community_id: int, wanted: Iterable[tuple[Kpi, Sequence[Period]]], *, live: int | None = None
) -> dict[str, list[Value]]:
    """Each KPI's values in its periods: frozen where they are, counted now elsewhere. A query for each, and one.

    ``live`` counts no more than so many of the newest periods; older ones that nobody froze are then empty.
    """
    wanted = list(wanted)
    frozen = frozen_of(community_id, wanted)
    answer = {}
    for kpi, periods in wanted:
        kept = {p: frozen.get((kpi.code, p.kind, p.first)) for p in periods}
        fresh = [p for p in (periods if live is None else periods[-live:]) if kept[p] is None]
        counted = dict(zip(fresh, counted_now(kpi, community_id, fresh), strict=True))
        answer[kpi.code] = [_of(kept[p]) or counted.get(p, Value(0, 0)) for p in periods]
    return answer


def value(kpi: Kpi, community_id: int, period: Period) -> Value:
    """The value of one period."""
    return values(community_id, [(kpi, [period])])[kpi.code][0]


def frozen_of(
    community_id: int, wanted: Iterable[tuple[Kpi, Sequence[Period]]]
) -> dict[tuple[str, str, Any], Figure]:
    """The frozen rows of these KPIs and periods, without their members."""
    asked = Q(pk__in=())
    for kpi, periods in wanted:
        if periods:
            first, kind = min(p.first for p in periods), periods[0].kind
            asked |= Q(kpi=kpi.code, period=kind, first_day__gte=first)
    rows = Figure.objects.filter(asked, community_id=community_id).select_related("frozen_by")
    rows = rows.defer("base_ids", "counted_ids", "apart_ids")
    return {(f.kpi, f.period, f.first_day): f for f in rows}


def _of(figure: Figure | None) -> Value | None:
    if figure is None:
        return None
    return Value(figure.numerator, figure.denominator, figure.back_entries, figure.unconfirmed, figure)


_PARTS = {
    "base": "m.base",
    "counted": "m.counted",
    "missed": "m.base and not m.counted",
    "apart": "m.apart <> ''",
}
_KEPT = {
    "base": "unnest(base_ids)",
    "counted": "unnest(counted_ids)",
    "missed": "unnest(array(select unnest(base_ids) except select unnest(counted_ids)))",
    "apart": "unnest(apart_ids)",
}


def ids(kpi: Kpi, community_id: int, period: Period, part: Part, figure: Figure | None, cast: str) -> RawSQL:
    """The keys of the members of a part, for ``pk__in``; of a frozen figure those that were counted then."""
    if figure is not None and not (part == "base" and kpi.base_in == "unit"):
        sql = f"select x.id::{cast} from (select {_KEPT[part]} as id from reports_figure where id = %s) x"
        return RawSQL(sql, [figure.pk])  # noqa: S611 - composed from constants
    inner, params = members(kpi, community_id, period)
    return RawSQL(f"select m.id::{cast} from ({inner}) m where {_PARTS[part]}", params)  # noqa: S611 - as above
