"""Absorb: an obligation is born and discharged in the very commit that causes it.

Facts go through in order. A fact first ends, voids, stops, counts or re-owns what stands open, by one statement each
that reads nothing; then it gives birth. Births of a frame are gathered and inserted at once, and earlier when a later
fact of the same frame may touch them. Only what needs the calendar of each row (going on after a pause, a confirmed
back-entry) or the members of sets (a day that opens) reads, and then what is pending is written first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import connection

from shouwen.duties import born, rulings
from shouwen.duties import statements as sql
from shouwen.duties.clauses import Book, Effects, book
from shouwen.duties.grammar import OWNER_FIELDS, Clause, Where, holds
from shouwen.duties.laying import Layer
from shouwen.duties.moving import Mover
from shouwen.duties.statements import columns
from shouwen.kernel.journal import Data, Fact, verb
from shouwen.kernel.writes import Statement

ESCALATED = "duty:escalated"
LAPSED = "duty:lapsed"
ATTESTED = "duty:attested"
LOGGED = "duty:logged"
EXCUSED = "duty:excused"
DELEGATED = "duty:delegated"
SIGNED = "step:signed"
OPENED = "day:opened"
DRAWN = "quota:drawn"
OWN_VERBS = (ESCALATED, LAPSED, ATTESTED, LOGGED, EXCUSED, DELEGATED, SIGNED, OPENED, DRAWN)
# Facts that a hand wrote in place of a room that does not exist yet: what they prove is attested.
BY_HAND = frozenset({ATTESTED, LOGGED, "occasion:noted", "occasion:closed", "task:done"})


def absorb(facts: Sequence[Fact]) -> list[Statement]:
    """The statements by which these facts, in order, change what is owed."""
    pen = Pen(book())
    pen.opening = [(f.community, f.data["on"]) for f in facts if f.verb == OPENED]
    for fact in facts:
        pen.take(fact)
    return pen.finished()


class Pen:
    """Collects statements; ``rows`` are births not yet among them, ``raised`` and ``lapsed`` rungs not yet among them."""

    def __init__(self, clauses: Book) -> None:
        self.book = clauses
        self.statements: list[Statement] = []
        self.rows: dict[str, list[tuple[Any, ...]]] = {}
        self.touched: set[UUID] = set()
        self.named: dict[tuple[UUID, str], int | None] = {}
        self.mover = Mover(clauses)
        self.layer = Layer(clauses)
        self.opening: list[tuple[int, Any]] = []
        self.found: set[tuple[int, Any]] = set()  # the community's days whose members the layer has
        self.own: dict[str, Callable[[Fact], None]] = {
            ESCALATED: self._raise, LAPSED: self._lapse, ATTESTED: self._attest, LOGGED: self._log,
            EXCUSED: self._excuse, DELEGATED: self._delegate, SIGNED: self._sign, OPENED: self._open_day,
            DRAWN: self._draw,
        }  # fmt: skip

    def take(self, fact: Fact) -> None:
        if take := self.own.get(fact.verb):
            take(fact)
        if effects := self.book.effects.get(fact.verb):
            self._affect(fact, effects)

    def finished(self) -> list[Statement]:
        self._put_down()
        return self.statements

    # --- what any fact may do ---

    def _affect(self, fact: Fact, effects: Effects) -> None:
        matter = matter_of(fact)
        self._remember(fact, matter, effects)
        changes = [*_by_matter(fact, matter, effects), *_by_community(fact, effects)]
        if changes:
            self._put_down()
            self.statements += changes
        if effects.joins or effects.leaves:
            self.found.clear()
        if effects.resumes or effects.anchored:
            self._write_pending()
            self.statements += self.mover.moved(fact, matter, effects)
        for clause in effects.births:
            if holds(clause.where, fact.data):
                self._bear(fact, matter, clause)

    def _remember(self, fact: Fact, matter: UUID, effects: Effects) -> None:
        """What this frame has said so far: its entries may not be in the journal yet."""
        if effects.opens:
            self.mover.opened.setdefault(matter, (fact.at, fact.recorded_at))
        for name in (*OWNER_FIELDS, "about"):
            if name in fact.data or effects.opens:  # the first fact of a matter leaves nothing to look for
                self.named[matter, name] = person(fact.data, name)

    def _bear(self, fact: Fact, matter: UUID, clause: Clause) -> None:
        owner, look_owner = (
            self._name(matter, clause.owner, fact) if clause.owner in OWNER_FIELDS else (None, False)
        )
        about, look_about = self._name(matter, "about", fact)
        names = owner, about, look_owner, look_about
        if (row := born.by_fact(fact, matter, clause, names, self.book)) is not None:
            self.rows.setdefault(sql.BIRTH, []).append(row)

    def _name(self, matter: UUID, name: str, fact: Fact) -> tuple[int | None, bool]:
        """The person under this name, and whether the journal has to be asked."""
        if (matter, name) in self.named:
            return self.named[matter, name], False
        return None, name not in verb(fact.verb).fields

    # --- this room's own facts ---

    def _raise(self, fact: Fact) -> None:
        rung, after = fact.data.get("rung"), fact.data.get("next")
        if isinstance(rung, int):
            moment = datetime.fromisoformat(after) if isinstance(after, str) else None
            self._gather(sql.RAISE, UUID(fact.subject_id), rung, moment)

    def _lapse(self, fact: Fact) -> None:
        self._gather(sql.LAPSE, UUID(fact.subject_id), fact.id)

    def _gather(self, statement: str, key: UUID, *values: Any) -> None:
        if key in self.touched:  # one statement changes a row once
            self._put_down()
        self.touched.add(key)
        self.rows.setdefault(statement, []).append((key, *values))

    def _attest(self, fact: Fact) -> None:
        self._change(sql.end_one(fact, "hand"))

    def _log(self, fact: Fact) -> None:
        amount = fact.data.get("amount")
        key = str(fact.data.get("key") or fact.id)
        self._change(sql.tally_one(fact, key, amount if type(amount) is int else 1))

    def _excuse(self, fact: Fact) -> None:
        self._change(sql.excuse(fact))

    def _delegate(self, fact: Fact) -> None:
        self._change(sql.own_one(fact, person(fact.data, "to")))

    def _sign(self, fact: Fact) -> None:
        """The step ends, and the steps that its signature makes ready are born."""
        data = fact.data
        self._change(sql.end_one(fact, "fact" if data.get("document") is True else "hand"))
        period = date.fromisoformat(str(data["period"]))
        for name in str(data.get("ready") or "").split():
            clause = self.book.clause(f"{data['chain']}.{name}")
            if clause and clause.step and (row := self.layer.step(clause, fact, period)):
                self.rows.setdefault(sql.LAY, []).append(row)

    def _open_day(self, fact: Fact) -> None:
        if any(spec.opens for spec in self.book.sets.values()):
            self._find_members(fact)
        self.rows.setdefault(sql.LAY, []).extend(self.layer.lay(fact))

    def _find_members(self, fact: Fact) -> None:
        """One question for all communities of the frame whose same day opens in the same zone."""
        on, zone = fact.data["on"], rulings.zone_of(fact.community)
        if (fact.community, on) in self.found:
            return
        self._write_pending()
        alike = {c for c, day in self.opening if day == on and rulings.zone_of(c) == zone} | {fact.community}
        self.layer.members = born.members_of(sorted(alike), born.first_moment_of(fact))
        self.found = {(c, on) for c in alike}

    def _draw(self, fact: Fact) -> None:
        clause = self.book.clause(str(fact.data.get("clause")))
        if clause is not None:
            self.rows.setdefault(sql.LAY, []).extend(born.by_draw(fact, clause, self.layer))

    # --- statements in order ---

    def _change(self, statement: Statement) -> None:
        self._put_down()
        self.statements.append(statement)

    def _put_down(self) -> None:
        for statement, rows in self.rows.items():
            if rows:
                self.statements.append((statement, columns(rows)))
        self.rows = {}
        self.touched = set()

    def _write_pending(self) -> None:
        """Run now what is pending, so that the rows that are read next are the newest."""
        self._put_down()
        with connection.cursor() as cursor:
            for statement, params in self.statements:
                cursor.execute(statement, params)
        self.statements = []


def _by_matter(fact: Fact, matter: UUID, effects: Effects) -> Iterable[Statement]:
    if effects.opens:  # nothing stands open for a matter that begins
        return
    for name in effects.releases:
        yield sql.own(None, matter, name)
    for name in effects.owners:
        if (who := person(fact.data, name)) is not None:
            yield sql.own(who, matter, name)
    if ends := [clause.code for clause, where in effects.ends if holds(where, fact.data)]:
        yield sql.end(fact, _proof(fact), matter, ends)
    if effects.voids:
        yield sql.void(fact, matter, effects.voids)
    if effects.pauses:
        yield sql.pause(fact, matter, effects.pauses)


def _by_community(fact: Fact, effects: Effects) -> Iterable[Statement]:
    for spec, where in effects.joins:
        if holds(where, fact.data) and (key := member_key(spec.key, fact)):
            yield sql.join(fact, spec.name, key)
    for subjects, codes in _subjects(fact, effects.proves):
        yield sql.prove(fact, _proof(fact), codes, subjects)
    yield from _by_quota(fact, effects)
    for clause in effects.clears:
        yield sql.clear(fact, [clause.code], _keys(clause, fact))
    for spec, where, owing in effects.leaves:
        if holds(where, fact.data) and (key := member_key(spec.key, fact)):
            yield sql.leave(fact, spec.name, key)
            if owing:
                yield sql.clear(fact, list(owing), [key])


def _by_quota(fact: Fact, effects: Effects) -> Iterable[Statement]:
    for clause, where in effects.tallies:
        if holds(where, fact.data) and (given := _counted(clause, fact)):
            yield sql.tally(fact, _proof(fact), clause.code, _keys(clause, fact), *given)
    if pools := [clause.code for clause, where in effects.pools if holds(where, fact.data)]:
        yield sql.pool(fact, pools)


def _subjects(fact: Fact, proves: Sequence[tuple[Clause, Where]]) -> Iterable[tuple[list[str], list[str]]]:
    """The clauses that the fact proves, by the subjects among which their duty is looked for."""
    found: dict[tuple[str, ...], list[str]] = {}
    for clause, where in proves:
        if holds(where, fact.data):
            found.setdefault(tuple(_keys(clause, fact)), []).append(clause.code)
    return [(list(subjects), codes) for subjects, codes in found.items()]


def _keys(clause: Clause, fact: Fact) -> list[str]:
    """The member that the fact is about, or the empty subject of a clause without a set."""
    return [member_key(clause.per_key, fact) if clause.per else ""]


def member_key(name: str, fact: Fact) -> str:
    value = fact.unit if name == "unit" else fact.data.get(name)
    return "" if value is None else str(value)


def _counted(clause: Clause, fact: Fact) -> tuple[str, int] | None:
    """What the fact adds to a quota: its key and amount; None if it says neither."""
    quota = clause.quota
    assert quota is not None
    key = str(fact.id) if not quota.distinct else member_key(quota.distinct, fact)
    amount = fact.data.get(quota.sum) if quota.sum else 1
    return (key, amount) if key and type(amount) is int and amount > 0 else None


def _proof(fact: Fact) -> str:
    return "hand" if fact.verb in BY_HAND else "fact"


def matter_of(fact: Fact) -> UUID:
    """The row whose timeline the fact belongs to; a fact without one is about a matter of its own."""
    return fact.matter or _matter_key(fact.subject_kind, fact.subject_id)


@lru_cache(maxsize=1024)
def _matter_key(kind: str, key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        return uuid5(NAMESPACE_OID, f"{kind}:{key}")


def person(data: Data, name: str) -> int | None:
    value = data.get(name)
    return value if type(value) is int else None
