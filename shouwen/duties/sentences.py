"""A clause as a manual says it: who does what until when, where it holds, what proves it, who hears otherwise.

That is what a manager reviews in place of the TOML, and what a newcomer reads beside a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.duties.book.checks import policies_of
from shouwen.duties.book.syntax import FieldPoint, Range, Rung
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause, Only, Proof, Quota, Where
from shouwen.duties.laying import has
from shouwen.duties.moments import by, chosen, period_words, read, rung_words, when, within
from shouwen.duties.rulings import Asking
from shouwen.duties.words import CLOCKS, fact_words, owner_words, said, value_words
from shouwen.kernel.clock import Span
from shouwen.kernel.text import joined

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


def sentence(
    clause: Clause, ask: Asking | None = None, span: Span | None = None, *, brief: bool = False
) -> str:
    """「事项登记（投诉）后，经办人在 3 天内完成“投诉答复”。……」 With ``ask`` the community's values, else the presets.

    ``span`` is the duration that a duty was promised at its birth. ``brief`` is for beside a running clock, where the
    ladder stands with its moments: where it holds, what voids it and who hears are left out.
    """
    head = _after(clause, ask, span) if clause.after else _every(clause, ask)
    parts = [head, *([] if brief else _where_held(clause, ask)), *_counting(clause, ask), _proven(clause)]
    parts += [] if brief else _otherwise(clause)
    return joined((part[:1].upper() + part[1:] for part in parts if part), "。") + _("。")


# --- who does what until when -------------------------------------------------------------------------------------


def _after(clause: Clause, ask: Asking | None, span: Span | None) -> str:
    words = {
        "after": _facts(clause.after, clause.where),
        "owner": owner_words(clause.owner),
        "title": said(clause.title),
        "when": _until_when(clause, ask, span),
    }
    if clause.remind:
        return _("%(after)s后，%(owner)s负责“%(title)s”，没有期限，办到为止") % words
    return _("%(after)s后，%(owner)s%(when)s完成“%(title)s”") % words


def _until_when(clause: Clause, ask: Asking | None, span: Span | None) -> str:
    if clause.within is not None:
        start = _("（从约定的日子起算）") if clause.start else ""
        return within(clause.within, ask, span) + start
    return by(clause.due, ask, field=_planned(clause)) if clause.due else ""


def _planned(clause: Clause) -> str:
    """What the moment is called that an occasion names."""
    kinds = [value for c in clause.where if c.field == "kind" for value in c.values]
    spec = book().occasions.get(str(kinds[0])) if kinds and isinstance(clause.due, FieldPoint) else None
    return said(spec.planned) if spec else ""


def _every(clause: Clause, ask: Asking | None) -> str:
    assert clause.every is not None
    words = {
        "every": period_words(clause.every, ask) + _each(clause),
        "when": when(clause, ask),
        "owner": owner_words(clause.owner),
        "title": said(clause.title),
        "amount": _amount(clause, ask),
    }
    if clause.step and clause.step.after:
        words["after"] = joined(_("“%s”") % _step(clause.step.chain, name) for name in clause.step.after)
        return _("%(after)s签署后，%(owner)s%(when)s完成“%(title)s”") % words
    return _("%(every)s，%(owner)s%(when)s完成“%(title)s”%(amount)s") % words


def _each(clause: Clause) -> str:
    spec = book().sets.get(clause.per)
    return _("对每个%(set)s") % {"set": said(spec.title).lower()} if spec else ""


def _step(chain: str, name: str) -> str:
    found = book().clause(f"{chain}.{name}")
    return said(found.title) if found else name


def _amount(clause: Clause, ask: Asking | None) -> str:
    """How much of it: 不少于 25 户, 80% of all households, a drawn 20%."""
    if clause.draw:
        share = chosen(clause.draw.share_key, ask) or f"{clause.draw.share}%"
        return _("，从“%(of)s”的记录里随机抽 %(share)s，抽中的每件都办") % {
            "share": share,
            "of": _proof(clause.draw.of),
        }
    quota = clause.quota
    if quota is None:
        return ""
    if quota.over or quota.of:
        words = {"share": chosen(quota.share_key, ask) or f"{quota.share}%", "over": _base(quota)}
        return _("，做到%(over)s的 %(share)s") % words
    count = {"count": chosen(quota.count_key, ask) or quota.count}
    if count["count"] == 1:
        return _("，至少一次")
    return (
        _("，不少于 %(count)s 户") % count if quota.distinct == "unit" else _("，不少于 %(count)s 次") % count
    )


def _base(quota: Quota) -> str:
    return str(STOCKS[quota.over]) if quota.over else _any(_proof(proof) for proof in quota.of)


# --- where it holds, how time counts ------------------------------------------------------------------------------


def _where_held(clause: Clause, ask: Asking | None) -> Iterable[str]:
    """What kind of community it is for; and where a value was asked for that silences it, that it does."""
    for only in clause.only:
        if only.range is not None:
            words = {"what": ATTRIBUTES[only.name], "range": _range(only.range)}
            yield _("只用于%(what)s%(range)s 的项目") % words
        elif only.name == "place":
            yield _("只用于%s") % _any(str(PLACES.get(value, value)) for value in only.values)
        elif ask is None:
            yield _("只在%s的项目执行") % _picked(only)
        elif not has(only, ask(only.name)):
            yield _("本项目不执行：要%s才执行") % _picked(only)
    keys = policies_of(clause) - {only.name for only in clause.only}
    for key in sorted(keys & set(book().policies)) if ask else ():
        if read(key, ask) is None:
            yield _("本项目不执行：“%s”选了不执行") % said(book().policies[key].title)


def _picked(only: Only) -> str:
    seed = book().policies[only.name]
    options = _any(said(seed.options[value]) for value in only.values)
    return _("“%(key)s”选了“%(options)s”") % {"key": said(seed.title), "options": options}


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


def _counting(clause: Clause, ask: Asking | None) -> Iterable[str]:
    """How the time is counted, what stops it, what lies beyond it."""
    found = [str(CLOCKS[clause.clock])] if _counts(clause, ask) else []
    found += [
        _("“%(stop)s”到“%(go)s”之间不计时") % {"stop": fact_words(stops), "go": fact_words(goes_on)}
        for stops, goes_on in clause.pause
    ]
    if clause.limit:
        found.append(_("最迟%(span)s，再晚就是违约") % {"span": within(clause.limit, ask, None)})
    spans = (
        (_("满 %(span)s才能结束"), clause.hold),
        (_("满 %(span)s后才办"), clause.not_before),
        (_("过后再宽限 %(span)s"), clause.grace),
        (_("每 %(span)s提醒一次"), clause.remind),
    )
    found += [words % {"span": span} for words, span in spans if span]
    if clause.roll != "none":
        earlier = _("遇休息日提前到前一个工作日"), _("遇休息日顺延到下一个工作日")
        found.append(earlier[clause.roll == "later"])
    if clause.surprise:
        found.append(_("日子随机抽定，事前不告知"))
    if clause.carry:
        found.append(_("没办完的结转下期"))
    if found:
        yield joined(found, "，")


def _counts(clause: Clause, ask: Asking | None) -> bool:
    """Whether it matters on which clock the time runs: not for the same day, nor for working days."""
    limit = clause.within or clause.limit
    if limit is None:
        return clause.hold is not None
    span = limit.span or (None if limit.field else read(limit.key, ask))
    return not isinstance(span, Span) or bool(span.months or span.days or span.seconds)


# --- what proves it, who hears otherwise --------------------------------------------------------------------------


def _proven(clause: Clause) -> str:
    """Facts of the work prove it; without them only a hand can: words, and a picture or file of what is named."""
    if clause.until:
        return _("系统里有%s的记录，就算办到") % _any(_("“%s”") % _proof(proof) for proof in clause.until)
    words = {"record": said(clause.record).strip(" ()")}
    if clause.step:
        return _("签署%(record)s，就算办到") % words
    if clause.quota and not clause.quota.of:
        return _("办一次记一笔，记够才算办到") + (_("（%(record)s）") % words if clause.record else "")
    if clause.record:
        return _("办完后写明经过、附上%(record)s的照片或文件并签认，才算办到") % words
    return _("办完后写明经过、附上照片或文件并签认，才算办到")


def _otherwise(clause: Clause) -> Iterable[str]:
    anew, over = (
        [
            _("“%s”") % _proof(Proof(verb, _kinds(clause)))
            for verb in clause.void
            if (verb in clause.after) is again
        ]
        for again in (True, False)
    )
    if anew:
        yield _("又有%s的记录，就按新的算") % _any(anew)
    if over:
        yield _("有%s的记录后不用再办") % _any(over)
    if clause.rungs:
        yield joined(map(_rung, clause.rungs), "；")
    if clause.copy:
        yield _("到期没办时也告诉%(posts)s") % {"posts": joined(map(owner_words, clause.copy))}


def _rung(rung: Rung) -> str:
    """「用到 80% 时间提醒本人」, 「到期没办报上一级」, 「过期 2 天再报上一级」."""
    to = joined(map(owner_words, rung.to))
    told = {1: _("提醒本人"), 2: _("报上一级")}.get(rung.level, _("再报上一级"))
    words = {"when": rung_words(rung), "told": told + (_("（%(words)s）") % {"words": to} if to else "")}
    if rung.order == 0:
        return _("到期没办，%(told)s") % words
    if rung.offset is not None:
        return _("%(when)s，%(told)s") % words if rung.order > 0 else _("到期前 %(when)s，%(told)s") % words
    return _("用到时限的 %(when)s，%(told)s") % words


# --- facts --------------------------------------------------------------------------------------------------------


def _facts(verbs: Sequence[str], where: Where) -> str:
    """「事项登记或改了类型（投诉）」: what holds of each of them is said once."""
    if "occasion:noted" in verbs:
        return _("登记“%s”") % _occasion(Proof("occasion:noted", where))
    return _any(_("“%s”") % fact_words(verb) for verb in verbs) + _values(where)


def _proof(proof: Proof) -> str:
    """「已回访（已接通或不愿评价）」; an occasion is called by its own name, 「借出钥匙」 or 「归还」."""
    if proof.verb in ("occasion:noted", "occasion:closed"):
        return _occasion(proof)
    return fact_words(proof.verb) + _values(proof.where)


def _values(where: Where) -> str:
    words = [_any(value_words(c.field, value) for value in c.values) for c in where]
    return _("（%(words)s）") % {"words": joined(words, "，")} if words else ""


def _kinds(clause: Clause) -> Where:
    """Which occasion the clause is about: the one that ends it is called by that one's name."""
    return clause.where if clause.matter == "occasion" else ()


def _occasion(proof: Proof) -> str:
    kinds = [str(value) for c in proof.where if c.field == "kind" for value in c.values]
    specs = [book().occasions[kind] for kind in kinds if kind in book().occasions]
    names = (spec.closes if proof.verb == "occasion:closed" else spec.title for spec in specs)
    return _any(said(name) for name in names) if specs else fact_words(proof.verb)


def _any(words: Iterable[str]) -> str:
    """A、B或C."""
    *some, last = words
    return joined(some) + _("或") + last if some else last
