"""Who acts. Rooms ask an actor two things only: may you do this here, and what may you see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Stay:
    """A unit that a resident is tied to today. What happened there before ``since`` belongs to others.

    ``persons`` are the rows under which the resident is or was registered. ``came_from`` are the units in which they lived
    until those became this one: what they brought from there is still theirs.
    """

    community_id: int
    unit_id: int
    since: datetime
    rights: frozenset[str]
    persons: frozenset[int]
    came_from: tuple[Stay, ...] = ()


def lived(stays: Iterable[Stay]) -> Iterator[Stay]:
    """The homes of today and the units that they came from."""
    for stay in stays:
        yield from (stay, *stay.came_from)


@runtime_checkable
class Actor(Protocol):
    """Whoever performs an action or looks at rows: staff, resident, token or the system itself."""

    @property
    def kind(self) -> str:
        """``staff``, ``resident``, ``token`` or ``system``."""

    @property
    def id(self) -> int | None:
        """Key of the staff member, person or token, None for the system."""

    @property
    def staff_id(self) -> int | None:
        """Key of the staff member who acts, or who answers for the machine that acts."""

    @property
    def communities(self) -> frozenset[int]:
        """Keys of the communities in which this actor holds any grant; none for a resident."""

    @property
    def stays(self) -> tuple[Stay, ...]:
        """The homes of a resident; nobody else has any."""

    def may(self, right: str, community_id: int) -> bool:
        """Whether this actor holds the right in that community."""

    def where(self, right: str) -> frozenset[int]:
        """Keys of the communities in which this actor holds the right."""


@dataclass(frozen=True)
class System:
    """The house itself, acting in the communities named: jobs, sweeps and imports run by an operator."""

    communities: frozenset[int]
    kind: str = "system"
    id: int | None = None
    staff_id: int | None = None
    stays: tuple[Stay, ...] = ()

    @classmethod
    def of(cls, *community_ids: int) -> System:
        return cls(frozenset(community_ids))

    def may(self, right: str, community_id: int) -> bool:
        return community_id in self.communities

    def where(self, right: str) -> frozenset[int]:
        return self.communities
