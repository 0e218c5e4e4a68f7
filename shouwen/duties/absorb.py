"""Absorb: an obligation is born and discharged in the very commit that causes it.

Facts go through in order. A fact first ends, voids, stops or re-owns what stands open, by one statement each that
reads nothing; then it gives birth. Births of a frame are gathered and inserted at once, and earlier when a later fact
of the same frame may touch them. Only what needs the calendar of each row (going on after a pause, a confirmed
back-entry) reads, and then what is pending is written first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connection, transaction

from shouwen.duties import rulings
from shouwen.duties.clauses import ESCALATED, Book, Effects, book
from shouwen.duties.grammar import OWNER_FIELDS, Clause, holds
from shouwen.duties.times import next_rung, shifted, timing
from shouwen.kernel.deliveries import FACTS, fact_from
from shouwen.kernel.journal import Data, Fact, verb
from shouwen.kernel.writes import Statement

_COLUMNS = (
    ("id", "uuid"), ("community_id", "bigint"), ("clause", "text"), ("clause_version", "smallint"),
    ("calendar_version", "int"), ("matter_kind", "text"), ("matter_id", "uuid"), ("unit_id", "bigint"),
    ("entry_id", "uuid"), ("owner_role", "text"), ("owner_id", "bigint"), ("about_id", "bigint"), ("span", "text"),
    ("budget", "int"), ("born_at", "timestamptz"), ("due_at", "timestamptz"), ("limit_at", "timestamptz"),
    ("next_at", "timestamptz"), ("look_owner", "bool"), ("look_about", "bool"),
)  # fmt: skip
_NAMES = ", ".join(name for name, _ in _COLUMNS)

# Who a fact doesn't name was named by an earlier fact of the matter: the journal knows, up to the fact of birth.
_LOOK = """(select case when jsonb_typeof(e.data -> {field}) = 'number' then (e.data ->> {field})::bigint end
            from kernel_entry e where {look} and e.matter_id = b.matter_id and e.id <= b.entry_id and e.data ? {field}
            order by e.id desc limit 1)"""
_BIRTH = f"""
insert into duties_duty (id, community_id, clause, clause_version, calendar_version, matter_kind, matter_id, unit_id,
    entry_id, owner_role, owner_id, about_id, span, budget, born_at, due_at, limit_at, next_at,
    state, pause_reason, paused_seconds, rung)
select b.id, b.community_id, b.clause, b.clause_version, b.calendar_version, b.matter_kind, b.matter_id, b.unit_id,
    b.entry_id, b.owner_role, coalesce(b.owner_id, {_LOOK.format(field="b.owner_role", look="b.look_owner")}),
    coalesce(b.about_id, {_LOOK.format(field="'about'", look="b.look_about")}),
    b.span, b.budget, b.born_at, b.due_at, b.limit_at, b.next_at, 'open', '', 0, 0
from unnest({", ".join(f"%s::{kind}[]" for _, kind in _COLUMNS)}) b({_NAMES})
on conflict (id) do nothing
"""
# A stopped clock decides at the moment when it stopped.
_END = """
update duties_duty set state = case when coalesce(paused_at, %s) <= due_at then 'met' else 'late' end,
    ended_at = %s, ended_by = %s, next_at = null, paused_at = null, pause_reason = ''
where matter_id = %s and clause = any(%s) and ended_at is null
"""
_VOID = """
update duties_duty set state = 'void', ended_at = %s, ended_by = %s, next_at = null, paused_at = null, pause_reason = ''
where matter_id = %s and clause = any(%s) and ended_at is null
"""
_PAUSE = """
update duties_duty set state = 'paused', paused_at = %s, pause_reason = %s, next_at = null
where matter_id = %s and clause = any(%s) and state = 'open'
"""
_OWN = "update duties_duty set owner_id = %s where matter_id = %s and owner_role = %s and ended_at is null"
_RAISE = """
update duties_duty d set rung = greatest(d.rung, r.rung), next_at = case when d.state = 'open' then r.next_at end
from unnest(%s::uuid[], %s::smallint[], %s::timestamptz[]) r(id, rung, next_at) where d.id = r.id
"""
_PAUSED = """
select id, clause, community_id, calendar_version, due_at, limit_at, paused_at, budget, rung from duties_duty
where matter_id = %s and clause = any(%s) and state = 'paused' order by id for update
"""
_RESUME = """
update duties_duty d set state = 'open', due_at = r.due_at, limit_at = r.limit_at, next_at = r.next_at,
    paused_seconds = d.paused_seconds + r.seconds, paused_at = null, pause_reason = ''
