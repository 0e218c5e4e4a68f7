"""View models of the technician's telephone."""

from dataclasses import dataclass
from typing import Any

from shouwen.front.look.base import Clock, Link, Mark, Photo, Tag
from shouwen.front.look.desk import Line


@dataclass(frozen=True, slots=True)
class Press:
    """A move on the telephone. ``front/parts/press.html``.

    ``url`` takes a plain form; ``pocket`` takes what the telephone kept, empty where the move needs a line (claiming).
    ``to`` is the state after it, empty for the same. A move with a ``form`` opens it, any other is one press.
    """

    name: str
    label: str
    icon: str
    url: str
    pocket: str = ""
    to: str = ""
    form: Any = None
    after: str = ""
    version: int = 0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """What can be pressed while the order stands so: ``when`` is its state, with the photos taken where it matters.

    The telephone shows the one that fits; so it goes on without a line, by the same table of moves.
    """

    when: str
    next: Press | None
    equals: tuple[Press, ...] = ()
    more: tuple[Press, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class Shots:
    """The photos of an order: how many before and after, and where new ones go; without ``url`` none may be added."""

    taken: tuple[Photo, ...] = ()
    before: int = 0
    after: int = 0
    url: str = ""
    pocket: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Calls:
    """Whom to call. ``ask`` shows the household's number, on record; once shown it is among ``known`` as a link."""

    ask: str = ""
    ask_words: str = ""
    known: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """An order as its technician sees it. Page ``technician_order.html``. ``again``: why it was reopened."""

    id: str
    url: str
    version: int
    state: str
    number: str
    room_number: str
    title: str
    clock: Clock | None
    seal: Mark
    note: str = ""
    arrived: str = ""
    calls: Calls = Calls()
    shots: Shots = Shots()
    stands: tuple[Stand, ...] = ()
    sheets: tuple[Press, ...] = ()
    facts: tuple[Line, ...] = ()
    quote: str = ""
    signature: str = ""
    tags: tuple[Tag, ...] = ()
    again: str = ""

    @property
    def when(self) -> str:
        """How it stands: the key of `now`, else the bare state."""
        return self.now.when if self.now else self.state

    @property
    def now(self) -> Stand | None:
        """What can be pressed as far as the house knows."""
        return next((one for one in self.stands if one.current), None)


@dataclass(frozen=True, slots=True)
class NextJob:
    """An order that waits; one button: a press, or ``open``, the words of a link to it."""

    id: str
    url: str
    version: int
    state: str
    room_number: str
    title: str
    clock: Clock | None
    press: Press | None = None
    open: str = ""
    tags: tuple[Tag, ...] = ()
    quote: str = ""
    again: str = ""
