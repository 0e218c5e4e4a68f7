"""The moments of a duty: due, limit, and the rungs of its ladder. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shouwen.kernel.calendar import Clock, ServiceCalendar
from shouwen.kernel.clock import Span

# A duty born after closing time that is due the same day has no service time at all; its ladder climbs by quarters.
LEAST_BUDGET = 15 * 60
_MOST_BUDGET = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Timing:
    """When a duty is due, at the latest, and first needs the sweep."""

    due_at: datetime
    limit_at: datetime | None
    budget: int
    next_at: datetime | None


def timing(
    start: datetime,
    span: Span,
    limit: Span | None,
    clock: Clock,
    rungs: Sequence[int],
    calendar: ServiceCalendar,
) -> Timing:
    """The moments of a duty that starts now. ``budget`` is the time allowed, in seconds of its clock."""
    due = calendar.add(start, span, clock)
    # Hours and minutes are what passes on the clock: only days have to be measured.
    timed = span.seconds and not (span.months or span.days or span.business_days)
    seconds = span.seconds if timed else round(calendar.between(start, due, clock).total_seconds())
    budget = min(_MOST_BUDGET, max(0, seconds))
    latest = calendar.add(start, limit, clock) if limit is not None else None
    # Forward from the start: walking back through open hours costs ten times as much.
    warn = calendar.add(start, timedelta(seconds=budget * rungs[0] // 100), clock) if rungs[0] < 100 else due
    return Timing(due, latest, budget, min(warn, due))


def rung_at(due: datetime, budget: int, percent: int, clock: Clock, calendar: ServiceCalendar) -> datetime:
    """The moment at which this share of the budget is used, counted from the due time."""
    if percent == 100:
        return due
    basis = budget if percent < 100 else max(budget, LEAST_BUDGET)
    return calendar.add(due, timedelta(seconds=basis * (percent - 100) // 100), clock)


def next_rung(
    due: datetime, budget: int, raised: int, rungs: Sequence[int], clock: Clock, calendar: ServiceCalendar
) -> datetime | None:
    """The moment of the first rung above those raised; None above the last."""
    return rung_at(due, budget, rungs[raised], clock, calendar) if raised < len(rungs) else None


def shifted(
    paused: datetime, due: datetime, resumed: datetime, clock: Clock, calendar: ServiceCalendar
) -> datetime:
    """The due time after a pause: what was left when the clock stopped is left when it goes on."""
    if paused >= due or resumed <= paused:
        return due
    return calendar.add(resumed, calendar.between(paused, due, clock), clock)
