"""Tables from and for spreadsheets: read within limits, refused in clear sentences, written without formulas.

A cell is read as `str`, `int`, `Decimal`, `date`, `datetime` (naive, wall time), `time`, `bool` or None;
never a float.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import IO, Any, Final, cast

import python_calamine as calamine
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import Cell as BookCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from shouwen.kernel import clock, limits
from shouwen.kernel.images import BadFile
from shouwen.kernel.text import clean, clean_line, fold, joined

Cell = str | int | Decimal | date | datetime | time | bool | None

_MOST_UNPACKED: Final = 400 * 2**20
_MOST_RATIO: Final = 200
_MOST_ENTRIES: Final = 5_000
_MOST_CELLS: Final = 6_000_000
_MOST_COLUMNS: Final = 500
_HEADER_WITHIN: Final = 10
_CELL_REF: Final = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the spreadsheet shows it, and the cells by header."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read: the headers in their order and the rows that aren't empty."""

    sheet: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def read(data: bytes, name: str, *, sheet: str | None = None, header: int | None = None) -> Table:
    """Read XLSX, XLS or CSV by content; raises `BadFile` with a sentence.

    `sheet` defaults to the first visible one that isn't empty, `header` (row number, from 1) to the first row
    with two different texts among the first ten. Merged cells have their value in every cell, formulas their
    result.
    """
    if len(data) > limits.SHEET_BYTES:
        raise BadFile("too-big", _("表格文件超过 50 MB"))
    if not data:
        raise BadFile("empty", _("文件是空的"))
    if data.startswith(b"PK\x03\x04"):
        _check_workbook(data)
        title, grid = _read_book(data, sheet)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        title, grid = _read_book(data, sheet)
    else:
        title, grid = clean_line(name), _read_csv(data)
    return _table(title, grid, header)


def sheet_names(data: bytes) -> list[str]:
    """The names of the sheets of a workbook; none for CSV."""
    return _open_book(data).sheet_names if data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"} else []


