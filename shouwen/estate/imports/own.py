"""The two lists of this room: units with their people, and people for units that are there already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.estate.imports.columns import Given, Unknown, is_list_of_units, lines_of
from shouwen.estate.imports.heads import OWN, PEOPLE
from shouwen.estate.imports.lines import Told, told
from shouwen.estate.imports.plan import Plan, plan
from shouwen.estate.imports.sources import Planned, Progress, Source
from shouwen.estate.imports.write import write
from shouwen.estate.models import Community, ImportRun
from shouwen.kernel import sheets
from shouwen.kernel.actors import Actor

_NEEDED = ("door",)
_EXACT = ("phone", "id_number", "door", "building", "entrance")
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
    return [(field, words[0]) for field, words in OWN.items()]


def template() -> bytes:
    """An empty workbook with a sheet that explains every column."""
    return sheets.template(
        _("房屋与住户"),
        [sheets.Heading(head, _HELP[field], field in _NEEDED, field in _EXACT) for field, head in headers()],
    )


def _fits(unknown: Unknown) -> bool:
    return is_list_of_units(unknown.headers, unknown.sheets)


def _plan(community: Community, given: Given, progress: Progress, *, new_units: bool) -> Plan:
    lines, columns = lines_of(given, OWN if new_units else PEOPLE)
    progress(10)
    made = plan(community, lines, new_units=new_units, progress=progress)
    made.columns = columns
    return made


def _plan_units(community: Community, given: Given, actor: Actor, progress: Progress) -> Plan:
    return _plan(community, given, progress, new_units=True)


def _plan_persons(community: Community, given: Given, actor: Actor, progress: Progress) -> Plan:
    return _plan(community, given, progress, new_units=False)


def _write(planned: Planned, run: ImportRun, progress: Progress) -> None:
    write(cast(Plan, planned), progress)


def _told(planned: Planned) -> Iterable[Told]:
    return told(cast(Plan, planned))


UNITS = Source(
    "units",
    gettext_lazy("房屋和住户"),
    "estate.import",
    "unit_list",
    _plan_units,
    _write,
    _told,
    template,
    headers,
    _fits,
)
PERSONS = replace(
    UNITS,
    code="persons",
    label=gettext_lazy("住户（房屋已登记）"),
    plan=_plan_persons,
    fits=lambda _unknown: False,  # the same columns: a list taken for something else is one of units
)
