"""View models of table lists, search hits, bulk results and stale writes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from shouwen.front.look.base import Action, Clock, Link, Mark, Tag, Tone, capped


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table list. ``sort_url`` makes the head a link; ``sorted`` is asc, desc or empty."""

    label: str
    align: Literal["left", "right", "center"] = "left"
    sort_url: str = ""
    sorted: Literal["", "asc", "desc"] = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: any of the parts, drawn in the order icon, marks, words, sub, clock, tag, actions."""

    words: str = ""
    sub: str = ""
    strong: bool = False
    dim: bool = False
    nowrap: bool = False
    url: str = ""
    icon: str = ""
    marks: tuple[Mark, ...] = ()
    clock: Clock | None = None
    tag: str = ""
    tag_tone: Tone = "plain"
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """``url`` opens the row (its first cell becomes the link); ``id`` is the value of its bulk checkbox."""

    cells: tuple[Cell, ...]
    url: str = ""
    id: str = ""
    unread: bool = False
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A field of the filter strip, sent by GET. kind select, text, date or check."""

    name: str
    label: str
    kind: Literal["select", "text", "date", "check"] = "select"
    value: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Pager:
    """Keyset pages: no numbers, only forth and back. ``total`` is capped at ``cap``."""

    total: int | None = None
    cap: int = 999
    first_url: str = ""
    previous_url: str = ""
    next_url: str = ""

    @property
    def shown(self) -> str:
        return "" if self.total is None else capped(self.total, self.cap)


@dataclass(frozen=True)
class TableList:
    """A table with everything around it. Page ``list.html``.

    ``bulk`` are the moves of the ticked rows: each is posted ``ids`` and ``next``. ``chips`` are what narrows it now, each
    leading to the list without it.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    pager: Pager = Pager()
    lead: str = ""
    search: str | None = None
    search_hint: str = ""
    filters: tuple[Filter, ...] = ()
    chips: tuple[Link, ...] = ()
    views: tuple[Link, ...] = ()
    save_view_url: str = ""
    exports: tuple[Link, ...] = ()
    actions: tuple[Action, ...] = ()
    bulk: tuple[Action, ...] = ()
    live: str = ""
    empty: str = ""
    empty_action: Link | None = None

    @cached_property
    def has_actions(self) -> bool:
        """Whether any row carries buttons of its own, so that the table has a column for them."""
        return any(row.actions for row in self.rows)


@dataclass(frozen=True, slots=True)
class BulkResult:
    words: str
    ok: bool
    why: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a stale write: what was sent and what stands now; ``differs`` marks the row."""

    label: str
    mine: str
    theirs: str
    differs: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    room_number: str
    words: str
    url: str
    sub: str = ""
    icon: str = ""
    clock: Clock | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class HitGroup:
    """Units, people, cases, vehicles, actions. Part ``hits.html``."""

    name: str
    icon: str
    hits: tuple[Hit, ...]
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class SetUpStep:
    """One of the first steps in an empty house; ``url`` is empty where it is done or another's to do."""

    name: str
    done: bool
    url: str = ""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What an empty house needs next: one sentence, one action, and all steps for who sets it up. Part ``first_steps.html``."""

    words: str
    link: Link | None = None
    lines: tuple[SetUpStep, ...] = ()
