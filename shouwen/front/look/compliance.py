"""View models of the compliance board: figures, trend, the grid of clauses and periods, and what is behind one cell."""

from dataclasses import dataclass

from shouwen.front.look.base import Action, Link

SHAPES: dict[str, str] = {
    "proven": "",
    "attested": "writing-sign",
    "excused": "shield",
    "late": "clock",
    "breached": "x",
    "running": "",
}
"""The icon of each outcome: told by shape, not by colour alone. Proven has its number alone, running nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of the five figures: how many, their share of all that fell due, and what the word means."""

    code: str
    words: str
    count: str
    share: str
    note: str = ""
    url: str = ""

    @property
    def icon(self) -> str:
        return SHAPES[self.code]


@dataclass(frozen=True, slots=True)
class Trend:
    """Rates of the columns in percent, None where nothing fell due; drawn as SVG, 100 wide for each column, 60 high."""

    rates: tuple[float | None, ...]
    target: float | None

    def _y(self, value: float) -> float:
        known = [r for r in self.rates if r is not None]
        middle = known[-1] if self.target is None else self.target
        low, high = min(*known, middle - 2), max(*known, middle + 2)
        return round(54 - 48 * (value - low) / (high - low), 1)

    @property
    def points(self) -> tuple[tuple[int, float], ...]:
        return tuple((100 * n + 50, self._y(r)) for n, r in enumerate(self.rates) if r is not None)

    @property
    def line(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def target_y(self) -> float | None:
        """Where the line of the target runs; None where the community set itself none."""
        if self.target is None:
            return None
        return self._y(self.target) if self.points else 30.0

    @property
    def width(self) -> int:
        return 100 * len(self.rates)


@dataclass(frozen=True, slots=True)
class Standing:
    """The rate of the period beside the target, empty where there is none, and the time before."""

    rate: str
    target: str
    change: str = ""
    up: bool = False
    down: bool = False


@dataclass(frozen=True, slots=True)
class BoardHead:
    """A column: its words, the rate, the way to make it the last one; ``old`` ones go first on a narrow screen."""

    words: str
    title: str
    rate: str
    url: str = ""
    current: bool = False
    old: bool = False


@dataclass(frozen=True, slots=True)
class DutyCell:
    """A clause in a period: the worst that happened, 11/12 in time, and the way in. Drawn by ``{% duty_cell cell %}``.

    ``late`` says that some were late where others were breached.
    """

    key: str
    outcome: str
    words: str
    label: str
    url: str
    current: bool = False
    old: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class ClauseRow:
    title: str
    source: str
    rhythm: str
    cells: tuple[DutyCell | None, ...]
    current: bool = False


@dataclass(frozen=True, slots=True)
class ClauseGroup:
    """The clauses of a chapter."""

    title: str
    rows: tuple[ClauseRow, ...]


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One duty behind a cell: where, what, when, who; ``note`` is what was said about it."""

    url: str
    place: str
    title: str
    words: str
    outcome: str
    state: str
    note: str = ""

    @property
    def icon(self) -> str:
        return SHAPES[self.outcome] or "check"


@dataclass(frozen=True, slots=True)
class DutyGroup:
    """Duties of one outcome; ``more`` leads to all of them where there are others."""

    code: str
    words: str
    count: int
    lines: tuple[DutyLine, ...]
    more: Link | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the period: its number, the worst outcome and the sentence of its tooltip."""

    words: str
    outcome: str
    label: str


@dataclass(frozen=True, slots=True)
class PersonShare:
    """How much of what a person owed was done in time."""

    name: str
    kept: int
    owed: int

    @property
    def percent(self) -> int:
        return round(100 * self.kept / self.owed) if self.owed else 0


@dataclass(frozen=True, slots=True)
class DutyPane:
    """What is behind one cell. ``bar`` are (outcome, width of 100, x)."""

    title: str
    source: str
    period: str
    sentence: str
    value: str
    close: Link
    figures: tuple[Outcome, ...]
    owed: int
    running: int
    bar: tuple[tuple[str, float, float], ...]
    days: tuple[Day, ...]
    groups: tuple[DutyGroup, ...]
    people: tuple[PersonShare, ...]
    drawn: tuple[DutyLine, ...]
    seed: str
    again: Link
    actions: tuple[Action, ...]
