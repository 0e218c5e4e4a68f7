"""What one cell says: the readers that every list shares, each with a sentence for what makes no sense.

All take the cell and the header that the reason names; a blank cell is None, or empty text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from django.utils.translation import gettext as _

from shouwen.kernel import money
from shouwen.kernel.sheets import Cell
from shouwen.kernel.text import clean_line, full_width_to_half, joined

T = TypeVar("T")
EXACT_DIGITS: Final = 15  # a spreadsheet keeps no more of a number
MOST: Final = Decimal(10) ** 8
_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(20_000, 80_000)  # the days 1954 to 2119 as Excel counts them


class Unreadable(ValueError):
    """A cell that makes no sense: the reason for the person who sent the file, and the column."""

    def __init__(self, why: str, column: str = "") -> None:
        super().__init__(why)
        self.column = column


def split(pattern: str, value: Cell) -> list[str]:
    """The parts of a cell with several things in it, whatever the width of the commas between."""
    return re.split(pattern, full_width_to_half(text_of(value)))


def number_of(text: str, label: str) -> Decimal:
    try:
        number = Decimal(full_width_to_half(text).replace(",", ""))
    except InvalidOperation as error:
        raise Unreadable(_("%(label)s“%(text)s”不是数字") % {"label": label, "text": text[:20]}) from error
    if not number.is_finite():
        raise Unreadable(_("%(label)s“%(text)s”不是数字") % {"label": label, "text": text[:20]})
    return number


def day_of(value: Cell, label: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date) or value is None:
        return value
    text = full_width_to_half(text_of(value)).split(" ")[0].split("T")[0]
    if text.isascii() and text.isdecimal() and int(text) in _SERIALS:  # a date whose cell lost its format
        return _EPOCH + timedelta(days=int(text))
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日{0,1}", text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Unreadable(
        _("%(label)s“%(text)s”不是日期，请写成 2026-01-31") % {"label": label, "text": text[:20]}
    )


def one_of(value: Cell, table: dict[T, str], label: str) -> T | None:
    """The code among whose words the cell's text is."""
    text = text_of(value).lower()
    if not text:
        return None
    for code, words in table.items():
        if text in words.split():
            return code
    raise not_among(
        text, label, (next(w for w in words.split() if not w.isascii()) for words in table.values())
    )


def not_among(text: str, label: str, words: Iterable[object]) -> Unreadable:
    """Why a word is none that we know, with those that may be written."""
    said = {"label": label, "text": text[:20], "words": joined(words)}
    return Unreadable(_("%(label)s“%(text)s”不认识，可以写：%(words)s") % said)


def text_of(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return clean_line(str(value))


def words_of(most: int) -> Callable[[Cell, str], str | None]:
    """A reader of one line of text."""

    def read(value: Cell, label: str) -> str | None:
        text = text_of(value)
        if len(text) > most:
            raise Unreadable(_("%(label)s太长，最多 %(most)d 个字") % {"label": label, "most": most})
        return text or None

    return read


def yuan_of(value: Cell, label: str) -> int | None:
    """An amount in yuan as fen."""
    try:
        return money.to_fen(text_of(value)) if text_of(value) else None
    except ValueError as error:
        raise Unreadable(_("%(label)s：%(why)s") % {"label": label, "why": error}) from error


def price_of(value: Cell, label: str) -> int | None:
    """An amount that is none of a refund."""
    fen = yuan_of(value, label)
    if fen is not None and fen < 0:
        raise Unreadable(_("%(label)s不能小于 0") % {"label": label})
    return fen


def amount_of(value: Cell, label: str) -> Decimal | None:
    """How much or how many of something: not below zero, two places."""
    if not text_of(value):
        return None
    amount = number_of(text_of(value), label)
    if amount < 0:
        raise Unreadable(_("%(label)s不能小于 0") % {"label": label})
    if amount >= MOST:
        raise Unreadable(_("%(label)s太大") % {"label": label})
    return amount.quantize(Decimal("0.01"))


def whole_of(value: Cell, label: str) -> int | None:
    """A small whole number, 0 to 999."""
    amount = amount_of(value, label)
    if amount is None:
        return None
    if amount != int(amount) or amount > 999:
        raise Unreadable(_("%(label)s要是 0 到 999 的整数") % {"label": label})
    return int(amount)


line_of = words_of(60)


def code_of(value: Cell, label: str) -> str | None:
    """A number that is no amount: all its digits count, and a spreadsheet keeps no more than fifteen of them."""
    if isinstance(value, int | Decimal) and len(text_of(value)) > EXACT_DIGITS:
        raise Unreadable(
            _("%(label)s被表格当成数字，末几位已经丢失：请把这一列设为文本，重新填写") % {"label": label}
        )
    return words_of(40)(value, label)
