"""What can be imported here: MicroCommunity's workbooks and our own, by their columns."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from shouwen.billing.models import PastPayment
from shouwen.estate.imports.cells import Unreadable, day_of, whole_of, words_of, yuan_of
from shouwen.estate.imports.registers import Column, Places, Register, Values
from shouwen.kernel import clock, money

IMPORT: Final = "billing.import"


def _yuan(fen: int, _places: Places) -> str:
    return money.show(fen)


def _payment(values: Values, places: Places) -> None:
    """Whose payment it is, and whether its days and amounts agree."""
    unit, plate = values["unit_id"], values["plate"]
    if not (unit or plate):
        raise Unreadable(_now("房屋和车牌都没有填"), "unit_id")
    if plate:
        values["plate"], values["unit_id"] = places.vehicle(plate)
    if unit:
        values["unit_id"] = places.unit(unit)
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
        Column("unit_id", ("房屋", "房号"), _("楼栋-单元-房屋，如 3-1-1201。车辆的缴费可以空着，记到车辆登记的房屋。"), exact=True),
        Column("plate", ("车牌号", "车牌"), _("车辆的缴费填车牌，车辆要已经登记；房屋的缴费空着。")),
        Column("item", ("收费项目",), _("必填。如物业费、停车费。"), needed=True, marks=True),
        Column("months", ("缴费周期",), _("几个月一缴，整数；一次性的写 0。"), whole_of),
        Column("since", ("开始时间",), _("必填。所缴期间的第一天，如 2026-01-01。"), day_of, needed=True),
        Column("until", ("结束时间",), _("必填。所缴期间到哪天。"), day_of, needed=True),
        Column("paid_on", ("缴费时间", "缴费日期"), _("必填。哪天缴的。"), day_of, needed=True, marks=True),
        Column("due", ("应缴金额",), _("必填。元，两位小数。"), yuan_of, needed=True, shown=_yuan),
        Column("paid", ("实缴金额", "缴费金额"), _("必填。元，两位小数。退款写负数。"), yuan_of, needed=True, marks=True, shown=_yuan),
        Column("cashier", ("收银员", "收费员"), _("谁收的。")),
        Column("remark", ("备注",), _("不超过 200 字。"), words_of(200)),
    ),
    what=("unit_id", "plate", "item"),
    key=_same_payment,
    near="paid_on",
    settle=_payment,
    grows=True,
)  # fmt: skip
"""Past payments of homes and of vehicles: one register, whichever of the two a list is about."""
