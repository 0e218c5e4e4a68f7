"""The tiles of the supervisor's page: a KPI each, with its trend and fourteen points."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.models import Kind
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.kernel.text import dotted
from shouwen.reports.figures import Value, shown, values
from shouwen.reports.kpis import BY_CODE, Kpi
from shouwen.reports.periods import KINDS, Period
from shouwen.reports.today import arrivals

POINTS = 14
TILES = ("timeliness", "follow_up", "complaint_reply", "rework", "satisfaction")
# What runs and what ended last; whatever is older is frozen. A page that is open all day counts no more.
LIVE = 2
# A day's figures are counted at every look. Those of a week or month move slowly, and the page looks again at every
# event: they are kept for a minute, alike for everybody in the community; what ended and is not frozen yet, longer.
KEPT_SECONDS, ENDED_SECONDS = 60.0, 900.0


@dataclass
class _Kept:
    """Values of one KPI: when the running period was counted, and when the one before it."""

    running: float
    ended: float
    values: list[Value]


_kept: dict[tuple[int, str, Period], _Kept] = {}


def tiles(here: Community, kind: str) -> tuple[look.Tile, ...]:
    """What came in, then the KPIs; each over the chosen stretch, or over its own if that is longer."""
    wanted = [
        (BY_CODE[code], _periods(here, max(kind, BY_CODE[code].period, key=KINDS.index))) for code in TILES
    ]
    found = _values(here, wanted)
    return (_arrived(here, kind), *(_tile(kpi, periods, found[kpi.code]) for kpi, periods in wanted))


def forget() -> None:
    """Count everything anew at the next look."""
    _kept.clear()


def _values(here: Community, wanted: list[tuple[Kpi, tuple[Period, ...]]]) -> dict[str, list[Value]]:
    """What is kept, and the rest counted anew: the running period alone where the one before it was counted lately."""
    return {kpi.code: _counted(here, kpi, periods) for kpi, periods in wanted}


def _counted(here: Community, kpi: Kpi, periods: tuple[Period, ...]) -> list[Value]:
    now, before = time.monotonic(), _kept.get((here.pk, kpi.code, periods[-1]))
    if before is not None and now - before.running < KEPT_SECONDS:
        return before.values
    if before is not None and now - before.ended < ENDED_SECONDS:
        fresh = values(here.pk, [(kpi, periods[-1:])])[kpi.code]
        return _keep(here, kpi, periods, _Kept(now, before.ended, [*before.values[:-1], *fresh]))
    found = values(here.pk, [(kpi, periods)], live=LIVE)[kpi.code]
    return _keep(here, kpi, periods, _Kept(now, now, found))


def _keep(here: Community, kpi: Kpi, periods: tuple[Period, ...], what: _Kept) -> list[Value]:
    if periods[-1].kind != "day":
        _kept[here.pk, kpi.code, periods[-1]] = what
    return what.values


def _periods(here: Community, kind: str) -> tuple[Period, ...]:
    return Period.now(kind, here.zone).back(POINTS)


def _arrived(here: Community, kind: str) -> look.Tile:
    totals, kinds = arrivals(here.pk, _periods(here, kind))
    names = {"day": _("今日来件"), "week": _("本周来件"), "month": _("本月来件")}
    note = dotted(*(f"{Kind(code).label} {kinds[code]}" for code in Kind.values if kinds.get(code)))
    spark = look.Spark(tuple(map(float, totals)))
    return look.Tile(
        names[kind], str(totals[-1]), _("件"), note or _("还没有来件"), spark=spark, url=reverse("case_list")
    )


def _tile(kpi: Kpi, periods: tuple[Period, ...], found: list[Value]) -> look.Tile:
    now, before = found[-1].rate(kpi), found[-2].rate(kpi)
    kind = periods[-1].kind
    missed = now is not None and not kpi.good(now)
    change = now - before if now is not None and before is not None else Decimal(0)
    return look.Tile(
        name=_("当日%(name)s") % {"name": kpi.name} if kpi.period == kind == "day" else str(kpi.name),
        value=shown(now),
        unit=kpi.unit if now is not None else "",
        note=_note(kpi, kind, found[-1], change),
        trend=("up" if change > 0 else "down") if change and not _short(kpi, found[-1]) else "",
        trend_good=None if not change or missed else (change > 0) == (kpi.better == "up"),
        tone="soon" if missed else "plain",
        spark=_spark(kpi, found, missed),
        url=reverse("kpi", args=[kpi.code]) + f"?period={kind}&on={periods[-1].first.isoformat()}",
    )


def _short(kpi: Kpi, value: Value) -> int:
    """How many are still to do where all must be done: 还差 3 户."""
    return value.denominator - value.numerator if kpi.code == "follow_up" else 0


def _note(kpi: Kpi, kind: str, value: Value, change: Decimal) -> str:
    """1.2 较上周 • 目标 95; what stands apart is said with it."""
    than = {"day": _("较昨日"), "week": _("较上周"), "month": _("较上月")}[kind]
    parts = []
    if short := _short(kpi, value):
        parts.append(_("还差 %s 件") % short)
    elif change:
        parts.append(f"{shown(abs(change))} {than}")
    elif value.denominator:
        parts.append(_("%s 件") % value.denominator)
    if value.unconfirmed:
        parts.append(_("未确认 %s") % value.unconfirmed)
    if kpi.target is not None and len(parts) < 2:
        parts.append(_("目标 %s") % shown(kpi.target))
    return dotted(*parts)


def _spark(kpi: Kpi, found: list[Value], missed: bool) -> look.Spark | None:
    """The points that have a value; a line needs two."""
    rates = [float(rate) for value in found if (rate := value.rate(kpi)) is not None]
    if len(rates) < 2:
        return None
    target = float(kpi.target) if kpi.target is not None else None
    return look.Spark(tuple(rates), target, "soon" if missed else "running")
