"""The small words of clauses: periods, points, rungs and ranges. Pure: text in, frozen values out, ValueError else.

PERIOD  day, workday, week, half-month, month, quarter, half-year, year, shift, festival, season NAME, P3D, @cycle
POINT   "day 15", "last day", "month 1 day 15", "month +1 last day", "01-15", "tue wed", "start -PT5M", "end -PT1H",
        "am", "pm", "fact.field +P1D", "fact.field -@policy"
RUNG    "80%", "-PT2H", "+P1D"
RANGE   "..9", "1001..", "2..5", "..P1Y"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from shouwen.kernel.clock import Span, parse_duration
from shouwen.kernel.journal import Data

UNITS = (
    "day", "workday", "week", "half-month", "month", "quarter", "half-year", "year", "shift", "festival",
)  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
POLICY = re.compile(r"@([a-z][a-z0-9_.]*?)(?:\.\{([a-z_]+)\})?")

_DAY_POINT = re.compile(
    r"(?:month (?P<plus>\+)?(?P<month>\d{1,2}) )?(?:day (?P<day>\d{1,2})|(?P<last>last day))"
)
_DATE = re.compile(r"(\d{2})-(\d{2})")
_EDGE = re.compile(r"(start|end)(?: ([+-]P\S+))?(?: ([+-])(@\S+))?")
_FIELD = re.compile(r"fact\.([a-z_]+)(?: ([+-])(P\S+|@\S+))?")
_SEASON = re.compile(r"season ([a-z_]+)")
_RANGE = re.compile(r"(\S+?)?\.\.(\S+)?")
_PERCENT = re.compile(r"([1-9]\d{0,2})%")


@dataclass(frozen=True, slots=True)
class Period:
    """How often: a unit; ``season`` with its name; ``days`` for every so many days; ``key`` for a policy's choice."""

    unit: str
    name: str = ""
    days: int = 0

    def __str__(self) -> str:
        if self.unit == "days":
            return f"P{self.days}D"
        return f"{self.unit} {self.name}".strip() if self.unit != "policy" else f"@{self.name}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A duration that is written, or a policy key with its optional field: ``@complaint.solve.{level}``."""

    span: Span | None
    key: str = ""
    field: str = ""

    def keys(self, data: Data) -> tuple[str, ...]:
        """The policy keys to look under, the closest first."""
        value = data.get(self.field) if self.field else None
        return (self.key,) if value is None else (f"{self.key}.{value}", self.key)


@dataclass(frozen=True, slots=True)
class DayPoint:
    """A day of a month: ``month`` counts from 1 within the period, or from the base month if ``plus``; 0 = last day.

    ``month`` 0 is the first month for a numbered day and the last one for "last day".
    """

    day: int
    month: int = 0
    plus: bool = False


@dataclass(frozen=True, slots=True)
class DayPoints:
    """Weekdays (0 = Monday), or the halves of a day: one duty for each."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or end of a day's service or of a shift, moved by a duration; ``sign`` tells how a policy moves it."""

    end: bool
    offset: Span = field(default_factory=Span)
    lead: Limit | None = None
    sign: int = 1


@dataclass(frozen=True, slots=True)
class FieldPoint:
    """A moment or day that the fact names, moved by a duration."""

    field: str
    offset: Limit | None = None
    sign: int = 1


@dataclass(frozen=True, slots=True)
class PolicyPoint:
    """A point that the community chooses."""

    key: str


Point = DayPoint | DayPoints | Edge | FieldPoint | PolicyPoint


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a ladder: a percentage of the time allowed, or an offset from the due moment; ``to`` names posts.

    ``level`` 1 lies before the due moment, 2 on it, 3 and more behind it.
    """

    percent: int = 0
    offset: Span | None = None
    to: tuple[str, ...] = ()
    level: int = 1

    @property
    def order(self) -> int:
        """-1 before the due moment, 0 on it, 1 behind it."""
        if self.offset is None:
            return (self.percent > 100) - (self.percent < 100)
        parts = (self.offset.months, self.offset.days, self.offset.business_days, self.offset.seconds)
        return (max(parts) > 0) - (min(parts) < 0)

    def __str__(self) -> str:
        return f"{self.percent}%" if self.offset is None else str(self.offset)


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included, None for open; months for durations."""

    low: int | None
    high: int | None
    months: bool = False

    def holds(self, value: int | None) -> bool:
        """Whether a number lies inside; what is not known lies nowhere."""
        if value is None:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def parse_period(text: str) -> Period:
    """Read a PERIOD."""
    if text in UNITS:
        return Period(text)
    if found := _SEASON.fullmatch(text):
        return Period("season", found[1])
    if text.startswith("@") and (named := POLICY.fullmatch(text)) and not named[2]:
        return Period("policy", named[1])
    if text.startswith("P"):
        span = parse_duration(text)
        if span.days > 0 and span == Span(days=span.days):
            return Period("days", days=span.days)
    raise ValueError(
        _("“%(text)s”不是周期，例：day、week、month、season heating、P3D、@survey.cycle") % {"text": text}
    )


