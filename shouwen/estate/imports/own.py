"""The two lists of this room: units with their people, and people for units that are there already."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from shouwen.estate.imports.columns import HEADERS, lines_of
from shouwen.estate.imports.lines import Told, told
from shouwen.estate.imports.plan import Plan, plan
from shouwen.estate.imports.sources import Planned, Progress, Source
from shouwen.estate.imports.write import write
from shouwen.estate.models import Community
from shouwen.kernel.actors import Actor

_NEEDED = ("door",)
_HELP = {
    "building": gettext_lazy("楼栋号，如 3。也可以不填，把 3-1-1201 整个写在房号里。"),
    "entrance": gettext_lazy("单元号，如 1。没有单元就空着。"),
    "door": gettext_lazy("必填。门牌号，如 1201。"),
    "floor": gettext_lazy("楼层，数字。地下一层写 -1 或 B1。"),
    "kind": gettext_lazy("住宅、商铺、办公、车位、储藏室。"),
    "status": gettext_lazy("自住、出租、空置、装修中、未售。"),
    "built_area": gettext_lazy("建筑面积，平方米。"),
    "inner_area": gettext_lazy("套内面积，平方米，不大于建筑面积。"),
    "handed_over_on": gettext_lazy("收楼日期，如 2026-01-31。"),
    "unit_remark": gettext_lazy("服务时要知道的一句话。"),
    "name": gettext_lazy("一行一个人。同一套房有几个人就写几行，房屋各列照抄或只写楼栋、单元、房号。"),
    "role": gettext_lazy("业主、共有人、租户、家人、员工。一套房只有一位业主，其他产权人写共有人。"),
    "share": gettext_lazy("产权份额，百分数，如 50。"),
    "phone": gettext_lazy("手机或带区号的固定电话。几个号码用逗号分开。"),
    "id_number": gettext_lazy("身份证或其他证件号码，加密保存。"),
    "gender": gettext_lazy("男、女。"),
    "since": gettext_lazy("入住日期。不填用收楼日期，再没有用导入当天。"),
    "plate": gettext_lazy("车牌。几辆车用逗号分开。"),
}


def headers() -> list[tuple[str, str]]:
    """Our columns: field and header."""
    return [(field, words[0]) for field, words in HEADERS.items()]


def template() -> bytes:
    """An empty workbook with a sheet that explains every column."""
    book = Workbook()
    page, text = cast(Worksheet, book.active), book.create_sheet(_("填写说明"))
    page.title = _("房屋与住户")
    page.freeze_panes = "A2"
    head = PatternFill("solid", fgColor="F3EFE6")
    for column, (field, header) in enumerate(headers(), 1):
        cell = page.cell(1, column, f"{header}*" if field in _NEEDED else header)
        cell.font, cell.fill = Font(bold=True), head
        page.column_dimensions[get_column_letter(column)].width = 14
        # Telephones and identity numbers would lose their zeros or digits as numbers.
        if field in {"phone", "id_number", "door", "building", "entrance"}:
            page.column_dimensions[get_column_letter(column)].number_format = "@"
        text.cell(column + 1, 1, header).font = Font(bold=True)
        text.cell(column + 1, 2, str(_HELP[field])).alignment = Alignment(wrap_text=True)
    text.cell(1, 1, _("列")).font = text.cell(1, 2, _("怎么填")).font = Font(bold=True)
    text.column_dimensions["A"].width, text.column_dimensions["B"].width = 14, 70
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plan(community: Community, data: bytes, name: str, progress: Progress, *, new_units: bool) -> Plan:
    lines = lines_of(data, name)
    progress(10)
    return plan(community, lines, new_units=new_units, progress=progress)


def _plan_units(community: Community, data: bytes, name: str, actor: Actor, progress: Progress) -> Plan:
    return _plan(community, data, name, progress, new_units=True)


def _plan_persons(community: Community, data: bytes, name: str, actor: Actor, progress: Progress) -> Plan:
    return _plan(community, data, name, progress, new_units=False)


def _write(planned: Planned, actor: Actor, progress: Progress) -> None:
    write(cast(Plan, planned), progress)


def _told(planned: Planned) -> Iterable[Told]:
    return told(cast(Plan, planned))


UNITS = Source(
    "units", gettext_lazy("房屋和住户"), "estate.import", _plan_units, _write, _told, template, headers
)
PERSONS = Source(
    "persons",
    gettext_lazy("住户（房屋已登记）"),
    "estate.import",
    _plan_persons,
    _write,
    _told,
    template,
    headers,
)
