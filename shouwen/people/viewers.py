"""The actors of this room: a signed-in staff member, a token that acts in one community, a resident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef, Q

from shouwen.estate.models import Lineage, Occupancy, Person
from shouwen.kernel import clock
from shouwen.kernel.actors import Stay
from shouwen.people.models import Staff, Token
from shouwen.people.rights import HOME

# One statement: grants at every level, expanded to communities, with the rights of their posts.
_RIGHTS = """
select c.id, array_agg(distinct r), array_agg(distinct p.code), array_agg(p.name order by p.sort, p.name)
from people_grant g
join people_post p on p.code = g.post_id
left join estate_branch b on b.id = g.branch_id or b.company_id = g.company_id
join estate_community c on c.id = g.community_id or c.branch_id = b.id
left join lateral unnest(p.rights) r on true
where g.staff_id = %s
group by c.id
"""


@dataclass(frozen=True)
class StaffActor:
    """A staff member with the rights that their grants give, per community."""

    id: int
    name: str
    rights: dict[int, frozenset[str]]
    posts: dict[int, frozenset[str]] = field(default_factory=dict)
    post_names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    kind: str = "staff"
    stays: tuple[Stay, ...] = ()

    @classmethod
    def of(cls, staff: Staff) -> StaffActor:
        """Read the grants once; one query."""
        with connection.cursor() as cursor:
            cursor.execute(_RIGHTS, [staff.pk])
            rows = cursor.fetchall()
        rights = {community: frozenset(filter(None, codes)) for community, codes, _, _ in rows}
        posts = {community: frozenset(codes) for community, _, codes, _ in rows}
        names = {community: tuple(dict.fromkeys(named)) for community, _, _, named in rows}
        return cls(staff.pk, staff.name, rights, posts, names)

    @property
    def staff_id(self) -> int:
        return self.id

    @property
    def communities(self) -> frozenset[int]:
        return frozenset(self.rights)

    def may(self, right: str, community_id: int) -> bool:
        return right in self.rights.get(community_id, frozenset())

    def where(self, right: str) -> frozenset[int]:
        return frozenset(c for c, codes in self.rights.items() if right in codes)


@dataclass(frozen=True)
class TokenActor:
    """A machine that acts in one community, on behalf of the staff member answerable for it."""

    id: int
    staff_id: int
    community_id: int
    rights: frozenset[str]
    kind: str = "token"
    stays: tuple[Stay, ...] = ()

    @classmethod
    def of(cls, token: Token) -> TokenActor:
        return cls(token.pk, token.staff_id, token.community_id, frozenset(token.rights))

    @property
    def communities(self) -> frozenset[int]:
        return frozenset({self.community_id})

    def may(self, right: str, community_id: int) -> bool:
        return community_id == self.community_id and right in self.rights

    def where(self, right: str) -> frozenset[int]:
        return self.communities if right in self.rights else frozenset()


@dataclass(frozen=True)
class ResidentActor:
    """A person of one community, with the homes they are tied to today and what their role there gives them.

    ``communities`` stays empty: a queryset shows residents nothing unless it was written for them.
    """

    id: int | None
    name: str
    stays: tuple[Stay, ...]
    kind: str = "resident"
    staff_id: int | None = None
    communities: frozenset[int] = frozenset()

    @classmethod
    def of(cls, person: Person, unit_id: int | None = None) -> ResidentActor:
        """Read the occupancies of today once; with ``unit_id`` that home alone.

        Those that ended because their unit became another one come along, with what happened there.
        """
        now = Q(during__contains=clock.today(), unit__retired_on=None)
        now &= Q(unit_id=unit_id) if unit_id else Q()
        before = Q(during__endswith=F("unit__retired_on"))
        same = Person.objects.filter(merged_into=OuterRef("person_id")).values("pk")
        rows = Occupancy.objects.filter(now | before, person=person, community_id=person.community_id)
        rows = rows.select_related("community", "unit").annotate(same=ArraySubquery(same))
        found = list(rows.order_by("unit__code", "role"))
        today = _stays(row for row in found if not row.unit.retired_on)
        return cls(
            person.pk, person.name, _with_lineage(today, _stays(r for r in found if r.unit.retired_on))
        )

    def may(self, right: str, community_id: int) -> bool:
        return community_id in self.where(right)

    def where(self, right: str) -> frozenset[int]:
        return frozenset(s.community_id for s in self.stays if right in s.rights)


def _stays(rows: Iterable[Any]) -> dict[int, Stay]:
    """One stay a unit: several roles in one home add up, from the earliest day."""
    stays: dict[int, Stay] = {}
    for row in rows:
        first, zone = cast(date | None, row.during.lower), row.community.zone
        since = clock.start_of_day(first, zone) if first else datetime.min.replace(tzinfo=UTC)
        rights, held = frozenset(HOME[row.role].split()), stays.get(row.unit_id)
        if held:
            since, rights = min(since, held.since), rights | held.rights
        persons = frozenset({row.person_id, *row.same})
        stays[row.unit_id] = Stay(row.community_id, row.unit_id, since, rights, persons)
    return stays


def _with_lineage(today: dict[int, Stay], before: dict[int, Stay]) -> tuple[Stay, ...]:
    """The homes of today, each with those that became it by split and merge, over several steps."""
    if not before:
        return tuple(today.values())
    became: dict[int, set[int]] = defaultdict(set)
    steps = set(before)
    while steps:
        pairs = list(Lineage.objects.filter(before__in=steps).values_list("before_id", "after_id"))
        for old, new in pairs:
            became[old].add(new)
        steps = {new for _old, new in pairs} - set(today)

    def ends(unit: int) -> set[int]:
        return set().union(*map(ends, became[unit])) if unit in became else {unit}

    leads = {old: ends(old) for old in before}
    return tuple(
        replace(stay, came_from=tuple(before[old] for old, new in leads.items() if unit in new))
        for unit, stay in today.items()
    )
