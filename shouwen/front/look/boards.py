"""View models of the dispatch board."""

from dataclasses import dataclass

from shouwen.front.look.base import Action, Clock, Link, Mark, Tag, Tone


@dataclass(frozen=True, slots=True)
class LoadBar:
    """Eight ticks; amber from seven. What was sent and not accepted yet (``offered``) is counted apart."""

    load: int
    offered: int = 0
    room: int = 8

    @property
    def full(self) -> bool:
        return self.load + self.offered >= self.room - 1

    @property
    def ticks(self) -> tuple[tuple[int, str], ...]:
        """(x, class) of each tick in a drawing 6 units a tick: on, offered or empty."""
        states = ["on"] * self.load + ["offered"] * self.offered + [""] * self.room
        return tuple((6 * n, state) for n, state in enumerate(states[: self.room]))

    @property
    def shown(self) -> str:
        """3, or 3+1 with one that is not accepted yet."""
        return f"{self.load}+{self.offered}" if self.offered else str(self.load)


@dataclass(frozen=True, slots=True)
class OrderCard:
    """An order on the pool or the board. ``version`` is what the desk saw: an order that changed is not sent anew.

    ``back`` says who sent it back last, and why;
    ``ticks``: whether it can be sent or taken back together with others.
    """

    id: str
    url: str
    room_number: str
    title: str
    clock: Clock | None = None
    seal: Mark | None = None
    trade: str = ""
    hint: str = ""
    back: str = ""
    current: bool = False
    version: int = 0
    tags: tuple[Tag, ...] = ()
    ticks: bool = False


@dataclass(frozen=True, slots=True)
class BoardCell:
    """Orders of one person in one state; ``drop`` posts the chosen order of the pool to this person."""

    cards: tuple[OrderCard, ...] = ()
    more: int = 0
    more_url: str = ""
    drop: Action | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A person, trade or building with its cells, one per column.

    ``id`` is the person's id where orders may be dragged to, ``key`` the digit that assigns the chosen order,
    ``assign`` makes the key cap itself the button, where the row's first cell is no drop target;
    ``away`` hatches the row (``place`` says why), ``suggested`` lifts it and ``reasons`` says why.
    """

    name: str
    mark: Mark | None
    cells: tuple[BoardCell, ...]
    id: str = ""
    load: LoadBar | None = None
    key: str = ""
    place: str = ""
    reasons: str = ""
    assign: Action | None = None
    away: bool = False
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class BoardGroup:
    name: str
    note: str
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The dispatch board. ``columns`` are (name, count), ``figures`` (words, count, tone).

    ``assign_url`` takes a POST of ``order`` and ``person`` when a card is dragged.
    """

    corner: str
    columns: tuple[tuple[str, int], ...]
    groups: tuple[BoardGroup, ...]
    views: tuple[Link, ...] = ()
    figures: tuple[tuple[str, str, Tone], ...] = ()
    actions: tuple[Action, ...] = ()
    links: tuple[Link, ...] = ()
    assign_url: str = ""
