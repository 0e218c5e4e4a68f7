"""What can be imported: a registry, so that higher rooms add their own kinds of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise

from shouwen.estate.imports.lines import Told
from shouwen.estate.imports.plan import Problem
from shouwen.estate.models import Community
from shouwen.kernel.actors import Actor

Progress = Callable[[int], None]


class Planned(Protocol):
    """What a file would change: counts by kind, the lines with problems, and the way to write it."""

    counts: dict[str, dict[str, int]]
    problems: list[Problem]

    @property
    def refused(self) -> int:
        """How many lines are left out."""

    @property
    def changes(self) -> int:
        """How many rows would be written; nothing is written and recorded when none."""


@dataclass(frozen=True)
class Source:
    """A kind of list. ``plan`` only reads; ``write`` runs in the frame of the import, under the community's lock.

    ``told`` says of every line what comes of it.
    """

    code: str
    label: str | Promise
    right: str
    plan: Callable[[Community, bytes, str, Actor, Progress], Planned]
    write: Callable[[Planned, Actor, Progress], None]
    told: Callable[[Planned], Iterable[Told]]
    template: Callable[[], bytes]
    headers: Callable[[], Iterable[tuple[str, str]]]


_SOURCES: dict[str, Source] = {}


def register_source(source: Source) -> None:
    _SOURCES[source.code] = source


def source_of(code: str) -> Source:
    """The source; KeyError when no room registered it."""
    return _SOURCES[code]


def sources() -> tuple[Source, ...]:
    return tuple(_SOURCES.values())
