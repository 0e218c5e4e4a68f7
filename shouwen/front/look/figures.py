"""View models of the supervisor's page: tiles, ladders, hours, people on post, the floor plan."""

from dataclasses import dataclass
from typing import Literal

from shouwen.front.look.base import Action, Clock, Link, Mark, Part, Tone
from shouwen.front.look.boards import LoadBar


@dataclass(frozen=True, slots=True)
class Spark:
    """A line of a few numbers for a tile, drawn as SVG 100 x 40; ``target`` is a dotted line."""

    values: tuple[float, ...]
    target: float | None = None
    tone: Tone = "running"

    def _scale(self) -> tuple[float, float]:
        all_values = self.values + (() if self.target is None else (self.target,))
        low, high = min(all_values, default=0.0), max(all_values, default=1.0)
        return low, (high - low) or 1.0

    def _y(self, value: float) -> float:
        low, span = self._scale()
        return round(36 - 32 * (value - low) / span, 1)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        step = 94 / max(1, len(self.values) - 1)
        return tuple((round(2 + n * step, 1), self._y(v)) for n, v in enumerate(self.values))

    @property
    def line(self) -> str:
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def area(self) -> str:
        return f"2,40 {self.line} {self.points[-1][0]},40" if self.values else ""

    @property
    def last(self) -> tuple[float, float] | None:
        return self.points[-1] if self.values else None

    @property
    def target_y(self) -> float | None:
        return None if self.target is None else self._y(self.target)


@dataclass(frozen=True, slots=True)
class Tile:
    """A KPI. ``trend_good`` None keeps the trend in ink; ``tone`` soon colours the sentence."""

    name: str
    value: str
    unit: str = ""
    note: str = ""
    trend: Literal["", "up", "down"] = ""
    trend_good: bool | None = None
    tone: Tone = "plain"
    spark: Spark | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    name: str
    state: Literal["first", "reached", "next", "future"]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Four named rungs: the handler first, reached ones ruled red, the next one dashed."""

    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class LateRow:
    """A promise broken or about to be: part of the supervisor's table."""

    url: str
    room_number: str
    title: str
    seal: Mark
    hand: Mark
    ladder: Ladder
    clock: Clock
    action: Action | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """Bars by hour: came in, done, and the mean of the last weeks; ``now`` is an hour with fraction."""

    came: tuple[int, ...]
    done: tuple[int, ...]
    mean: tuple[float, ...] = ()
    now: float | None = None
    now_words: str = ""

    @property
    def top(self) -> int:
        """The scale's end: the next multiple of four."""
        most = max((*self.came, *self.done, *(round(m) for m in self.mean)), default=0)
        return max(4, -(-most // 4) * 4)

    def _height(self, value: float) -> float:
        return round(100 * value / self.top, 1)

    @property
    def bars(self) -> tuple[tuple[float, float, float, str], ...]:
        """(x, y, height, class) in a drawing 720 x 100."""
        bars = []
        for hour, (came, done) in enumerate(zip(self.came, self.done, strict=False)):
            for x, value, css in ((30 * hour + 5, came, "came"), (30 * hour + 15, done, "did")):
                height = self._height(value)
                bars.append((x, round(100 - height, 1), height, css))
        return tuple(bars)

    @property
    def grid(self) -> tuple[tuple[float, int], ...]:
        return tuple((round(100 - 25 * n, 1), self.top * n // 4) for n in range(5))

    @property
    def mean_line(self) -> str:
        return " ".join(f"{30 * h + 15},{round(100 - self._height(m), 1)}" for h, m in enumerate(self.mean))

    @property
    def labels(self) -> tuple[str, ...]:
        """Twenty-four labels, every second one empty."""
        return tuple("" if hour % 2 else f"{hour:02d}" for hour in range(24))

    @property
    def now_percent(self) -> str:
        return "" if self.now is None else f"{100 * self.now / 24:.1f}%"

    @property
    def now_x(self) -> float | None:
        return None if self.now is None else round(30 * self.now, 1)

    @property
    def table(self) -> tuple[tuple[str, int, int], ...]:
        pairs = enumerate(zip(self.came, self.done, strict=False))
        return tuple((f"{hour:02d}:00", came, done) for hour, (came, done) in pairs if came or done)


@dataclass(frozen=True, slots=True)
class Approval:
    kind: str
    words: str
    who: str
    url: str
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class OnPost:
    mark: Mark
    name: str
    post: str
    doing: str
    load: LoadBar | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class FloorCell:
    """A door and the worst that is on behind it; ``glyph`` is an icon. An ``absent`` door is a wall: nothing is known of it."""

    room_number: str
    tone: Literal["over", "soon", "open", "work", "money", "vacant", "none", "absent"]
    words: str
    url: str
    glyph: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Floor:
    name: str
    cells: tuple[FloorCell | None, ...]


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """A building: floors from the top, doors across, ``None`` for the stairwell gap between entrances.

    ``buildings`` have a count, red (alert) where ``key`` is over; ``legend`` is (tone, words, count).
    """

    buildings: tuple[Link, ...]
    layers: tuple[Link, ...]
    doors: tuple[str | None, ...]
    floors: tuple[Floor, ...]
    entrances: tuple[str, ...]
    legend: tuple[tuple[str, str, int], ...] = ()
    building: str = ""
    caption: tuple[Part, ...] = ()
    caption_clock: Clock | None = None
