"""What the columns of a file are taken for: by the headers that offices use, or as somebody chose.

Every list goes through here, also those of higher rooms and the cases of other systems: the same comparison of headers,
the same choice, and the same two sentences that say what was taken for what and what was not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import fold, joined, seeded

Words = Mapping[str, Sequence[str]]
"""Our fields with the headers that we know for each, the best first: that is the one of our template."""
Columns = dict[str, str]
"""Every column of a file, in its order, with the field that it is taken for; empty for one that is not taken."""

OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "building": (
        "楼栋", "楼号", "楼栋号", "楼栋编号", "楼栋名称", "楼座", "楼幢", "楼幢号", "栋号", "幢号", "座号", "栋座", "楼宇", "栋", "幢", "座",
        "楼", "building",
    ),
    "entrance": ("单元", "单元号", "单元编号", "单元名称", "entrance"),
    "door": (
        "房号", "房间", "房间号", "房间编号", "门牌", "门牌号", "门号", "房屋编号", "房屋号", "室号", "新单元号", "unit",
    ),
    "floor": ("楼层", "房屋楼层", "所在楼层", "所在层", "层号", "层", "floor"),
    "kind": ("房屋类型", "房屋用途", "户型用途", "规划用途", "用途", "房屋类别", "房产类型", "物业类型", "业态", "kind"),
    "status": (
        "使用状态", "房屋状态", "使用情况", "居住情况", "居住状态", "入住情况", "入住状态", "房态", "状态", "status",
    ),
    "built_area": ("建筑面积", "产权面积", "产证面积", "房产证面积", "实测建筑面积", "建面", "房屋面积", "面积", "built area"),
    "inner_area": ("套内面积", "套内建筑面积", "室内面积", "inner area"),
    "handed_over_on": (
        "收楼日期", "收楼时间", "交付日期", "交付时间", "交房日期", "交房时间", "入伙日期", "入伙时间", "接房日期", "接房时间", "收房日期",
        "收房时间", "handed over",
    ),
    "unit_remark": ("房屋提示", "房屋备注", "房屋说明", "备注"),
    "name": (
        "姓名", "业主名称", "业主姓名", "住户姓名", "客户名称", "客户姓名", "产权人", "产权人姓名", "户主", "户主姓名", "房主", "业主",
        "住户", "name",
    ),
    "role": ("身份", "业主类型", "住户类型", "住户身份", "客户类型", "人员类型", "与业主关系", "与户主关系", "关系", "role"),
    "share": ("份额", "产权份额", "产权比例", "share"),
    "phone": (
        "电话", "手机号", "手机", "手机号码", "联系电话", "联系方式", "移动电话", "电话号码", "业主电话", "业主手机", "业主联系电话",
        "住户电话", "客户电话", "phone",
    ),
    "id_number": (
        "证件号码", "身份证号", "身份证", "身份证号码", "证件号", "证件编号", "公民身份号码", "业主身份证号", "identity number",
    ),
    "gender": ("性别", "业主性别", "gender"),
    "since": ("入住日期", "入住时间", "迁入日期", "迁入时间", "搬入日期", "since"),
    "plate": ("车牌", "车牌号", "车牌号码", "车辆号牌", "号牌号码", "plate"),
}  # fmt: skip
"""The list of units with their people."""
PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {**OWN, "unit_remark": OWN["unit_remark"][:-1]}
"""Of people for units that are there already: a bare 备注 is about the person, and persons have none in a list."""

COLUMN_OPTION: Final[dict[str, Any]] = {
    "action": "append", "default": [], "metavar": "列=字段",
    "help": "这一列当作哪个字段，写“不要”就不导入，可以写几次 / take a column for a field of ours, repeatable",
}  # fmt: skip
"""The option of every command that imports a list."""

_PROBLEMS: Final = (gettext_noop("工作表"), gettext_noop("行号"), gettext_noop("结果"), gettext_noop("原因"))
_NOTHING: Final = {"", "不要"}
_LONGEST: Final = 40


def plain(header: str) -> str:
    """A header as compared: without what stands in brackets, spaces, stars and units."""
    return re.sub(r"[\s*]+|[(\[【].*$|[/:]?(m2|平方米|平米)$", "", fold(header))


def columns_of(headers: Sequence[str], words: Words, chosen: Mapping[str, str] | None = None) -> Columns:
    """What every column is taken for: as chosen, else where a field knows its header; the best header counts.

    ``chosen`` has fields by header, empty to leave a column out. Our own columns of a workbook of problems are none.
    """
    ours = _of_problems(headers)
    headers = [header for header in headers if header not in ours]
    wanted = _wanted(headers, chosen or {})
    found = {field: header for header, field in wanted.items() if field}
    known: dict[str, str] = {}
    for header in headers:
        if header not in wanted:
            known.setdefault(plain(header), header)
    for field, heads in words.items():
        best = next((known[word] for word in map(plain, heads) if word in known), None)
        if best is not None and field not in found:
            found[field] = best
    taken = {header: field for field, header in found.items()}
    return {header: taken.get(header, "") for header in headers}


def called(header: str) -> str:
    """A header as it is told: somebody's essay above a column is cut."""
    return header if len(header) <= _LONGEST else f"{header[:_LONGEST]}…"


def left(columns: Columns) -> list[str]:
    """The columns that are not taken."""
    return [header for header, field in columns.items() if not field]


def chosen_of(pairs: Iterable[str], heads: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What was chosen as words, ``居住情况=使用状态``: our field by its header or its code, 不要 or nothing to leave out."""
    fields = {name: field for field, header in heads for name in (field, plain(header))}
    chosen: dict[str, str] = {}
    for pair in pairs:
        header, _equals, name = pair.rpartition("=")
        field = "" if name.strip() in _NOTHING else fields.get(plain(name), name)
        chosen[header.strip()] = field
    return chosen


def check(chosen: Mapping[str, str], heads: Iterable[tuple[str, str]], taken: Iterable[str] = ()) -> None:
    """Refused where a field is none of ours, is chosen for two columns, or is ``taken`` by another."""
    names, seen = dict(heads), set(taken)
    for header, field in chosen.items():
        if field and field not in names:
            raise Refused(
                "import_no_field", column=header, field=field, known=joined(map(seeded, names.values()))
            )
        if field and field in seen:
            raise Refused("import_field_twice", field=seeded(names[field]))
        seen.add(field)


def sentences(columns: Columns, heads: Iterable[tuple[str, str]]) -> list[str]:
    """列：楼栋 ← 楼号，房号 ← 室号, and the plain warning of columns that were not taken, where there are any."""
    names, missed = dict(heads), left(columns)
    taken = (
        f"{seeded(names.get(field, field))} ← {called(header)}" for header, field in columns.items() if field
    )
    found = [_("列：%s") % joined(taken, "，")]
    if missed:
        found.append(_("没认出的列，不会导入：%s") % joined(map(called, missed)))
    return found


def _wanted(headers: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """What was chosen, by the header as it stands in the file."""
    wanted: Columns = {}
    for name, field in chosen.items():
        header = name if name in headers else next((h for h in headers if plain(h) == plain(name)), None)
        if header is None:
            raise no_column(name, headers)
        wanted[header] = field
    return wanted


def no_column(name: str, headers: Iterable[str]) -> Refused:
    """Something was chosen for a column that the file doesn't have."""
    return Refused("import_no_column", column=called(name), found=joined(headers)[:120])


def _of_problems(headers: Sequence[str]) -> set[str]:
    """The four columns that a workbook of problems has before ours, in whatever language it was written."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            four = {_(words) for words in _PROBLEMS}
        if four <= set(headers):
            return four
    return set()
