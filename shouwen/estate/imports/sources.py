"""What can be imported: a registry, so that higher rooms add their own kinds of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise

from shouwen.estate.imports.columns import Given, Unknown
from shouwen.estate.imports.heads import Columns
from shouwen.estate.imports.lines import Told
from shouwen.estate.imports.plan import Problem
from shouwen.estate.models import Community, ImportRun
from shouwen.kernel.actors import Actor

Progress = Callable[[int], None]


class Planned(Protocol):
    """What a file would change, the lines with problems, and what its columns were taken for."""

    problems: list[Problem]
    columns: Columns

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many rows of each kind are ``added``, ``changed`` or ``unchanged``."""

    @property
    def refused(self) -> int:
        """How many lines are left out."""

    @property
    def changes(self) -> int:
        """How many rows would be written; nothing is written and recorded when none."""


@dataclass(frozen=True)
class Source:
    """A kind of list. ``plan`` only reads, and raises `Unknown` for a list of another kind; ``write`` runs in the frame
    of the import, under the community's lock. ``told`` says of every line what comes of it. ``fits`` tells whether what
    another source did not know is a list of this kind; ``page`` names the address where its rows are seen.
    """

    code: str
    label: str | Promise
    right: str
    page: str
    plan: Callable[[Community, Given, Actor, Progress], Planned]
    write: Callable[[Planned, ImportRun, Progress], None]
    told: Callable[[Planned], Iterable[Told]]
    template: Callable[[], bytes]
    headers: Callable[[], Iterable[tuple[str, str]]]
    fits: Callable[[Unknown], bool]

    def column(self, field: str) -> str:
        """The header of a field in our own template; empty for no field."""
        return dict(self.headers()).get(field, "")


_SOURCES: dict[str, Source] = {}


def register_source(source: Source) -> None:
    _SOURCES[source.code] = source


def source_of(code: str) -> Source:
    """The source; KeyError when no room registered it."""
    return _SOURCES[code]


def sources() -> tuple[Source, ...]:
    return tuple(_SOURCES.values())


def knowing(unknown: Unknown) -> Source | None:
    """The kind of list that this is by its columns; None when no room knows it.

    Higher rooms are asked first: their lists also name units, and more.
    """
    return next((source for source in reversed(sources()) if source.fits(unknown)), None)
