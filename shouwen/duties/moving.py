"""Duties whose moments move: a clock that goes on after a pause, an opening that is confirmed to lie earlier."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from shouwen.duties import rulings
from shouwen.duties import statements as sql
from shouwen.duties.born import allowed
from shouwen.duties.clauses import Book, Effects
from shouwen.duties.rulings import asking, read_span
from shouwen.duties.statements import columns
from shouwen.duties.times import Allowed, next_rung, shifted, timing
from shouwen.kernel.journal import Fact
from shouwen.kernel.writes import Statement


class Mover:
    """Reads the rows that move, and says how. ``opened``: when the matters of this frame happened and were recorded."""

    def __init__(self, clauses: Book) -> None:
        self.book = clauses
        self.opened: dict[UUID, tuple[datetime, datetime]] = {}

    def moved(self, fact: Fact, matter: UUID, effects: Effects) -> list[Statement]:
        return self._resumed(fact, matter, effects) + self._anchored(matter, effects)

    def _resumed(self, fact: Fact, matter: UUID, effects: Effects) -> list[Statement]:
        rows = [self._gone_on(row, fact.recorded_at) for row in _read(sql.PAUSED, [matter, effects.resumes])]
        return [(sql.RESUME, columns(rows))] if rows else []

    def _gone_on(self, row: tuple[Any, ...], at: datetime) -> tuple[Any, ...]:
        key, code, community, version, due, limit, paused, budget, rung = row
        calendar = rulings.kept_calendar(community, version)
        clause = self.book.clauses[code]
        due = due and shifted(paused, due, at, clause.clock, calendar)
        limit = limit and shifted(paused, limit, at, clause.clock, calendar)
        after = next_rung(clause, due, budget, rung, calendar)
        return key, due, limit, after, max(0, int((at - paused).total_seconds()))

    def _anchored(self, matter: UUID, effects: Effects) -> list[Statement]:
        """A second person confirmed when it happened: the duties of the opening count from then."""
        if not effects.anchored:
            return []
        opening = self.opened.get(matter) or next(
            iter(_read(sql.OPENING, [matter, list(effects.opening)])), None
        )
        if opening is None or opening[0] >= opening[1]:
            return []
        happened, recorded = opening
        found = _read(sql.ANCHORED, [matter, effects.anchored, recorded])
        rows = [self._earlier(row, happened, recorded) for row in found]
        return [(sql.ANCHOR, columns(rows))] if rows else []

    def _earlier(self, row: tuple[Any, ...], happened: datetime, recorded: datetime) -> tuple[Any, ...]:
        key, code, community, version, span, rung, _ = row
        calendar = rulings.kept_calendar(community, version)
        clause = self.book.clauses[code]
        given = allowed(clause, asking(community, recorded, self.book), {})
        given = Allowed(read_span(span) or given.span, given.limit, given.moved)
        times = timing(clause, happened, None, given, calendar)
        after = next_rung(clause, times.due_at, times.budget, rung, calendar)
        return key, happened, times.due_at, times.limit_at, times.budget, after


def _read(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())
