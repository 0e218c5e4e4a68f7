"""Who hears of a duty that runs out: the owner first, then those above, never only the one who is late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from shouwen.duties.grammar import OWNER_FIELDS
from shouwen.duties.models import Duty
from shouwen.people import who
from shouwen.people.models import Fallback, Post


@dataclass
class Ladder:
    """The answers of one pass of the sweep; each question about people is asked once."""

    _kept: dict[tuple[object, ...], tuple[int, ...]] = field(default_factory=dict)

    def hearers(self, duty: Duty, rung: int, copy: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Staff who are told at a rung: 1 the owner, 2 also the one above, 3 and higher the one above that.

        An employee complained of hears nothing. From rung 2 on somebody other than the owner hears.
        """
        owners = self.owners(duty)
        if rung <= 1:
            return owners
        heard = [*owners] if rung == 2 else []
        above: list[int] = []
        climbers = owners
        for _ in range(rung - 1):
            climbers = tuple(dict.fromkeys(self._above(s, duty) for s in climbers[:3]))
            above += climbers
        for post in copy:
            above += self.holders(duty.community_id, post)
        others = [s for s in above if s != duty.about_id and s not in owners]
        if not others:
            supervisors = self.holders(duty.community_id, "case.supervise")
            others = [s for s in supervisors if s != duty.about_id and s not in owners][:3]
        return tuple(dict.fromkeys([*heard, *others])) or owners

    def owners(self, duty: Duty) -> tuple[int, ...]:
        """Whose duty it is now: the person, the holders of the post, or whoever owns what nobody else can."""
        if duty.owner_id is not None:
            if duty.owner_id != duty.about_id:
                return (duty.owner_id,)
            return (self._above(duty.owner_id, duty),)
        if duty.owner_role not in OWNER_FIELDS:
            held = [s for s in self._climb(duty.community_id, duty.owner_role) if s != duty.about_id]
            if held:
                return tuple(held)
        return self._fallback(duty)

    def holders(self, community_id: int, code: str) -> tuple[int, ...]:
        """Active holders of a post or right."""
        return self._keep(("hold", community_id, code), lambda: who.holders(community_id, code))

    def _climb(self, community_id: int, post: str) -> tuple[int, ...]:
        """The holders of a post; a vacant one climbs to what it reports to."""
        seen: set[str] = set()
        while post and post not in seen:
            if held := self.holders(community_id, post):
                return held
            seen.add(post)
            row = Post.objects.filter(pk=post).values_list("reports_to", flat=True).first()
            post = str(row or "")
        return ()

    def _above(self, staff: int, duty: Duty) -> int:
        """Whoever stands above, and not the employee complained of."""
        above = self._superior(staff, duty.community_id)
        return self._superior(above, duty.community_id) if above == duty.about_id else above

    def _superior(self, staff: int, community_id: int) -> int:
        def ask() -> list[int]:
            try:
                return [who.superior_of(staff, community_id)]
            except Fallback.DoesNotExist:
                return [staff]

        return self._keep(("above", staff, community_id), ask)[0]

    def _fallback(self, duty: Duty) -> tuple[int, ...]:
        def ask() -> list[int]:
            return list(Fallback.objects.filter(pk=duty.community_id).values_list("staff_id", flat=True))

        found = self._keep(("fallback", duty.community_id), ask)
        if found and found[0] == duty.about_id:
            return (self._above(found[0], duty),)
        return found

    def _keep(self, key: tuple[object, ...], ask: Callable[[], list[int]]) -> tuple[int, ...]:
        if key not in self._kept:
            self._kept[key] = tuple(ask())
        return self._kept[key]
