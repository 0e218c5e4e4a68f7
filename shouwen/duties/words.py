"""The sentences of duties: one per verb and refusal, and the words of parts of clauses."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwen.duties.clauses import book
from shouwen.duties.grammar import OWNER_FIELDS
from shouwen.kernel.journal import Verb
from shouwen.kernel.refusals import Sentence
from shouwen.kernel.text import seeded
from shouwen.people.rights import POSTS

_DAY_FIELDS = (
    "on", "first", "place", "households", "owners", "handed_over", "surprise", "vacant_units", "buildings",
)  # fmt: skip
VERBS = (
    Verb("duty:escalated", _("「{clause}」到第 {rung} 级提醒"), ("clause", "rung", "next"), "alarm"),
    Verb("duty:lapsed", _("「{clause}」到期未办"), ("clause",), "x"),
    Verb("duty:attested", _("{actor} 签认「{clause}」"), ("clause",), "writing-sign"),
    Verb("duty:logged", _("{actor} 为「{clause}」记了一笔"), ("clause", "key", "amount"), "plus"),
    Verb("excuse:asked", _("{actor} 申请免责「{clause}」"), ("clause",), "shield"),
    Verb("duty:excused", _("{actor} 准予免责「{clause}」"), ("clause",), "shield-check"),
    Verb("duty:delegated", _("{actor} 把「{clause}」交给 {to}"), ("clause", "to"), "arrow-right"),
    Verb(
        "step:signed",
        _("{actor} 签署「{clause}」：{result}"),
        ("clause", "chain", "step", "period", "result", "ready", "document"),
        "rubber-stamp",
    ),
    Verb("day:opened", _("{on} 的应办已排好"), _DAY_FIELDS, "calendar"),
    Verb(
        "quota:drawn",
        _("「{clause}」抽查已抽取，种子 {seed}"),
        ("clause", "period", "seed", "share", "since", "until", "opens", "due", "pool", "drawn", "ids"),
        "dice",
    ),
    Verb("run:begun", _("{actor} 从 {since} 起执行规程"), ("since",), "player-play"),
    Verb(
        "policy:set",
        _("{actor} 调整取值「{key}」为 {value}"),
        ("key", "value", "preset", "since"),
        "settings",
    ),
    Verb("feed:issued", _("{actor} 建了日历订阅地址"), (), "calendar"),
    Verb("feed:ended", _("日历订阅地址已停用"), (), "x"),
    Verb("occasion:noted", _("{actor} 登记{kind}"), ("kind", "due", "on"), "note"),
    Verb("occasion:closed", _("{actor} 了结{kind}"), ("kind",), "check"),
    Verb("task:given", _("{actor} 交办任务给 {owner}"), ("owner", "due"), "clipboard"),
    Verb("task:done", _("{actor} 办完任务"), (), "check"),
    Verb("task:withdrawn", _("{actor} 撤回任务"), (), "x"),
    Verb(
        "audit:drawn",
        _("{actor} 从 {pool} 件里抽查 {size} 件，种子 {seed}"),
        ("clause", "first", "last", "seed", "size", "pool", "ids"),
        "dice",
    ),
    Verb("audit:found", _("{actor} 评定一件抽查"), ("duty", "passed"), "clipboard-check"),
    Verb(
        "audit:settled",
        _("{actor} 评完一次抽查：合格 {passed} 件，不合格 {failed} 件"),
        ("clause", "post", "passed", "failed"),
        "clipboard-check",
    ),
)

REFUSALS: dict[str, Sentence] = {
    "policy.key": _("没有「{key}」这项取值。"),
    "policy.value": _("「{value}」写法不对：{why}"),
    "policy.right": _("你没有改取值的权限。"),
    "policy.since": _("生效日期不能早于今天。"),
    "policy.reason": _("自己定数值要写明理由。"),
    "policy.preset": _("「{key}」没有这套预设。"),
    "policy.nothing": _("手册 {manual} 的各项取值都已经在用。"),
    "duty.right": _("你没有办这件应办的权限。"),
    "duty.ended": _("这件应办已经结束：{state}。"),
    "duty.step": _("这是审批中的一步，请签署。"),
    "duty.no_step": _("这件应办没有要签署的步骤。"),
    "duty.result": _("只能通过，或退回到第一步。"),
    "duty.quota": _("这件应办要逐笔记录。"),
    "duty.no_quota": _("这件应办不计数，请直接签认。"),
    "duty.amount": _("数量要在 1 到 10000 之间。"),
    "duty.unit": _("请选择房号。"),
    "duty.counted": _("这一户本期已经记过。"),
    "duty.words": _("请写明办了什么。"),
    "duty.file": _("请附照片或文件。"),
    "duty.to": _("所选的人不在这个项目，或不能接这件应办。"),
    "duty.has_it": _("已经由他承办。"),
    "duty.own_excuse": _("自己的应办不能自己免责。"),
    "duty.clause": _("这条规则已从规程中取消。"),
    "duty.too_early": _("还没到时候，最早 {at}。"),
    "occasion.kind": _("没有这种事由。"),
    "occasion.unit": _("这种事由要写房号。"),
    "occasion.planned": _("请填写{what}。"),
    "occasion.closed": _("这件事由已经了结。"),
    "task.past": _("办完时间要在以后。"),
    "task.ended": _("这件任务已经结束。"),
    "audit.clause": _("没有这条规则。"),
    "audit.days": _("开始日期不能晚于结束日期，最多 400 天。"),
    "audit.size": _("一次最多抽 {most} 件。"),
    "audit.empty": _("这些日子没有办结的应办，抽不出来。"),
    "audit.words": _("不合格要写明哪里不合格。"),
    "audit.correction": _("要整改就写明由谁、何时办完；合格的不用整改。"),
    "audit.found": _("这一件已经评定过。"),
    "audit.own": _("自己的应办不能自己评定。"),
    "run.since": _("开始日期不能早于今天。"),
    "run.begun": _("这个项目已经在执行规程。"),
}

OWNERS = {
    "first_responder": _("首问责任人"),
    "handler": _("经办人"),
    "follow_up_by": _("回访人"),
    "technician": _("技工"),
    "owner": _("承办人"),
}
CLOCKS = {
    "service": _("只算服务时间，下班和休息日不算"), "elapsed": _("按钟点连续算，下班也算"), "calendar": _("按自然日算，休息日也算"),
}  # fmt: skip
_POSTS = {post.code: post.name for post in POSTS}


def said(text: str) -> str:
    """A text of a clause file in the language of the reader."""
    return gettext(text) if text else text


def fact_words(verb: str) -> str:
    """The words of a fact in a clause."""
    return said(book().facts.get(verb, verb))


def value_words(field: str, value: object) -> str:
    """The words of a value of a fact's field."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return said(book().values.get(field, {}).get(text, text))


def owner_words(owner: str) -> str:
    """A person by their part in the matter, or a post by its name."""
    return str(OWNERS[owner]) if owner in OWNER_FIELDS else seeded(_POSTS.get(owner, owner))


def clause_words(code: str) -> str:
    """The title of a clause."""
    clause = book().clause(code)
    return said(clause.title) if clause else code