def check_archive(data: bytes) -> set[str]:
    """The entry names of a ZIP, after unpacking it within limits (directories lie); raises `BadFile`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if (
                len(entries) > _MOST_ENTRIES
                or unpacked > _MOST_UNPACKED
                or unpacked > len(data) * _MOST_RATIO
            ):
                raise BadFile("bomb", _("文件解压后过大，已拒绝"))
            if any(entry.flag_bits & 1 for entry in entries):
                raise BadFile("password", _("文件设有密码，请去掉密码后再上传"))
            # Reading stops at the size that the directory states and checks the sum: a lie shows as a broken
            # file.
            if archive.testzip() is not None:
                raise _broken()
            return {entry.filename for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, BadFile):
            raise
        raise _broken() from error


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield a CSV in UTF-8 with a signature, as Excel opens it by a double click; chunk by chunk."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for number, row in enumerate(chain([headers], rows)):
        writer.writerow([_csv_cell(value) for value in row])
        if number % 500 == 499:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(
    headers: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[bytes], *, title: str = ""
) -> None:
    """Write a workbook of one sheet, row by row: texts stay texts, numbers numbers, moments wall time."""
    book = Workbook(write_only=True)
    page = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", clean_line(title))[:31] or "Sheet1")
    page.freeze_panes = "A2"
    for index, header in enumerate(headers, 1):
        page.column_dimensions[get_column_letter(index)].width = min(40, max(10, 2.2 * len(str(header)) + 2))
    heads = [WriteOnlyCell(page, clean_line(str(header))) for header in headers]
    for head in heads:
        head.data_type, head.font = "s", Font(bold=True)
    page.append(heads)
    for row in rows:
        page.append([_xlsx_cell(page, value) for value in row])
    book.save(out)


@dataclass(frozen=True)
class Heading:
    """A column of a template; ``exact``: kept as text, since a number would lose its zeros or digits."""

    header: str
    help: str | Promise
    needed: bool = False
    exact: bool = False


def template(title: str, headings: Sequence[Heading]) -> bytes:
    """A sheet with the headers, a star at those that are needed, and the sheet of help."""
    book = Workbook()
    page, text = cast(Worksheet, book.active), book.create_sheet(str(_("填写说明")))
    page.title = title
    page.freeze_panes = "A2"
    head = PatternFill("solid", fgColor="F3EFE6")
    for column, one in enumerate(headings, 1):
        cell = page.cell(1, column, f"{one.header}*" if one.needed else one.header)
        cell.font, cell.fill = Font(bold=True), head
        page.column_dimensions[get_column_letter(column)].width = 14
        if one.exact:
            page.column_dimensions[get_column_letter(column)].number_format = "@"
        text.cell(column + 1, 1, one.header).font = Font(bold=True)
        text.cell(column + 1, 2, str(one.help)).alignment = Alignment(wrap_text=True)
    text.cell(1, 1, str(_("列"))).font = text.cell(1, 2, str(_("怎么填"))).font = Font(bold=True)
    text.column_dimensions["A"].width, text.column_dimensions["B"].width = 14, 70
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _broken() -> BadFile:
    return BadFile("broken-sheet", _("文件已损坏或不是有效的表格，请用 Excel 或 WPS 打开后另存再上传"))


def _check_workbook(data: bytes) -> None:
    """Unpack within limits, and refuse a sheet whose far corner would make the reader allocate the world."""
    names = check_archive(data)
    if "xl/workbook.xml" not in names:
        raise BadFile("kind", _("这不是 Excel 表格，请上传 xlsx、xls 或 csv"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in names:
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                _check_corner(*_corner(archive.read(name)))


def _corner(xml: bytes) -> tuple[int, int]:
    """The greatest row and column that any cell of a sheet names."""
    height, columns = 0, set[bytes]()
    for found in _CELL_REF.finditer(xml):
        height = max(height, int(found[2]))
        columns.add(found[1])
    return height, max((_column_number(letters) for letters in columns), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_corner(height: int, width: int) -> None:
    if height > limits.SHEET_ROWS + _HEADER_WITHIN:
        raise BadFile(
            "too-many-rows", _("表格超过 %(most)s 行，请分成几个文件") % {"most": limits.SHEET_ROWS}
        )
    if width > _MOST_COLUMNS or height * width > _MOST_CELLS:
        raise BadFile("too-wide", _("表格的列太多，请删去空列后再上传"))


def _open_book(data: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.load_workbook(io.BytesIO(data))
    except calamine.PasswordError as error:
        raise BadFile("password", _("文件设有密码，请去掉密码后再上传")) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _broken() from error


def _read_book(data: bytes, wanted: str | None) -> tuple[str, list[list[Cell]]]:
    book = _open_book(data)
    try:
        for name in _candidates(book, wanted):
            page = book.get_sheet_by_name(name)
            _check_corner(page.total_height, page.total_width)
            grid = [[_cell(value) for value in row] for row in page.to_python(skip_empty_area=False)]
            if wanted or any(value is not None for row in grid for value in row):
                _fill_merged(grid, page.merged_cell_ranges or [])
                return name, grid
    except (calamine.CalamineError, ValueError) as error:
        if isinstance(error, BadFile):
            raise
        raise _broken() from error
    raise BadFile("empty", _("表格里没有内容"))


def _candidates(book: calamine.CalamineWorkbook, wanted: str | None) -> list[str]:
    sheets = [page for page in book.sheets_metadata if page.typ == calamine.SheetTypeEnum.WorkSheet]
    if wanted is None:
        return [page.name for page in sheets if page.visible == calamine.SheetVisibleEnum.Visible]
    for page in sheets:
        if _plain(page.name) == _plain(wanted):
            return [page.name]
    there = joined(page.name for page in sheets)
    raise BadFile(
        "no-such-sheet",
        _("没有名为“%(name)s”的工作表；文件里有：%(there)s") % {"name": wanted, "there": there},
    )


def _fill_merged(grid: list[list[Cell]], ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    left = _MOST_CELLS
    for (top, first), (bottom, last) in ranges:
        if top >= len(grid) or first >= len(grid[top]):
            continue
        value = grid[top][first]
        for row in grid[top : bottom + 1]:
            width = min(last + 1, len(row)) - first
            row[first : first + width] = [value] * width
            left -= width
        if left < 0:
            raise _broken()


def _read_csv(data: bytes) -> list[list[Cell]]:
    content = _decode(data)
    delimiter = max(",;\t", key=content.partition("\n")[0].count)
    grid: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True):
            _check_corner(len(grid) + 1, len(row))
            grid.append([clean(value) or None for value in row])
    except csv.Error as error:
        raise BadFile(
            "broken-csv", _("CSV 第 %(row)d 行附近格式不对（引号不成对?）") % {"row": len(grid) + 1}
        ) from error
    return grid


def _decode(data: bytes) -> str:
    """UTF-8 with or without signature, UTF-16 with one, else GB 18030 (what Excel saves in China)."""
    signed = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if signed else ("utf-8-sig", "gb18030"):
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in content:
            return content
    raise BadFile("encoding", _("无法识别文件的文字编码，请另存为“CSV UTF-8”后再上传"))


def _table(title: str, grid: list[list[Cell]], header: int | None) -> Table:
    if header is None:
        header = next((i for i, row in enumerate(grid[:_HEADER_WITHIN], 1) if len(set(_texts(row))) > 1), 1)
    heads = (
        [clean_line(str(value)) if value is not None else "" for value in grid[header - 1]]
        if header <= len(grid)
        else []
    )
    named = [(index, head) for index, head in enumerate(heads) if head]
    if not named:
        raise BadFile("no-header", _("第 %(row)d 行没有表头") % {"row": header})
    twice = {head for _i, head in named if sum(other == head for _j, other in named) > 1}
    if twice:
        raise BadFile("header-twice", _("表头重复：%(heads)s") % {"heads": joined(sorted(twice))})
    rows = tuple(
        Row(number, {head: row[index] if index < len(row) else None for index, head in named})
        for number, row in enumerate(grid[header:], header + 1)
        if any(row[index] is not None for index, _head in named if index < len(row))
    )
    if len(rows) > limits.SHEET_ROWS:
        raise BadFile(
            "too-many-rows", _("表格超过 %(most)s 行，请分成几个文件") % {"most": limits.SHEET_ROWS}
        )
    return Table(title, tuple(head for _i, head in named), rows)


def _texts(row: list[Cell]) -> list[str]:
    return [value for value in row if isinstance(value, str)]


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return clean(value) or None
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    return str(value) if isinstance(value, timedelta) else value


def _plain(header: str) -> str:
    """A header as compared: one width and case, no spaces, no star for "required", no remark in brackets."""
    return re.sub(r"[\s*]+|\(.*?\)", "", fold(header))


def _csv_cell(value: Any) -> Any:
    value = _outgoing(value)
    risky = (isinstance(value, str) and value.lstrip()[:1] in {"=", "+", "-", "@"}) or str(value)[:1] in {
        "\t",
        "\r",
    }
    return f"'{value}" if risky and isinstance(value, str) else value


def _xlsx_cell(page: Any, value: Any) -> Any:
    """A value as it is, but a text that could be taken for a formula or an error as a cell marked as quoted text."""
    value = _outgoing(value)
    if not isinstance(value, str) or value[:1] not in {"=", "+", "-", "@", "#"}:
        return value
    cell: BookCell = WriteOnlyCell(page, value)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _outgoing(value: Any) -> Any:
    """A value as a spreadsheet takes it: aware moments on the wall clock, lazy texts as texts."""
    if isinstance(value, datetime):
        return clock.local(value).replace(tzinfo=None, microsecond=0) if value.tzinfo else value
    if value is None or isinstance(value, int | float | Decimal | date | time):
        return value
    return clean(str(value))
