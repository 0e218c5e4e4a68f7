"""The moments of a duty: due, limit, and the rungs of its ladder. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shouwen.duties.book.syntax import DayPoint, Rung
from shouwen.duties.grammar import Clause
from shouwen.duties.periods import Stretch, day_in
from shouwen.kernel.calendar import Clock, ServiceCalendar
from shouwen.kernel.clock import Span, end_of_day, local

# A duty born after closing time that is due the same day has no service time at all; its ladder climbs by quarters.
LEAST_BUDGET = 15 * 60
_MOST_BUDGET = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Timing:
    """When proof counts from, when it is due, at the latest, and first needs the sweep.

    Without a due moment it is owed until it is done, and reminded of. ``short``: what was asked for came too late to
    leave the time that the clause allows.
    """

    opens_at: datetime | None
    due_at: datetime | None
    limit_at: datetime | None
    budget: int
    next_at: datetime | None
    short: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the rulings of the day give to a clause: its duration, its limit, how far a named moment is moved."""

    span: Span | None = None
    limit: Span | None = None
    moved: Span | None = None


def timing(
    clause: Clause, start: datetime, named: datetime | date | None, given: Allowed, calendar: ServiceCalendar
) -> Timing:
    """The moments of a duty that a fact bears at ``start``. ``named`` is the moment or day that the fact names."""
    opens = _opens(clause, start, calendar)
    if clause.remind is not None:
        return Timing(opens, None, None, 0, calendar.add(start, clause.remind, clause.clock))
    short = False
    if given.span is not None:
        due = calendar.add(_base(clause, start, named, calendar), given.span, clause.clock)
    else:
        point = _point(clause, named, given.moved, calendar)
        short = point is None or point < start
        due = start if point is None else max(point, start)
    if clause.grace:
        due = calendar.add(due, clause.grace, clause.clock)
    # Hours and minutes are what passes on the clock: only days have to be measured.
    span = given.span or Span()
    timed = span.seconds and not (
        span.months or span.days or span.business_days or clause.grace or clause.start
    )
    seconds = span.seconds if timed else round(calendar.between(start, due, clause.clock).total_seconds())
    budget = min(_MOST_BUDGET, max(0, seconds))
    latest = calendar.add(start, given.limit, clause.clock) if given.limit is not None else None
    return Timing(opens, due, latest, budget, first_moment(clause, start, due, budget, calendar), short)


def _opens(clause: Clause, start: datetime, calendar: ServiceCalendar) -> datetime | None:
    """No proof before: the later of ``not_before`` and ``hold``."""
    waits = [calendar.add(start, span, clause.clock) for span in (clause.not_before, clause.hold) if span]
    return max(waits, default=None)


def _base(
    clause: Clause, start: datetime, named: datetime | date | None, calendar: ServiceCalendar
) -> datetime:
    if not clause.start or named is None:
        return start
    return named if isinstance(named, datetime) else end_of_day(named, calendar.zone)


def _point(
    clause: Clause, named: datetime | date | None, moved: Span | None, calendar: ServiceCalendar
) -> datetime | None:
    """The point that ``due`` says: the named moment, moved, or a day counted from the named one."""
    if named is None:
        return None
    day = local(named, calendar.zone).date() if isinstance(named, datetime) else named
    if isinstance(clause.due, DayPoint):
        on = calendar.roll(day_in(clause.due, Stretch(day, day)), clause.roll)
        return end_of_day(on, calendar.zone)
    moment = named if isinstance(named, datetime) else end_of_day(named, calendar.zone)
    return calendar.add(moment, moved, clause.clock) if moved and moved != Span() else moment


def first_moment(
    clause: Clause, start: datetime, due: datetime, budget: int, calendar: ServiceCalendar
) -> datetime | None:
    """The moment of the first rung. Forward from the start: walking back through open hours costs ten times as much."""
    if not clause.rungs:
        return None
    rung = clause.rungs[0]
    if rung.offset is None and rung.percent < 100:
        return min(calendar.add(start, timedelta(seconds=budget * rung.percent // 100), clause.clock), due)
    return max(start, rung_at(rung, due, budget, clause.clock, calendar))


def rung_at(rung: Rung, due: datetime, budget: int, clock: Clock, calendar: ServiceCalendar) -> datetime:
    """The moment of a rung, counted from the due time."""
    if rung.offset is not None:
        return calendar.add(due, rung.offset, clock) if rung.order else due
    if rung.percent == 100:
        return due
    basis = budget if rung.percent < 100 else max(budget, LEAST_BUDGET)
    return calendar.add(due, timedelta(seconds=basis * (rung.percent - 100) // 100), clock)


def next_rung(
    clause: Clause, due: datetime | None, budget: int, raised: int, calendar: ServiceCalendar
) -> datetime | None:
    """The moment of the first rung above those raised; None above the last."""
    if due is None or raised >= len(clause.rungs):
        return None
    return rung_at(clause.rungs[raised], due, budget, clause.clock, calendar)


def earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    """The earlier of two moments, either of which may never come."""
    return min((moment for moment in (first, second) if moment is not None), default=None)


def shifted(
    paused: datetime, due: datetime, resumed: datetime, clock: Clock, calendar: ServiceCalendar
) -> datetime:
    """The due time after a pause: what was left when the clock stopped is left when it goes on. Never earlier.

    A day's end lies after closing time: counted in service time alone, a short pause would bring it forward.
    """
    if paused >= due or resumed <= paused:
        return due
    return max(due, calendar.add(resumed, calendar.between(paused, due, clock), clock))
