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
    return _words(case.preferred_at, case.preferred_until, begins) if case.preferred_at else ""


def hours_text(begins: datetime, ends: datetime | None) -> str:
    """Hours as a fact keeps them: ``begin`` or ``begin/end``, each ISO 8601."""
    return "/".join(moment.isoformat() for moment in (begins, ends) if moment)


def hours_words(text: str) -> str:
    """The hours of a fact in words."""
    begins, *ends = map(datetime.fromisoformat, text.split("/"))
    return _words(begins, ends[0] if ends else None)


def _words(begins: datetime, ends: datetime | None, said: str = "") -> str:
    said = said or clock.said(begins)
    return f"{said}–{clock.local(ends):%H:%M}" if ends else said
