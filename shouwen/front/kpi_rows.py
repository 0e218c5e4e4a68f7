"""The rows behind a figure: the cases, answers or units that were counted, as a list with export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwen.cases.models import Case, FollowUp
from shouwen.estate.models import Community, Unit
from shouwen.front import desk, exports, look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.kpi_pages import PARTS, kpi_of, kpi_url, period_of, rate_words, state_words
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel import clock
from shouwen.kernel.text import dotted
from shouwen.people.viewers import StaffActor
from shouwen.reports.figures import Part, Value, ids, value
from shouwen.reports.kpis import Kpi
from shouwen.reports.models import Figure
from shouwen.reports.periods import Period


@dataclass(frozen=True)
class _Rows:
    """How the members of one sort are listed and exported."""

    rows: QuerySet[Any]
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Any
    export: Export


@require_GET
@staff_door("report.see")
def kpi_rows(request: HttpRequest, code: str) -> HttpResponse:
    """The members of a figure that the viewer may see; of a frozen figure those that were counted then."""
    here, me, chosen = community(request), viewer(request), kpi_of(code)
    period, part = period_of(request, here, chosen.period), _part(request)
    exact = {"period": period.kind, "on": period.first.isoformat(), "part": part}
    if exact.items() - request.GET.items():  # so that filters, pages and exports carry the whole question
        return redirect(kpi_url("kpi_rows", chosen, period, part=part))
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
        export=shape.export,
        facets=_facets(),
        empty=_("没有，或者你没有看这些事项的权限。"),
        empty_action=look.Link(_("回到指标"), kpi_url("kpi", chosen, period), "arrow-left"),
    )


def _lead(chosen: Kpi, period: Period, part: str, found: Value) -> str:
    """What the figure is; rows that this viewer may not see are counted in it all the same."""
    rate = f"{rate_words(chosen, found)} = {found.numerator} / {found.denominator}"
    now = found.frozen and part == "base" and chosen.base_in == "unit"
    return dotted(period.words, rate, state_words(found), _("清单是现在的在住房屋") if now else "")


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
    return _Rows(rows, ("-opened_at", "-id"), columns, desk.case_cells, exports.CASES)


def _answers(
    me: StaffActor, here: Community, chosen: Kpi, period: Period, part: Part, figure: Figure | None
) -> _Rows:
    keys = ids(chosen, here.pk, period, part, figure, "uuid")
    seen = Case.objects.visible_to(me).filter(community_id=here.pk)
    rows = FollowUp.objects.filter(pk__in=keys, case__in=seen).select_related("case__category", "staff")
    columns = (_("回访时间"), _("地点与事项"), _("回答"), _("住户的话"), _("回访人"))
    heads = (_("回访时间"), _("单号"), _("地点"), _("标题"), _("回答"), _("住户的话"), _("回访人"))
    return _Rows(rows, ("-at", "-id"), columns, _answer_cells, Export(heads, each(_answer_values)))


def _answer_cells(answers: list[FollowUp]) -> list[look.TableRow]:
    return [
        look.TableRow(
            url=reverse("case", args=[a.case_id]),
            cells=(
                look.Cell(f"{clock.local(a.at):%Y-%m-%d %H:%M}", nowrap=True, dim=True),
                look.Cell(a.case.place, sub=a.case.title, strong=True),
                look.Cell(_said(a), nowrap=True),
                look.Cell(a.words),
                look.Cell(marks=(look.hand(a.staff.name),)) if a.staff else look.Cell(_("住户自己")),
            ),
        )
        for a in answers
    ]


def _answer_values(a: FollowUp) -> tuple[Any, ...]:
    return (
        a.at,
        a.case.number,
        a.case.place,
        a.case.title,
        _said(a),
        a.words,
        a.staff.name if a.staff else _("住户自己"),
    )


def _said(answer: FollowUp) -> str:
    return _("满意") if answer.satisfied else _("不满意")


def _units(
    me: StaffActor, here: Community, chosen: Kpi, period: Period, part: Part, figure: Figure | None
) -> _Rows:
    keys = ids(chosen, here.pk, period, part, figure, "bigint")
    seen = Unit.objects.visible_to(me) if me.may("estate.see", here.pk) else Unit.objects.none()
    rows = seen.filter(community_id=here.pk, pk__in=keys).select_related("building")
    columns = (_("房号"), _("房屋类型"), _("使用状态"))
    return _Rows(rows, ("sort", "id"), columns, _unit_cells, exports.UNITS)


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


_SHAPES = {"case": _cases, "answer": _answers, "unit": _units}


def _part(request: HttpRequest) -> Part:
    wanted = request.GET.get("part", "")
    return next((part for part, _words in PARTS if part == wanted), "base")
