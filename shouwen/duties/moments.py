"""The words of a clause's times: how often, by when, how long. Values are the community's, or the presets."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.duties.book.syntax import (
    DayPoint,
    DayPoints,
    Edge,
    FieldPoint,
    Limit,
    Period,
    Point,
    PolicyPoint,
    Rung,
)
from shouwen.duties.book.values import PolicySeed
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause
from shouwen.duties.rulings import Asking
from shouwen.duties.words import said
from shouwen.estate.hours import MONTHS
from shouwen.kernel.clock import Span
from shouwen.kernel.text import joined

PERIODS = {
    "day": gettext_lazy("每个服务日"), "workday": gettext_lazy("每个工作日"), "week": gettext_lazy("每周"),
    "half-month": gettext_lazy("每半月"), "month": gettext_lazy("每月"), "quarter": gettext_lazy("每季"),
    "half-year": gettext_lazy("每半年"), "year": gettext_lazy("每年"), "shift": gettext_lazy("每班"),
    "festival": gettext_lazy("每个节日"),
}  # fmt: skip
ENDS = {
    "day": gettext_lazy("在当天"), "workday": gettext_lazy("在当天"), "week": gettext_lazy("在周日前"),
    "half-month": gettext_lazy("在这半月内"), "month": gettext_lazy("在月底前"), "quarter": gettext_lazy("在季末前"),
    "half-year": gettext_lazy("在半年末前"), "year": gettext_lazy("在年底前"), "shift": gettext_lazy("在本班内"),
    "festival": gettext_lazy("在节日当天"), "season": gettext_lazy("在季节结束前"), "days": gettext_lazy("在这几天内"),
}  # fmt: skip
_SERVED = pgettext_lazy("of a day", "上班"), pgettext_lazy("of a day", "下班")
EDGES = {
    "day": _SERVED, "workday": _SERVED, "shift": (gettext_lazy("本班开始"), gettext_lazy("本班结束")),
    "festival": (gettext_lazy("节日当天"),) * 2,
}  # fmt: skip
"""What begins and ends a period that is no longer than a day."""
WHOLE = gettext_lazy("本期开始"), gettext_lazy("本期结束")
SLOTS = {
    "mon": gettext_lazy("周一"), "tue": gettext_lazy("周二"), "wed": gettext_lazy("周三"), "thu": gettext_lazy("周四"),
    "fri": gettext_lazy("周五"), "sat": gettext_lazy("周六"), "sun": gettext_lazy("周日"), "am": gettext_lazy("上午"),
    "pm": gettext_lazy("下午"),
}  # fmt: skip


# --- values -------------------------------------------------------------------------------------------------------


def value_of(seed: PolicySeed, text: str) -> str:
    """The words of a value of a policy key."""
    value = seed.read(text)
    if value is None:
        return _("不执行")
    if seed.kind in ("choice", "list"):
        chosen = [value] if isinstance(value, str) else [code for code in seed.options if code in value]
        return joined(said(seed.options[code]) for code in chosen) or _("一项也不选")
    if seed.kind == "period":
        return period_words(value, None)
    if seed.kind == "point":
        return point_words(value, None)
    if seed.kind == "season":
        return _("%(first)s 到次年或当年 %(last)s") % dict(
            zip(("first", "last"), text.split(".."), strict=True)
        )
    if seed.kind == "number":
        return f"{text} {said(seed.unit)}".strip()
    return str(value) if seed.kind == "span" else text


def text_of(key: str, ask: Asking | None) -> str:
    """The text of a value in force, or of the preset."""
    return ask.text(key) if ask else book().policies[key].preset


def read(key: str, ask: Asking | None) -> Any:
    """The value in force, or the preset's; None for off."""
    return book().policies[key].read(text_of(key, ask))


def chosen(key: str, ask: Asking | None) -> str:
    """The words of a value in force; nothing where the clause names its own."""
    return "" if not key else value_of(book().policies[key], text_of(key, ask))


def _span(limit: Limit, ask: Asking | None) -> str:
    return str(limit.span) if limit.span is not None else chosen(limit.key, ask)


# --- periods ------------------------------------------------------------------------------------------------------


def period_words(period: Period, ask: Asking | None) -> str:
    """每月, 每 3 天, 采暖季."""
    if period.unit == "policy":
        chosen: Any = read(period.name, ask)
        return period_words(chosen, ask) if chosen else _("（不执行）")
    if period.unit == "days":
        return _("每 %(n)d 天") % {"n": period.days}
    if period.unit == "season":
        return said(book().policies[f"season.{period.name}"].title)
    return str(PERIODS[period.unit])


def _unit(period: Period | None, ask: Asking | None) -> str:
    if period is None:
        return "month"
    if period.unit == "policy":
        chosen: Any = read(period.name, ask)
        return chosen.unit if chosen else "month"
    return period.unit


