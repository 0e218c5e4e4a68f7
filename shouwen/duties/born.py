"""The rows of births: by a fact of a matter, by a draw; and the members of sets that a day finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import connection

from shouwen.duties import rulings
from shouwen.duties import statements as sql
from shouwen.duties.book.syntax import FieldPoint
from shouwen.duties.clauses import Book
from shouwen.duties.grammar import Clause
from shouwen.duties.laying import Layer, Member, has
from shouwen.duties.periods import Slot
from shouwen.duties.rulings import Asking
from shouwen.duties.times import Allowed, timing
from shouwen.kernel.clock import Span, start_of_day
from shouwen.kernel.journal import Data, Fact

Names = tuple[int | None, int | None, bool, bool]
"""Owner, about, and whether the journal is asked for either."""


def duty_id(entry_id: UUID, clause: str) -> UUID:
    """The key of the duty that a fact bears by a clause: the same whenever it is built again."""
    return uuid5(entry_id, clause)


def by_fact(
    fact: Fact, matter: UUID, clause: Clause, names: Names, clauses: Book, ask: Asking | None = None
) -> tuple[Any, ...] | None:
    """The row that a fact bears, in the order of `statements.BORN`; None where the community does not have the rule.

    ``ask`` answers with other values than those of the day: see `supposing`.
    """
    start = fact.recorded_at
    ask = ask or rulings.asking(fact.community, start, clauses)
    if not all(has(only, ask(only.name)) for only in clause.only):
        return None
    given = allowed(clause, ask, fact.data)
    if clause.within is not None and given.span is None:
        return None
    calendar = rulings.calendar_at(fact.community, start)
    times = timing(clause, start, named(clause, fact.data), given, calendar)
    owner, about, look_owner, look_about = names
    return (
        duty_id(fact.id, clause.code), fact.community, clause.code, clause.version, calendar.version,
        clause.matter, matter, fact.unit, fact.id, clause.owner, owner, about, given.span.iso if given.span else "",
        times.budget, start, times.opens_at, times.due_at, times.limit_at, times.next_at, times.short, look_owner,
        look_about,
    )  # fmt: skip


def allowed(clause: Clause, ask: Asking, data: Data) -> Allowed:
    """The durations that the rulings give to a clause for a fact."""
    return Allowed(
        rulings.span_of(clause.within, ask, data) if clause.within else None,
        rulings.span_of(clause.limit, ask, data) if clause.limit else None,
        _moved(clause, ask, data),
    )


def _moved(clause: Clause, ask: Asking, data: Data) -> Span | None:
    point = clause.due
    if not isinstance(point, FieldPoint) or point.offset is None:
        return None
    span = rulings.span_of(point.offset, ask, data)
    return span if span is None or point.sign > 0 else -span


def named(clause: Clause, data: Data) -> datetime | date | None:
    """The moment or day that the fact names for the clause; None if it names none."""
    field = clause.start or (clause.due.field if isinstance(clause.due, FieldPoint) else "")
    value = data.get(field) if field else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if len(value) <= 10:
        return moment.date()
    return moment if moment.tzinfo else None


def by_draw(fact: Fact, clause: Clause, layer: Layer) -> Iterator[tuple[Any, ...]]:
    """The rows of what was drawn: each a duty on the matter of the drawn fact, due with the period of the quota."""
    data = fact.data
    moments = [datetime.fromisoformat(str(data[name])) for name in ("opens", "due")]
    slot = Slot(date.fromisoformat(str(data["period"])), "", moments[0], moments[0], moments[1], moments[1])
    for item in str(data.get("ids") or "").split():
        if row := layer.drawn(clause, fact, item, slot):
            yield row


def first_moment_of(fact: Fact) -> datetime:
    """The first moment of the day that opened."""
    return start_of_day(date.fromisoformat(str(fact.data["on"])), rulings.zone_of(fact.community))


def members_of(communities: list[int], moment: datetime) -> dict[tuple[int, str], list[Member]]:
    """Who belonged to the sets of these communities when the day began."""
    with connection.cursor() as cursor:
        cursor.execute(sql.MEMBERS, [communities, moment, moment])
        rows = cursor.fetchall()
    found: dict[tuple[int, str], list[Member]] = {}
    for community, name, key, unit in rows:
        found.setdefault((community, name), []).append((key, unit))
    return found
