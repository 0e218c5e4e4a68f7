"""What became of a move, in words: said where the work goes on after a press, from the facts that the press wrote."""

from __future__ import annotations

from string import Formatter
from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwen.front.timeline import PEOPLE, words_of_field
from shouwen.kernel.flow import Flow
from shouwen.kernel.models import Entry
from shouwen.people.models import Staff
from shouwen.works.models import Order

OUTCOMES = {
    "case:answered": _("已答复，等回访"),
    "case:classified": _("已定为{level}，{severity}"),
    "case:replied": _("已明确答复投诉人"),
    "case:solved": _("已处理完毕，等回访"),
    "case:handed": _("已转给{handler}"),
    "follow_up:tried": _("已记下回访：{outcome}"),
    "case:satisfied": _("住户满意，已关闭"),
    "case:reopened": _("住户不满意，已重新办理"),
    "case:urged": _("已催办"),
    "case:promised": _("已约好 {hours}"),
    "case:noted": _("已记下"),
    "case:refiled": _("已改分类为{category}"),
    "case:recast": _("已改为{kind}"),
    "case:suggestion_declined": _("分类照旧"),
    "case:back_entry_confirmed": _("补录时间已确认"),
    "case:unconfirmed": _("已按未确认关闭"),
    "case:merged": _("已并入 {case}"),
    "case:cancelled": _("已取消"),
    "order:dispatched": _("已派给{technician}"),
    "order:accepted": _("已接单"),
    "order:refused": _("已退单，回到待派工"),
    "order:recalled": _("已撤回，回到待派工"),
    "order:arrived": _("已到场"),
    "order:paused": _("已停表：{reason}"),
    "order:resumed": _("已继续计时"),
    "order:materials": _("已记下用料"),
    "order:carried": _("已改约到 {on}"),
    "order:finished": _("已完工"),
    "order:inspected": _("已验收：{passed}"),
}
"""By the fact of a move. The English begins small: it stands behind the room number."""
HURRIED = _("已改紧急程度为{urgent}")
CLAIMED = _("已抢到，由您办理")
ENDS = ("case:satisfied", "case:reopened")
"""What a move may lead to in the same press, and is more than the move itself."""
NEWEST = 8


def outcome(flow: Flow, name: str, row: Any, actor: Any) -> str:
    """3-1-1201 已派给文建国: after ``actor`` made the move ``name`` of ``row``, whose key alone is asked for."""
    case = row.case if isinstance(row, Order) else row
    facts = Entry.objects.filter(matter_id=case.pk, actor_kind=actor.kind, actor_id=actor.id).order_by("-id")
    own, said = flow[name].fact, None
    for fact in facts[:NEWEST]:
        if fact.verb in (own, *ENDS) and said is None:
            said = fact
        if fact.verb == own:
            break
    return f"{case.place} {_words(said, actor) if said else flow[name].label}"


def _words(fact: Entry, actor: Any) -> str:
    words = str(
        HURRIED if fact.verb == "case:refiled" and "category" not in fact.data else OUTCOMES[fact.verb]
    )
    named = {field: fact.data.get(field) for _text, field, *_rest in Formatter().parse(words) if field}
    people = {value for field, value in named.items() if field in PEOPLE}
    if fact.verb == "order:dispatched" and people == {actor.id}:
        return str(CLAIMED)
    names = dict(Staff.objects.filter(pk__in=people - {None}).values_list("pk", "name")) if people else {}
    return words.format(**{field: words_of_field(field, value, names) for field, value in named.items()})
