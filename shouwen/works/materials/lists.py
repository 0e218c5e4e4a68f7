"""The list of a store: MicroCommunity's workbook and our own, by their columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shouwen.estate.imports.cells import Unreadable, amount_of, code_of, one_of, price_of, words_of
from shouwen.estate.imports.registers import Column, Places, Register, Values
from shouwen.kernel import money
from shouwen.kernel.sheets import Cell
from shouwen.works.materials.models import Material

_YES = {True: "y yes 是 1", False: "n no 否 0"}


def _yes(value: Cell, label: str) -> bool | None:
    return one_of(value, _YES, label)


def _yuan(fen: int, _places: Places) -> str:
    return money.show(fen)


def _amount(value: Decimal, _places: Places) -> str:
    return f"{value.normalize():f}"


def _said(value: bool, _places: Places) -> str:
    return _now("是") if value else _now("否")


def _outward(values: Values) -> None:
    lowest, highest = values["lowest"], values["highest"]
    if lowest is not None and highest is not None and highest < lowest:
        raise Unreadable(_now("对外最高售价低于最低售价"), "highest")


MATERIALS: Final = Register(
    code="materials",
    label=_("物品"),
    right="material.import",
    page="material_list",
    model=Material,
    columns=(
        Column("name", ("物品名称", "物料名称", "材料名称", "品名"), _("必填。"), needed=True, marks=True),
        Column("number", ("物品编号", "物品编码", "物料编码", "材料编号"),
               _("必填。一个项目里每种物品的编号不同。"), code_of, needed=True, marks=True, exact=True),
        Column("price", ("单价",), _("元，两位小数。"), price_of, shown=_yuan),
        Column("stock", ("库存", "库存数量", "现有库存", "结存数量"),
               _("现有多少，不小于 0。新物品不填是 0。"), amount_of, marks=True, shown=_amount),
        Column("measure", ("单位", "计量单位"), _("必填。如个、米、桶。"), words_of(20), needed=True),
        Column("lowest", ("对外最低售价",), _("卖给住户的价格，元。"), price_of, shown=_yuan),
        Column("highest", ("对外最高售价",), _("不低于最低售价。"), price_of, shown=_yuan),
        Column("alert", ("告警库存", "安全库存", "最低库存"), _("只剩这么多就要补货。"), amount_of, shown=_amount),
        Column("kind", ("物品类型", "物品类别", "物料类别"), _("如电料、水暖、工具。")),
        Column("fixed", ("是否固定物品",), _("是或否，也认 Y 和 N。工具等用不完的是固定物品。"), _yes, shown=_said),
        Column("remark", ("备注",), _("不超过 200 字。"), words_of(200)),
    ),
    what=("number", "name"),
    key=lambda values: values["number"],
    near="number",
    agree=_outward,
)  # fmt: skip
"""Materials by their number: a list that comes again changes what differs, also what is in stock."""
