"""The sentences of duties: one per verb and refusal, and the words of clause files so that they are translated."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwen.duties.clauses import book
from shouwen.duties.grammar import OWNER_FIELDS, Clause, Limit, Where
from shouwen.kernel.clock import Span
from shouwen.kernel.journal import Verb
from shouwen.kernel.refusals import Sentence
from shouwen.people.rights import POSTS

VERBS = (
    Verb("duty:escalated", _("「{clause}」到第 {rung} 级提醒"), ("clause", "rung", "next"), "alarm"),
    Verb("policy:set", _("{actor} 调整时限「{key}」为 {value}"), ("key", "value"), "settings"),
)

REFUSALS: dict[str, Sentence] = {
    "policy.key": _("没有「{key}」这项时限。"),
    "policy.value": _("时限“{value}”写法不对，例：PT2H、P3D、P2BD。"),
    "policy.right": _("你没有改时限的权限。"),
}

# The texts of clauses/*.toml, listed so that the catalogue of translations has them; a test keeps the lists equal.
CLAUSE_TEXTS = (
    _("咨询答复"),
    _("建议回复"),
    _("投诉定级"),
    _("投诉答复"),
    _("投诉处理"),
    _("派工"),
    _("到场"),
    _("紧急到场"),
    _("完工"),
    _("紧急完工"),
    _("公共区验收"),
    _("回访"),
    _("重办督促"),
    _("投诉处理（未分类）"),
    _("投诉处理（一类：服务）"),
    _("投诉处理（二类：开发商）"),
    _("投诉处理（三类：外部）"),
)
FACT_TEXTS = (
    _("登记"),
    _("改类型"),
    _("答复"),
    _("投诉定级"),
    _("答复投诉人"),
    _("处理完毕"),
    _("办理完成"),
    _("回访"),
    _("住户满意"),
    _("住户不满意"),
    _("未确认关闭"),
    _("取消事项"),
    _("开出派工单"),
    _("派工给技工"),
    _("退单"),
    _("撤回派工"),
    _("到场"),
    _("停表"),
    _("继续"),
    _("完工"),
    _("验收"),
    _("派工单取消"),
)
VALUE_TEXTS = (
    _("报修"), _("投诉"), _("咨询"), _("建议"), _("紧急"), _("不紧急"), _("公共区"), _("户内"),
    _("已接通"), _("不愿评价"),
    _("等邻户开门"), _("等住户时间"), _("等备件"), _("等停水通知"), _("等天气"), _("等外委单位"),
)  # fmt: skip

OWNERS = {
    "first_responder": _("首问责任人"),
    "handler": _("经办人"),
    "follow_up_by": _("回访人"),
    "technician": _("技工"),
}
CLOCKS = {"service": _("按服务时间计"), "elapsed": _("按钟点计"), "calendar": _("按自然日计")}


def said(text: str) -> str:
    """A text of a clause file in the language of the reader."""
    return gettext(text) if text else text


_POSTS = {post.code: post.name for post in POSTS}


def sentence(clause: Clause, span: Span | None = None) -> str:
    """「登记（投诉）后 3 天内，由经办人完成：答复投诉人;……」 With ``span`` the value in force, else the preset."""
    parts = [
        gettext("%(after)s后%(within)s，由%(owner)s完成：%(until)s")
        % {
            "after": _after(clause),
            "within": _within(clause.within, span),
            "owner": owner_words(clause.owner),
            "until": _or(fact_words(p.verb) + _where(p.where) for p in clause.until),
        },
        str(CLOCKS[clause.clock]),
    ]
    if clause.limit:
        parts.append(gettext("最迟%(span)s") % {"span": _within(clause.limit, None)})
    if clause.hold:
        parts.append(gettext("满 %(span)s 才能结束") % {"span": clause.hold})
    for stops, goes_on in clause.pause:
        parts.append(
            gettext("%(stop)s到%(go)s之间不计时") % {"stop": fact_words(stops), "go": fact_words(goes_on)}
        )
    if clause.void:
        parts.append(gettext("%(facts)s则作废") % {"facts": _or(map(fact_words, clause.void))})
    parts.append(_ladder(clause.rungs))
    if clause.copy:
        parts.append(gettext("抄送%(posts)s") % {"posts": "、".join(map(owner_words, clause.copy))})
    return "；".join(parts) + "。"


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
    return "（" + "，".join(_or(value_words(c.field, v) for v in c.values) for c in where) + "）"


def _within(limit: Limit, span: Span | None) -> str:
    policies = book().policies
    if limit.span is not None or span is not None:
        return _in(span or limit.span)
    if not limit.field:
        return _in(policies[limit.key].preset)
    kinds = [p for key, p in policies.items() if key.startswith(f"{limit.key}.")]
    return gettext("按分类（%(list)s）内") % {"list": "、".join(str(p.preset) for p in kinds)}


def _in(span: Span | None) -> str:
    """Within three days; no time at all is the same day, which is within nothing."""
    return gettext("当天内") if span == Span() else gettext(" %(span)s 内") % {"span": span}


def _ladder(rungs: tuple[int, ...]) -> str:
    names = [gettext("提醒本人"), gettext("报上一级"), *[gettext("再报上一级")] * len(rungs)]
    return gettext("用时 ") + "、".join(
        f"{percent}% {name}" for percent, name in zip(rungs, names, strict=False)
    )


def _or(words: Iterable[str]) -> str:
    return str(gettext("或")).join(words)
