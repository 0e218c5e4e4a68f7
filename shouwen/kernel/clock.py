"""The one place that is asked for the time, and the durations written in clauses.

Moments are aware and in UTC; days are days of the community's zone. A due day ends at its last microsecond,
not at the next midnight: so the local date of a due moment is the day that staff were told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

ZONE = "Asia/Shanghai"


_stood: ContextVar[datetime | None] = ContextVar("stood", default=None)
_earlier: ContextVar[datetime | None] = ContextVar("earlier", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _stood.get() or datetime.now(UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Tell everything inside that it is ``moment``: for the demo estate, whose past has to be lived through."""
    token = _stood.set(moment)
    try:
        yield
    finally:
        _stood.reset(token)


@contextmanager
def happening_at(moment: datetime) -> Iterator[None]:
    """What is recorded inside happened at ``moment``, and is heard of only now: it waited on a telephone."""
    token = _earlier.set(moment)
    try:
        yield
    finally:
        _earlier.reset(token)


def earlier() -> datetime | None:
    """When what is being recorded happened, if that was earlier than now; None for what happens now."""
    return _earlier.get()


def happened() -> datetime:
    """When what is being recorded happened. Duties count from `now`: nobody proves punctuality by their own clock."""
    return _earlier.get() or now()


def today(zone: str = ZONE) -> date:
    """The current day of the zone."""
    return local(now(), zone).date()


def local(moment: datetime, zone: str = ZONE) -> datetime:
    """The same moment on the wall clock of the zone; a naive moment is a mistake of the caller."""
    if moment.tzinfo is None:
        raise ValueError("naive moment")
    return moment.astimezone(ZoneInfo(zone))


def said(moment: datetime, zone: str = ZONE) -> str:
    """A moment as people read it on the wall: month, day and time, and the year where it is not this one."""
    shown = local(moment, zone)
    return f"{said_day(shown.date(), zone)} {shown:%H:%M}"


def said_shortly(moment: datetime, zone: str = ZONE) -> str:
    """The time of today, the day of any other day: where there is no room for both."""
    shown = local(moment, zone)
    return f"{shown:%H:%M}" if shown.date() == today(zone) else said_day(shown.date(), zone)


def said_day(day: date, zone: str = ZONE) -> str:
    """Month and day, and the year where it is not this one."""
    return f"{day:%m-%d}" if day.year == today(zone).year else f"{day:%Y-%m-%d}"


def at(day: date, wall: time, zone: str = ZONE) -> datetime:
    """The moment (UTC) at which the wall clock of the zone shows this time on this day."""
    return datetime.combine(day, wall, ZoneInfo(zone)).astimezone(UTC)


def start_of_day(day: date, zone: str = ZONE) -> datetime:
    """The first moment of a local day, in UTC."""
    return at(day, time.min, zone)


def end_of_day(day: date, zone: str = ZONE) -> datetime:
    """The last microsecond of a local day, in UTC."""
    return at(day, time.max, zone)


@dataclass(frozen=True, slots=True)
class Span:
    """A duration as clauses write it. Parts keep their kind: a month is no number of days, a day no 24 hours.

    `seconds == 0` means that the span counts whole days and what it leads to is the end of a day (see
    `calendar.ServiceCalendar.add`); a time part of zero beside nothing else can't be written.
    """

    months: int = 0
    days: int = 0
    business_days: int = 0
    seconds: int = 0

    @property
    def by_day(self) -> bool:
        """True if this span ends with a day (P3D, P1M, P2BD, P0D), false if at a time (PT24H)."""
        return self.seconds == 0

    def __neg__(self) -> Span:
        return Span(-self.months, -self.days, -self.business_days, -self.seconds)

    def __str__(self) -> str:
        """The words for screens, in the active language: 3 天, 24 小时, 2 个工作日, 当天, 提前 5 分钟."""
        years = self.months // 12 if self.months % 12 == 0 else 0
        parts = [
            (years, _YEARS),
            (0 if years else self.months, _MONTHS),
            (self.days, _DAYS),
            (self.business_days, _BUSINESS_DAYS),
            *zip(_hms(self.seconds), (_HOURS, _MINUTES, _SECONDS), strict=True),
        ]
        spoken = " ".join(str(words % {"n": abs(n)}) for n, words in parts if n)
        if not spoken:
            return str(_("当天"))
        return str(_("提前 %(span)s") % {"span": spoken}) if self._negative else spoken

    @property
    def iso(self) -> str:
        """The canonical ISO 8601 text (BD for business days), which `parse_duration` reads back."""
        days = ((self.months, "M"), (self.days, "D"), (self.business_days, "BD"))
        head = "".join(f"{abs(n)}{unit}" for n, unit in days if n)
        tail = "".join(f"{abs(n)}{unit}" for n, unit in zip(_hms(self.seconds), "HMS", strict=True) if n)
        sign = "-" if self._negative else ""
        return f"{sign}P{head}T{tail}" if tail else f"{sign}P{head or '0D'}"

    @property
    def _negative(self) -> bool:
        return min(self.months, self.days, self.business_days, self.seconds) < 0


_YEARS = ngettext_lazy("%(n)d 年", "%(n)d 年", "n")
_MONTHS = ngettext_lazy("%(n)d 个月", "%(n)d 个月", "n")
_DAYS = ngettext_lazy("%(n)d 天", "%(n)d 天", "n")
_BUSINESS_DAYS = ngettext_lazy("%(n)d 个工作日", "%(n)d 个工作日", "n")
_HOURS = ngettext_lazy("%(n)d 小时", "%(n)d 小时", "n")
_MINUTES = ngettext_lazy("%(n)d 分钟", "%(n)d 分钟", "n")
_SECONDS = ngettext_lazy("%(n)d 秒", "%(n)d 秒", "n")

# Four digits a part are enough for any clause and keep every sum inside the calendar.
_DURATION = re.compile(
    r"(?P<sign>[+-])?P(?=\d|T\d)(?:(?P<Y>\d{1,2})Y)?(?:(?P<M>\d{1,4})M)?(?:(?P<W>\d{1,3})W)?(?:(?P<D>\d{1,4})D)?"
    r"(?:(?P<BD>\d{1,4})BD)?(?:T(?=\d)(?:(?P<h>\d{1,4})H)?(?:(?P<m>\d{1,5})M)?(?:(?P<s>\d{1,6})S)?)?",
    re.ASCII,
)


@lru_cache(maxsize=512)
def parse_duration(text: str) -> Span:
    """Read PT24H, P3D, P1M, P2BD, P1Y, P2W, PT30M, P1DT2H, -PT5M; ValueError with a sentence otherwise."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ValueError(_("时长“%(text)s”写法不对，例:PT24H、P3D、P2BD、P1M") % {"text": text})
    part = {name: int(found[name] or 0) for name in ("Y", "M", "W", "D", "BD", "h", "m", "s")}
    seconds = part["h"] * 3600 + part["m"] * 60 + part["s"]
    if "T" in text and not seconds:
        raise ValueError(_("时长“%(text)s”的时间部分不能为零，当天请写 P0D") % {"text": text})
    span = Span(part["Y"] * 12 + part["M"], part["W"] * 7 + part["D"], part["BD"], seconds)
    return -span if found["sign"] == "-" else span


def _hms(seconds: int) -> tuple[int, int, int]:
    """Hours, minutes, seconds of the absolute value; hours are never turned into days."""
    minutes, rest = divmod(abs(seconds), 60)
    return minutes // 60, minutes % 60, rest
