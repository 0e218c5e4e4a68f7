"""What homes and vehicles have paid: the list, and the newest of one home."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from shouwen.billing import search
from shouwen.billing.lists import PAYMENTS
from shouwen.billing.models import SEE, PastPayment
from shouwen.estate.household import forebears
from shouwen.estate.models import Unit
from shouwen.front import look
from shouwen.front.doors import community, may, staff_door, viewer
from shouwen.front.ledgers.parts import (
    SHOWN,
    amount,
    everything,
    import_action,
    import_link,
    one_home,
)
from shouwen.front.tables import Export, Facet, each, listing
from shouwen.kernel import money
from shouwen.people.viewers import StaffActor

FACETS = (
    Facet(
        "what",
        gettext_lazy("房屋或车辆"),
        lambda rows, v: rows.filter(plate="") if v == "unit" else rows.exclude(plate=""),
        (("unit", gettext_lazy("房屋")), ("vehicle", gettext_lazy("车辆"))),
    ),
    Facet("since", gettext_lazy("缴费从"), lambda rows, day: rows.filter(paid_on__gte=day), kind="date"),
    Facet("until", gettext_lazy("缴费到"), lambda rows, day: rows.filter(paid_on__lte=day), kind="date"),
    Facet(
        "short",
        gettext_lazy("只看少缴"),
        lambda rows, _v: rows.filter(paid__gte=0, paid__lt=F("due")),
        kind="check",
    ),
)
EXPORT = Export(
    (
        gettext_lazy("房屋"), gettext_lazy("车牌号"), gettext_lazy("收费项目"), gettext_lazy("缴费周期"), gettext_lazy("开始时间"),
        gettext_lazy("结束时间"), gettext_lazy("缴费时间"), gettext_lazy("应缴金额"), gettext_lazy("实缴金额"),
        gettext_lazy("收银员"), gettext_lazy("备注"),
    ),
    each(lambda p: (
        p.unit_code, p.plate, p.item, p.months, p.since, p.until, p.paid_on, money.to_yuan(p.due), money.to_yuan(p.paid),
        p.cashier, p.remark,
    )),
)  # fmt: skip
"""The columns of the template of the import: a file that leaves the house comes back unchanged."""


@require_GET
@staff_door(SEE)
def payment_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """What was paid here before this house keeps the accounts; of one home where the address asks for it."""
    rows: QuerySet[PastPayment] = PastPayment.objects.visible_to(viewer(request))
    home = one_home(request)
    here = home.community if home else community(request)
    rows = rows.filter(_of(home)) if home else rows.filter(community=here)
    return listing(
        request,
        title=_("缴费记录"),
        lead=home.code if home else "",
        rows=rows.select_related("unit"),
        keys=("-paid_on", "-id"),
        sorts={3: ("paid_on", "id"), 5: ("paid", "id")},
        search=lambda found, text: found.filter(search.found(text, here.pk)),
        search_hint=_("房号、车牌、收费项目、收银员"),
        facets=FACETS,
        columns=(_("房屋或车辆"), _("收费项目"), _("期间"), _("缴费时间"), amount(_("应缴")), amount(_("实缴")), _("收银员"), _("备注")),
        cells=partial(_rows, sees=may(request, "estate.see")),
        export=EXPORT,
        actions=import_action(request, PAYMENTS),
        empty=_("还没有缴费记录。可以从别的系统导入以前的缴费；账单、催缴还没有。"),
        empty_action=import_link(request, PAYMENTS),
    )  # fmt: skip


def _of(home: Unit) -> Q:
    """What a home paid, and those that it came from, and what its vehicles paid that belonged to no home then."""
    plates = home.vehicles.values("plate")
    return Q(unit__in=[home.pk, *forebears(home)]) | Q(
        unit=None, community=home.community_id, plate__in=plates
    )


def _rows(found: Iterable[PastPayment], *, sees: bool) -> list[look.TableRow]:
    return [
        look.TableRow(
            cells=(
                look.Cell(
                    p.plate or p.unit_code, sub=p.unit_code if p.plate else "", strong=True, nowrap=True,
                    url=reverse("unit", args=[p.unit_id]) if p.unit_id and sees else "",
                ),
                look.Cell(p.item, sub=cycle(p.months)),
                look.Cell(period(p), nowrap=True),
                look.Cell(str(p.paid_on), nowrap=True, dim=True),
                look.Cell(money.show(p.due), nowrap=True),
                _paid(p),
                look.Cell(p.cashier, nowrap=True),
                look.Cell(p.remark, dim=True),
            )
        )
        for p in found
    ]  # fmt: skip


def _paid(p: PastPayment) -> look.Cell:
    short = _("少缴 %s") % money.show(p.due - p.paid) if 0 <= p.paid < p.due else ""
    return look.Cell(money.show(p.paid), sub=short, nowrap=True, strong=True)


def period(p: PastPayment) -> str:
    return _("%(since)s 至 %(until)s") % {"since": p.since, "until": p.until}


def cycle(months: int) -> str:
    return ngettext("每 %d 个月", "每 %d 个月", months) % months if months else _("一次性")


def payments_table(home: Unit, me: StaffActor) -> look.TableList | None:
    """The newest payments of a home and its vehicles, for whoever may see them."""
    if not me.may(SEE, home.community_id):
        return None
    newest = (
        PastPayment.objects.visible_to(me)
        .filter(_of(home))
        .select_related("unit")
        .order_by("-paid_on", "-id")[:SHOWN]
    )
    rows = tuple(
        look.TableRow(
            cells=(
                look.Cell(str(p.paid_on), nowrap=True, dim=True),
                look.Cell(p.item, sub=p.plate or ("" if p.unit_id == home.pk else p.unit_code)),
                look.Cell(period(p), nowrap=True),
                _paid(p),
            )
        )
        for p in newest
    )
    return look.TableList(
        title=_("缴费记录"),
        columns=(*map(look.Column, (_("缴费时间"), _("收费项目"), _("期间"))), amount(_("实缴"))),
        rows=rows,
        actions=everything(f"{reverse('payment_list')}?unit={home.pk}") if rows else (),
        empty=_("没有缴费记录。"),
    )
