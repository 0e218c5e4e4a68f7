"""What carries a rule of the manuals out: whether it exists in this house, its words, and where it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, URLResolver, get_resolver, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from shouwen.cases.flow import CASE
from shouwen.duties.book.checks import policies_of
from shouwen.duties.book.rules import Rule, load_rules
from shouwen.duties.clauses import book
from shouwen.duties.words import clause_words, said
from shouwen.front import look
from shouwen.front.doors import may
from shouwen.kernel.flow import Flow
from shouwen.people.rights import RIGHTS
from shouwen.reports.kpis import KPIS
from shouwen.works.flow import ORDER

FLOWS: dict[str, tuple[Flow, str]] = {"case": (CASE, "case_list"), "order": (ORDER, "board")}
"""Flows by the name that rules use, and the list in which their matters stand."""
PLACES: dict[str, str | Promise] = {
    "answer_list": lazy("常见问答"), "audit_list": lazy("抽查"), "board": lazy("派工台"), "building_list": pgettext_lazy("page", "楼栋"),
    "case_list": lazy("全部事项"), "chronicle_new": lazy("单元大事记"), "duty_hand": lazy("转交应办"),
    "duty_list": lazy("我的应办"), "home": lazy("工作台"), "intake": pgettext_lazy("page", "登记"),
    "letter_list": lazy("外发信件"), "move_in": lazy("登记入住"), "move_out": lazy("登记迁出"),
    "occasion_note": pgettext_lazy("press", "登记事由"), "occupancy_edit": lazy("住户关系"), "person_list": lazy("住户"),
    "phone_reveal": lazy("查看电话（留痕）"), "policies": pgettext_lazy("page", "时限"), "portal:home": lazy("住户端"),
    "portal:report": lazy("住户自助报事"), "post_list": lazy("岗位"), "search": lazy("查找"),
    "staff_areas": lazy("分管楼栋"), "staff_leave": lazy("离职"), "staff_new": lazy("新增员工"),
    "task_give": pgettext_lazy("press", "交办任务"), "unit": lazy("房屋页"), "unit_edit": lazy("改房屋"),
    "unit_list": lazy("房屋"),
}  # fmt: skip
"""Pages that rules name as their register or content: URL name and words."""


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """All rules of the manuals by source, read once; ClauseError if a file of theirs has a fault."""
    return load_rules(book(), exists)


def exists(tie: str, name: str) -> bool:
    """Whether a clause, move, right, KPI or page of this name is there."""
    room, _dot, move = name.partition(".")
    known = {
        "clause": lambda: name in book().clauses,
        "flow": lambda: room in FLOWS and any(m.name == move for m in FLOWS[room][0].moves),
        "right": lambda: name in RIGHTS,
        "report": lambda: any(kpi.code == name for kpi in KPIS),
        "register": lambda: name in PLACES and name in _url_names(),
        "content": lambda: name in PLACES and name in _url_names(),
    }
    return known[tie]()


@lru_cache(maxsize=1)
def _url_names() -> frozenset[str]:
    return frozenset(_names(get_resolver(), ""))


def _names(resolver: URLResolver, space: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern, inner)
        elif pattern.name:
            yield space + pattern.name


def words_of(tie: str, name: str) -> str:
    """What carries it out, in the language of the reader."""
    if tie == "clause":
        return clause_words(name)
    if tie == "flow":
        room, _dot, move = name.partition(".")
        return str(next(m.label for m in FLOWS[room][0].moves if m.name == move))
    if tie == "right":
        return _("权限：%(right)s") % {"right": RIGHTS[name]}
    if tie == "report":
        return str(next(kpi.name for kpi in KPIS if kpi.code == name))
    return str(PLACES[name])


def links_of(request: HttpRequest, rule: Rule) -> tuple[look.Part, ...]:
    """What carries a rule out, and the values that it asks for, each with its page for whoever may open that."""
    carriers = (look.Part(words_of(tie, name), url=_page_of(request, tie, name)) for tie, name in rule.by)
    clauses = (clause for code in rule.clauses if (clause := book().clause(code)))
    keys = {key for clause in clauses for key in policies_of(clause)} & set(book().policies)
    values = (
        look.Part(_("取值：%(what)s") % {"what": said(book().policies[key].title)}, url=url)
        for key in sorted(keys)
        if (url := _open(request, "policy", key))
    )
    return (*carriers, *values)


def _page_of(request: HttpRequest, tie: str, name: str) -> str:
    """The duties of a clause, the list of a flow, the posts that hold a right, the page of a KPI, or the page itself."""
    if tie == "clause":
        url = _open(request, "compliance_duties")
        return f"{url}?{urlencode({'clause': name})}" if url else ""
    if tie == "flow":
        return _open(request, FLOWS[name.partition(".")[0]][1])
    if tie == "right":
        return _open(request, "post_list")
    return _open(request, "kpi", name) if tie == "report" else _open(request, name)


def _open(request: HttpRequest, name: str, *args: str) -> str:
    """The address of a page that this viewer may open; empty for another, and for the page of one row."""
    try:
        url = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    right = getattr(resolve(url).func, "right", None)
    return url if right is not None and (not right or may(request, right)) else ""
