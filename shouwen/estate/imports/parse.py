"""From cells to values: what a line says of a unit, a person and a car, or why it can't be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from shouwen.estate.imports.cells import EXACT_DIGITS, Unreadable, day_of, number_of, one_of, split, text_of
from shouwen.estate.imports.columns import Line
from shouwen.estate.keys import identity, plate_key, unit_key
from shouwen.estate.models import Occupancy, Unit
from shouwen.estate.persons_actions import checked_identity
from shouwen.kernel import phones
from shouwen.kernel.refusals import Refused
from shouwen.kernel.sheets import Cell
from shouwen.kernel.text import clean_line, full_width_to_half

T = TypeVar("T")

# MicroCommunity writes codes; offices write words.
KINDS = {
    Unit.Kind.RESIDENCE: "110 119 住宅 普通住宅 宿舍 公寓 别墅 residence",
    Unit.Kind.SHOP: "商铺 店面 门面 商业 底商 shop",
    Unit.Kind.OFFICE: "120 办公 办公室 写字楼 office",
    Unit.Kind.GARAGE: "车位 停车位 车库 garage",
    Unit.Kind.STORAGE: "储藏室 储物间 地下室 storage",
}
STATUSES = {
    Unit.Status.OCCUPIED: "2001 自住 自用 已入住 入住 occupied",
    Unit.Status.LET: "2006 出租 已出租 出租中 let",
    Unit.Status.VACANT: "2003 2004 2005 2007 2008 空置 空闲 未入住 已交房 已装修 已出售 vacant",
    Unit.Status.RENOVATING: "2009 装修中 装修 renovating",
    Unit.Status.UNSOLD: "2002 未售 未销售 unsold",
}
ROLES = {
    Occupancy.Role.OWNER: "1001 业主 产权人 本人 owner",
    Occupancy.Role.CO_OWNER: "共有人 共有产权人 co_owner",
    Occupancy.Role.TENANT: "1003 租户 房屋租客 租客 tenant",
    Occupancy.Role.FAMILY: "1002 家人 家庭成员 家属 配偶 父母 子女 family",
    Occupancy.Role.EMPLOYEE: "1004 员工 临时人员 employee",
}
GENDERS = {"m": "男 m", "f": "女 f"}
# What its template tells people to write when they don't know.
_NO_PHONE, _NO_IDENTITY = {"18999999999"}, {"1" * 18}
_MOST_AREA = Decimal(10) ** 8


@dataclass(slots=True)
class Tie:
    """A person named in a line, and what ties them to its unit."""

    name: str
    role: str
    phones: tuple[str, ...] = ()
    id_number: str = ""
    gender: str = ""
    share: Decimal | None = None
    since: date | None = None


@dataclass(slots=True)
class Read:
    """A line that could be read. ``unit`` has only what the line says: what is missing stays as it is."""

    line: Line
    building: str
    code: str
    unit: dict[str, Any]
    people: list[Tie] = field(default_factory=list)
    plates: list[str] = field(default_factory=list)
    warning: str = ""


def read(line: Line) -> Read:
    """Everything a line says; raises `Unreadable` with the first thing that is wrong."""
    cells = line.cells
    building, entrance, door = _address(cells)
    code = "-".join(part for part in (building, entrance, door) if part)
    if len(code) > 60:
        raise Unreadable(_("房号太长"), "door")
    unit: dict[str, Any] = {
        "entrance": entrance,
        "door": door,
        "floor": _at("floor", cells, _floor),
        "kind": _at("kind", cells, one_of, KINDS, _("房屋类型")),
        "status": _at("status", cells, one_of, STATUSES, _("使用状态")),
        "built_area": _at("built_area", cells, _area, _("建筑面积")),
        "inner_area": _at("inner_area", cells, _area, _("套内面积")),
        "handed_over_on": _at("handed_over_on", cells, day_of, _("收楼日期")),
        "remark": text_of(cells.get("unit_remark"))[:120] or None,
    }
    if unit["built_area"] and unit["inner_area"] and unit["inner_area"] > unit["built_area"]:
        raise Unreadable(_("套内面积不能大于建筑面积"), "inner_area")
    if text_of(cells.get("entrance")) == "0" and unit["kind"] in (None, Unit.Kind.RESIDENCE):
        unit["kind"] = Unit.Kind.SHOP
    plates = [p for part in split(r"[,、;/\s]+", cells.get("plate")) if (p := plate_key(part))]
    if any(len(p) > 20 for p in plates):
        raise Unreadable(_("车牌太长"), "plate")
    return Read(line, building, code, unit, _people(cells), plates)


def _at(column: str, cells: dict[str, Cell], make: Callable[..., T], *more: object) -> T:
    """What a cell says; a reason against it names the column."""
    try:
        return make(cells.get(column), *more)
    except Unreadable as error:
        error.column = column
        raise


def _address(cells: dict[str, Cell]) -> tuple[str, str, str]:
    """Building, entrance and door, also where one cell has all of them (3-1-1201, 3栋1单元1201)."""
    building, entrance, door = (_part(cells.get(name)) for name in ("building", "entrance", "door"))
    if not door:
        raise Unreadable(_("没有房号"), "door")
    if not building:
        parts = unit_key(door).split("-")
        if len(parts) < 2:
            raise Unreadable(_("没有楼栋号"), "building")
        building, entrance, door = parts[0], "-".join(parts[1:-1]), parts[-1]
    if len(building) > 30 or len(entrance) > 20 or len(door) > 20:
        raise Unreadable(_("楼栋、单元或房号太长"), "door")
    return building, "" if entrance == "0" else entrance, door


def _part(value: Cell) -> str:
    text = full_width_to_half(text_of(value))
    return re.sub(r"(号楼|栋|幢|楼|单元|室)$", "", text).strip() or text


def _people(cells: dict[str, Cell]) -> list[Tie]:
    """The persons of a line: several names between commas are one owner and those who own with them."""
    names = [clean_line(n) for n in split(r"[,、;/]+", cells.get("name")) if n.strip()]
    if not names:
        if any(
            text_of(cells.get(name)) not in {"", *_NO_PHONE, *_NO_IDENTITY} for name in ("phone", "id_number")
        ):
            raise Unreadable(_("有电话或证件号，但没有姓名"), "name")
        return []
    if any(len(name) > 80 for name in names):
        raise Unreadable(_("姓名太长"), "name")
    role = _at("role", cells, one_of, ROLES, _("身份")) or Occupancy.Role.OWNER
    first = Tie(
        name=names[0],
        role=role,
        phones=_at("phone", cells, _phones),
        id_number=_at("id_number", cells, _identity),
        gender=_at("gender", cells, one_of, GENDERS, _("性别")) or "",
        share=_at("share", cells, _share),
        since=_at("since", cells, day_of, _("入住日期")),
    )
    beside = Occupancy.Role.CO_OWNER if role == Occupancy.Role.OWNER else role
    return [first, *(Tie(name=name, role=beside, since=first.since) for name in names[1:])]


def _phones(value: Cell) -> tuple[str, ...]:
    found: list[str] = []
    for part in split(r"[,、;/\n]+|\s{2,}", value):
        if not part.strip() or part.strip() in _NO_PHONE:
            continue
        try:
            number = phones.normalise(part)
        except ValueError as error:
            raise Unreadable(str(error)) from error
        if number not in found:
            found.append(number)
    return tuple(found)


def _identity(value: Cell) -> str:
    number = identity(text_of(value))
    if not number or number in _NO_IDENTITY:
        return ""
    if len(number) > 30:
        raise Unreadable(_("证件号码太长"))
    if isinstance(value, int | Decimal) and len(number) > EXACT_DIGITS:
        raise Unreadable(_("证件号码被表格当成数字，末几位已经丢失：请把这一列设为文本，重新填写"))
    try:
        return checked_identity(number)
    except Refused as refusal:
        raise Unreadable(str(refusal)) from refusal


def _share(value: Cell) -> Decimal | None:
    text = text_of(value).rstrip("%").rstrip("%")
    if not text:
        return None
    share = number_of(text, _("份额"))
    if not 0 < share <= 100:
        raise Unreadable(_("份额要在 0 到 100 之间"))
    return share.quantize(Decimal("0.01"))


def _area(value: Cell, label: str) -> Decimal | None:
    text = re.sub(r"(㎡|m²|m2|平方米|平米|平)$", "", text_of(value), flags=re.IGNORECASE).strip()
    if not text:
        return None
    area = number_of(text, label)
    if not 0 < area < _MOST_AREA:
        raise Unreadable(_("%(label)s要大于 0") % {"label": label})
    return area.quantize(Decimal("0.01"))


def _floor(value: Cell) -> int | None:
    text = re.sub(r"[层楼Ff]$", "", full_width_to_half(text_of(value)))
    text = re.sub(r"^[Bb](?=\d)|^地下", "-", text)
    if not text:
        return None
    number = number_of(text, _("楼层"))
    if number != int(number) or not -20 <= number <= 200:
        raise Unreadable(_("楼层“%(text)s”不对") % {"text": text[:20]})
    return int(number)
