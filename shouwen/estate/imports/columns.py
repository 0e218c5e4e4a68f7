"""The lines of a file: of one sheet, or of a workbook that is put together of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from shouwen.estate.imports.heads import OWN, PEOPLE, Columns, Words, columns_of, no_column
from shouwen.kernel import sheets
from shouwen.kernel.images import BadFile
from shouwen.kernel.refusals import Refused
from shouwen.kernel.sheets import Cell, Row, Table
from shouwen.kernel.text import joined

# MicroCommunity's workbook: sheet of rooms, sheet of owners, sheet of parking spaces, joined by the owner's number.
_ROOMS, _OWNERS, _PARKING = "房屋信息", "业主信息", "车位信息"
_OWNER = "业主编号"
_SPACE: Words = {
    "door": ("车位编码",),
    "entrance": ("停车场编号",),
    "built_area": ("面积",),
    "plate": ("车牌号",),
}


@dataclass(frozen=True)
class Given:
    """A file that was handed in, and what its columns are to be taken for where their headers don't say it."""

    name: str
    data: bytes
    chosen: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    """One line of a list: where it stood, its cells by field, and by header what stood in columns that were not taken."""

    sheet: str
    number: int
    cells: dict[str, Cell]
    rest: dict[str, Cell] | None = None


class Unknown(Refused):
    """Not the list that was expected. Says what was found instead, so that the head of the list can be mended;
    keeps it, so that the list may be known as one of another kind, and its columns, so that they can be assigned.
    """

    def __init__(self, table: Table, needed: str, there: set[str], columns: Columns) -> None:
        self.headers, self.sheets, self.columns = table.headers, there, columns
        super().__init__(
            "import_unknown", needed=needed, sheet=table.sheet[:40], found=joined(table.headers)[:120]
        )


def lines_of(given: Given, words: Words) -> tuple[list[Line], Columns]:
    """Every line of a file that we recognise by its columns, and what these are; Refused when we don't."""
    there = set(sheets.sheet_names(given.data))
    if {_ROOMS, _OWNERS} <= there:
        return _Workbook(given, words, there).lines()
    table = sheets.read(given.data, given.name)
    columns = columns_of(table.headers, words, given.chosen)
    if not _of_units(columns):
        raise _unknown(table, there, columns)
    return list(rows_of(table, columns)), columns


def rows_of(table: Table, columns: Columns) -> Iterator[Line]:
    """The rows that say anything in the columns that are taken: notes beside a list are no lines of it."""
    for row in table.rows:
        cells, rest = _split(row.cells, columns)
        if any(cells.values()):
            yield Line(table.sheet, row.number, cells, rest)


def is_list_of_units(headers: tuple[str, ...], there: set[str]) -> bool:
    """Whether units or the people of units can be read from it: our own columns, or MicroCommunity's workbook."""
    return {_ROOMS, _OWNERS} <= there or _of_units(columns_of(headers, OWN))


def _of_units(columns: Columns) -> bool:
    fields = set(columns.values())
    return "door" in fields and bool({"building", "name"} & fields)


def _unknown(table: Table, there: set[str], columns: Columns) -> Unknown:
    return Unknown(table, _("表头要有“房号”，还要有“楼栋”或“姓名”"), there, columns)


def _split(
    row: Mapping[str, Cell], columns: Columns, names: Mapping[str, str] | None = None
) -> tuple[dict[str, Cell], dict[str, Cell] | None]:
    """The cells of a row by field, and those of columns that are not taken by their header."""
    cells: dict[str, Cell] = {}
    rest: dict[str, Cell] = {}
    for header, value in row.items():
        if value is None or (taken := columns.get(header)) is None:
            continue
        if taken:
            cells[taken] = value
        else:
            rest[names[header] if names else header] = value
    return cells, rest or None


@dataclass
class _Page:
    """A sheet of the workbook: what its columns are taken for, and how those are told that are not."""

    table: Table
    columns: Columns
    names: dict[str, str]

    def rows(self) -> Iterator[tuple[Row, dict[str, Cell], dict[str, Cell] | None]]:
        for row in self.table.rows:
            yield row, *_split(row.cells, self.columns, self.names)


