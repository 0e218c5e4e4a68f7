"""The KPI pages: all of them in a period, one of them over time, and the rows behind a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET

from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.frame import frame_of
from shouwen.front.tables import as_file
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import dotted, joined
from shouwen.reports.figures import Part, Value, shown, values
from shouwen.reports.kpis import APART, BY_CODE, KPIS, Kpi
from shouwen.reports.periods import KINDS, Period

HISTORY = {"day": 31, "week": 26, "month": 24}
PARTS: tuple[tuple[Part, Any], ...] = (
    ("base", gettext_lazy("分母")),
    ("counted", gettext_lazy("分子")),
    ("missed", gettext_lazy("未计入")),
    ("apart", gettext_lazy("另计")),
)


@require_GET
@staff_door("report.see")
def kpi_list(request: HttpRequest) -> HttpResponse:
    """Every KPI in one period: value, target, numerator and denominator, and what it means."""
    here = community(request)
    period = period_of(request, here, "month")
    found = values(here.pk, [(kpi, [period]) for kpi in KPIS])
    if kind := request.GET.get("export", ""):
        lines = [_kpi_line(kpi, period, found[kpi.code][0]) for kpi in KPIS]
        name = _("指标 %s") % period.words
        return as_file(request, kind, name, _kpi_heads(), lines, len(lines))  # type: ignore[return-value]
    columns = (
        pgettext("one", "指标"),
        period.words,
        _("目标"),
        _("分子 / 分母"),
        _("另计"),
        _("状态"),
        _("依据"),
    )
    table = look.TableList(
        title=_("指标"),
        lead=period.words,
        columns=tuple(look.Column(c, "right" if n in (1, 2, 3) else "left") for n, c in enumerate(columns)),
        rows=tuple(_kpi_row(kpi, period, found[kpi.code][0]) for kpi in KPIS),
        filters=(_day_filter(period),),
        exports=_exports(request, period),
    )
    keep = (("period", period.kind),)
    context = {"table": table, "keep": keep, "frame": _frame(request, "kpi_list", (), period)}
    return page(request, "front/list.html", context)


def _exports(request: HttpRequest, period: Period) -> tuple[look.Link, ...]:
    if not may(request, "data.export"):
        return ()
    url = _list_url(period) + "&export="
    return (
        look.Link("CSV", url + "csv", "file-export"),
        look.Link("Excel", url + "xlsx", "file-spreadsheet"),
    )


def _kpi_heads() -> tuple[str, ...]:
    apart = tuple(str(words) for words in APART.values())
    return (
        pgettext("one", "指标"),
        _("时期"),
        _("值"),
        _("单位"),
        _("目标"),
        _("分子"),
        _("分母"),
        *apart,
        _("状态"),
        _("依据"),
    )


def _kpi_row(kpi: Kpi, period: Period, found: Value) -> look.TableRow:
    rate = found.rate(kpi)
    missed = rate is not None and not kpi.good(rate)
    return look.TableRow(
        url=kpi_url("kpi", kpi, period),
        cells=(
            look.Cell(str(kpi.name), strong=True, nowrap=True),
            look.Cell(
                rate_words(kpi, found),
                strong=True,
                nowrap=True,
                tag=_("未达标") if missed else "",
                tag_tone="soon",
            ),
            look.Cell(target_words(kpi), nowrap=True, dim=True),
            look.Cell(f"{found.numerator} / {found.denominator}", nowrap=True),
            look.Cell(_apart(found), dim=True),
            look.Cell(state_words(found), nowrap=True, dim=True),
            look.Cell(joined(kpi.source), nowrap=True, dim=True),
        ),
    )


def _kpi_line(kpi: Kpi, period: Period, found: Value) -> tuple[Any, ...]:
    numbers = (found.numerator, found.denominator, found.back_entries, found.unconfirmed)
    head = (str(kpi.name), period.words, found.rate(kpi), kpi.unit, target_words(kpi))
    return (*head, *numbers, state_words(found), joined(kpi.source))


@require_GET
@staff_door("report.see")
def kpi(request: HttpRequest, code: str) -> HttpResponse:
    """One KPI: what it means, this period with the way to its rows, and the periods before."""
    here, chosen = community(request), kpi_of(code)
    period = period_of(request, here, chosen.period)
    past = period.back(HISTORY[period.kind])
    found = values(here.pk, [(chosen, past)])[chosen.code]
    context = {
        "title": f"{chosen.name} {period.words}",
        "lead": rate_words(chosen, found[-1]),
        "tags": (state_words(found[-1]),),
        "back": look.Link(_("指标"), _list_url(period)),
        "facts": _facts(chosen, period, found[-1]),
        "tables": (_history(chosen, past, found),),
        "frame": _frame(request, "kpi", (code,), period),
    }
    return page(request, "front/detail.html", context)


def _facts(chosen: Kpi, period: Period, found: Value) -> tuple[tuple[str, look.Cell], ...]:
    """Definition, source, target, and each part with the link to its rows."""
    facts = [
        (_("口径"), look.Cell(str(chosen.sentence))),
        (_("依据"), look.Cell(dotted(joined(chosen.source), _("第 %d 版口径") % chosen.version))),
        (_("目标"), look.Cell(target_words(chosen))),
        (_("本期"), look.Cell(dotted(rate_words(chosen, found), _frozen_words(found)), strong=True)),
    ]
    numbers = {
        "base": found.denominator,
        "counted": found.numerator,
        "missed": found.denominator - found.numerator,
    }
    for part, words in PARTS:
        if part == "missed" and chosen.base_in != chosen.counted_in:
            continue
        number = numbers.get(part, found.back_entries + found.unconfirmed)
        url = kpi_url("kpi_rows", chosen, period, part=part) if number else ""
        measured = _measure(chosen, part, number)
        if part == "apart" and number:
            measured = dotted(measured, _apart(found))
        facts.append((str(words), look.Cell(measured, url=url)))
    return tuple(facts)


def _measure(chosen: Kpi, part: str, number: int) -> str:
    """56 件, 12 次回答, 1,024 户."""
    kind = (
        chosen.base_in if part in ("base", "missed") else chosen.counted_in if part == "counted" else "case"
    )
    words = {"case": _("%s 件"), "answer": _("%s 次回答"), "unit": _("%s 户")}[kind]
    return words % f"{number:,}"


def _history(chosen: Kpi, past: Sequence[Period], found: Sequence[Value]) -> look.TableList:
    columns = (_("时期"), _("值"), _("分子"), _("分母"), _("另计"), _("状态"))
    rows = (
        look.TableRow(
            url=kpi_url("kpi", chosen, period),
            cells=(
                look.Cell(period.words, nowrap=True),
                look.Cell(rate_words(chosen, value), strong=True),
                look.Cell(str(value.numerator)),
                look.Cell(str(value.denominator)),
                look.Cell(_apart(value), dim=True),
                look.Cell(state_words(value), dim=True),
            ),
        )
        for period, value in reversed(list(zip(past, found, strict=True)))
        if value.denominator or value.numerator or value.frozen
    )
    right = (1, 2, 3)
    shown_columns = tuple(look.Column(c, "right" if n in right else "left") for n, c in enumerate(columns))
    return look.TableList(
        title=_("历次"), columns=shown_columns, rows=tuple(rows), empty=_("还没有可算的时期。")
    )


# --- what the address asks for ---------------------------------------------------------------------------------------


def kpi_of(code: str) -> Kpi:
    """The KPI of this address; NotFound for another."""
    if code not in BY_CODE:
        raise NotFound("not_found")
    return BY_CODE[code]


def period_of(request: HttpRequest, here: Community, kind: str) -> Period:
    """The period of ``period`` and ``on``; the running one where they say nothing sensible."""
    wanted = request.GET.get("period", "")
    kind = wanted if wanted in KINDS else kind
    today = clock.today(here.zone)
    try:
        day = min(today, max(date(2000, 1, 1), date.fromisoformat(request.GET.get("on", ""))))
    except ValueError:
        day = today
    return Period.of(kind, day, here.zone)


def kpi_url(name: str, chosen: Kpi, period: Period, **more: str) -> str:
    """The address of a page about this KPI in this period."""
    pairs = {"period": period.kind, "on": period.first.isoformat(), **more}
    return reverse(name, args=[chosen.code]) + "?" + urlencode(pairs)


def _list_url(period: Period) -> str:
    return reverse("kpi_list") + "?" + urlencode({"period": period.kind, "on": period.first.isoformat()})


def _frame(request: HttpRequest, name: str, args: tuple[str, ...], period: Period) -> look.Frame:
    """The frame with the choice of day, week and month; the day asked for stays."""
    words = {"day": _("日"), "week": _("周"), "month": _("月")}
    on = "" if period.end > clock.now() else f"&on={period.last.isoformat()}"
    links = tuple(
        look.Link(words[kind], f"{reverse(name, args=args)}?period={kind}{on}", current=kind == period.kind)
        for kind in KINDS
    )
    return replace(frame_of(request, viewer(request), community(request)), switch=links)


def _day_filter(period: Period) -> look.Filter:
    return look.Filter("on", _("包含这一天"), "date", period.first.isoformat())


# --- words -----------------------------------------------------------------------------------------------------------


def rate_words(chosen: Kpi, found: Value) -> str:
    """96.4%, 500‰, –."""
    rate = found.rate(chosen)
    return shown(rate) + (chosen.unit if rate is not None else "")


def target_words(chosen: Kpi) -> str:
    """≥ 95%, ≤ 3%."""
    if chosen.target is None:
        return ""
    return f"{'≥' if chosen.better == 'up' else '≤'} {shown(chosen.target)}{chosen.unit}"


def _apart(found: Value) -> str:
    counts = {"back_entry": found.back_entries, "unconfirmed": found.unconfirmed}
    return ",".join(f"{APART[why]} {count}" for why, count in counts.items() if count)


def state_words(found: Value) -> str:
    """Whether the figure can still change."""
    return _("已冻结") if found.frozen else _("暂计")


def _frozen_words(found: Value) -> str:
    if found.figure is None:
        return _("暂计：时期结束并过了口径的等待期后冻结")
    by = found.figure.frozen_by.name if found.figure.frozen_by else _("系统")
    at = f"{clock.local(found.figure.frozen_at):%Y-%m-%d %H:%M}"
    return _("%(at)s 由%(by)s冻结") % {"at": at, "by": by}
