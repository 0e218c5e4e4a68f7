"""Who acts. Rooms ask an actor two things only: may you do this here, and what may you see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """Whoever performs an action or looks at rows: staff, resident, token or the system itself."""

    @property
    def kind(self) -> str:
        """``staff``, ``token`` or ``system``."""

    @property
    def id(self) -> int | None:
        """Key of the staff member or token, None for the system."""

    @property
    def staff_id(self) -> int | None:
        """Key of the staff member who acts, or who answers for the machine that acts."""

    @property
    def communities(self) -> frozenset[int]:
        """Keys of the communities in which this actor holds any grant."""

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

    @classmethod
    def of(cls, *community_ids: int) -> System:
        return cls(frozenset(community_ids))

    def may(self, right: str, community_id: int) -> bool:
        return community_id in self.communities

    def where(self, right: str) -> frozenset[int]:
        return self.communities
