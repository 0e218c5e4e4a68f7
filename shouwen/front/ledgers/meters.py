"""Meters: the list, and those of one home."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from shouwen.billing.lists import METERS
from shouwen.billing.models import SEE, Meter
from shouwen.estate.models import Unit
from shouwen.front import look
from shouwen.front.doors import community, may, staff_door, viewer
from shouwen.front.ledgers.parts import SHOWN, everything, homes_found, import_action, import_link, one_home
from shouwen.front.tables import Export, Facet, Rows, each, listing
from shouwen.people.viewers import StaffActor

ICONS = {Meter.Kind.WATER: "droplet", Meter.Kind.ELECTRICITY: "bolt", Meter.Kind.GAS: "flame", Meter.Kind.HEAT: "temperature"}  # fmt: skip
FACETS = (
    Facet("kind", gettext_lazy("表类型"), lambda rows, v: rows.filter(kind=v), Meter.Kind.choices),
    Facet("mode", gettext_lazy("模式"), lambda rows, v: rows.filter(mode=v), Meter.Mode.choices),
    Facet(
        "public", gettext_lazy("只看公共区域"), lambda rows, _v: rows.filter(unit__isnull=True), kind="check"
    ),
)
EXPORT = Export(
    (
        gettext_lazy("名称"), gettext_lazy("表号"), gettext_lazy("表类型"), gettext_lazy("模式"), gettext_lazy("房屋"),
        gettext_lazy("费用项"), gettext_lazy("厂家"), gettext_lazy("采集器ID"),
    ),
    each(lambda m: (
        m.name, m.number, m.get_kind_display(), m.get_mode_display(), m.unit_code, m.item, m.maker, m.collector,
    )),
)  # fmt: skip
"""The columns of the template of the import: a file that leaves the house comes back unchanged."""


@require_GET
@staff_door(SEE)
def meter_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The meters of the community; of one home where the address asks for it."""
    rows: QuerySet[Meter] = Meter.objects.visible_to(viewer(request))
    home = one_home(request)
    rows = rows.filter(unit=home) if home else rows.filter(community=community(request))
    return listing(
        request,
        title=_("水电表"),
        lead=home.code if home else "",
        rows=rows.select_related("unit"),
        keys=("number", "id"),
        sorts={0: ("number", "id"), 1: ("name", "id")},
        search=_found,
        search_hint=_("表号、名称、房号"),
        facets=FACETS,
        columns=(
            _("表号"),
            _("名称"),
            _("表类型"),
            _("模式"),
            _("房屋"),
            _("费用项"),
            _("厂家"),
            _("采集器ID"),
        ),
        cells=partial(_rows, sees=may(request, "estate.see")),
        export=EXPORT,
        actions=import_action(request, METERS),
        empty=_("还没有水电表。可以导入一份表的清单；抄表和按读数计费还没有。"),
        empty_action=import_link(request, METERS),
    )


def _found(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(unit__in=homes_found(text)) | Q(number__startswith=text) | Q(name__contains=text))


def _rows(found: Iterable[Meter], *, sees: bool) -> list[look.TableRow]:
    return [
        look.TableRow(
            cells=(
                *_named(m),
                look.Cell(str(m.get_mode_display()), nowrap=True),
                look.Cell(
                    m.unit_code or _("公共区域"), nowrap=True, dim=not m.unit_id,
                    url=reverse("unit", args=[m.unit_id]) if m.unit_id and sees else "",
                ),
                look.Cell(m.item),
                look.Cell(m.maker, dim=True),
                look.Cell(m.collector, dim=True),
            )
        )
        for m in found
    ]  # fmt: skip


def _named(m: Meter) -> tuple[look.Cell, ...]:
    kind = look.Cell(str(m.get_kind_display()), icon=ICONS[Meter.Kind(m.kind)], nowrap=True)
    return look.Cell(m.number, strong=True, nowrap=True), look.Cell(m.name), kind


def meters_table(home: Unit, me: StaffActor) -> look.TableList | None:
    """The meters of a home, for whoever may see them."""
    if not me.may(SEE, home.community_id):
        return None
    held = Meter.objects.visible_to(me).filter(unit=home).order_by("number", "id")[:SHOWN]
    rows = tuple(
        look.TableRow(cells=(*_named(m), look.Cell(str(m.get_mode_display())), look.Cell(m.item)))
        for m in held
    )
    return look.TableList(
        title=_("水电表"),
        columns=tuple(map(look.Column, (_("表号"), _("名称"), _("表类型"), _("模式"), _("费用项")))),
        rows=rows,
        actions=everything(f"{reverse('meter_list')}?unit={home.pk}") if rows else (),
        empty=_("没有登记水电表。"),
    )
