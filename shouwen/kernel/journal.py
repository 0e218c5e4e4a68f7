"""The journal: audit, evidence and KPI source in one row.

An action collects facts in a *frame*: one transaction whose end writes rows, facts, duties and deliveries in one
database pipeline. Facts hold codes, ids, amounts and times, never free text, names, numbers or addresses.
Two kinds of reader exist: reactions and absorbers run *with* the fact, in its transaction; deliveries run *after* it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, models, transaction
from django.utils.functional import Promise
from psycopg.types.array import ListBinaryDumper

from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.ids import uuid7
from shouwen.kernel.writes import Statement, insert_rows

_PREPARE_AFTER = 5

Data = dict[str, str | int | bool | None]


@dataclass(frozen=True)
class Verb:
    """A kind of fact: its name ``noun:done``, its sentence on timelines, and the data fields that it may carry.

    ``public`` is what residents read in its place; without one the fact stays inside the house. ``alone`` is said when
    everybody whom the sentence names is the actor, ``without`` where the fact leaves out what the sentence names.
    ``apart``: what another household's matter has to do with this one, of which the screens of its own household hear
    nothing.
    """

    name: str
    sentence: str | Promise
    fields: tuple[str, ...] = ()
    icon: str = ""
    public: str | Promise = ""
    alone: str | Promise = ""
    apart: bool = False
    without: str | Promise = ""

    def spoken(self, actor_id: int | None, data: Mapping[str, Any], people: Iterable[str]) -> str:
        """The sentence of a fact; ``people`` are the fields that name staff."""
        if self.without and not any(f"{{{field}}}" in str(self.sentence) for field in data):
            return str(self.without)
        named = {data.get(field) for field in people if f"{{{field}}}" in str(self.sentence)}
        return str(self.alone if self.alone and named == {actor_id} else self.sentence)


@dataclass(frozen=True)
class Fact:
    """One thing that happened. ``matter`` is the row whose timeline it belongs to (an order's fact: its case)."""

    community: int
    verb: str
    subject_kind: str
    subject_id: str
    matter: UUID | None
    actor_kind: str
    actor_id: int | None
    at: datetime
    recorded_at: datetime
    data: Data
    unit: int | None = None
    was: str = ""
    now: str = ""
    version: int = 0
    id: UUID = field(default_factory=uuid7)


_VERBS: dict[str, Verb] = {}


def register_verbs(verbs: Sequence[Verb]) -> None:
    """Add a room's verbs; a name is registered once in the whole house."""
    for verb in verbs:
        if _VERBS.get(verb.name, verb) != verb:
            raise ValueError(f"verb {verb.name} is registered twice")
        _VERBS[verb.name] = verb


def verb(name: str) -> Verb:
    """The registered verb; KeyError when no room declares it."""
    return _VERBS[name]


def verbs() -> tuple[Verb, ...]:
    return tuple(_VERBS.values())


Reaction = Callable[[Fact, Actor], None]
Opener = Callable[["Frame"], None]
Absorber = Callable[[Sequence[Fact]], list[Statement]]
Reader = Callable[[Fact], None]
Receiver = Callable[[tuple[Any, ...]], None]


@dataclass
class Switchboard:
    """Who listens to what. Filled once by the roof; an entry point that did not fill it may not write."""

    connected: bool = False
    reactions: dict[str, list[Reaction]] = field(default_factory=dict)
    openers: list[Opener] = field(default_factory=list)
    absorbers: list[Absorber] = field(default_factory=list)
    readers: dict[str, tuple[frozenset[str], Reader]] = field(default_factory=dict)

    def react(self, verb_name: str, reaction: Reaction) -> None:
        """Run ``reaction`` in the transaction of every such fact; its own facts wake no further reaction."""
        self.reactions.setdefault(verb_name, []).append(reaction)

    def open(self, opener: Opener) -> None:
        """Let ``opener`` look at a frame before its facts are absorbed: it may put facts of its own in front."""
        self.openers.append(opener)

    def absorb(self, absorber: Absorber) -> None:
        """Give every fact of a transaction, in order, to ``absorber``; it returns the statements to run with them."""
        self.absorbers.append(absorber)

    def deliver(self, name: str, verb_names: frozenset[str], reader: Reader) -> None:
        """Run ``reader`` after the commit, at least once, in a job; it must be idempotent."""
        self.readers[name] = (verb_names, reader)

    def listeners(self, verb_name: str) -> list[str]:
        return [name for name, (verb_names, _) in self.readers.items() if verb_name in verb_names]


switchboard = Switchboard()


@dataclass
class Frame:
    """What an action has collected so far: facts, and statements for the pipeline at its end.

    ``fact_id`` is the key that the move now running will write its fact under, so that its words can point there.
    """

    actor: Actor
    fact_id: UUID | None = None
    facts: list[Fact] = field(default_factory=list)
    rows: list[models.Model] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    last: list[tuple[Statement, Receiver | None]] = field(default_factory=list)

    def insert(self, row: models.Model) -> None:
        """Insert ``row`` in the pipeline at the end of the frame."""
        self.rows.append(row)

    def finish(self, statement: Statement, receive: Receiver | None = None) -> None:
        """Run ``statement`` after all others: what takes a contended lock goes here.

        ``receive`` gets the row that it returns, once everything is committed.
        """
        self.last.append((statement, receive))


_frame: ContextVar[Frame | None] = ContextVar("frame", default=None)


@contextmanager
def frame(actor: Actor) -> Iterator[Frame]:
    """One transaction of facts. An inner frame joins the outer one: only the outermost writes and commits."""
    outer = _frame.get()
    if outer is not None:
        yield outer
        return
    if not switchboard.connected:
        raise RuntimeError("the switchboard is not connected: this entry point may not write")
    opened = Frame(actor)
    token = _frame.set(opened)
    outermost = not connection.in_atomic_block
    try:
        with transaction.atomic():
            yield opened
            _flush(opened, commit=outermost and not connection.needs_rollback)
    finally:
        _frame.reset(token)


def current() -> Frame:
    """The open frame; RuntimeError outside one."""
    opened = _frame.get()
    if opened is None:
        raise RuntimeError("a fact needs an open frame")
    return opened


def record(
    verb_name: str,
    row: models.Model,
    at: datetime | None = None,
    *,
    was: str = "",
    now: str = "",
    **data: str | int | bool | None,
) -> Fact:
    """Put a fact about ``row`` on record in the open frame.

    ``row`` has ``community_id``; ``unit_id``, ``matter_id`` and ``version`` are taken where it has them.
    Raises RuntimeError outside a frame, ValueError for a data field that the verb does not declare.
    """
    opened = current()
    declared = verb(verb_name)
    if unknown := set(data) - set(declared.fields):
        raise ValueError(f"{verb_name} does not declare {sorted(unknown)}")
    moment = clock.now()
    fact = Fact(
        community=row.community_id,  # type: ignore[attr-defined]
        verb=verb_name,
        subject_kind=row._meta.model_name or "",
        subject_id=str(row.pk),
        matter=getattr(row, "matter_id", None),
        actor_kind=opened.actor.kind,
        actor_id=opened.actor.id,
        at=at or moment,
        recorded_at=moment,
        data={name: value for name, value in data.items() if value is not None},
        unit=getattr(row, "unit_id", None),
        was=was,
        now=now,
        version=getattr(row, "version", 0),
    )
    opened.facts.append(fact)
    return fact


def _flush(opened: Frame, *, commit: bool) -> None:
    """React, absorb, then write everything in one pipeline."""
    for fact in tuple(opened.facts):
        for reaction in switchboard.reactions.get(fact.verb, ()):
            reaction(fact, opened.actor)
    for opener in switchboard.openers:
        opener(opened)
    absorbed = [s for absorber in switchboard.absorbers for s in absorber(opened.facts)]
    statements = [
        *insert_rows(opened.rows),
        *opened.statements,
        *_entries(opened.facts),
        *absorbed,
        *_deliveries(opened.facts),
    ]
    if statements or opened.last:
        _send(statements, opened, commit=commit)


def _send(statements: Sequence[Statement], opened: Frame, *, commit: bool) -> None:
    """Rows, facts, COMMIT and the announcement after it share one round trip.

    So a counter row stays locked for no longer than the server needs. Django finds the transaction finished and sends
    nothing more.
    """
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:
        # A server-side cursor binds parameters in the protocol; Django's default of None would forbid to prepare.
        raw.prepare_threshold = _PREPARE_AFTER
        # Ten thousand texts as an array in the protocol's binary form: 4 ms instead of 240.
        raw.adapters.register_dumper(list, ListBinaryDumper)
    answers: list[tuple[Receiver, psycopg.Cursor[Any]]] = []
    with connection.wrap_database_errors, raw.pipeline():
        cursor = psycopg.Cursor(raw)
        for sql, params in statements:
            cursor.execute(sql, params, prepare=True)
        for (sql, params), receive in opened.last:
            own = psycopg.Cursor(raw)
            own.execute(sql, params, prepare=True)
            if receive:
                answers.append((receive, own))
        if commit:
            cursor.execute("commit")
            for sql, params in _announcement(opened.facts):
                cursor.execute(sql, params, prepare=True)
    for receive, own in answers:
        if (row := own.fetchone()) is not None:
            receive(row)


_RIGHTS = ("staff", "post")

_ENTRY = """
insert into kernel_entry (id, community_id, unit_id, subject_kind, subject_id, matter_id, verb, was, now,
                          actor_kind, actor_id, at, recorded_at, data)
select * from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::uuid[], %s::text[],
                     %s::text[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[],
                     %s::jsonb[])
"""


def _entries(facts: Sequence[Fact]) -> list[Statement]:
    if not facts:
        return []
    columns = zip(
        *(
            (
                f.id, f.community, f.unit, f.subject_kind, f.subject_id, f.matter, f.verb, f.was, f.now,
                f.actor_kind, f.actor_id, f.at, f.recorded_at, json.dumps(f.data),
            )
            for f in facts
        ),
        strict=True,
    )  # fmt: skip
    return [(_ENTRY, [list(column) for column in columns])]


def _deliveries(facts: Sequence[Fact]) -> list[Statement]:
    wanted = [(uuid7(), f.id, name, f.recorded_at) for f in facts for name in switchboard.listeners(f.verb)]
    if not wanted:
        return []
    columns = [list(column) for column in zip(*wanted, strict=True)]
    sql = """insert into kernel_delivery (id, entry_id, reader, run_at, attempts, error)
             select *, 0, '' from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[])"""
    return [(sql, columns)]


def _announcement(facts: Sequence[Fact]) -> list[Statement]:
    """Tell open screens that rows changed: community, kind, id, matter, version and fact, never content. The unit is for
    the gate alone, which tells a household of its own.

    Of facts that belong to no community only those about staff and posts are told: the gate asks for rights anew.

    A transaction of its own after the commit: NOTIFY inside a writing transaction serialises all commits.
    """
    events = {
        (f.community, f.subject_kind, f.subject_id): f
        for f in facts
        if f.community or f.subject_kind in _RIGHTS
    }
    payloads = [
        json.dumps(
            {
                "community": f.community,
                "kind": f.subject_kind,
                "id": f.subject_id,
                "matter": str(f.matter or ""),
                "version": f.version,
                "fact": str(f.id),
                "unit": f.unit,
                "apart": verb(f.verb).apart,
            }
        )
        for f in list(events.values())[:50]
    ]
    return [("select pg_notify('shouwen', p) from unnest(%s::text[]) p", [payloads])] if payloads else []
