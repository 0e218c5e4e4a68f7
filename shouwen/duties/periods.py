"""When periods open and what a clause owes in them. Pure: a day, a calendar and chosen values in, slots out.

Every slot is a duty to be born at the start of a local day. A period of a clause with windows bears one slot for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from shouwen.duties.book.syntax import MONTHS, WEEKDAYS, DayPoint, DayPoints, Edge, Limit, Period, PolicyPoint
from shouwen.duties.grammar import Clause
from shouwen.kernel import lunar
from shouwen.kernel.calendar import Interval, ServiceCalendar, add_months, day_of_month
from shouwen.kernel.clock import at, end_of_day, local, start_of_day

NOON = time(12)
AHEAD = 45
"""How many days before a festival its window may open."""
_DAY = timedelta(days=1)
Ask = Callable[[str], Any]
"""The value chosen for a policy key, None for off."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period: its first and last day; ``key`` and ``span`` tell the shifts of one day apart."""

    first: date
    last: date
    key: str = ""
    span: Interval | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One duty to be: the first day of its period, its key in it, and its moments in UTC.

    Proof before ``opens`` does not count. At ``lapses`` it ends without proof; None if it is carried over.
    """

    period: date
    key: str
    born: datetime
    opens: datetime
    due: datetime
    lapses: datetime | None


def slots(
    clause: Clause, day: date, calendar: ServiceCalendar, ask: Ask, *, first: bool = False
) -> list[Slot]:
    """What the clause bears on this day: at most a handful. ``first``: also what earlier days would still owe.

    A surprise is asked for on its drawn day only, see `surprise_day`.
    """
    every = clause.every and chosen_period(clause.every, ask)
    if every is None or not (first or _may_begin(clause, every, day)):
        return []
    start = start_of_day(day, calendar.zone)
    if clause.surprise:
        ends = end_of_day(day, calendar.zone)
        return [
            Slot(stretch.first, "", start, start, ends, max(ends, end_of_day(stretch.last, calendar.zone)))
            for stretch in _stretches(every, day, calendar, ask)
        ]
    return [
        replace(slot, born=start)
        for stretch in _stretches(every, day, calendar, ask)
        for slot in _slots(clause, stretch, calendar, ask)
        if slot.born == start or (first and slot.born < start <= slot.due)
    ]


def _may_begin(clause: Clause, every: Period, day: date) -> bool:
    """Whether the duty of a period can be born on this day: cheap, for most days of a year it is none."""
    if clause.surprise or isinstance(
        clause.windows, tuple
    ):  # on a drawn day; before the period, as its window says
        return True
    if months := MONTHS.get(every.unit):
        return day.day == 1 and (day.month - 1) % months == 0
    if every.unit == "half-month":
        return day.day in (1, 16)
    return every.unit != "week" or day.weekday() == 0


def surprise_day(
    clause: Clause, day: date, calendar: ServiceCalendar, ask: Ask, draw: Callable[[date, int], int]
) -> date | None:
    """The open day that is drawn for the period of this day; ``draw(period, n)`` picks a number below n."""
    every = clause.every and chosen_period(clause.every, ask)
    for stretch in _stretches(every, day, calendar, ask) if every else ():
        days = [stretch.first + timedelta(days=n) for n in range((stretch.last - stretch.first).days + 1)]
        open_days = [on for on in days if calendar.is_open(on)] or days
        return open_days[draw(stretch.first, len(open_days))]
    return None


def period_of(clause: Clause, day: date, calendar: ServiceCalendar, ask: Ask) -> Stretch | None:
    """The period of the clause that holds this day."""
    every = clause.every and chosen_period(clause.every, ask)
    return next(_stretches(every, day, calendar, ask), None) if every else None


def step_slot(
    clause: Clause, period: date, born: datetime, calendar: ServiceCalendar, ask: Ask
) -> Slot | None:
    """The slot of a later step of a chain, born when the step before it was signed; None if the chain is off by now."""
    every = clause.every and chosen_period(clause.every, ask)
    for stretch in _stretches(every, period, calendar, ask) if every else ():
        for slot in _slots(clause, stretch, calendar, ask):
            due = slot.due
            if (
                clause.within is not None
                and (span := clause.within.span or ask(clause.within.key)) is not None
            ):
                due = calendar.add(born, span, clause.clock)
            lapses = slot.lapses and max(slot.lapses, due, born)
            return replace(slot, born=born, opens=born, due=max(due, born), lapses=lapses)
    return None


def slot_again(clause: Clause, period: date, key: str, calendar: ServiceCalendar, ask: Ask) -> Slot | None:
    """The slot of a period with this first day; None if with these values no such period begins then."""
    every = clause.every and chosen_period(clause.every, ask)
    for stretch in _stretches(every, period, calendar, ask) if every else ():
        for slot in _slots(clause, stretch, calendar, ask):
            if (slot.period, slot.key) == (period, key):
                return slot
    return None


def chosen_period(period: Period, ask: Ask) -> Period | None:
    """The period itself, or what the community chose; None for off."""
    while period.unit == "policy":
        chosen = ask(period.name)
        if chosen is None:
            return None
        period = chosen
    return period


def opening_number(every: Period, handed_over: date | None, day: date) -> int | None:
    """How many times a period of months has opened since the handover, this day's included: the number of an issue."""
    months = MONTHS.get(every.unit)
    if months is None or handed_over is None or handed_over >= day:
        return None
    first = handed_over.year * 12 + handed_over.month - 1
    return (day.year * 12 + day.month - 1) // months - first // months