def when(clause: Clause, ask: Asking | None) -> str:
    """By when a period's duty is to be done: 在 5 日前, 在周二、周三, 在下班前 1 小时到下班前 30 分钟之间."""
    unit = _unit(clause.every, ask)
    if isinstance(clause.windows, DayPoints):
        return _("在%(days)s分别") % {"days": joined(SLOTS[key] for key in clause.windows.keys)}
    if clause.windows is not None:
        first, last = (point_words(edge, ask, unit) for edge in clause.windows)
        return _("在%(from)s到%(to)s之间") % {"from": first, "to": last}
    if clause.within is not None:
        return within(clause.within, ask, None)
    return by(clause.due, ask, unit) if clause.due else str(ENDS[unit])


def within(limit: Limit, ask: Asking | None, span: Span | None) -> str:
    """在 3 天内, 在当天内; by a class of the matter where the span that was promised is not known."""
    if span is None and limit.span is None and not limit.field:
        span = read(limit.key, ask)
        return _in(span) if span is not None else _("（不执行）")
    if limit.span is not None or span is not None:
        return _in(span or limit.span)
    seeds = (seed for key, seed in book().policies.items() if key.startswith(f"{limit.key}."))
    kinds = (f"{said(seed.title)} {value_of(seed, text_of(seed.key, ask))}" for seed in seeds)
    return _("在分类的时限内（%(list)s）") % {"list": joined(kinds)}


def _in(span: Span | None) -> str:
    """Within three days; no time at all is the same day, which is within nothing."""
    return _("在当天内") if span == Span() else _("在 %(span)s内") % {"span": span}


# --- points -------------------------------------------------------------------------------------------------------


def by(point: Point | None, ask: Asking | None, unit: str = "month", field: str = "") -> str:
    """Not later than a point: 在 5 日前, 在下班前, 在本班结束前 15 分钟之前."""
    if isinstance(point, PolicyPoint):
        value: Any = read(point.key, ask)
        return by(value, ask, unit) if value else _("（不执行）")
    if isinstance(point, DayPoint) and not point.day and not point.month:
        return str(ENDS[unit])
    if isinstance(point, DayPoints):
        return _("在%(days)s当天") % {"days": point_words(point, ask)}
    if isinstance(point, DayPoint):
        return _("在%(point)s前") % {"point": point_words(point, ask, unit)}
    return _("在%(point)s之前") % {"point": point_words(point, ask, unit, field)}


def point_words(point: Point | None, ask: Asking | None, unit: str = "month", field: str = "") -> str:
    """A point of a period of this unit; ``field`` are the words of a moment that the fact names."""
    if isinstance(point, PolicyPoint):
        value: Any = read(point.key, ask)
        return point_words(value, ask, unit) if value else _("（不执行）")
    if isinstance(point, DayPoint):
        return _day(point, unit)
    if isinstance(point, DayPoints):
        return joined(SLOTS[key] for key in point.keys)
    if isinstance(point, FieldPoint):
        offset = _span(point.offset, ask) if point.offset else ""
        return _moved(field or _("约定的时间"), offset, before=point.sign < 0)
    return _edge(point, ask, unit) if isinstance(point, Edge) else ""


def _day(point: DayPoint, unit: str) -> str:
    day = _(" %(day)d 日") % {"day": point.day} if point.day else _("月底")
    if point.plus:
        words = {"n": point.month, "day": day}
        return _("次月%(day)s") % words if point.month == 1 else _("之后第 %(n)d 个月%(day)s") % words
    if unit == "year" and point.day:
        return _(" %(month)s %(day)d 日") % {"month": MONTHS[max(1, point.month) - 1], "day": point.day}
    if unit in ("quarter", "half-year", "season") and point.month < 2:
        return _("首月%(day)s") % {"day": day}
    return _("第 %(n)d 个月%(day)s") % {"n": point.month, "day": day} if point.month > 1 else day


def _edge(point: Edge, ask: Asking | None, unit: str) -> str:
    base = str(EDGES.get(unit, WHOLE)[point.end])
    if point.lead:
        return _moved(base, _span(point.lead, ask), before=point.sign < 0)
    if point.offset == Span():
        return base
    parts = (point.offset.months, point.offset.days, point.offset.business_days, point.offset.seconds)
    before = min(parts) < 0
    return _moved(base, str(-point.offset if before else point.offset), before=before)


def _moved(base: str, span: str, *, before: bool) -> str:
    if not span:
        return base
    words = {"base": base, "span": span}
    return _("%(base)s前 %(span)s") % words if before else _("%(base)s后 %(span)s") % words


def rung_words(rung: Rung) -> str:
    """80%, or how long before or behind the due moment."""
    if rung.offset is None:
        return f"{rung.percent}%"
    return str(rung.offset) if rung.order < 0 else _("过期 %(span)s") % {"span": rung.offset}
