"""What held when: the values, the calendar and the book of clauses at a moment, without a round trip.

A birth needs them, and must give the same row when it is repeated years later. So all are kept as rows that are
added and never changed, each with the moment from which it counts, ``LEAD`` after it was written. A process keeps
what it read for at most ``MAX_AGE``, which is less: every process has read a row before it counts, so all of them,
and every rebuild, answer alike. One query in five seconds, none in between.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.db import connection

from shouwen.duties import kept
from shouwen.duties.book.syntax import Limit
from shouwen.duties.clauses import Book, book
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.calendar import ServiceCalendar
from shouwen.kernel.clock import Span, parse_duration
from shouwen.kernel.journal import Data, Fact

MAX_AGE = 5.0
LEAD = kept.LEAD


@dataclass(frozen=True)
class Dated:
    """Values in the order in which they began to count."""

    since: tuple[datetime, ...] = ()
    values: tuple[Any, ...] = ()

    def at(self, moment: datetime) -> Any:
        """The value that counts at the moment, None before the first."""
        place = bisect_right(self.since, moment)
        return self.values[place - 1] if place else None


@dataclass
class _Known:
    read_at: float = float("-inf")
    policies: dict[int, dict[str, Dated]] = field(default_factory=dict)
    calendars: dict[int, Dated] = field(default_factory=dict)
    books: Dated = Dated()
    running: set[int] = field(default_factory=set)


_known = _Known()
_NOTHING: Mapping[str, str] = MappingProxyType({})

_READ = """
select 'policy', community_id, key, value, since, 0 from duties_policy
union all select 'calendar', community_id, '', '', since, version from duties_keptcalendar
union all select 'book', 0, '', '', since, id from duties_keptbook
union all select 'run', community_id, '', '', since, 0 from duties_run
order by 5, 6
"""


def forget() -> None:
    """Read again at the next question: for tests, and for the process that wrote."""
    global _known  # noqa: PLW0603 - one cache a process, replaced as a whole so that threads see one or the other
    _known = _Known()
    kept.forget()


def _current() -> _Known:
    global _known  # noqa: PLW0603 - as above
    known = _known
    if 0 <= time.monotonic() - known.read_at <= MAX_AGE:
        return known
    fresh = _Known(time.monotonic())
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        rows = cursor.fetchall()
    lists: dict[tuple[str, int, str], list[tuple[datetime, Any]]] = {}
    for what, community, key, value, since, version in rows:
        lists.setdefault((what, community, key), []).append((since, value if what == "policy" else version))
    for (what, community, key), dated in lists.items():
        made = Dated(tuple(since for since, _ in dated), tuple(value for _, value in dated))
        if what == "policy":
            fresh.policies.setdefault(community, {})[key] = made
        elif what == "calendar":
            fresh.calendars[community] = made
        elif what == "run":
            fresh.running.add(community)
        else:
            fresh.books = made
    _known = fresh
    return fresh


# --- values -------------------------------------------------------------------------------------------------------


class Asking:
    """The values of one community at one moment: ``ask("survey.cycle")`` is the value chosen, or the preset's."""

    def __init__(
        self, community_id: int, moment: datetime, clauses: Book, supposing: Mapping[str, str] = _NOTHING
    ) -> None:
        self._dated = _current().policies.get(community_id, {})
        self._moment, self._seeds, self._supposing = moment, clauses.policies, supposing

    def __call__(self, key: str) -> Any:
        """The value of a key, None for off or for a key that the book does not have."""
        seed = self._seeds.get(key)
        if seed is None:
            return None
        try:
            return seed.read(self.text(key))
        except (
            ValueError
        ):  # a value of an older book, or one that a person wrote into the table past the action
            return seed.read(seed.preset)

    def knows(self, key: str) -> bool:
        return key in self._seeds

    def text(self, key: str) -> str:
        """The canonical text of the value in force."""
        if key in self._supposing:
            return self._supposing[key] or self._seeds[key].preset
        dated = self._dated.get(key)
        return (dated.at(self._moment) if dated else "") or self._seeds[key].preset

    @cached_property
    def chosen(self) -> frozenset[tuple[str, str]]:
        """What the community chose itself: equal for communities whose duties are laid out alike."""
        return frozenset(
            (key, text) for key, dated in self._dated.items() if (text := dated.at(self._moment))
        )


def asking(
    community_id: int,
    moment: datetime,
    clauses: Book | None = None,
    *,
    supposing: Mapping[str, str] = _NOTHING,
) -> Asking:
    """The values at a moment; ``supposing`` are values that nobody chose yet, to see what they would do."""
    return Asking(community_id, moment, clauses or book(), supposing)


def span_of(limit: Limit, ask: Asking, data: Data) -> Span | None:
    """The duration that a clause gives: written, or the closest policy's value; None where that is off."""
    if limit.span is not None:
        return limit.span
    for key in limit.keys(data):
        if isinstance(found := ask(key), Span):
            return found
        if ask.knows(key):
            return None
    return None


def policy_value(community_id: int, key: str, moment: datetime | None = None) -> Any:
    """The value in force for a policy key of the clause files; KeyError for any other key."""
    return book().policies[key] and asking(community_id, moment or clock.now())(key)


def read_span(text: Any) -> Span | None:
    """A stored duration; None for nothing, and for what a person wrote into the table past the action."""
    try:
        return parse_duration(text) if text else None
    except ValueError:
        return None


# --- calendars and books ------------------------------------------------------------------------------------------


def calendar_at(community_id: int, moment: datetime) -> ServiceCalendar:
    """The calendar that counts at the moment. The first question about a community keeps its first version."""
    dated = _current().calendars.get(community_id)
    if dated is None:
        if not kept.keep_calendar(community_id):
            return kept.ALWAYS_OPEN
        forget()
        dated = _current().calendars[community_id]
    return kept.kept_calendar(community_id, dated.at(moment) or dated.values[0])


def kept_calendar(community_id: int, version: int) -> ServiceCalendar:
    """One version, as it was."""
    return kept.kept_calendar(community_id, version)


def zone_of(community_id: int) -> str:
    """The zone of the community's days."""
    return calendar_at(community_id, clock.now()).zone


def book_at(moment: datetime) -> Book:
    """The clauses that were in force; those of the house where none were kept."""
    key = _current().books.at(moment)
    return kept.kept_book(key) if key is not None else book()


def runs(community_id: int) -> bool:
    """Whether the community carries out the periodic clauses, today or from a later day on."""
    return community_id in _current().running


def books() -> list[Book]:
    """Every version of the clauses that was kept."""
    return [kept.kept_book(key) for key in dict.fromkeys(_current().books.values)]


def on_calendar_changed(fact: Fact, actor: Actor) -> None:
    """Keep the new version in the transaction that made it."""
    kept.keep_calendar(fact.community)
