"""《派工单》 on paper: A4 by typst, as the manuals know it - ruled, black, with the row for signatures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.cases.calling.numbers import callee
from shouwen.cases.calling.times import agreed_words
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.text import dotted, mask_name
from shouwen.works.models import Order

TEMPLATE = Path(__file__).with_name("sheet.typ")
RELATED = (
    "case__category", "case__first_responder", "case__unit__building", "case__person", "technician", "assigned_by",
    "community__branch__company",
)  # fmt: skip


def number_of(order: Order) -> str:
    """260722-031-2: the number of the case and the turn of the order."""
    return f"{order.case.number}-{order.turn}"


def printed(orders: Sequence[Order], viewer: Actor) -> bytes:
    """The sheets as one PDF, a page each. Names and numbers stay masked for whom the estate is not open."""
    body = {"sheets": [_sheet(order, viewer) for order in orders], "words": _words()}
    return compile_pdf(body)


def compile_pdf(body: dict[str, Any], **options: Any) -> bytes:
    """Data goes in as JSON, never as markup: what residents wrote can't become typst code."""
    pages = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"body": json.dumps(body, ensure_ascii=False)},
        **options,
    )
    return bytes(pages)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The type of the house's forms comes with the product: a printed sheet looks the same on every server."""
    folder = str(pylopdf_fonts_zh_cn.serif_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _words() -> dict[str, str]:
    return {
        "title": pgettext("on paper", "派工单"),
        "page": _("第 {n} 页 共 {all} 页"),
        "result": _("处理结果"),
        "materials": _("用料"),
        "minutes": _("用时（分钟）"),
        "content": _("报修内容"),
        "opinion": _("住户意见"),
        "opinions": _("□ 满意  □ 不满意"),
        "date": _("年　　月　　日"),
        "seal": _("（盖章）"),
        "number": _("编号"),
    }


def _sheet(order: Order, viewer: Actor) -> dict[str, Any]:
    case = order.case
    said = "\n".join(dict.fromkeys(filter(None, (case.title, case.words.strip()))))
    signatures = [_("派工人"), _("维修人"), _("住户确认") if case.unit_id else _("验收人")]
    return {
        "company": order.community.branch.company.name,
        "community": order.community.name,
        "number": number_of(order),
        "facts": _facts(order, viewer),
        "content": said,
        "result": order.result,
        "materials": order.materials,
        "minutes": str(order.minutes or ""),
        "household": case.unit_id is not None,
        "signatures": signatures,
    }


def _facts(order: Order, viewer: Actor) -> list[tuple[str, str]]:
    """Pairs of label and value, two to a line."""
    case = order.case
    found = callee(order.case)
    name = case.asker or (case.person.name if case.person else "") or (found.name if found else "")
    if name and not viewer.may("estate.see", order.community_id):
        name = mask_name(name)
    return [
        (_("地点"), case.place),
        (_("分类"), dotted(case.category, order.get_trade_display())),
        (_("报修人"), name),
        (_("电话"), found.masked if found else ""),
        (_("报修时间"), _moment(case.happened_at)),
        (_("约定时间"), agreed_words(case) or (str(order.carried_to) if order.carried_to else "")),
        (_("首问责任人"), case.first_responder.name),
        (_("紧急程度"), _("紧急") if case.urgent else _("一般")),
        (_("维修人"), order.technician.name if order.technician else ""),
        (_("派工时间"), _moment(order.assigned_at)),
        (_("到场时间"), _moment(order.arrived_at)),
        (_("完工时间"), _moment(order.finished_at)),
    ]


def _moment(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""
