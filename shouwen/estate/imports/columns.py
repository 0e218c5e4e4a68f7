"""Which column is which: headers that offices use, and workbooks that are put together of several sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwen.kernel import sheets
from shouwen.kernel.images import BadFile
from shouwen.kernel.refusals import Refused
from shouwen.kernel.sheets import Cell, Table
from shouwen.kernel.text import fold, joined

# The first word of every line is the header of our own template.
HEADERS: dict[str, tuple[str, ...]] = {
    "building": ("楼栋", "楼号", "楼栋号", "楼栋编号", "楼座", "栋号", "栋", "幢", "楼", "building"),
    "entrance": ("单元", "单元号", "单元编号", "entrance"),
    "door": ("房号", "房间", "房间号", "门牌", "门牌号", "房屋编号", "室号", "新单元号", "unit"),
    "floor": ("楼层", "房屋楼层", "所在楼层", "层", "floor"),
    "kind": ("房屋类型", "房屋用途", "用途", "kind"),
    "status": ("使用状态", "房屋状态", "状态", "status"),
    "built_area": ("建筑面积", "面积", "built area"),
    "inner_area": ("套内面积", "室内面积", "inner area"),
    "handed_over_on": ("收楼日期", "交付日期", "交房日期", "handed over"),
    "unit_remark": ("房屋提示", "房屋备注"),
    "name": ("姓名", "业主名称", "业主姓名", "住户姓名", "客户名称", "客户姓名", "业主", "name"),
    "role": ("身份", "业主类型", "住户类型", "关系", "role"),
    "share": ("份额", "产权份额", "share"),
    "phone": ("电话", "手机号", "手机", "手机号码", "联系电话", "电话号码", "phone"),
    "id_number": ("证件号码", "身份证号", "身份证", "身份证号码", "证件号", "identity number"),
    "gender": ("性别", "gender"),
    "since": ("入住日期", "迁入日期", "since"),
    "plate": ("车牌", "车牌号", "车牌号码", "plate"),
}


def plain(header: str) -> str:
    """A header as compared: without what stands in brackets, spaces, stars and units."""
    return re.sub(r"[\s*]+|\(.*$", "", fold(header))


_FIELDS = {plain(word): field for field, words in HEADERS.items() for word in words}

# MicroCommunity's workbook: sheet of rooms, sheet of owners, sheet of parking spaces, joined by the owner's number.
_ROOMS, _OWNERS, _PARKING = "房屋信息", "业主信息", "车位信息"
_OWNER = "业主编号"


@dataclass(slots=True)
class Line:
    """One line of a list: where it stood, and its cells by field."""

    sheet: str
    number: int
    cells: dict[str, Cell]


def lines_of(data: bytes, name: str) -> list[Line]:
    """Every line of a file that we recognise by its columns; Refused when we don't."""
    there = set(sheets.sheet_names(data))
    if {_ROOMS, _OWNERS} <= there:
        return list(_workbook(data, name, there))
    table = sheets.read(data, name)
    if not is_list_of_units(table.headers, there):
        raise _unknown(table, there)
    return list(rows_of(table, fields_of(table.headers)))


def rows_of(table: Table, fields: dict[str, str]) -> Iterator[Line]:
    """The rows that say anything in the columns that we know: notes beside a list are no lines of it."""
    for row in table.rows:
        if any((cells := _mapped(row.cells, fields)).values()):
            yield Line(table.sheet, row.number, cells)


class Unknown(Refused):
    """Not the list that was expected. Says what was found instead, so that the head of the list can be mended;
    keeps it, so that the list may be known as one of another kind.
    """

    def __init__(self, table: Table, needed: str, there: set[str]) -> None:
        self.headers, self.sheets = table.headers, there
        super().__init__(
            "import_unknown", needed=needed, sheet=table.sheet[:40], found=joined(table.headers)[:120]
        )


