"""From a ``[[clause]]`` to `grammar.Clause`: one for a plain clause, one for each step of a chain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from shouwen.duties.book import tables
from shouwen.duties.book.places import Places
from shouwen.duties.book.syntax import DayPoint, DayPoints, Edge, FieldPoint, Limit
from shouwen.duties.book.tables import Table, forward, forward_limit
from shouwen.duties.grammar import Clause, Step
from shouwen.kernel.text import joined

# What every clause may say, and what only one of the two kinds may.
_ALWAYS = frozenset({
    "code", "source", "title", "owner", "copy", "record", "version", "only", "until", "due", "within", "grace", "clock",
    "warn", "ladder", "urgent",
})  # fmt: skip
_AFTER = frozenset({
    "after", "where", "from", "not_before", "hold", "limit", "pause", "void", "remind",
})  # fmt: skip
_EVERY = frozenset({
    "every", "per", "window", "windows", "roll", "count", "share", "over", "of", "sum", "distinct", "draw", "carry",
    "surprise", "void", "step",
})  # fmt: skip
_STEP = frozenset(
    {"name", "title", "owner", "copy", "record", "due", "within", "until", "after_step", "only"}
)


def read_clause(raw: Any, places: Places, number: int, chapter: str, matter: str, steps: int) -> list[Clause]:
    """The clauses of one table. ``steps`` counts the ``[[clause.step]]`` tables of the file before this one."""
    table = Table(raw, places, "clause", number)
    table.only(_ALWAYS | _AFTER | _EVERY)
    after = "after" in table.raw
    if after == ("every" in table.raw):
        raise table.fault("after", _("要写 after 或 every，而且只写一个"))
    for key in table.raw:
        if key not in _ALWAYS | (_AFTER if after else _EVERY):
            other = "every" if after else "after"
            raise table.fault(key, _("“%(key)s”只能和 %(other)s 一起写") % {"key": key, "other": other})
    made = _after(table, chapter, matter) if after else _every(table, chapter)
    _no_contradictions(table, made)
    if "step" not in table.raw:
        return [made]
    return _chain(table, made, steps)


def _common(table: Table, chapter: str) -> dict[str, Any]:
    periodic = "every" in table.raw
    sources = table.texts("source")
    if not sources:
        raise table.fault("source", _("“%(key)s”要写一段文字") % {"key": "source"})
    return {
        "code": tables.code_of(table),
        "version": tables.version_of(table),
        "title": table.text("title"),
        "source": tuple(table.parsed("source", tables.source, text) for text in sources),
        "owner": table.post("owner", table.raw.get("owner")),
        "chapter": chapter,
        "copy": tuple(table.post("copy", post) for post in table.texts("copy")),
        "record": table.text("record", ""),
        "only": tables.only_of(table),
        "until": table.proofs("until"),
        "due": tables.point_of(table),
        "within": table.maybe("within", forward_limit),
        "grace": table.maybe("grace", forward),
        "clock": tables.clock_of(table),
        "void": table.verbs("void"),
        "rungs": tables.rungs_of(table, periodic=periodic),
        "urgent": table.flag("urgent", default=not periodic),
    }


def _after(table: Table, chapter: str, matter: str) -> Clause:
    given = _common(table, chapter)
    after = table.verbs("after")
    made = Clause(
        **given,
        matter=matter,
        after=after,
        where=table.where("where", table.raw.get("where", {}), after),
        start=_field(table, after),
        not_before=table.maybe("not_before", forward),
        hold=table.maybe("hold", forward),
        limit=table.maybe("limit", forward_limit),
        pause=tuple(_pair(table, pair) for pair in table.raw.get("pause", [])),
        remind=table.maybe("remind", forward),
    )
    for limit in _limits(made):
        if limit.field:
            table.fields("within", [limit.field], after)
    if isinstance(made.due, FieldPoint):
        table.fields("due", [made.due.field], after)
    if (made.within is None) + (made.due is None) + (made.remind is None) != 2:
        raise table.fault("within", _("within、due、remind 要写一个，而且只写一个"))
    return made


def _every(table: Table, chapter: str) -> Clause:
    made = Clause(
        **_common(table, chapter),
        matter="duty",
        every=tables.period_of(table),
        per=table.text("per", ""),
        surprise=table.flag("surprise"),
        windows=tables.windows_of(table),
        roll=tables.roll_of(table),
        quota=tables.quota_of(table),
        draw=tables.draw_of(table),
        carry=table.flag("carry"),
    )
    if [made.due, made.within, made.windows].count(None) < 2:
        raise table.fault("due", _("due、within、window、windows 只能写一个"))
    return made


def _field(table: Table, after: tuple[str, ...]) -> str:
    """``from = "fact.period"``: the day or moment from which the time counts."""
    if "from" not in table.raw:
        return ""
    point = tables.point_of(table, "from")
    if not isinstance(point, FieldPoint) or point.offset:
        raise table.fault("from", _("from 要写 fact.字段"))
    table.fields("from", [point.field], after)
    return point.field


def _pair(table: Table, raw: Any) -> tuple[str, str]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise table.fault("pause", _("pause 要写成对的 [停, 走]"))
    return table.verb("pause", raw[0]), table.verb("pause", raw[1])


def _limits(clause: Clause) -> list[Limit]:
    return [limit for limit in (clause.within, clause.limit) if limit]


def _no_contradictions(table: Table, clause: Clause) -> None:
    """Two words that each are right and together mean nothing."""
    due, unit = clause.due, clause.every.unit if clause.every else ""
    short = unit in ("day", "workday", "shift", "days")
    faults = (
        ("due", clause.after and isinstance(due, DayPoints | Edge), _("这个时点只能和 every 一起写")),
        ("due", clause.after and isinstance(due, DayPoint) and not clause.start, _("这个时点要先写 from")),
        ("due", clause.every and isinstance(due, FieldPoint), _("这个时点只能和 after 一起写")),
        ("due", isinstance(due, DayPoints) and unit != "week", _("星期几只能和 every = \"week\" 一起写")),
        ("due", isinstance(due, DayPoint) and (short or unit == "week"), _("这个周期里没有几号")),
        ("windows", isinstance(clause.windows, DayPoints) and unit not in ("day", "workday"), _("上午、下午只属于一天")),
        ("surprise", clause.surprise and (short or unit == "shift"), _("突击要有一天以上的周期")),
        ("draw", clause.draw and (clause.quota or clause.carry or clause.per), _("抽查不能再写数量、结转或集合")),
        ("carry", clause.carry and (clause.quota or clause.surprise), _("结转不能再写数量或突击")),
        ("hold", clause.hold and not clause.until, _("hold 要写 until")),
    )  # fmt: skip
    for key, wrong, sentence in faults:
        if wrong:
            raise table.fault(key, sentence)


def _chain(table: Table, parent: Clause, before: int) -> list[Clause]:
    """One clause for each step. The proof of a step without one is the signature of whoever owes it."""
    made: list[Clause] = []
    for turn, raw in enumerate(table.raw["step"]):
        step = Table(raw, table.places, "clause.step", before + turn)
        step.only(_STEP)
        made.append(_step(step, parent, {c.step.name for c in made if c.step}, made))
    if parent.quota or parent.draw or parent.per or parent.surprise or not made:
        raise table.fault("step", _("有步骤的条款不能再写数量、抽查、集合或突击"))
    return made


def _step(table: Table, parent: Clause, known: set[str], earlier: list[Clause]) -> Clause:
    name = table.post("name", table.raw.get("name"))
    last = (earlier[-1].step.name,) if earlier and earlier[-1].step else ()
    after = table.texts("after_step") if "after_step" in table.raw else last
    if strange := set(after) - known:
        raise table.fault("after_step", _("前面没有“%(name)s”这一步") % {"name": joined(sorted(strange))})
    if name in known:
        raise table.fault("name", _("“%(name)s”这一步写了两次") % {"name": name})
    due = tables.point_of(table) or (None if "within" in table.raw else parent.due)
    if isinstance(due, FieldPoint | DayPoints):
        raise table.fault("due", _("步骤的时点要在周期里"))
    code = f"{parent.code}.{name}"
    if len(code) > 40:
        raise table.fault("name", _("“%(code)s”太长，最多 40 个字符") % {"code": code})
    return replace(
        parent,
        code=code,
        title=table.text("title"),
        owner=table.post("owner", table.raw.get("owner")),
        copy=tuple(table.post("copy", post) for post in table.texts("copy")) or parent.copy,
        record=table.text("record", parent.record),
        due=due,
        within=table.maybe("within", forward_limit),
        until=table.proofs("until"),
        only=(*parent.only, *tables.only_of(table)),
        step=Step(parent.code, name, after),
    )
