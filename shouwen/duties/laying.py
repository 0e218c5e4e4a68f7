"""Laying out: a day that opens in a community bears the duties of all periods that open on it.

Everything is read from the fact of the day, from the rulings of its first moment and from the members of sets at that
moment: so a day that is laid out late, or again years after, has the same duties.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from shouwen.duties import rulings
from shouwen.duties.clauses import Book
from shouwen.duties.grammar import Clause, Only, Quota
from shouwen.duties.periods import Slot, chosen_period, opening_number, slots, step_slot
from shouwen.duties.rulings import Asking
from shouwen.duties.times import earlier, first_moment
from shouwen.kernel.calendar import ServiceCalendar, add_months
from shouwen.kernel.clock import start_of_day
from shouwen.kernel.journal import Data, Fact

Member = tuple[str, int | None]
"""The key of a member of a set, and its unit if it is one."""
NOBODY: tuple[Member, ...] = (("", None),)


@dataclass
class Layer:
    """Lays out days; what many communities share (calendar and values alike) is worked out once."""

    book: Book
    members: Mapping[tuple[int, str], list[Member]] = field(default_factory=dict)
    _known: dict[tuple[Any, ...], list[Slot]] = field(default_factory=dict)
    _budgets: dict[tuple[Any, ...], tuple[int, datetime | None]] = field(default_factory=dict)

    def lay(self, fact: Fact) -> Iterator[tuple[Any, ...]]:
        """The rows that the opened day bears, in the order of `statements.LAID`."""
        day = date.fromisoformat(str(fact.data["on"]))
        zone = rulings.zone_of(fact.community)
        ask = rulings.asking(fact.community, start_of_day(day, zone), self.book)
        calendar = rulings.calendar_at(fact.community, start_of_day(day, zone))
        drawn = str(fact.data.get("surprise") or "").split()
        for clause in self.book.periodic:
            if clause.draw or (clause.surprise and clause.code not in drawn):
                continue
            if not speaks(clause, fact.data, day, ask):
                continue
            for slot in self._slots(clause, day, calendar, ask, first=fact.data.get("first") is True):
                for member in self._members(clause, fact, ask):
                    if (row := self.row(clause, slot, member, fact, calendar, ask)) is not None:
                        yield row

    def step(self, clause: Clause, fact: Fact, period: date) -> tuple[Any, ...] | None:
        """The row of a later step of a chain, born of the signature before it."""
        ask = rulings.asking(fact.community, fact.recorded_at, self.book)
        calendar = rulings.calendar_at(fact.community, fact.recorded_at)
        slot = step_slot(clause, period, fact.recorded_at, calendar, ask)
        return self.row(clause, slot, NOBODY[0], fact, calendar, ask) if slot else None

    def drawn(self, clause: Clause, fact: Fact, item: str, slot: Slot) -> tuple[Any, ...] | None:
        """The row of one drawn fact: it belongs to the matter of that fact."""
        ask = rulings.asking(fact.community, slot.born, self.book)
        calendar = rulings.calendar_at(fact.community, slot.born)
        row = self.row(clause, slot, (item, None), fact, calendar, ask)
        return row and (*row[:5], UUID(item), *row[6:])

    def row(
        self, clause: Clause, slot: Slot, member: Member, fact: Fact, calendar: ServiceCalendar, ask: Asking
    ) -> tuple[Any, ...] | None:
        """One duty; None where its quota asks for nothing."""
        need = need_of(clause.quota, fact.data, slot, calendar, ask)
        if need == 0:
            return None
        share = _share(clause.quota, ask) if clause.quota and clause.quota.of else None
        key = uuid5(fact.id, f"{clause.code}/{member[0]}/{slot.key}")
        chain = uuid5(fact.id, clause.step.chain) if clause.step and not clause.step.after else None
        budget, rings = self._timed(clause, slot, calendar)
        return (
            key, fact.community, clause.code, clause.version, calendar.version, chain or fact.matter or key,
            member[1], fact.id, clause.owner, "", budget, slot.born, slot.opens, slot.due, slot.lapses,
            earlier(rings, slot.lapses), member[0], slot.key, slot.period, need or 1, share,
            None if share is None else 0, slot.due <= slot.born, clause.surprise, clause.carry,
        )  # fmt: skip

    def _timed(self, clause: Clause, slot: Slot, calendar: ServiceCalendar) -> tuple[int, datetime | None]:
        """The time allowed in seconds of the clause's clock, and the moment of its first rung before it lapses."""
        place = (clause.code, slot, id(calendar))
        if place not in self._budgets:
            seconds = round(calendar.between(slot.opens, slot.due, clause.clock).total_seconds())
            rings = first_moment(clause, slot.opens, slot.due, seconds, calendar)
            late = slot.lapses is not None and rings is not None and rings >= slot.lapses
            self._budgets[place] = max(0, seconds), None if late else rings
        return self._budgets[place]

    def _slots(
        self, clause: Clause, day: date, calendar: ServiceCalendar, ask: Asking, *, first: bool
    ) -> list[Slot]:
        place = (clause.code, day, id(calendar), ask.chosen, first)
        if place not in self._known:
            self._known[place] = slots(clause, day, calendar, ask, first=first)
        return self._known[place]

    def _members(self, clause: Clause, fact: Fact, ask: Asking) -> tuple[Member, ...] | list[Member]:
        spec = self.book.sets.get(clause.per)
        if spec is None:
            return NOBODY
        if spec.policy:
            return [(code, None) for code in sorted(ask(spec.policy) or ())]
        if spec.stock:
            keys = str(fact.data.get(spec.stock) or "").split(",")
            return [(key, int(key) if spec.stock == "vacant_units" else None) for key in keys if key]
        return self.members.get((fact.community, spec.name), [])


