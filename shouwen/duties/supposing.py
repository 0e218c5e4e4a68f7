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
from shouwen.kernel.scope import by_key

MOST = 20_000
"""How many open duties are looked at, those due first; of more the number is told."""
_BATCH = 2000
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
    """How many open duties the keys bear on, how many of them were looked at, how many would differ, the first of those."""

    total: int
    looked: int
    count: int
    differing: tuple[Differing, ...]


def asked_by(key: str) -> list[Clause]:
    """The clauses that read a policy key; ``complaint.solve.service`` is read by whoever asks for ``complaint.solve.{…}``."""
    return [clause for clause in book().clauses.values() if _asks(clause, key)]


def _asks(clause: Clause, key: str) -> bool:
    return key in policies_of(clause) or any(
        limit.field and key.startswith(f"{limit.key}.") for limit in limits_of(clause)
    )


def suppose(community_id: int, values: Mapping[str, str], *, viewer: Actor, shown: int = 50) -> Supposed:
    """What these values (empty is the preset) would change in the open duties of the community that the viewer sees.

    In batches: as many as there are, up to `MOST`; ``shown`` of those that would differ are kept.
    """
    codes = sorted({clause.code for key in values for clause in asked_by(key) if not clause.draw})
    rows = Duty.objects.visible_to(viewer).open().filter(community_id=community_id, clause__in=codes)
    keys = list(rows.order_by("due_at", "id").values_list("pk", flat=True))
    layer, count = Layer(book()), 0
    differing: list[Differing] = []
    for start in range(0, min(len(keys), MOST), _BATCH):
        batch = by_key(Duty.objects.filter(pk__in=keys[start : min(start + _BATCH, MOST)]))
        found = _differing(
            [batch[key] for key in keys[start : start + _BATCH] if key in batch], values, layer
        )
        count += len(found)
        differing += found[: shown - len(differing)]
    return Supposed(len(keys), min(len(keys), MOST), count, tuple(differing))


def _differing(duties: Sequence[Duty], values: Mapping[str, str], layer: Layer) -> list[Differing]:
    facts = _facts({duty.entry_id for duty in duties})
    found = []
    for duty in duties:
        clause, fact = book().clause(duty.clause), facts.get(duty.entry_id)
        if clause is None or fact is None:
            continue
        promised = rulings.asking(duty.community_id, duty.born_at)
        other = rulings.asking(duty.community_id, duty.born_at, supposing=values)
        if _given(clause, fact, promised) == _given(clause, fact, other):
            continue
        terms = _terms(duty, clause, fact, other, layer)
        if terms != _terms(duty, clause, fact, promised, layer):
            found.append(Differing(duty, terms))
    return found


def _given(clause: Clause, fact: Fact, ask: Asking) -> object:
    """All that the values say of the clause: where that is alike, so is every moment, and nothing need be worked out."""
    if clause.every is not None:
        spec = book().sets.get(clause.per)
        keys = policies_of(clause) | ({spec.policy} if spec and spec.policy else set())
        return tuple(ask.text(key) for key in sorted(keys & set(book().policies)))
    return born.allowed(clause, ask, fact.data), tuple(ask(only.name) for only in clause.only)


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
