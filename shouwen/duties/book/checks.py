"""What only the whole book can tell: matters, sets, policies of the right kind, owners, words of facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from django.utils.translation import gettext as _

from shouwen.duties.book.places import ClauseError, Places
from shouwen.duties.book.syntax import Edge, FieldPoint, Limit, Period, PolicyPoint
from shouwen.duties.grammar import (
    ATTRIBUTES,
    OWNER_FIELDS,
    Clause,
    Matter,
    Only,
    PolicySeed,
    SetSpec,
)
from shouwen.kernel import journal
from shouwen.kernel.text import joined


class Whole(Protocol):
    """As much of a book as is checked."""

    @property
    def clauses(self) -> dict[str, Clause]: ...
    @property
    def policies(self) -> dict[str, PolicySeed]: ...
    @property
    def sets(self) -> dict[str, SetSpec]: ...
    @property
    def matters(self) -> dict[str, Matter]: ...
    @property
    def facts(self) -> dict[str, str]: ...


def check(book: Whole, places: dict[str, Places]) -> None:
    """Raise ClauseError for the first clause or set that the rest of the book does not bear out."""
    fields = {name for verb in journal.verbs() for name in verb.fields}
    for spec in book.sets.values():
        if spec.policy:
            _needs(book, spec.policy, "list", places["book.toml"].fault("set", 0, "policy", ""))
    for clause in book.clauses.values():
        place = places[f"{clause.chapter}.toml"]
        for key, sentence in _faults(book, clause, fields):
            raise _fault(place, clause, key, sentence)
        for key, name, kind in _asked(clause):
            _needs(book, name, kind, _fault(place, clause, key, ""))


def _fault(place: Places, clause: Clause, key: str, sentence: str) -> ClauseError:
    """Found by its code, since the number of the table is forgotten by now."""
    wanted = clause.step.chain if clause.step else clause.code
    number = next((n for n, code in enumerate(place.codes) if code == wanted), 0)
    return place.fault("clause", number, key, f"{clause.code}：{sentence}")


def _faults(book: Whole, clause: Clause, fields: set[str]) -> Iterator[tuple[str, str]]:
    if clause.after and clause.matter not in book.matters:
        yield "after", _("文件没有写 matter，或 book.toml 里没有“%(matter)s”") % {"matter": clause.matter}
    if clause.owner in OWNER_FIELDS and clause.owner not in fields:
        yield "owner", _("没有哪个事实会说出“%(who)s”") % {"who": clause.owner}
    if clause.owner in OWNER_FIELDS and clause.every:
        yield "owner", _("按周期产生的应办要由岗位负责")
    if clause.per and clause.per not in book.sets:
        yield "per", _("book.toml 里没有“%(name)s”这个集合") % {"name": clause.per}
    for key, verbs in verbs_of(clause).items():
        for verb in verbs:
            if not book.facts.get(verb):
                yield key, _("book.toml 里没有“%(verb)s”的说法") % {"verb": verb}
    for only in clause.only:
        yield from _only_faults(book, clause, only)


def _only_faults(book: Whole, clause: Clause, only: Only) -> Iterator[tuple[str, str]]:
    if only.name in ATTRIBUTES:
        if clause.after:
            yield "only", _("“%(name)s”只能和 every 一起用") % {"name": only.name}
        return
    seed = book.policies.get(only.name)
    if seed is None or seed.kind not in ("choice", "list"):
        yield "only", _("“%(name)s”不是属性，也不是可选的取值") % {"name": only.name}
    elif strange := set(only.values) - set(seed.options):
        words = {"name": only.name, "list": joined(sorted(strange))}
        yield "only", _("“%(name)s”没有“%(list)s”这个选项") % words


def _asked(clause: Clause) -> Iterator[tuple[str, str, str]]:
    """Every policy that the clause asks for, with the kind of value that it needs: (key of the file, policy, kind)."""
    for limit in limits_of(clause):
        if limit.key:
            # The bare key is the answer for a field value that nobody thought of: so birth can't fail.
            yield "within", limit.key, "span"
    if clause.every:
        yield from _period_asks(clause.every)
    if isinstance(clause.due, PolicyPoint):
        yield "due", clause.due.key, "point"
    quota, draw = clause.quota, clause.draw
    if quota and quota.count_key:
        yield "count", quota.count_key, "number"
    if quota and quota.share_key:
        yield "share", quota.share_key, "share"
    if draw and draw.share_key:
        yield "draw", draw.share_key, "share"


def _period_asks(period: Period) -> Iterator[tuple[str, str, str]]:
    if period.unit == "policy":
        yield "every", period.name, "period"
    elif period.unit == "shift":
        yield "every", "shift.model", "shifts"
    elif period.unit == "festival":
        yield "every", "festivals", "list"
    elif period.unit == "season":
        yield "every", f"season.{period.name}", "season"


def limits_of(clause: Clause) -> list[Limit]:
    """Every duration of a clause that a policy may give."""
    edges = clause.windows if isinstance(clause.windows, tuple) else ()
    points = [point for point in (clause.due, *edges) if isinstance(point, Edge | FieldPoint)]
    moved = [point.lead if isinstance(point, Edge) else point.offset for point in points]
    return [limit for limit in (clause.within, clause.limit, *moved) if limit]


def policies_of(clause: Clause) -> set[str]:
    """Every policy key that a clause reads."""
    fields = {limit.key for limit in limits_of(clause) if limit.field}
    return {name for _key, name, _kind in _asked(clause)} | {only.name for only in clause.only} | fields


def _needs(book: Whole, name: str, kind: str, fault: ClauseError) -> None:
    seed = book.policies.get(name)
    if seed is None:
        sentence = _("没有“%(name)s”这个取值，或它没有预设") % {"name": name}
    elif seed.kind != kind:
        sentence = _("“%(name)s”这个取值不是 %(kind)s") % {"name": name, "kind": kind}
    else:
        return
    raise ClauseError(fault.file, fault.line, fault.sentence + sentence)


def verbs_of(clause: Clause) -> dict[str, list[str]]:
    """Every verb that the clause listens to, by the key under which it stands."""
    return {
        "after": [*clause.after],
        "until": [proof.verb for proof in clause.until],
        "void": [*clause.void],
        "pause": [verb for pair in clause.pause for verb in pair],
        "of": [proof.verb for proof in clause.quota.of] if clause.quota else [],
        "draw": [clause.draw.of.verb] if clause.draw else [],
    }