class _Workbook:
    """MicroCommunity's workbook: rooms with everybody of their owner's number, then parking spaces with their vehicle.

    A header that stood in a sheet before is told and chosen with the name of its own sheet: 业主信息：备注.
    """

    def __init__(self, given: Given, words: Words, there: set[str]) -> None:
        self.given, self.words, self.there = given, words, there
        self.columns: Columns = {}
        self.chosen = dict(given.chosen)

    def lines(self) -> tuple[list[Line], Columns]:
        rooms = self._page(_ROOMS, self.words)
        if "door" not in rooms.columns.values():
            raise _unknown(rooms.table, self.there, self.columns)
        households = _households(self._page(_OWNERS, PEOPLE))
        home: dict[str, dict[str, Cell]] = {}
        lines = list(_homes(rooms, households, home))
        if _PARKING in self.there:
            lines += self._parking(home, households)
        for name in self.chosen:  # no sheet has it
            raise no_column(name, self.columns)
        return lines, self.columns

    def _page(self, sheet: str, words: Words) -> _Page:
        table = sheets.read(self.given.data, self.given.name, sheet=sheet)
        headers = [header for header in table.headers if header != _OWNER]
        names = {h: f"{sheet}：{h}" if h in self.columns else h for h in headers}
        chosen = {h: self.chosen.pop(name) for h, name in names.items() if name in self.chosen}
        columns = columns_of(headers, words, chosen)
        self.columns |= {names[header]: field for header, field in columns.items()}
        return _Page(table, columns, names)

    def _parking(
        self, home: dict[str, dict[str, Cell]], households: dict[str, list[_Person]]
    ) -> Iterator[Line]:
        try:
            page = self._page(_PARKING, _SPACE)
        except BadFile:  # an empty sheet of the template is no fault of the file
            return
        for row, space, rest in page.rows():
            if not _code(space.get("door")):
                continue
            owner = _code(row.cells.get(_OWNER))
            plate = space.pop("plate", None)
            cells: dict[str, Cell] = {"building": "停车场", "kind": "车位", **space}
            person, more = households.get(owner, [({}, None)])[0]
            yield Line(_PARKING, row.number, cells | person, _both(rest, more))
            if plate:
                place = home.get(owner, cells)
                at = {k: place[k] for k in ("building", "entrance", "door") if place.get(k) is not None}
                named: dict[str, Cell] = {k: person[k] for k in ("name", "phone", "id_number") if k in person}
                yield Line(_PARKING, row.number, {**at, **named, "plate": plate}, rest)


_Person = tuple[dict[str, Cell], dict[str, Cell] | None]
"""The cells of somebody by field, and those that are not taken."""


def _households(page: _Page) -> dict[str, list[_Person]]:
    """The people by the number of their owner, the owner first."""
    found: dict[str, list[_Person]] = {}
    for row, cells, rest in page.rows():
        if cells.get("name") and (owner := _code(row.cells.get(_OWNER))):
            found.setdefault(owner, []).append((cells, rest))
    for people in found.values():
        people.sort(key=lambda person: _code(person[0].get("role")) not in {"1001", "业主"})
    return found


def _homes(
    page: _Page, households: dict[str, list[_Person]], home: dict[str, dict[str, Cell]]
) -> Iterator[Line]:
    """A line for everybody of a room; ``home`` learns the first room of every owner."""
    for row, cells, rest in page.rows():
        if not {"door", "building"} <= set(cells):
            continue
        owner = _code(row.cells.get(_OWNER))
        home.setdefault(owner, cells)
        for person, more in households.get(owner) or [({}, None)]:
            yield Line(_ROOMS, row.number, cells | person, _both(rest, more))


def _both(rest: dict[str, Cell] | None, more: dict[str, Cell] | None) -> dict[str, Cell] | None:
    return rest | more if rest and more else rest or more


def _code(value: Cell) -> str:
    return "" if value is None else str(value).strip()
