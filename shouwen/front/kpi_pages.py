"""The KPI pages: all of them in a period, one of them over time, and the rows behind a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from shouwen.cases.models import Case, FollowUp
from shouwen.estate.models import Community, Unit
from shouwen.front import desk, look
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.frame import frame_of
from shouwen.front.tables import Facet, listing
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.people.viewers import StaffActor
from shouwen.reports.figures import Part, Value, ids, shown, value, values
from shouwen.reports.kpis import APART, BY_CODE, KPIS, Kpi
from shouwen.reports.models import Figure
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
    period = _asked(request, here, "month")
    found = values(here.pk, [(kpi, [period]) for kpi in KPIS])
    columns = (
        _("指标"),
        period.words,
        _("目标"),
        _("分子 / 分母"),
        _("另计"),
        _("状态"),
        _("口径"),
        _("依据"),
    )
    table = look.TableList(
        title=_("指标"),
        lead=period.words,
        columns=tuple(look.Column(c, "right" if n in (1, 2, 3) else "left") for n, c in enumerate(columns)),
        rows=tuple(_kpi_row(kpi, period, found[kpi.code][0]) for kpi in KPIS),
        filters=(_day_filter(period),),
    )
    context = {
        "table": table,
        "keep": (("period", period.kind),),
        "frame": _frame(request, "kpi_list", (), period),
    }
    return page(request, "front/list.html", context)


def _kpi_row(kpi: Kpi, period: Period, found: Value) -> look.TableRow:
    rate = found.rate(kpi)
    missed = rate is not None and not kpi.good(rate)
    return look.TableRow(
        url=_url("kpi", kpi, period),
        cells=(
            look.Cell(str(kpi.name), strong=True, nowrap=True),
            look.Cell(
                _rate(kpi, found),
                strong=True,
                nowrap=True,
                tag=_("未达标") if missed else "",
                tag_tone="soon",
            ),
            look.Cell(target_words(kpi), nowrap=True, dim=True),
            look.Cell(f"{found.numerator} / {found.denominator}", nowrap=True),
            look.Cell(_apart(found), dim=True),
            look.Cell(_state(found), nowrap=True, dim=True),
            look.Cell(str(kpi.sentence)),
            look.Cell("、".join(kpi.source), nowrap=True, dim=True),
        ),
    )


@require_GET
@staff_door("report.see")
def kpi(request: HttpRequest, code: str) -> HttpResponse:
    """One KPI: what it means, this period with the way to its rows, and the periods before."""
    here, chosen = community(request), _kpi(code)
    period = _asked(request, here, chosen.period)
    past = period.back(HISTORY[period.kind])
    found = values(here.pk, [(chosen, past)])[chosen.code]
    context = {
        "title": f"{chosen.name} {period.words}",
        "lead": _rate(chosen, found[-1]),
        "tags": (_state(found[-1]),),
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
        (_("依据"), look.Cell(" • ".join(("、".join(chosen.source), _("第 %d 版口径") % chosen.version)))),
        (_("目标"), look.Cell(target_words(chosen))),
        (_("本期"), look.Cell(" • ".join((_rate(chosen, found), _frozen_words(found))), strong=True)),
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
        url = _url("kpi_rows", chosen, period, part=part) if number else ""
        measured = _measure(chosen, part, number)
        if part == "apart" and number:
            measured += f" • {_apart(found)}"
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
            url=_url("kpi", chosen, period),
            cells=(
                look.Cell(period.words, nowrap=True),
                look.Cell(_rate(chosen, value), strong=True),
                look.Cell(str(value.numerator)),
                look.Cell(str(value.denominator)),
                look.Cell(_apart(value), dim=True),
                look.Cell(_state(value), dim=True),
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


# --- the rows behind a figure ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    """How the members of one sort are listed and exported."""

    rows: QuerySet[Any]
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Any
    heads: tuple[str, ...]
    values: Any


@require_GET
@staff_door("report.see")
def kpi_rows(request: HttpRequest, code: str) -> HttpResponse:
    """The members of a figure that the viewer may see; of a frozen figure those that were counted then."""
    here, me, chosen = community(request), viewer(request), _kpi(code)
    period, part = _asked(request, here, chosen.period), _part(request)
    exact = {"period": period.kind, "on": period.first.isoformat(), "part": part}
    if exact.items() - request.GET.items():  # so that filters, pages and exports carry the whole question
        return redirect(_url("kpi_rows", chosen, period, part=part))
    found = value(chosen, here.pk, period)
    subject = (
        chosen.base_in if part in ("base", "missed") else chosen.counted_in if part == "counted" else "case"
    )
    shape = _SHAPES[subject](me, here, chosen, period, part, found.figure)
    return listing(  # type: ignore[return-value]
        request,
        title=f"{chosen.name} {dict(PARTS)[part]}",
        lead=_lead(chosen, period, part, found),
        rows=shape.rows,
        keys=shape.keys,
        columns=shape.columns,
        cells=shape.cells,
        heads=shape.heads,
        values=shape.values,
        facets=_facets(),
        empty=_("没有，或者你没有看这些事项的权限。"),
        empty_action=look.Link(_("回到指标"), _url("kpi", chosen, period), "arrow-left"),
    )


def _lead(chosen: Kpi, period: Period, part: str, found: Value) -> str:
    """What the figure is; rows that this viewer may not see are counted in it all the same."""
    words = (
        f"{period.words} • {_rate(chosen, found)} = {found.numerator} / {found.denominator} • {_state(found)}"
    )
    if found.frozen and part == "base" and chosen.base_in == "unit":
        words += " • " + _("清单是现在的在住房屋")
    return words


def _facets() -> tuple[Facet, ...]:
    """Which rows: carried along by filters, pages and exports; the rows are chosen already."""

    def keep(rows: QuerySet[Any], _value: Any) -> QuerySet[Any]:
        return rows

    return (
        Facet("part", _("哪一部分"), keep, PARTS),
        Facet("period", _("时期"), keep, tuple(Figure.Kind.choices)),
        Facet("on", _("哪一天起"), keep, kind="date"),
    )


def _cases(
    me: StaffActor, here: Community, chosen: Kpi, period: Period, part: Part, figure: Figure | None
) -> _Rows:
    keys = ids(chosen, here.pk, period, part, figure, "uuid")
    rows = Case.objects.visible_to(me).filter(community_id=here.pk, pk__in=keys).select_related(*desk.RELATED)
    columns = (_("单号"), _("地点与事项"), _("类型"), _("首问 › 经办"), _("状态"), _("受理"), _("时限"))
    heads = tuple(_(h) for h in desk.HEADS)
    return _Rows(rows, ("-opened_at", "-id"), columns, desk.case_cells, heads, desk.case_values)


def _answers(
    me: StaffActor, here: Community, chosen: Kpi, period: Period, part: Part, figure: Figure | None
) -> _Rows:
    keys = ids(chosen, here.pk, period, part, figure, "uuid")
    seen = Case.objects.visible_to(me).filter(community_id=here.pk)
    rows = FollowUp.objects.filter(pk__in=keys, case__in=seen).select_related("case__category", "staff")
    columns = (_("回访时间"), _("地点与事项"), _("回答"), _("住户的话"), _("回访人"))
    heads = (_("回访时间"), _("单号"), _("地点"), _("标题"), _("回答"), _("住户的话"), _("回访人"))
    return _Rows(rows, ("-at", "-id"), columns, _answer_cells, heads, _answer_values)


def _answer_cells(answers: list[FollowUp]) -> list[look.TableRow]:
    return [
        look.TableRow(
            url=reverse("case", args=[a.case_id]),
            cells=(
                look.Cell(f"{clock.local(a.at):%Y-%m-%d %H:%M}", nowrap=True, dim=True),
                look.Cell(a.case.place, sub=a.case.title, strong=True),
                look.Cell(_said(a), nowrap=True),
                look.Cell(a.words),
                look.Cell(marks=(look.hand(a.staff.name),)),
            ),
        )
        for a in answers
    ]


def _answer_values(a: FollowUp) -> tuple[Any, ...]:
    return a.at, a.case.number, a.case.place, a.case.title, _said(a), a.words, a.staff.name


def _said(answer: FollowUp) -> str:
    return _("满意") if answer.satisfied else _("不满意")


def _units(
    me: StaffActor, here: Community, chosen: Kpi, period: Period, part: Part, figure: Figure | None
) -> _Rows:
    keys = ids(chosen, here.pk, period, part, figure, "bigint")
    seen = Unit.objects.visible_to(me) if me.may("estate.see", here.pk) else Unit.objects.none()
    rows = seen.filter(community_id=here.pk, pk__in=keys)
    columns = (_("房号"), _("房屋类型"), _("使用状态"))
    return _Rows(rows, ("code", "id"), columns, _unit_cells, columns, _unit_values)


def _unit_cells(units: list[Unit]) -> list[look.TableRow]:
    return [
        look.TableRow(
            url=reverse("unit", args=[u.pk]),
            cells=(
                look.Cell(u.code, strong=True, nowrap=True),
                look.Cell(u.get_kind_display()),
                look.Cell(u.get_status_display()),
            ),
        )
        for u in units
    ]


def _unit_values(u: Unit) -> tuple[Any, ...]:
    return u.code, u.get_kind_display(), u.get_status_display()


_SHAPES = {"case": _cases, "answer": _answers, "unit": _units}


# --- what the address asks for ---------------------------------------------------------------------------------------


def _kpi(code: str) -> Kpi:
    if code not in BY_CODE:
        raise NotFound("not_found")
    return BY_CODE[code]


def _asked(request: HttpRequest, here: Community, kind: str) -> Period:
    """The period of ``period`` and ``on``; the running one where they say nothing sensible."""
    wanted = request.GET.get("period", "")
    kind = wanted if wanted in KINDS else kind
    today = clock.today(here.zone)
    try:
        day = min(today, max(date(2000, 1, 1), date.fromisoformat(request.GET.get("on", ""))))
    except ValueError:
        day = today
    return Period.of(kind, day, here.zone)


def _part(request: HttpRequest) -> Part:
    wanted = request.GET.get("part", "")
    return next((part for part, _words in PARTS if part == wanted), "base")


def _url(name: str, chosen: Kpi, period: Period, **more: str) -> str:
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


def _rate(chosen: Kpi, found: Value) -> str:
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


def _state(found: Value) -> str:
    return _("已冻结") if found.frozen else _("暂计")


def _frozen_words(found: Value) -> str:
    if found.figure is None:
        return _("暂计：时期结束并过了口径的等待期后冻结")
    by = found.figure.frozen_by.name if found.figure.frozen_by else _("系统")
    at = f"{clock.local(found.figure.frozen_at):%Y-%m-%d %H:%M}"
    return _("%(at)s 由%(by)s冻结") % {"at": at, "by": by}