def parse_point(text: str) -> Point:
    """Read a POINT."""
    words = text.split()
    if words and all(word in WEEKDAYS for word in words):
        return DayPoints(tuple(dict.fromkeys(words)))
    if found := _DAY_POINT.fullmatch(text):
        day = 0 if found["last"] else int(found["day"])
        if day <= 31 and (found["last"] or day):
            return DayPoint(day, int(found["month"] or 0), bool(found["plus"]))
    elif found := _DATE.fullmatch(text):
        if 1 <= int(found[1]) <= 12 and 1 <= int(found[2]) <= 31:
            return DayPoint(int(found[2]), int(found[1]))
    elif found := _EDGE.fullmatch(text):
        lead = parse_limit(found[4]) if found[4] else None
        return Edge(found[1] == "end", parse_duration(found[2] or "P0D"), lead, -1 if found[3] == "-" else 1)
    elif found := _FIELD.fullmatch(text):
        moved = parse_limit(found[3]) if found[3] else None
        return FieldPoint(found[1], moved, -1 if found[2] == "-" else 1)
    elif text.startswith("@") and (named := POLICY.fullmatch(text)) and not named[2]:
        return PolicyPoint(named[1])
    raise ValueError(
        _("“%(text)s”不是时点，例：day 15、last day、month 1 day 15、tue wed、end -PT15M、fact.due")
        % {"text": text}
    )


def parse_limit(text: str) -> Limit:
    """Read a duration or the name of a policy."""
    if not text.startswith("@"):
        return Limit(parse_duration(text))
    found = POLICY.fullmatch(text)
    if not found:
        raise ValueError(_("“%(text)s”不是取值的名称，例：@complaint.reply") % {"text": text})
    return Limit(None, found[1], found[2] or "")


def parse_rung(text: str, to: tuple[str, ...] = ()) -> Rung:
    """Read a RUNG; its level is given by its place in the ladder."""
    if found := _PERCENT.fullmatch(text):
        return Rung(int(found[1]), None, to)
    if text[:1] in "+-":
        return Rung(0, parse_duration(text), to)
    raise ValueError(_("“%(text)s”不是一级提醒，例：80%%、-PT2H、+P1D") % {"text": text})


def ladder(rungs: list[Rung]) -> tuple[Rung, ...]:
    """Give each rung its level. ValueError unless they rise and only the first ones lie before the due moment."""
    orders = [rung.order for rung in rungs]
    percents = [rung.percent for rung in rungs if rung.offset is None]
    if orders != sorted(orders) or percents != sorted(set(percents)) or len(rungs) > 6:
        raise ValueError(_("提醒要一级比一级晚，最多六级"))
    levelled, level = [], 1
    for rung in rungs:
        level = 1 if rung.order < 0 else max(2, level + 1) if level > 1 else 2
        levelled.append(Rung(rung.percent, rung.offset, rung.to, level))
    return tuple(levelled)


def parse_range(text: str) -> Range:
    """Read a RANGE of whole numbers or of months."""
    found = _RANGE.fullmatch(text)
    if not found or not (found[1] or found[2]):
        raise ValueError(_("“%(text)s”不是范围，例：..9、1001..、2..5、..P1Y") % {"text": text})
    ends = [found[1], found[2]]
    if any(end and end.startswith("P") for end in ends):
        low, high = (parse_duration(end).months if end else None for end in ends)
        return Range(low, high, months=True)
    if not all(end is None or end.isdecimal() for end in ends):
        raise ValueError(_("“%(text)s”不是范围，例：..9、1001..、2..5、..P1Y") % {"text": text})
    low, high = (int(end) if end else None for end in ends)
    return Range(low, high)
