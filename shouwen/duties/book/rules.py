"""All operative rules of the five manuals: what carries each out, the test that shows it, what is still missing.

One line a rule in ``clauses/manual/*.toml``. Its state is not written but follows: carried out if something carries
it and nothing is missing, partly if something is missing, not yet if nothing carries it. The dated clauses of the
book count by themselves for the rules that they name as their source, and their test is that of the dated clauses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.duties.book.places import ClauseError, Places, written_badly
from shouwen.duties.book.tables import source as source_id
from shouwen.duties.clauses import FOLDER, Book, texts_of
from shouwen.kernel.text import joined

RULES = FOLDER / "manual"
DATED = "duties/test_dated.py::test_a_dated_clause_is_owed_in_time_and_ends_with_its_proof"
State = Literal["carried_out", "partly", "not_yet"]
STATES = {
    "carried_out": gettext_lazy("已做到"), "partly": gettext_lazy("部分做到"), "not_yet": gettext_lazy("尚未做"),
}  # fmt: skip
KINDS = {
    "capability": gettext_lazy("职能"), "content": gettext_lazy("内容"), "kpi": gettext_lazy("指标"),
    "obligation": gettext_lazy("义务"), "permission": gettext_lazy("权限"), "policy": gettext_lazy("规矩"),
    "register": pgettext_lazy("kind of rule", "登记"), "report": gettext_lazy("报告"), "workflow": gettext_lazy("流程"),
}  # fmt: skip
ROOMS = {
    "archive": gettext_lazy("档案"), "assistant": gettext_lazy("智能助手"), "billing": gettext_lazy("收费"),
    "cases": pgettext_lazy("room", "事项"), "library": gettext_lazy("知识与规范"), "notices": gettext_lazy("通知公告"),
    "outreach": gettext_lazy("走访与活动"), "people": gettext_lazy("岗位与授权"), "registers": gettext_lazy("登记簿"),
    "reports": gettext_lazy("报表与考核"), "sales": gettext_lazy("售楼"), "services": gettext_lazy("服务与商城"),
    "staffing": gettext_lazy("值班与人事"), "tenure": gettext_lazy("入住与装修"), "works": gettext_lazy("工程与巡查"),
}  # fmt: skip
TIES = ("clause", "flow", "register", "right", "report", "content")
MANUALS = {
    "A": gettext_lazy("A 业户服务部工作标准"), "B": gettext_lazy("B 客服培训与岗位职责"),
    "C": gettext_lazy("C 与客户沟通程序"), "D": gettext_lazy("D 服务中心岗位职责"),
    "E": gettext_lazy("E 全天客服、售楼与售后制度"),
}  # fmt: skip
_KEYS = frozenset({"says", "kind", "room", "by", "test", "lacks"})
Exists = Callable[[str, str], bool]
"""Whether what is named exists: kind of tie and name, as in ``flow`` and ``case.answer``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a manual. ``by`` are pairs of a kind of tie and a name; ``dated`` are codes of clauses among them."""

    source: str
    kind: str
    room: str
    says: str
    by: tuple[tuple[str, str], ...]
    test: str
    lacks: str

    @property
    def state(self) -> State:
        if not self.by:
            return "not_yet"
        return "partly" if self.lacks else "carried_out"

    @property
    def manual(self) -> str:
        return self.source[0]

    @property
    def clauses(self) -> tuple[str, ...]:
        """The dated clauses that carry it out."""
        return tuple(name for tie, name in self.by if tie == "clause")


def load_rules(made: Book, exists: Exists, texts: Mapping[str, str] | None = None) -> dict[str, Rule]:
    """All rules by source, checked; ClauseError names file and line of what is wrong.

    Every source stands once; every source of the book is a rule; what carries a rule out exists.
    """
    rules: dict[str, Rule] = {}
    dated = _dated(made)
    for name, text in (texts_of(RULES) if texts is None else texts).items():
        places = Places(name, text)
        for key, raw in _parsed(name, text).items():
            if key in rules:
                raise _fault(places, key, _("“%(code)s”写了两次") % {"code": key})
            rules[key] = _rule(key, raw, places, dated, exists)
    for source, codes in dated.items():
        if source not in rules:
            clause = made.clauses[codes[0]]
            sentence = _("手册里没有“%(source)s”这一条") % {"source": source}
            raise ClauseError(f"{clause.chapter}.toml", 1, f"{clause.code}：{sentence}")
    return rules


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise written_badly(name, error) from error


def _fault(places: Places, key: str, sentence: str) -> ClauseError:
    return places.fault("", 0, key, f"{key}：{sentence}")


def _rule(key: str, raw: Any, places: Places, dated: Mapping[str, list[str]], exists: Exists) -> Rule:
    try:
        source_id(key)
    except ValueError as error:
        raise _fault(places, key, str(error)) from error
    if not isinstance(raw, dict) or not all(isinstance(v, str) and v for v in raw.values()):
        raise _fault(places, key, _("一条写成一行：{ says、kind、room、by、test、lacks 都是文字 }"))
    if strange := set(raw) - _KEYS:
        raise _fault(places, key, _("没有“%(key)s”这个写法") % {"key": joined(sorted(strange))})
    if not raw.get("says") or raw.get("kind") not in KINDS or raw.get("room") not in ROOMS:
        raise _fault(places, key, _("要写 says，kind 和 room 要是已知的"))
    by = [("clause", code) for code in dated.get(key, ())]
    for word in raw.get("by", "").split():
        tie, _colon, name = word.partition(":")
        if tie not in TIES or not name or not exists(tie, name):
            raise _fault(places, key, _("没有“%(name)s”") % {"name": word})
        by.append((tie, name))
    test = raw.get("test", f"[{key}]" if key in dated else "")
    if bool(by) != bool(test):
        raise _fault(places, key, _("有人做的要写 test，没人做的不能写 test"))
    where = f"tests/{DATED if test.startswith('[') else ''}{test}" if test else ""
    return Rule(
        key, raw["kind"], raw["room"], raw["says"], tuple(dict.fromkeys(by)), where, raw.get("lacks", "")
    )


def _dated(made: Book) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for clause in made.clauses.values():
        for source in clause.source:
            found.setdefault(source, []).append(clause.code)
    return found


def spoken_rules() -> Iterator[tuple[str, str]]:
    """Every text of the rules that a person reads: (file, text), for the catalogue of translations."""
    for name, text in texts_of(RULES).items():
        for raw in tomllib.loads(text).values():
            for key in ("says", "lacks"):
                if key in raw:
                    yield f"manual/{name}", raw[key]