# --- periods ------------------------------------------------------------------------------------------------------


def _stretches(every: Period, day: date, calendar: ServiceCalendar, ask: Ask) -> Iterator[Stretch]:
    """The periods that hold this day, and festivals whose window may open on it."""
    unit = every.unit
    if unit in ("day", "workday"):
        if calendar.is_open(day) if unit == "day" else calendar.is_workday(day):
            yield Stretch(day, day)
    elif unit == "shift":
        yield from _shifts(day, calendar, ask)
    elif unit == "festival":
        yield from _festivals(day, ask)
    elif unit == "season":
        yield from _season(every.name, day, ask)
    else:
        yield _plain(every, day)


def _plain(every: Period, day: date) -> Stretch:
    """Weeks, halves of months, months and more, and every so many days."""
    if every.unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Stretch(monday, monday + timedelta(days=6))
    if every.unit == "days":
        begun = date.fromordinal(day.toordinal() - day.toordinal() % every.days)
        return Stretch(begun, begun + timedelta(days=every.days - 1))
    if every.unit == "half-month":
        return (
            Stretch(day.replace(day=1), day.replace(day=15))
            if day.day <= 15
            else Stretch(day.replace(day=16), add_months(day.replace(day=1), 1) - _DAY)
        )
    months = MONTHS[every.unit]
    begun = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Stretch(begun, add_months(begun, months) - _DAY)


def _shifts(day: date, calendar: ServiceCalendar, ask: Ask) -> Iterator[Stretch]:
    for number, (begins, ends) in enumerate(ask("shift.model") or (), start=1):
        last = day if ends > begins else day + _DAY
        span = at(day, begins, calendar.zone), at(last, ends, calendar.zone)
        yield Stretch(day, day, str(number), span)


def _festivals(day: date, ask: Ask) -> Iterator[Stretch]:
    wanted = ask("festivals") or ()
    for year in (day.year, day.year + 1):
        for code, on in lunar.festivals(year).items():
            if code in wanted and day - _DAY <= on <= day + timedelta(days=AHEAD):
                yield Stretch(on, on, code)


def _season(name: str, day: date, ask: Ask) -> Iterator[Stretch]:
    chosen: tuple[DayPoint, DayPoint] | None = ask(f"season.{name}")
    if chosen is None:
        return
    opens, closes = chosen
    over = (closes.month, closes.day) < (opens.month, opens.day)  # over the turn of the year
    for year in (day.year - 1, day.year):
        begins = day_of_month(year, opens.month, opens.day)
        ends = day_of_month(year + over, closes.month, closes.day)
        if begins <= day <= ends:
            yield Stretch(begins, ends)


# --- slots --------------------------------------------------------------------------------------------------------


def _slots(clause: Clause, stretch: Stretch, calendar: ServiceCalendar, ask: Ask) -> Iterator[Slot]:
    born = start_of_day(stretch.first, calendar.zone)
    ends = stretch.span[1] if stretch.span else end_of_day(stretch.last, calendar.zone)
    whole = Slot(stretch.first, stretch.key, born, born, ends, None if clause.carry else ends)
    due = ask(clause.due.key) if isinstance(clause.due, PolicyPoint) else clause.due
    if clause.due is not None and due is None:
        return
    if isinstance(clause.windows, tuple):
        yield from _windowed(clause, whole, stretch, calendar, ask)
    elif isinstance(clause.windows, DayPoints):
        yield from _halves(clause, whole, calendar)
    elif isinstance(due, DayPoints):
        yield from _weekdays(clause, whole, due, calendar)
    elif isinstance(due, DayPoint):
        day = day_in(due, stretch)
        rolled = calendar.roll(day, clause.roll)
        day = rolled if rolled >= stretch.first else day  # never before the period begins
        yield _due(clause, whole, end_of_day(day, calendar.zone), calendar)
    elif isinstance(due, Edge):
        if (moment := _moment(due, stretch, calendar, ask)) is not None:
            yield _due(clause, whole, moment, calendar)
    elif clause.within is not None:
        if (span := clause.within.span or ask(clause.within.key)) is not None:
            yield _due(clause, whole, calendar.add(born, span, clause.clock), calendar)
    else:
        last = ends if stretch.span else end_of_day(calendar.roll(stretch.last, clause.roll), calendar.zone)
        yield _due(clause, whole, last, calendar)


