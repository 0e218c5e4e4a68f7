"""All orders as a list, and their printed sheets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from shouwen.estate.models import Building
from shouwen.front import exports, look
from shouwen.front.clocks import arrived_late, promises, tags
from shouwen.front.doors import Answer, community, staff_door, viewer
from shouwen.front.lanes import COLUMNS, NOBODY, column_words, order_clock, page_of
from shouwen.front.many.ticks import ORDERS, buttons
from shouwen.front.moves import fetch_order
from shouwen.front.tables import Facet, Rows, listing, within
from shouwen.kernel import clock
from shouwen.kernel.refusals import Refused
from shouwen.people.models import Trade
from shouwen.works.models import Order, State
from shouwen.works.sheet import RELATED, number_of, printed
from shouwen.works.suggest import crew

MOST_SHEETS = 50


@require_GET
@staff_door("order.see")
def order_list(request: HttpRequest) -> Answer:
    """Every order that the viewer may see, newest first."""
    me, here = viewer(request), community(request).pk
    rows = Order.objects.visible_to(me).filter(community_id=here)

    def cells(orders: list[Order]) -> list[look.TableRow]:
        due, late = promises(o.case_id for o in orders)
        return [
            look.TableRow(
                url=page_of(o, me),
                id=str(o.pk),
                cells=(
                    look.Cell(number_of(o), nowrap=True, dim=True),
                    look.Cell(o.case.place, sub=o.case.title, strong=True, tags=tags(o.case, late)),
                    look.Cell(o.get_trade_display()),
                    look.Cell(
                        marks=(
                            look.seal(o.case.first_responder.name),
                            look.hand(o.technician.name if o.technician else ""),
                        )
                    ),
                    look.Cell(o.get_state_display(), nowrap=True),
                    look.Cell(f"{clock.local(o.opened_at):%Y-%m-%d %H:%M}", nowrap=True, dim=True),
                    look.Cell(clock=order_clock(o, due.get(o.case_id)) if o.finished_at is None else None),
                ),
            )
            for o in orders
        ]

    return listing(
        request,
        title=_now("派工单"),
        rows=rows.select_related("case__first_responder", "technician"),
        search=lambda found, text: found.filter(
            Q(case__number__startswith=text) | Q(case__place__startswith=text) | Q(case__title__contains=text)
        ),
        search_hint=_now("单号、地点、标题"),
        facets=_facets(here),
        keys=("-opened_at", "-id"),
        columns=(
            _now("派工单号"),
            _now("地点与事项"),
            _now("工种"),
            _now("首问 › 维修"),
            _now("状态"),
            _now("开单"),
            _now("时限"),
        ),
        cells=cells,
        export=exports.ORDERS,
        live="order",
        bulk=buttons(request, ORDERS),
        empty=_now("还没有派工单。"),
    )


def _facets(here: int) -> tuple[Facet, ...]:
    people: tuple[tuple[Any, Any], ...] = tuple((p.pk, p.name) for p in crew(here))
    columns = dict(COLUMNS)
    houses = ((NOBODY, _("公共区")), *((b.pk, str(b)) for b in Building.objects.filter(community_id=here)))
    return (
        Facet(
            "column",
            _("进度"),
            lambda rows, v: rows.filter(state__in=columns[v]),
            tuple(column_words().items()),
        ),
        Facet("state", _("状态"), lambda rows, v: rows.filter(state=v), tuple(State.choices)),
        Facet("trade", _("工种"), lambda rows, v: rows.filter(trade=v), tuple(Trade.choices)),
        Facet("urgent", _("紧急"), lambda rows, v: rows.filter(case__urgent=True), kind="check"),
        Facet(
            "late_arrival",
            _("到场逾期"),
            lambda rows, v: rows.filter(arrived_late("case_id")),
            kind="check",
        ),
        Facet("technician", _("维修人"), lambda rows, v: rows.filter(technician_id=int(v)), people),
        Facet("building", _("楼栋"), _in_building, houses),
        *within("opened_at"),
    )


@require_GET
@staff_door("order.see")
def sheet(request: HttpRequest, key: UUID) -> HttpResponse:
    """The printed order."""
    order = fetch_order(request, key)
    full = Order.objects.select_related(*RELATED).get(pk=order.pk)
    return _pdf(request, [full], number_of(full))


@require_GET
@staff_door("order.dispatch")
def sheets(request: HttpRequest) -> HttpResponse:
    """All orders that were sent and not accepted yet, a page each: what goes to the workshop on paper."""
    rows = Order.objects.visible_to(viewer(request)).filter(
        community_id=community(request).pk, state=State.OFFERED
    )
    orders = list(rows.select_related(*RELATED).order_by("technician_id", "assigned_at")[:MOST_SHEETS])
    if not orders:
        raise Refused("front.no_sheets")
    return _pdf(request, orders, f"{clock.local(clock.now()):%Y%m%d-%H%M}")


def _pdf(request: HttpRequest, orders: list[Order], name: str) -> HttpResponse:
    response = HttpResponse(printed(orders, viewer(request)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _in_building(rows: Rows, building: str) -> Rows:
    """The orders of a building; of no building: public areas and places in words."""
    if building == str(NOBODY):
        return rows.filter(case__unit=None, case__space__building=None)
    return rows.filter(Q(case__unit__building=building) | Q(case__space__building=building))
