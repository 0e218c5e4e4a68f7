"""When somebody is expected: a moment, or a window that begins with it. Both sides read the same words."""

from __future__ import annotations

from datetime import datetime, time

from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.kernel.refusals import Refused


def window_end(begins: datetime | None, ends: datetime | time | None) -> datetime | None:
    """The end of the hours agreed, on the day on which they begin; None for a moment. A time is one of that day."""
    if ends is None:
        return None
    if begins is None:
        raise Refused("case.window")
    day = clock.local(begins).date()
    ends = clock.at(day, ends) if isinstance(ends, time) else ends
    if not begins < ends <= clock.end_of_day(day):
        raise Refused("case.window")
    return ends


def expected_by(case: Case) -> datetime | None:
    """By when whoever comes keeps what was agreed: the end of the window, or the moment."""
    return case.preferred_until or case.preferred_at


def agreed_words(case: Case, begins: str = "") -> str:
    """09-23 14:30, or 09-23 09:00–12:00; empty where nothing was agreed. ``begins`` says the beginning in other words."""
    if case.preferred_at is None:
        return ""
    begins = begins or clock.said(case.preferred_at)
    return f"{begins}–{clock.local(case.preferred_until):%H:%M}" if case.preferred_until else begins
