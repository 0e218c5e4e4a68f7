"""What can be imported here: MicroCommunity's workbooks and our own, by their columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shouwen.billing.models import Meter, PastPayment
from shouwen.estate.imports.cells import (
    Unreadable,
    code_of,
    day_of,
    line_of,
    not_among,
    one_of,
    text_of,
    whole_of,
    words_of,
    yuan_of,
)
from shouwen.estate.imports.registers import Column, Places, Register, Values
from shouwen.kernel import clock, money
from shouwen.kernel.sheets import Cell

IMPORT: Final = "billing.import"


def _yuan(fen: int, _places: Places) -> str:
    return money.show(fen)


def _choice(choices: type[TextChoices]) -> Callable[[str, Places], str]:
    return lambda value, _places: str(choices(value).label)


def _unit(key: int, places: Places) -> str:
    return places.codes.get(key, "")


def _payment(values: Values, places: Places) -> None:
    """Whose payment it is, and whether its days and amounts agree."""
    unit, plate = values["unit_id"], values["plate"]
    if not (unit or plate):
        raise Unreadable(_now("房屋和车牌都没有填"), "unit_id")
    if plate:
        values["plate"], values["unit_id"] = places.vehicle(plate)
    if unit:
        values["unit_id"] = places.unit(unit, values["paid_on"])
    if values["until"] < values["since"]:
        raise Unreadable(_now("结束时间早于开始时间"), "until")
    if values["paid_on"] > clock.today(places.community.zone):
        raise Unreadable(_now("缴费时间在将来"), "paid_on")
    if min(values["due"], values["paid"]) < 0 < max(values["due"], values["paid"]):
        raise Unreadable(_now("应缴和实缴要同为收款或同为退款"), "paid")


def _same_payment(values: Values) -> Any:
    """A plate stays with its vehicle, whichever home that belongs to by now."""
    whose = values["plate"] or values["unit_id"]
    return whose, *(values[name] for name in ("item", "since", "until", "paid_on", "paid"))


PAYMENTS: Final = Register(
    code="payments",
    label=_("缴费记录"),
    right=IMPORT,
    page="payment_list",
    model=PastPayment,
    columns=(
        Column("unit_id", ("房屋", "房号", "房间号", "房屋编号"),
               _("楼栋-单元-房屋，如 3-1-1201。车辆的缴费可以空着，记到车辆登记的房屋。"), exact=True),
        Column("plate", ("车牌号", "车牌", "车牌号码"), _("车辆的缴费填车牌，车辆要已经登记；房屋的缴费空着。")),
        Column("item", ("收费项目", "费用项目", "收费项", "费项"), _("必填。如物业费、停车费。"), needed=True, marks=True),
        Column("months", ("缴费周期",), _("几个月一缴，整数；一次性的写 0。"), whole_of),
        Column("since", ("开始时间", "开始日期", "起始日期"), _("必填。所缴期间的第一天，如 2026-01-01。"), day_of, needed=True),
        Column("until", ("结束时间", "结束日期", "截止日期"), _("必填。所缴期间到哪天。"), day_of, needed=True),
        Column("paid_on", ("缴费时间", "缴费日期", "收款日期", "收费日期", "交费日期"), _("必填。哪天缴的。"), day_of, needed=True, marks=True),
        Column("due", ("应缴金额", "应收金额", "应缴", "应收"), _("必填。元，两位小数。"), yuan_of, needed=True, shown=_yuan),
        Column("paid", ("实缴金额", "缴费金额", "实收金额", "实缴", "实收"),
               _("必填。元，两位小数。退款写负数。"), yuan_of, needed=True, marks=True, shown=_yuan),
        Column("cashier", ("收银员", "收费员", "收款人", "收款员"), _("谁收的。")),
        Column("remark", ("备注",), _("不超过 200 字。"), words_of(200)),
    ),
    what=("unit_id", "plate", "item"),
    key=_same_payment,
    near="paid_on",
    settle=_payment,
    grows=True,
)  # fmt: skip
"""Past payments of homes and of vehicles: one register, whichever of the two a list is about."""


# MicroCommunity writes the names of its meter kinds, which each office chooses; what they all contain tells the kind.
_KINDS = {
    Meter.Kind.HEAT: "热力 热量 热能 暖 heat",
    Meter.Kind.GAS: "燃气 煤气 天然气 气表 gas",
    Meter.Kind.WATER: "水 water",
    Meter.Kind.ELECTRICITY: "电 electricity",
}
_MODES = {Meter.Mode.PREPAID: "1001 充值 预付费 prepaid", Meter.Mode.READ: "2002 抄表 后付费 read"}
# The codes that its workbook explains beside the list.
_MAKERS = {
    "1": "拓强电表-单相单费率电表",
    "2": "拓强电表-单相远程单费率预付费表",
    "3": "拓强水表-Lora无预付费水表",
    "4": "拓强水表-Lora普通预付费水表",
}


def _said(text: str) -> str | None:
    """The kind that words contain."""
    return next((kind for kind, words in _KINDS.items() if any(word in text for word in words.split())), None)


def _kind(value: Cell, label: str) -> str | None:
    """Of a bare code nothing is known."""
    text = text_of(value).lower()
    if not text or text.isdecimal():
        return None
    if (kind := _said(text)) is None:
        raise not_among(text, label, Meter.Kind.labels)
    return kind


def _mode(value: Cell, label: str) -> str | None:
    return one_of(value, _MODES, label)


def _maker(value: Cell, label: str) -> str | None:
    return line_of(_MAKERS.get(text_of(value), value), label)


def _meter(values: Values, places: Places) -> None:
    """The unit; of a meter without a kind what its name says."""
    if values["unit_id"]:
        values["unit_id"] = places.unit(values["unit_id"])
    values["kind"] = values["kind"] or _said(values["name"])
    if values["kind"] is None:
        raise Unreadable(_now("看不出表类型，请写水表、电表、燃气表或热力表"), "kind")


METERS: Final = Register(
    code="meters",
    label=_("水电表"),
    right=IMPORT,
    page="meter_list",
    model=Meter,
    columns=(
        Column("name", ("名称", "表名称"), _("必填。如 3-1-1201 水表。"), needed=True),
        Column("number", ("表号", "表编号", "水表号", "电表号"),
               _("必填。一个项目里每只表的号不同。"), code_of, needed=True, marks=True, exact=True),
        Column("kind", ("表类型", "表种类"), _("水表、电表、燃气表、热力表。不填时看名称。"), _kind, marks=True, shown=_choice(Meter.Kind)),
        Column("mode", ("模式",), _("充值或抄表，也认 1001 和 2002。不填是抄表。"), _mode, marks=True, shown=_choice(Meter.Mode)),
        Column("unit_id", ("房屋", "房号", "房间号", "房屋编号"), _("楼栋-单元-房屋，如 3-1-1201。公共区域的表空着。"), exact=True, shown=_unit),
        Column("item", ("费用项",), _("按哪个收费项目收，如水费。")),
        Column("maker", ("厂家", "生产厂家"), _("厂家和型号。"), _maker),
        Column("collector", ("采集器ID",), _("远程抄表的采集器。"), exact=True),
    ),
    what=("number", "name"),
    key=lambda values: values["number"],
    near="number",
    settle=_meter,
)  # fmt: skip
"""Meters by their number: a list that comes again changes what differs."""