def _unknown(table: Table, there: set[str]) -> Unknown:
    return Unknown(table, _("表头要有“房号”，还要有“楼栋”或“姓名”"), there)


def is_list_of_units(headers: tuple[str, ...], there: set[str]) -> bool:
    """Whether units or the people of units can be read from it: our own columns, or MicroCommunity's workbook."""
    fields = set(fields_of(headers).values())
    return {_ROOMS, _OWNERS} <= there or ("door" in fields and bool({"building", "name"} & fields))


def fields_of(headers: tuple[str, ...], known: Mapping[str, str] = _FIELDS) -> dict[str, str]:
    """Our field for every header that we know; the first of two headers for one field counts."""
    found: dict[str, str] = {}
    for header in headers:
        field = known.get(plain(header))
        if field and field not in found.values():
            found[header] = field
    return found


def _mapped(cells: Mapping[str, Cell], fields: dict[str, str]) -> dict[str, Cell]:
    return {field: cells[header] for header, field in fields.items() if cells[header] is not None}


def _workbook(data: bytes, name: str, there: set[str]) -> Iterator[Line]:
    """Rooms with everybody of their owner's number, then parking spaces with their vehicle."""
    households = _households(data, name)
    rooms = sheets.read(data, name, sheet=_ROOMS)
    fields = fields_of(rooms.headers)
    if "door" not in fields.values():
        raise _unknown(rooms, there)
    home: dict[str, dict[str, Cell]] = {}
    for row in rooms.rows:
        cells = _mapped(row.cells, fields)
        if not {"door", "building"} <= set(cells):
            continue
        owner = _code(row.cells.get(_OWNER))
        home.setdefault(owner, cells)
        yield from _with_people(_ROOMS, row.number, cells, households.get(owner, []))
    if _PARKING in there:
        yield from _parking(data, name, home, households)


def _households(data: bytes, name: str) -> dict[str, list[dict[str, Cell]]]:
    """The people by the number of their owner, the owner first."""
    table = sheets.read(data, name, sheet=_OWNERS)
    fields = fields_of(table.headers)
    found: dict[str, list[dict[str, Cell]]] = {}
    for row in table.rows:
        cells = _mapped(row.cells, fields)
        if cells.get("name") and (owner := _code(row.cells.get(_OWNER))):
            found.setdefault(owner, []).append(cells)
    for people in found.values():
        people.sort(key=lambda cells: _code(cells.get("role")) not in {"1001", "业主"})
    return found


def _with_people(
    sheet: str, number: int, cells: dict[str, Cell], people: list[dict[str, Cell]]
) -> Iterator[Line]:
    if not people:
        yield Line(sheet, number, cells)
    for person in people:
        yield Line(sheet, number, {**cells, **person})


def _parking(
    data: bytes, name: str, home: dict[str, dict[str, Cell]], households: dict[str, list[dict[str, Cell]]]
) -> Iterator[Line]:
    try:
        table = sheets.read(data, name, sheet=_PARKING)
    except BadFile:  # an empty sheet of the template is no fault of the file
        return
    for row in table.rows:
        space = _code(row.cells.get("车位编码"))
        if not space:
            continue
        owner = _code(row.cells.get(_OWNER))
        cells: dict[str, Cell] = {"building": "停车场", "door": space, "kind": "车位"}
        cells["entrance"] = row.cells.get("停车场编号")
        cells["built_area"] = row.cells.get("面积")
        person = households.get(owner, [{}])[0]
        yield Line(_PARKING, row.number, {k: v for k, v in {**cells, **person}.items() if v is not None})
        if plate := row.cells.get("车牌号"):
            place = home.get(owner, cells)
            at = {k: place[k] for k in ("building", "entrance", "door") if place.get(k) is not None}
            named: dict[str, Cell] = {k: person[k] for k in ("name", "phone", "id_number") if k in person}
            yield Line(_PARKING, row.number, {**at, **named, "plate": plate})


def _code(value: Cell) -> str:
    return "" if value is None else str(value).strip()
