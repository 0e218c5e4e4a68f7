"""The actors of this room: a signed-in staff member, and a token that acts in one community."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from shouwen.people.models import Staff, Token

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