def _due(clause: Clause, slot: Slot, due: datetime, calendar: ServiceCalendar) -> Slot:
    """The slot with its due moment; it never lapses before that."""
    if clause.grace:
        due = calendar.add(due, clause.grace, clause.clock)
    return replace(slot, due=due, lapses=slot.lapses and max(slot.lapses, due))


def _strict(clause: Clause, slot: Slot, calendar: ServiceCalendar) -> Slot:
    """A window that is missed is missed: another day or half does not make up for it."""
    made = _due(clause, slot, slot.due, calendar)
    return replace(made, lapses=None if clause.carry else made.due)


def _windowed(
    clause: Clause, slot: Slot, stretch: Stretch, calendar: ServiceCalendar, ask: Ask
) -> Iterator[Slot]:
    assert isinstance(clause.windows, tuple)
    opens = _moment(clause.windows[0], stretch, calendar, ask, opening=True)
    due = _moment(clause.windows[1], stretch, calendar, ask)
    if opens is not None and due is not None and opens < due:
        born = min(slot.born, start_of_day(local(opens, calendar.zone).date(), calendar.zone))
        yield _strict(clause, replace(slot, born=born, opens=opens, due=due), calendar)


def _halves(clause: Clause, slot: Slot, calendar: ServiceCalendar) -> Iterator[Slot]:
    assert isinstance(clause.windows, DayPoints)
    noon = at(slot.period, NOON, calendar.zone)
    bounds = {
        "am": (start_of_day(slot.period, calendar.zone), noon),
        "pm": (noon, end_of_day(slot.period, calendar.zone)),
    }
    for half in clause.windows.keys:
        if served := calendar.open_intervals(*bounds[half]):
            opens, due = served[0][0], served[-1][1]
            yield _strict(clause, replace(slot, key=half, opens=opens, due=due), calendar)


def _weekdays(clause: Clause, slot: Slot, due: DayPoints, calendar: ServiceCalendar) -> Iterator[Slot]:
    for name in due.keys:
        day = calendar.roll(slot.period + timedelta(days=WEEKDAYS.index(name)), clause.roll)
        opens, ends = start_of_day(day, calendar.zone), end_of_day(day, calendar.zone)
        if calendar.is_open(day):
            yield _strict(clause, replace(slot, key=name, opens=opens, due=ends), calendar)


def day_in(point: DayPoint, stretch: Stretch) -> date:
    """The day of a point within a period; a day that its month does not have is the last one."""
    begun = stretch.first.replace(day=1)
    month = begun if point.day else stretch.last.replace(day=1)
    if point.month:
        month = add_months(begun, point.month - (0 if point.plus else 1))
    return day_of_month(month.year, month.month, point.day or 31)


def _moment(
    edge: Edge, stretch: Stretch, calendar: ServiceCalendar, ask: Ask, *, opening: bool = False
) -> datetime | None:
    """The start or end of a shift, of a day's service or of the period, moved; None where nothing opens."""
    moved = _lead(edge, ask)
    if moved is None:
        return None
    if stretch.span or (stretch.first == stretch.last and not stretch.key):
        served = [stretch.span] if stretch.span else calendar.served(stretch.first)
        if not served:
            return None
        base = served[-1][1] if edge.end else served[0][0]
        return calendar.add(base, moved, "elapsed") if moved.seconds else base
    day = stretch.last if edge.end else stretch.first
    day = calendar.moved(day, moved, "calendar")
    return start_of_day(day, calendar.zone) if opening else end_of_day(day, calendar.zone)


def _lead(edge: Edge, ask: Ask) -> Any:
    if edge.lead is None:
        return edge.offset
    span = _span(edge.lead, ask)
    return span if span is None or edge.sign > 0 else -span


def _span(limit: Limit, ask: Ask) -> Any:
    return limit.span if limit.span is not None else ask(limit.key)
