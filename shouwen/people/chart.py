"""Who stands where: the posts of a community, who holds them and whom they report to, read in one question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from django.db import connection

from shouwen.people.rights import RIGHTS

# Every post of the house stands in every chart: a vacant one is climbed over.
_CHART = """
with held as (
    select c.id as community, g.post_id, s.id as staff, s.is_active,
           min(case when g.community_id is not null then 0 when g.branch_id is not null then 1 else 2 end) as near
    from estate_community c
    join estate_branch b on b.id = c.branch_id
    join people_grant g on g.community_id = c.id or g.branch_id = b.id or g.company_id = b.company_id
    join people_staff s on s.id = g.staff_id
    where c.id = any(%s)
    group by 1, 2, 3, 4)
select c.id, p.code, coalesce(p.reports_to_id, ''), p.rights, h.staff, h.is_active, h.near
from unnest(%s::bigint[]) c(id) cross join people_post p left join held h on h.post_id = p.code and h.community = c.id
order by p.sort, p.code, h.near, h.staff
"""


@dataclass
class Place:
    """A post in one community: ``held`` are its active holders, each with how near the grant lies (0 is here)."""

    above: str
    rights: frozenset[str]
    held: dict[int, int] = field(default_factory=dict)
    everybody: set[int] = field(default_factory=set)


@dataclass
class Chart:
    """The posts of one community, in the order of the house."""

    posts: dict[str, Place] = field(default_factory=dict)
    _holders: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, community_ids: Iterable[int]) -> dict[int, Self]:
        """The charts of these communities, in one question whatever their number."""
        charts = {key: cls() for key in community_ids}
        keys = list(charts)
        with connection.cursor() as cursor:
            cursor.execute(_CHART, [keys, keys])
            for community, code, above, rights, staff, active, near in cursor.fetchall():
                place = charts[community].posts.setdefault(code, Place(above, frozenset(rights)))
                if staff is not None:
                    place.everybody.add(staff)
                if active:
                    place.held[staff] = near
        return charts

    def holders(self, post_or_right: str) -> tuple[int, ...]:
        """The active staff with the post (``front_desk``) or right (``order.work``): granted here before granted above."""
        if post_or_right not in self._holders:
            right, found = post_or_right in RIGHTS, dict[int, int]()
            for code, place in self.posts.items():
                if post_or_right in place.rights if right else code == post_or_right:
                    for staff, near in place.held.items():
                        found[staff] = min(near, found.get(staff, near))
            self._holders[post_or_right] = tuple(sorted(found, key=lambda staff: (found[staff], staff)))
        return self._holders[post_or_right]

    def colleagues(self) -> frozenset[int]:
        """The active staff who hold any post here."""
        return frozenset(staff for place in self.posts.values() for staff in place.held)

    def climb(self, code: str) -> tuple[int, ...]:
        """The holders of a post or right; a vacant post climbs to what it reports to."""
        passed: set[str] = set()
        while code and code not in passed:
            if held := self.holders(code):
                return held
            passed.add(code)
            code = self._above(code)
        return ()

    def superior_of(self, staff_id: int) -> int | None:
        """Whom they report to by their posts, over vacant ones; None where nobody else stands above."""
        for first, place in self.posts.items():
            if staff_id not in place.everybody:
                continue
            code, passed = place.above, {first}
            while code and code not in passed:
                if others := [found for found in self.holders(code) if found != staff_id]:
                    return others[0]
                passed.add(code)
                code = self._above(code)
        return None

    def _above(self, code: str) -> str:
        return self.posts[code].above if code in self.posts else ""
