"""A clause as one sentence: what a manager reviews in place of the TOML. And the words of chosen values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.duties.book.syntax import (
    DayPoint,
    DayPoints,
    Edge,
    FieldPoint,
    Limit,
    Period,
    Point,
    PolicyPoint,
    Range,
    Rung,
)
from shouwen.duties.book.values import PolicySeed
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause, Only, Proof, Where
from shouwen.duties.rulings import Asking
from shouwen.duties.words import CLOCKS, fact_words, owner_words, said, value_words
from shouwen.kernel.clock import Span

PERIODS = {
    "day": gettext_lazy("每个服务日"), "workday": gettext_lazy("每个工作日"), "week": gettext_lazy("每周"),
    "half-month": gettext_lazy("每半月"), "month": gettext_lazy("每月"), "quarter": gettext_lazy("每季"),
    "half-year": gettext_lazy("每半年"), "year": gettext_lazy("每年"), "shift": gettext_lazy("每班"),
    "festival": gettext_lazy("每个节日"),
}  # fmt: skip
SLOTS = {
    "mon": gettext_lazy("周一"), "tue": gettext_lazy("周二"), "wed": gettext_lazy("周三"), "thu": gettext_lazy("周四"),
    "fri": gettext_lazy("周五"), "sat": gettext_lazy("周六"), "sun": gettext_lazy("周日"), "am": gettext_lazy("上午"),
    "pm": gettext_lazy("下午"),
}  # fmt: skip
ATTRIBUTES = {
    "households": gettext_lazy("户数"), "owners": gettext_lazy("业主人数"),
    "since_handover": gettext_lazy("接管以来"), "issue": gettext_lazy("接管后期数"), "place": gettext_lazy("项目类型"),
}  # fmt: skip
PLACES = {
    "residential": gettext_lazy("住宅小区"), "office": gettext_lazy("写字楼"), "mixed": gettext_lazy("综合体"),
}  # fmt: skip
STOCKS = {
    "households": gettext_lazy("全部住户"), "owners": gettext_lazy("全部业主"),
    "service_minutes": gettext_lazy("当天服务时间"),
}  # fmt: skip


def sentence(clause: Clause, ask: Asking | None = None, span: Span | None = None) -> str:
    """「登记（投诉）后 3 天内，由经办人完成：答复投诉人；……」 With ``ask`` the community's values, else the presets.

    ``span`` is the duration that a duty was promised at its birth.
    """
    head = _after(clause, ask, span) if clause.after else _every(clause, ask)
    parts = [head, *_conditions(clause, ask)]
    if clause.within or clause.limit or clause.hold:
        parts.append(str(CLOCKS[clause.clock]))
    parts += _extras(clause, ask)
    if clause.rungs:
        parts.append(_ladder(clause.rungs))
    if clause.copy:
        parts.append(_("抄送%(posts)s") % {"posts": _("、").join(map(owner_words, clause.copy))})
    return _("；").join(parts) + _("。")


def value_of(seed: PolicySeed, text: str) -> str:
    """The words of a value of a policy key."""
    value = seed.read(text)
    if value is None:
        return _("不执行")
    if seed.kind in ("choice", "list"):
        chosen = [value] if isinstance(value, str) else [code for code in seed.options if code in value]
        return _("、").join(said(seed.options[code]) for code in chosen) or _("一项也不选")
    if seed.kind == "period":
        return period_words(value, None)
    if seed.kind == "point":
        return point_words(value, None)
    if seed.kind == "season":
        return _("%(first)s 到次年或当年 %(last)s") % dict(
            zip(("first", "last"), text.split(".."), strict=True)
        )
    return (
        f"{text} {said(seed.unit)}".strip()
        if seed.kind == "number"
        else str(value)
        if seed.kind == "span"
        else text
    )


# --- heads --------------------------------------------------------------------------------------------------------


def _after(clause: Clause, ask: Asking | None, span: Span | None) -> str:
    words = {
        "after": _or(fact_words(verb) for verb in clause.after) + _where(clause.where),
        "within": _time(clause, ask, span),
        "owner": owner_words(clause.owner),
        "until": _until(clause),
    }
    if clause.remind:
        return _("%(after)s后，由%(owner)s办到：%(until)s") % words
    return _("%(after)s后%(within)s，由%(owner)s完成：%(until)s") % words


def _every(clause: Clause, ask: Asking | None) -> str:
    assert clause.every is not None
    spec = book().sets.get(clause.per)
    words = {
        "every": period_words(clause.every, ask)
        + (_("，每个%(set)s") % {"set": said(spec.title)} if spec else ""),
        "within": _period_time(clause, ask),
        "owner": owner_words(clause.owner),
        "until": _amount(clause, ask) + _until(clause),
    }
    if clause.step and clause.step.after:
        return _("上一步签署后，%(within)s由%(owner)s完成：%(until)s") % words
    return _("%(every)s%(within)s，由%(owner)s完成：%(until)s") % words


def _until(clause: Clause) -> str:
    proofs = _or(_proof(proof) for proof in clause.until)
    if not proofs:
        return said(clause.title) + (said(clause.record) if clause.record else "")
    return proofs


def _proof(proof: Proof) -> str:
    return fact_words(proof.verb) + _where(proof.where)


def _time(clause: Clause, ask: Asking | None, span: Span | None) -> str:
    if clause.within is not None:
        start = _("（从约定的日子起算）") if clause.start else ""
        return _within(clause.within, ask, span) + start
    return _("，%(point)s前") % {"point": point_words(clause.due, ask)} if clause.due else ""


def _period_time(clause: Clause, ask: Asking | None) -> str:
    if isinstance(clause.windows, DayPoints):
        return "".join(str(SLOTS[key]) for key in clause.windows.keys)
    if clause.windows is not None:
        return _("，%(from)s到%(to)s之间") % {
            "from": point_words(clause.windows[0], ask), "to": point_words(clause.windows[1], ask),
        }  # fmt: skip
    if clause.within is not None:
        return _within(clause.within, ask, None)
    if isinstance(clause.due, DayPoints):
        return _("的%(days)s") % {"days": _("、").join(str(SLOTS[key]) for key in clause.due.keys)}
    return _("，%(point)s前") % {"point": point_words(clause.due, ask)} if clause.due else ""


def _amount(clause: Clause, ask: Asking | None) -> str:
    """How much of it: 25 户, 80% of all households, a drawn 20%."""
    if clause.draw:
        share = _chosen(clause.draw.share_key, ask) or f"{clause.draw.share}%"
        words = {"share": share, "of": _proof(clause.draw.of)}
        return _("随机抽查%(of)s的 %(share)s：") % words
    quota = clause.quota
    if quota is None:
        return ""
    if quota.over or quota.of:
        over = str(STOCKS[quota.over]) if quota.over else _or(_proof(p) for p in quota.of)
        return _("%(over)s的 %(share)s：") % {
            "over": over, "share": _chosen(quota.share_key, ask) or f"{quota.share}%",
        }  # fmt: skip
    return _("不少于 %(count)s 次：") % {"count": _chosen(quota.count_key, ask) or quota.count}


def _chosen(key: str, ask: Asking | None) -> str:
    return "" if not key else value_of(book().policies[key], text_of(key, ask))


def text_of(key: str, ask: Asking | None) -> str:
    """The text of a value in force, or of the preset."""
    return ask.text(key) if ask else book().policies[key].preset


# --- tails --------------------------------------------------------------------------------------------------------


def _conditions(clause: Clause, ask: Asking | None) -> Iterable[str]:
    for only in clause.only:
        yield _("仅限%(what)s") % {"what": _only(only)}


def _only(only: Only) -> str:
    if only.range is not None:
        return f"{ATTRIBUTES[only.name]}{_range(only.range)}"
    if only.name == "place":
        return _or(str(PLACES.get(value, value)) for value in only.values)
    seed = book().policies[only.name]
    return f"{said(seed.title)}：" + _or(said(seed.options[value]) for value in only.values)


def _range(given: Range) -> str:
    low, high = (
        None if n is None else str(Span(months=n)) if given.months else str(n)
        for n in (given.low, given.high)
    )
    if low is None:
        return _("不超过 %(n)s") % {"n": high}
    return (
        _("不少于 %(n)s") % {"n": low}
        if high is None
        else _(" %(low)s 到 %(high)s") % {"low": low, "high": high}
    )


def _extras(clause: Clause, ask: Asking | None) -> Iterable[str]:
    if clause.limit:
        yield _("最迟%(span)s") % {"span": _within(clause.limit, ask, None)}
    for words, span in (
        (_("每 %(span)s 提醒一次，直到办结"), clause.remind),
        (_("满 %(span)s 才能结束"), clause.hold),
        (_("满 %(span)s 后才办"), clause.not_before),
        (_("宽限 %(span)s"), clause.grace),
    ):
        if span:
            yield words % {"span": span}
    if clause.roll != "none":
        yield _("遇休息日提前到前一个工作日") if clause.roll == "earlier" else _("遇休息日顺延到下一个工作日")
    if clause.surprise:
        yield _("日子随机抽定，事前不告知")
    if clause.carry:
        yield _("没办完的结转下期")
    for stops, goes_on in clause.pause:
        yield _("%(stop)s到%(go)s之间不计时") % {"stop": fact_words(stops), "go": fact_words(goes_on)}
    if clause.void:
        yield _("%(facts)s则作废") % {"facts": _or(map(fact_words, clause.void))}


def _ladder(rungs: tuple[Rung, ...]) -> str:
    names, above = {1: _("提醒本人"), 2: _("报上一级")}, _("再报上一级")
    parts = []
    for rung in rungs:
        to = _("、").join(map(owner_words, rung.to))
        parts.append(
            f"{rung_words(rung)} {names.get(rung.level, above)}"
            + (_("（%(words)s）") % {"words": to} if to else "")
        )
    return _("、").join(parts) if rungs[0].offset is not None else _("用时 ") + _("、").join(parts)


def rung_words(rung: Rung) -> str:
    """80%, or how long before or behind the due moment."""
    if rung.offset is None:
        return f"{rung.percent}%"
    return str(rung.offset) if rung.order < 0 else _("过期 %(span)s") % {"span": rung.offset}


# --- parts --------------------------------------------------------------------------------------------------------


def period_words(period: Period, ask: Asking | None) -> str:
    if period.unit == "policy":
        chosen: Any = book().policies[period.name].read(text_of(period.name, ask))
        return period_words(chosen, ask) if chosen else _("（不执行）")
    if period.unit == "days":
        return _("每 %(n)d 天") % {"n": period.days}
    if period.unit == "season":
        return said(book().policies[f"season.{period.name}"].title)
    return str(PERIODS[period.unit])


def point_words(point: Point | None, ask: Asking | None) -> str:
    if isinstance(point, PolicyPoint):
        chosen: Any = book().policies[point.key].read(text_of(point.key, ask))
        return point_words(chosen, ask) if chosen else _("（不执行）")
    if isinstance(point, DayPoint):
        return _month(point) + (_(" %(day)d 日") % {"day": point.day} if point.day else _("月末"))
    if isinstance(point, DayPoints):
        return _("、").join(str(SLOTS[key]) for key in point.keys)
    if isinstance(point, FieldPoint):
        return _moved(_("约定的时间"), point.offset, point.sign, ask)
    if isinstance(point, Edge):
        base = _("结束") if point.end else _("开始")
        if point.lead:
            return _moved(base, point.lead, point.sign, ask)
        return (
            base
            if point.offset == Span()
            else _("%(base)s%(span)s") % {"base": base, "span": _signed(point.offset)}
        )
    return ""


def _month(point: DayPoint) -> str:
    if point.plus:
        return _("其后第 %(n)d 个月") % {"n": point.month}
    return _("第 %(n)d 个月") % {"n": point.month} if point.month else ""


def _moved(base: str, offset: Limit | None, sign: int, ask: Asking | None) -> str:
    if offset is None:
        return base
    words = {"base": base, "span": _span_words(offset, ask)}
    return _("%(base)s之前 %(span)s") % words if sign < 0 else _("%(base)s之后 %(span)s") % words


def _signed(span: Span) -> str:
    parts = (span.months, span.days, span.business_days, span.seconds)
    return f" {span}" if min(parts) < 0 else _("后 %(span)s") % {"span": span}


def _span_words(limit: Limit, ask: Asking | None) -> str:
    return (
        str(limit.span)
        if limit.span is not None
        else value_of(book().policies[limit.key], text_of(limit.key, ask))
    )


def _within(limit: Limit, ask: Asking | None, span: Span | None) -> str:
    policies = book().policies
    if span is None and limit.span is None and not limit.field:
        span = book().policies[limit.key].read(text_of(limit.key, ask))
        return _in(span) if span is not None else _("（不执行）")
    if limit.span is not None or span is not None:
        return _in(span or limit.span)
    kinds = [key for key in policies if key.startswith(f"{limit.key}.")]
    return _("按分类（%(list)s）内") % {
        "list": _("、").join(value_of(policies[key], text_of(key, ask)) for key in kinds)
    }  # fmt: skip


def _in(span: Span | None) -> str:
    """Within three days; no time at all is the same day, which is within nothing."""
    return _("当天内") if span == Span() else _(" %(span)s 内") % {"span": span}


def _where(where: Where) -> str:
    if not where:
        return ""
    return _("（%(words)s）") % {
        "words": _("，").join(_or(value_words(c.field, v) for v in c.values) for c in where)
    }


def _or(words: Iterable[str]) -> str:
    return str(_("或")).join(words)
