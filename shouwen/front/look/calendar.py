"""View models of the calendar: a month of days with what is due, and a year of small months."""

from dataclasses import dataclass

from shouwen.front.look.base import Tone


@dataclass(frozen=True, slots=True)
class DayLine:
    """One clause on a day: its title, how many, and how it stands. ``planned``: a period will bear it."""

    words: str
    count: str = ""
    tone: Tone = "plain"
    icon: str = ""
    planned: bool = False


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day. ``feast`` and ``kind`` (休, 班) say why it is kept differently; ``label`` is what a screen reader says.

    ``ahead``: how many duties periods will bear on it.
    """

    number: int
    url: str
    label: str
    lines: tuple[DayLine, ...] = ()
    more: str = ""
    count: str = ""
    tone: Tone = "plain"
    feast: str = ""
    kind: str = ""
    closed: bool = False
    outside: bool = False
    today: bool = False
    chosen: bool = False
    ahead: str = ""


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """Weeks from Monday to Sunday; ``note`` says that the holidays of its year are not announced yet, or what is forecast."""

    name: str
    url: str
    weeks: tuple[tuple[CalendarDay, ...], ...]
    note: str = ""
