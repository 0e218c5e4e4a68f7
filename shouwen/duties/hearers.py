"""Who hears of a duty that runs out: the owner, then those above, never only the one who is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from shouwen.duties.grammar import OWNER_FIELDS
from shouwen.people import who
from shouwen.people.absences import standing_in
from shouwen.people.chart import Chart


class Owed(Protocol):
    """As much of a duty as the ladder asks for."""

    @property
    def community_id(self) -> int: ...
    @property
    def owner_role(self) -> str: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def about_id(self) -> int | None: ...


@dataclass
class Ladder:
    """The answers of one pass of the sweep: who stands where in each community is read once."""

    _charts: dict[int, Chart] = field(default_factory=dict)
    _fallbacks: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _superiors: dict[tuple[int, int], int | None] = field(default_factory=dict)
    _stands: dict[int, int] | None = None
    _heard: dict[tuple[object, ...], tuple[int, ...]] = field(default_factory=dict)

    def read(self, community_ids: Iterable[int]) -> None:
        """Read the charts of these communities at once; those that are asked about unread are read one by one."""
        self._charts |= Chart.of(set(community_ids) - self._charts.keys())

    def hearers(self, duty: Owed, rung: int, copy: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Staff who are told at a rung: 1 the owner, 2 also the one above, 3 and higher the one above that.

        An employee complained of hears nothing; who is away is stood in for. From rung 2 on somebody other than the
        owner, and than whoever stands in for the owner, hears. Worked out once for all duties of the same people.
        """
        alike = duty.community_id, duty.owner_role, duty.owner_id, duty.about_id, rung, copy
        if alike not in self._heard:
            self._heard[alike] = self._hearers(duty, rung, copy)
        return self._heard[alike]

    def _hearers(self, duty: Owed, rung: int, copy: tuple[str, ...]) -> tuple[int, ...]:
        told = self._present(self._told(duty, rung, copy), duty)
        owing: set[int | None] = {*self._owing(duty), *self.owners(duty)}
        if rung > 1 and not set(told) - owing:
            told += self._present(self._supervisors(duty, owing), duty)
        return tuple(dict.fromkeys(told))

    def owners(self, duty: Owed) -> tuple[int, ...]:
        """Whose duty it is now: the person or whoever stands in, the holders of the post, or the last resort."""
        return self._present(self._owing(duty), duty)

    def _told(self, duty: Owed, rung: int, copy: tuple[str, ...]) -> tuple[int, ...]:
        owners = self._owing(duty)
        if rung <= 1:
            named = [s for post in copy for s in self._holders(duty.community_id, post) if s != duty.about_id]
            return (*owners, *named)
        above: list[int] = []
        climbers = owners[:3]
        for _ in range(rung - 1):
            climbers = tuple(dict.fromkeys(b for s in climbers if (b := self._above(s, duty)) is not None))
            above += climbers
        for post in copy:
            above += self._holders(duty.community_id, post)
        strangers = {*owners, duty.about_id}
        others = [s for s in above if s not in strangers] or self._supervisors(duty, strangers)
        return (*(owners if rung == 2 else ()), *others) or owners

    def _supervisors(self, duty: Owed, but: set[int | None]) -> tuple[int, ...]:
        return tuple(
            s for s in self._holders(duty.community_id, "case.supervise") if s not in {*but, duty.about_id}
        )[:3]

    def _present(self, staff: tuple[int, ...], duty: Owed) -> tuple[int, ...]:
        """Each, or who stands in; never the employee complained of, never somebody who left the community."""
        return tuple(dict.fromkeys(self._stand_in(one, duty) for one in staff))

    def _stand_in(self, one: int, duty: Owed) -> int:
        if self._stands is None:
            self._stands = standing_in()
        found = self._stands.get(one)
        if found is None or found == duty.about_id:
            return one
        return found if found in self._chart(duty.community_id).colleagues() else one

    def _owing(self, duty: Owed) -> tuple[int, ...]:
        """Whose duty it is by name or post, away or not; or whoever owns what nobody else can."""
        if duty.owner_id is not None and duty.owner_id != duty.about_id:
            return (duty.owner_id,)
        if duty.owner_id is None and duty.owner_role not in OWNER_FIELDS:
            held = [s for s in self._chart(duty.community_id).climb(duty.owner_role) if s != duty.about_id]
            if held:
                return tuple(held)
        return self._last_resort(duty)

    def _last_resort(self, duty: Owed) -> tuple[int, ...]:
        """The fallback owner, or who stands above when the complaint is about just that person."""
        fallback = self._fallback(duty.community_id)
        if fallback and fallback[0] == duty.about_id:
            others = [s for s in self._holders(duty.community_id, "case.supervise") if s != duty.about_id]
            above = self._above(fallback[0], duty)
            return (above,) if above is not None else tuple(others[:1])
        return fallback

    def _above(self, staff: int, duty: Owed) -> int | None:
        """Whoever stands above, and not the employee complained of."""
        above = self._superior(staff, duty.community_id)
        if above is not None and above == duty.about_id:
            above = self._superior(above, duty.community_id)
        return None if above == duty.about_id else above

    def _superior(self, staff: int, community_id: int) -> int | None:
        """Whom they report to here, at the end the fallback owner; asked once of each."""
        known = (staff, community_id)
        if known not in self._superiors:
            above = self._chart(community_id).superior_of(staff)
            if above is None:
                above = next((s for s in self._fallback(community_id) if s != staff), None)
            self._superiors[known] = above
        return self._superiors[known]

    def _holders(self, community_id: int, code: str) -> tuple[int, ...]:
        return self._chart(community_id).holders(code)

    def _chart(self, community_id: int) -> Chart:
        if community_id not in self._charts:
            self.read([community_id])
        return self._charts[community_id]

    def _fallback(self, community_id: int) -> tuple[int, ...]:
        if community_id not in self._fallbacks:
            self._fallbacks[community_id] = _fallback(community_id)
        return self._fallbacks[community_id]


def _fallback(community_id: int) -> tuple[int, ...]:
    try:
        return (who.fallback_of(community_id),)
    except LookupError:  # a house without a single account
        return ()
