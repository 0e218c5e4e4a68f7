"""What other values would do: the open duties born once more, with values that nobody chose yet.

Nothing is written, and nothing that runs is moved: a duty keeps what it was promised. What the same births would give
under the new values is what the births to come will be given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from shouwen.duties import born, rulings
from shouwen.duties import statements as sql
from shouwen.duties.absorb import matter_of
from shouwen.duties.book.checks import limits_of, policies_of
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause
from shouwen.duties.laying import Layer, speaks
from shouwen.duties.models import Duty
from shouwen.duties.periods import Slot, slot_again, step_slot
from shouwen.duties.rulings import Asking
from shouwen.kernel.actors import Actor
from shouwen.kernel.deliveries import FACTS, fact_from
from shouwen.kernel.journal import Fact

MOST = 2000
"""How many open duties are looked at, those due first."""
_BORN = {name: place for place, (name, _kind) in enumerate(sql.BORN)}
_LAID = {name: place for place, (name, _kind) in enumerate(sql.LAID)}
Terms = tuple[datetime | None, int]
"""When a duty is due, and how much proof it needs."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A duty that would have been born otherwise; ``terms`` None: it would not be owed at all."""

    duty: Duty
    terms: Terms | None


@dataclass(frozen=True, slots=True)
class Supposed:
    """How many open duties the keys bear on, whether there are more than were looked at, and which would differ."""

    looked: int
    more: bool
    differing: tuple[Differing, ...]


def asked_by(key: str) -> list[Clause]:
    """The clauses that read a policy key; ``complaint.solve.service`` is read by whoever asks for ``complaint.solve.{…}``."""
    return [clause for clause in book().clauses.values() if _asks(clause, key)]


def _asks(clause: Clause, key: str) -> bool:
    return key in policies_of(clause) or any(
        limit.field and key.startswith(f"{limit.key}.") for limit in limits_of(clause)
    )


def suppose(community_id: int, values: Mapping[str, str], *, viewer: Actor) -> Supposed:
    """What these values (empty is the preset) would change in the open duties of the community that the viewer sees."""
    codes = sorted({clause.code for key in values for clause in asked_by(key) if not clause.draw})
    rows = Duty.objects.visible_to(viewer).open().filter(community_id=community_id, clause__in=codes)
    open_duties = list(rows.order_by("due_at", "id")[: MOST + 1])
    more, open_duties = len(open_duties) > MOST, open_duties[:MOST]
    facts, layer = _facts(duty.entry_id for duty in open_duties), Layer(book())
    differing = []
    for duty in open_duties:
        clause, fact = book().clause(duty.clause), facts.get(duty.entry_id)
        if clause is None or fact is None:
            continue
        promised = rulings.asking(community_id, duty.born_at)
        other = rulings.asking(community_id, duty.born_at, supposing=values)
        terms = _terms(duty, clause, fact, other, layer)
        if terms != _terms(duty, clause, fact, promised, layer):
            differing.append(Differing(duty, terms))
    return Supposed(len(open_duties), more, tuple(differing))


def _facts(keys: Iterable[UUID]) -> dict[UUID, Fact]:
    with connection.cursor() as cursor:
        cursor.execute(f"{FACTS} where id = any(%s)", [list(keys)])
        return {row[0]: fact_from(row) for row in cursor.fetchall()}


def _terms(duty: Duty, clause: Clause, fact: Fact, ask: Asking, layer: Layer) -> Terms | None:
    """What the duty is given by these values, from the fact that bore it."""
    if clause.every is None:
        row: Sequence[Any] | None = born.by_fact(
            fact, matter_of(fact), clause, (None, None, False, False), layer.book, ask
        )
        return (row[_BORN["due_at"]], duty.need) if row else None
    slot = _slot(duty, clause, ask)
    later = clause.step is not None and bool(clause.step.after)  # born of a signature, not of a day
    if slot is None or not _belongs(duty, clause, ask):
        return None
    if not later and not speaks(clause, fact.data, slot.period, ask):
        return None
    calendar = rulings.calendar_at(duty.community_id, duty.born_at)
    row = layer.row(clause, slot, (duty.subject, duty.unit_id), fact, calendar, ask)
    return (row[_LAID["due_at"]], row[_LAID["need"]]) if row else None


def _slot(duty: Duty, clause: Clause, ask: Asking) -> Slot | None:
    if duty.period is None:
        return None
    calendar = rulings.calendar_at(duty.community_id, duty.born_at)
    if clause.step and clause.step.after:
        return step_slot(clause, duty.period, duty.born_at, calendar, ask)
    return slot_again(clause, duty.period, duty.slot, calendar, ask)


def _belongs(duty: Duty, clause: Clause, ask: Asking) -> bool:
    """Whether the member is still one of its set, where the set itself is a chosen list."""
    spec = book().sets.get(clause.per)
    return spec is None or not spec.policy or duty.subject in (ask(spec.policy) or ())