def speaks(clause: Clause, frozen: Data, day: date, ask: Asking) -> bool:
    """Whether all that ``only`` asks for holds in the community on the day."""
    return all(_holds(clause, only, frozen, day, ask) for only in clause.only)


def _holds(clause: Clause, only: Only, frozen: Data, day: date, ask: Asking) -> bool:
    handed = frozen.get("handed_over")
    since = date.fromisoformat(handed) if isinstance(handed, str) else None
    if only.range is None:
        return has(only, frozen.get("place") if only.name == "place" else ask(only.name))
    if only.name == "since_handover":
        low, high = only.range.low, only.range.high
        return since is not None and (
            (low is None or add_months(since, low) <= day)
            and (high is None or day <= add_months(since, high))
        )
    if only.name == "issue":
        every = clause.every and chosen_period(clause.every, ask)
        return only.range.holds(opening_number(every, since, day) if every else None)
    value = frozen.get(only.name)
    return only.range.holds(value if type(value) is int else None)


def has(only: Only, value: Any) -> bool:
    """Whether a chosen value is one of those asked for, or a list has one of them."""
    if isinstance(value, frozenset):
        return bool(value & set(only.values))
    return value in only.values


def need_of(
    quota: Quota | None, frozen: Data, slot: Slot, calendar: ServiceCalendar, ask: Asking
) -> int | None:
    """How much proof the slot needs; 0 if nothing is owed, None for a duty without a quota."""
    if quota is None:
        return None
    if quota.of:
        return 1  # counted live
    if not quota.over:
        return int((ask(quota.count_key) or 0) if quota.count_key else quota.count)
    if quota.over == "service_minutes":
        base = int(calendar.between(slot.opens, slot.due).total_seconds() // 60)
    else:
        base = int(frozen.get(quota.over) or 0)
    return -(-base * _share(quota, ask) // 100)


def _share(quota: Quota, ask: Asking) -> int:
    return int((ask(quota.share_key) or 0) if quota.share_key else quota.share)
