"""A clause as one sentence: what a manager reviews, instead of the file."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from shouwen.duties.clauses import book
from shouwen.duties.grammar import OWNER_FIELDS, Clause, Limit, Where
from shouwen.duties.words import CLOCKS, OWNERS, said
from shouwen.kernel.clock import Span
from shouwen.people.rights import POSTS

_POSTS = {post.code: post.name for post in POSTS}


def sentence(clause: Clause, span: Span | None = None) -> str:
    """「登记(投诉)后 3 天内,由经办人完成:答复投诉人;……」 With ``span`` the value in force, else the preset."""
    parts = [
        _("%(after)s后%(within)s,由%(owner)s完成:%(until)s")
        % {
            "after": _after(clause),
            "within": _within(clause.within, span),
            "owner": owner_words(clause.owner),
            "until": _or(fact_words(p.verb) + _where(p.where) for p in clause.until),
        },
        str(CLOCKS[clause.clock]),
    ]
    if clause.limit:
        parts.append(_("最迟%(span)s") % {"span": _within(clause.limit, None)})
    if clause.hold:
        parts.append(_("满 %(span)s 才能结束") % {"span": clause.hold})
    for stops, goes_on in clause.pause:
        parts.append(_("%(stop)s到%(go)s之间不计时") % {"stop": fact_words(stops), "go": fact_words(goes_on)})
    if clause.void:
        parts.append(_("%(facts)s则作废") % {"facts": _or(map(fact_words, clause.void))})
    parts.append(_ladder(clause.rungs))
    if clause.copy:
        parts.append(_("抄送%(posts)s") % {"posts": "、".join(map(owner_words, clause.copy))})
    return ";".join(parts) + "。"


def fact_words(verb: str) -> str:
    """The words of a fact in a clause."""
    return said(book().facts.get(verb, verb))


def value_words(field: str, value: object) -> str:
    """The words of a value of a fact's field."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return said(book().values.get(field, {}).get(text, text))


def owner_words(owner: str) -> str:
    """A person by their part in the matter, or a post by its name."""
    return str(OWNERS[owner]) if owner in OWNER_FIELDS else said(_POSTS.get(owner, owner))


def _after(clause: Clause) -> str:
    return _or(fact_words(verb) for verb in clause.after) + _where(clause.where)


def _where(where: Where) -> str:
    if not where:
        return ""
    return "(" + ",".join(_or(value_words(c.field, v) for v in c.values) for c in where) + ")"


def _within(limit: Limit, span: Span | None) -> str:
    policies = book().policies
    if limit.span is not None or span is not None:
        return _(" %(span)s 内") % {"span": span or limit.span}
    if not limit.field:
        return _(" %(span)s 内") % {"span": policies[limit.key].preset}
    kinds = [p for key, p in policies.items() if key.startswith(f"{limit.key}.")]
    return _("按分类(%(list)s)内") % {"list": "、".join(str(p.preset) for p in kinds)}


def _ladder(rungs: tuple[int, ...]) -> str:
    names = [_("提醒本人"), _("报上一级"), *[_("再报上一级")] * len(rungs)]
    return _("用时 ") + "、".join(f"{percent}% {name}" for percent, name in zip(rungs, names, strict=False))


def _or(words: Iterable[str]) -> str:
    return str(_("或")).join(words)
