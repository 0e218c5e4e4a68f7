"""The values that a community may choose for a policy key: kinds, their texts, and the keys themselves. Pure.

A value is kept as its canonical text. ``off`` is the text of a rule that the community does not have: a clause that
asks for such a value does not speak there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from typing import Any, Literal, get_args

from django.utils.translation import gettext as _

from shouwen.duties.book.syntax import DayPoint, parse_period, parse_point
from shouwen.kernel.clock import parse_duration

Kind = Literal["span", "period", "point", "share", "number", "choice", "list", "shifts", "season"]
KINDS: tuple[str, ...] = get_args(Kind)
OFF = "off"
_PERCENT = re.compile(r"(100|[1-9]?\d)%")
_SHIFT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_SEASON = re.compile(r"(\d\d-\d\d)\.\.(\d\d-\d\d)")
Shift = tuple[time, time]


@dataclass(frozen=True, slots=True)
class PolicySeed:
    """A policy key: what it sets, the clause that it comes from, the values of the five manuals, and what holds first.

    ``presets`` has the manuals A to E where they differ; ``options`` the codes of a choice or list with their words.
    """

    key: str
    title: str
    source: str
    preset: str
    kind: Kind = "span"
    unit: str = ""
    presets: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    def read(self, text: str) -> Any:
        """The value of a text of this key, None for off. ValueError with a sentence if it is none."""
        return read_value(self.kind, text, tuple(self.options))

    def canonical(self, text: str) -> str:
        """The one way to write this value. ValueError with a sentence if it is none."""
        return canonical(self.kind, text, tuple(self.options))


@lru_cache(maxsize=2048)
def read_value(kind: Kind, text: str, options: tuple[str, ...] = ()) -> Any:
    """A text as a value: Span, Period, Point, percent, number, code, codes, shifts or a season's two days."""
    if text == OFF:
        return None
    if kind == "span":
        span = parse_duration(text)
        if min(span.months, span.days, span.business_days, span.seconds) < 0:
            raise ValueError(_("“%(text)s”在过去，时限要往后数") % {"text": text})
        return span
    if kind == "period":
        return _plain(parse_period(text), text)
    if kind == "point":
        return _plain(parse_point(text), text)
    return _READERS[kind](text, options)


def canonical(kind: Kind, text: str, options: tuple[str, ...] = ()) -> str:
    """The canonical text of a value."""
    text = " ".join(text.split())
    value = read_value(kind, text, options)
    if value is None:
        return OFF
    if kind == "span":
        return str(value.iso)
    if kind == "list":
        return " ".join(option for option in options if option in value)
    return text


def _plain(value: Any, text: str) -> Any:
    """A chosen value must not send on to another key."""
    if "@" in text:
        raise ValueError(_("“%(text)s”不能再指向另一个取值") % {"text": text})
    return value


def _share(text: str, _options: tuple[str, ...]) -> int:
    if not (found := _PERCENT.fullmatch(text)):
        raise ValueError(_("“%(text)s”不是百分比，例：20%%") % {"text": text})
    return int(found[1])


def _number(text: str, _options: tuple[str, ...]) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise ValueError(_("“%(text)s”不是整数") % {"text": text})
    return int(text)


def _choice(text: str, options: tuple[str, ...]) -> str:
    if text not in options:
        raise ValueError(_("“%(text)s”不在可选项里") % {"text": text})
    return text


def _list(text: str, options: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_choice(word, options) for word in text.split())


def _shifts(text: str, _options: tuple[str, ...]) -> tuple[Shift, ...]:
    found = [_SHIFT.fullmatch(word) for word in text.split()]
    if not found or not all(found) or len(found) > 4:
        raise ValueError(_("“%(text)s”不是班次，例：08:00-20:00 20:00-08:00，最多四班") % {"text": text})
    return tuple((time(int(f[1]), int(f[2])), time(int(f[3]), int(f[4]))) for f in found if f)


def _season(text: str, _options: tuple[str, ...]) -> tuple[DayPoint, DayPoint]:
    if not (found := _SEASON.fullmatch(text)):
        raise ValueError(_("“%(text)s”不是季节，例：11-15..03-15") % {"text": text})
    first, last = parse_point(found[1]), parse_point(found[2])
    assert isinstance(first, DayPoint)
    assert isinstance(last, DayPoint)
    return first, last


_READERS = {
    "share": _share,
    "number": _number,
    "choice": _choice,
    "list": _list,
    "shifts": _shifts,
    "season": _season,
}
