"""Materials: what lies in the store, and what has to be bought again."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from shouwen.front import look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.ledgers.parts import amount, import_action, import_link
from shouwen.front.tables import Export, Facet, Rows, each, listing
from shouwen.kernel import money
from shouwen.works.materials.lists import MATERIALS
from shouwen.works.materials.models import SEE, Material

FACETS = (
    Facet(
        "low", gettext_lazy("只看要补货"), lambda rows, _v: rows.filter(stock__lte=F("alert")), kind="check"
    ),
    Facet("fixed", gettext_lazy("只看固定物品"), lambda rows, _v: rows.filter(fixed=True), kind="check"),
)
EXPORT = Export(
    (
        gettext_lazy("物品名称"), gettext_lazy("物品编号"), gettext_lazy("单价"), gettext_lazy("库存"), gettext_lazy("单位"),
        gettext_lazy("对外最低售价"), gettext_lazy("对外最高售价"), gettext_lazy("告警库存"), gettext_lazy("物品类型"),
        gettext_lazy("是否固定物品"), gettext_lazy("备注"),
    ),
    each(lambda m: (
        m.name, m.number, _fen(m.price), m.stock, m.measure, _fen(m.lowest), _fen(m.highest), m.alert, m.kind,
        _("是") if m.fixed else _("否"), m.remark,
    )),
)  # fmt: skip
"""The columns of the template of the import: a file that leaves the house comes back unchanged."""


@require_GET
@staff_door(SEE)
def material_list(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The store of the community."""
    rows: QuerySet[Material] = Material.objects.visible_to(viewer(request)).filter(
        community=community(request)
    )
    return listing(
        request,
        title=_("物品"),
        rows=rows,
        keys=("number", "id"),
        sorts={0: ("number", "id"), 1: ("name", "id"), 3: ("stock", "id")},
        search=_found,
        search_hint=_("编号、名称、类型"),
        facets=FACETS,
        columns=(_("物品编号"), _("物品名称"), _("物品类型"), amount(_("库存")), amount(_("单价")), amount(_("对外售价")), _("备注")),
        cells=_rows,
        export=EXPORT,
        actions=import_action(request, MATERIALS),
        empty=_("还没有物品。可以导入一份库存清单；领用和入库登记还没有。"),
        empty_action=import_link(request, MATERIALS),
    )  # fmt: skip


def _found(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(number__startswith=text) | Q(name__contains=text) | Q(kind__contains=text))


def _rows(found: Iterable[Material]) -> list[look.TableRow]:
    return [
        look.TableRow(
            cells=(
                look.Cell(m.number, nowrap=True, dim=True),
                look.Cell(m.name, strong=True, tags=_tags(m)),
                look.Cell(m.kind),
                look.Cell(f"{_plain(m.stock)} {m.measure}", strong=m.is_low, nowrap=True),
                look.Cell(_yuan(m.price), nowrap=True),
                look.Cell(_outward(m), nowrap=True),
                look.Cell(m.remark, dim=True),
            )
        )
        for m in found
    ]


def _tags(m: Material) -> tuple[look.Tag, ...]:
    found = [look.Tag(_("固定物品"))] if m.fixed else []
    if m.is_low and m.alert is not None:
        found.append(look.Tag(_("要补货，告警 %s") % _plain(m.alert), "soon", "alert-triangle"))
    return tuple(found)


def _outward(m: Material) -> str:
    """The range of prices, or the one that is known."""
    known = dict.fromkeys(_yuan(fen) for fen in (m.lowest, m.highest) if fen is not None)
    return " – ".join(known)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _fen(fen: int | None) -> Decimal | None:
    return None if fen is None else money.to_yuan(fen)


def _yuan(fen: int | None) -> str:
    return "" if fen is None else money.show(fen)