from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[])
     r(id, due_at, limit_at, next_at, seconds) where d.id = r.id
"""
_CHUNK = 500
_OPENING = "select at, recorded_at from kernel_entry where matter_id = %s and verb = %s order by id limit 1"
# Born of the opening itself: what a later reopening bore is counted from its own time.
_ANCHORED = """
select id, clause, community_id, calendar_version, span, rung, paused_at from duties_duty
where matter_id = %s and clause = any(%s) and ended_at is null and born_at <= %s + interval '1 minute'
  and paused_seconds = 0 order by id for update
"""
_ANCHOR = """
update duties_duty d set born_at = r.born_at, due_at = r.due_at, limit_at = r.limit_at, budget = r.budget,
    next_at = case when d.state = 'open' then r.next_at end
from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::timestamptz[])
     r(id, born_at, due_at, limit_at, budget, next_at) where d.id = r.id
"""


def absorb(facts: Sequence[Fact]) -> list[Statement]:
    """The statements by which these facts, in order, change what is owed."""
    pen = _Pen(book())
    for fact in facts:
        pen.take(fact)
    return pen.finished()


def duty_id(entry_id: UUID, clause: str) -> UUID:
    """The key of the duty that a fact bears by a clause: the same whenever it is built again."""
    return uuid5(entry_id, clause)


class _Pen:
    """Collects statements; ``rows`` are births not yet among them, ``raised`` rungs not yet among them."""

    def __init__(self, clauses: Book) -> None:
        self.book = clauses
        self.statements: list[Statement] = []
        self.rows: list[tuple[Any, ...]] = []
        self.raised: dict[UUID, tuple[Any, ...]] = {}
        self.named: dict[tuple[UUID, str], int | None] = {}
        self.opened: dict[UUID, tuple[datetime, datetime]] = {}

    def take(self, fact: Fact) -> None:
        if fact.verb == ESCALATED:
            self._raise(fact)
            return
        effects = self.book.effects.get(fact.verb)
        matter = _matter(fact)
        if effects is None or matter is None:
            return
        self._remember(fact, matter, effects)
        if changes := list(self._changes(fact, matter, effects)):
            self._put_down()
            self.statements += changes
        if effects.resumes or effects.anchored:
            self._write_pending()
            self.statements += self._resumed(fact, matter, effects) + self._anchored(matter, effects)
        for clause in effects.births:
            if holds(clause.where, fact.data):
                self.rows.append(self._born(fact, matter, clause))

    def finished(self) -> list[Statement]:
        self._put_down()
        return self.statements

    def _put_down(self) -> None:
        if self.rows:
            self.statements.append((_BIRTH, _columns(self.rows)))
            self.rows = []
        if self.raised:
            self.statements.append((_RAISE, _columns(list(self.raised.values()))))
            self.raised = {}

    def _write_pending(self) -> None:
        """Run now what is pending, so that the rows that are read next are the newest."""
        self._put_down()
        with connection.cursor() as cursor:
            for sql, params in self.statements:
                cursor.execute(sql, params)
        self.statements = []

    def _remember(self, fact: Fact, matter: UUID, effects: Effects) -> None:
        """What this frame has said so far: its entries may not be in the journal yet."""
        if effects.opens:
            self.opened.setdefault(matter, (fact.at, fact.recorded_at))
        for name in (*OWNER_FIELDS, "about"):
            if name in fact.data or effects.opens:  # the first fact of a matter leaves nothing to look for
                self.named[matter, name] = _person(fact.data, name)

    def _changes(self, fact: Fact, matter: UUID, effects: Effects) -> Iterable[Statement]:
        if effects.opens:  # nothing stands open for a matter that begins
            return
        at = fact.recorded_at
        for name in effects.releases:
            yield _OWN, [None, matter, name]
        for name in effects.owners:
            if (person := _person(fact.data, name)) is not None:
                yield _OWN, [person, matter, name]
        if ends := [clause.code for clause, where in effects.ends if holds(where, fact.data)]:
            yield _END, [at, at, fact.id, matter, ends]
        if effects.voids:
            yield _VOID, [at, fact.id, matter, effects.voids]
        if effects.pauses:
            yield _PAUSE, [at, str(fact.data.get("reason") or "")[:40], matter, effects.pauses]

    def _born(self, fact: Fact, matter: UUID, clause: Clause) -> tuple[Any, ...]:
        start = fact.recorded_at
        calendar = rulings.calendar_at(fact.community, start)
        span = rulings.span_of(clause.within, fact.community, fact.data, start)
        limit = rulings.span_of(clause.limit, fact.community, fact.data, start) if clause.limit else None
        times = timing(start, span, limit, clause.clock, clause.rungs, calendar)
        owner, look_owner = (
            self._name(matter, clause.owner, fact) if clause.owner in OWNER_FIELDS else (None, False)
        )
        about, look_about = self._name(matter, "about", fact)
        return (
            duty_id(fact.id, clause.code), fact.community, clause.code, clause.version, calendar.version,
            clause.matter, matter, fact.unit, fact.id, clause.owner, owner, about, span.iso, times.budget,
            start, times.due_at, times.limit_at, times.next_at, look_owner, look_about,
        )  # fmt: skip

    def _name(self, matter: UUID, name: str, fact: Fact) -> tuple[int | None, bool]:
        """The person under this name, and whether the journal has to be asked."""
        if (matter, name) in self.named:
            return self.named[matter, name], False
        return None, name not in verb(fact.verb).fields

    def _raise(self, fact: Fact) -> None:
        rung, after = fact.data.get("rung"), fact.data.get("next")
        if isinstance(rung, int):
            moment = datetime.fromisoformat(after) if isinstance(after, str) else None
            key = UUID(fact.subject_id)
            if key in self.raised:  # one statement changes a row once
                self._put_down()
            self.raised[key] = (key, rung, moment)

    def _resumed(self, fact: Fact, matter: UUID, effects: Effects) -> list[Statement]:
        rows = [self._gone_on(row, fact.recorded_at) for row in _read(_PAUSED, [matter, effects.resumes])]
        return [(_RESUME, _columns(rows))] if rows else []

    def _gone_on(self, row: tuple[Any, ...], at: datetime) -> tuple[Any, ...]:
        key, code, community, version, due, limit, paused, budget, rung = row
        calendar = rulings.kept_calendar(community, version)
        clause = self.book.clauses[code]
        due = shifted(paused, due, at, clause.clock, calendar)
        limit = limit and shifted(paused, limit, at, clause.clock, calendar)
        after = next_rung(due, budget, rung, clause.rungs, clause.clock, calendar)
        return key, due, limit, after, max(0, int((at - paused).total_seconds()))

    def _anchored(self, matter: UUID, effects: Effects) -> list[Statement]:
        """A second person confirmed when it happened: the duties of the opening count from then."""
        if not effects.anchored:
            return []
        opening = self.opened.get(matter) or next(iter(_read(_OPENING, [matter, effects.opening])), None)
        if opening is None or opening[0] >= opening[1]:
            return []
        happened, recorded = opening
        rows = [
            self._moved(row, happened, recorded)
            for row in _read(_ANCHORED, [matter, effects.anchored, recorded])
        ]
        return [(_ANCHOR, _columns(rows))] if rows else []

    def _moved(self, row: tuple[Any, ...], happened: datetime, recorded: datetime) -> tuple[Any, ...]:
        key, code, community, version, span, rung, _ = row
        calendar = rulings.kept_calendar(community, version)
        clause = self.book.clauses[code]
        limit = rulings.span_of(clause.limit, community, {}, recorded) if clause.limit else None
        allowed = rulings.read_span(span) or rulings.span_of(clause.within, community, {}, recorded)
        times = timing(happened, allowed, limit, clause.clock, clause.rungs, calendar)
        after = next_rung(times.due_at, times.budget, rung, clause.rungs, clause.clock, calendar)
        return key, happened, times.due_at, times.limit_at, times.budget, after


def _matter(fact: Fact) -> UUID | None:
    """The row whose timeline the fact belongs to; a fact without one may itself be about a matter."""
    if fact.matter is not None:
        return fact.matter
    try:
        return UUID(fact.subject_id)
    except ValueError:
        return None


def _person(data: Data, name: str) -> int | None:
    value = data.get(name)
    return value if type(value) is int else None


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [list(column) for column in zip(*rows, strict=True)]


def _read(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def rebuild() -> int:
    """Delete all duties and write them again, in one transaction; returns how many facts were read.

    Facts are read in the order of their keys: the order of their frames, since what touches a matter locks it.
    """
    read = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("lock table duties_duty in exclusive mode")
            cursor.execute("delete from duties_duty")
        for facts in _chunks():
            read += len(facts)
            statements = absorb(facts)
            with connection.cursor() as cursor:
                for sql, params in statements:
                    cursor.execute(sql, params)
    return read


def _chunks() -> Iterator[list[Fact]]:
    """The facts that some clause listens to, in order, by keyset."""
    verbs = [*book().effects, ESCALATED]
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{FACTS} where id > %s and verb = any(%s) order by id limit {_CHUNK}", [last, verbs]
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield [fact_from(row) for row in rows]
        last = rows[-1][0]
