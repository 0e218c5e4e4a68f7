"""A year's announcement of public holidays as a JSON file: ``{"year": 2027, "days": [{"name", "date", "isOffDay"}]}``.

Read whole or not at all: with a single bad line a year would be half announced. Every line says what it would change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from shouwen.estate.public import Kind, Row
from shouwen.estate.public_actions import YEARS, may_lie

MOST_LETTERS = 100_000
MOST_DAYS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: what it says, or why it can't be read; ``change`` is what it does to what is known."""

    words: str
    row: Row | None
    fault: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """A file as it was read. ``fault`` is about the whole file; ``gone`` are days known so far that it does not have."""

    year: int = 0
    lines: tuple[Line, ...] = ()
    gone: tuple[Row, ...] = ()
    fault: str = ""

    @property
    def rows(self) -> list[Row]:
        return [line.row for line in self.lines if line.row]

    @property
    def faults(self) -> int:
        return sum(bool(line.fault) for line in self.lines)


def read(text: str, known: Mapping[int, list[Row]] | None = None) -> Announced:
    """Read a file beside what is known of its year; never raises."""
    body, fault = _body(text)
    if fault:
        return Announced(fault=fault)
    year, days = body["year"], body["days"]
    so_far = {row.on: row for row in (known or {}).get(year, [])}
    seen: set[date] = set()
    lines = tuple(_line(raw, year, seen, so_far) for raw in days)
    if not any(line.row and line.row.kind == Kind.HOLIDAY for line in lines):
        fault = _("一个休息日也没有，不像一年的假日安排。")
    return Announced(year, lines, tuple(row for on, row in so_far.items() if on not in seen), fault)


def _body(text: str) -> tuple[dict[str, Any], str]:
    if len(text) > MOST_LETTERS:
        return {}, _("文件太大，一年的假日用不了这么多字。")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}, _("不是 JSON 文件。")
    if (
        not isinstance(body, dict)
        or type(body.get("year")) is not int
        or not isinstance(body.get("days"), list)
    ):
        return {}, _("文件里要有 year（年份）和 days（日子的列表）。")
    if body["year"] not in YEARS:
        return {}, _("年份要在 2000 到 2100 之间。")
    if not 0 < len(body["days"]) <= MOST_DAYS:
        return {}, _("days 要有 1 到 %s 行。") % MOST_DAYS
    return body, ""


def _line(raw: Any, year: int, seen: set[date], so_far: Mapping[date, Row]) -> Line:
    words = json.dumps(raw, ensure_ascii=False)[:80]
    if not isinstance(raw, dict):
        return Line(words, None, _("这一行不是一个日子。"))
    name, text, off = raw.get("name", ""), raw.get("date"), raw.get("isOffDay")
    try:
        on = date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        return Line(words, None, _("date 要写成 2027-01-01。"))
    fault = _fault(name, off, on, year, seen)
    seen.add(on)
    if fault:
        return Line(words, None, fault)
    row = Row(on, Kind.HOLIDAY if off else Kind.WORKDAY, name)
    return Line(words, row, change=_change(row, so_far.get(on)))


def _fault(name: Any, off: Any, on: date, year: int, seen: set[date]) -> str:
    if type(off) is not bool:
        return _("isOffDay 要写 true 或 false。")
    if not isinstance(name, str) or len(name) > 20:
        return _("name 要是 20 个字以内的文字。")
    if not may_lie(on, year):
        return _("日期不在这一年的安排里。")
    return _("这一天写了两次。") if on in seen else ""


def _change(row: Row, before: Row | None) -> str:
    if before is None:
        return _("新增")
    return _("不变") if before.kind == row.kind else _("改动")
