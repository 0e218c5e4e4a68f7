"""Who holds a post or a right in a community, who answers for whom. Never nobody: the fallback owner is last."""

from __future__ import annotations

from django.db import connection

from shouwen.people.models import Fallback, Post

_HOLDERS = """
select distinct g.staff_id
from people_grant g
join people_post p on p.code = g.post_id
join people_staff s on s.id = g.staff_id and s.is_active
left join estate_branch b on b.id = g.branch_id or b.company_id = g.company_id
join estate_community c on c.id = g.community_id or c.branch_id = b.id
where c.id = %s and (p.code = %s or p.rights @> array[%s]::varchar[])
order by 1
"""


def holders(community_id: int, code: str) -> list[int]:
    """Keys of the active staff who hold this post (``front_desk``) or right (``order.work``) in the community."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [community_id, code, code])
        return [row[0] for row in cursor.fetchall()]


def fallback_of(community_id: int) -> int:
    """The staff member who owns what nobody else can."""
    return Fallback.objects.values_list("staff_id", flat=True).get(pk=community_id)


def superior_of(staff_id: int, community_id: int) -> int:
    """Whoever the staff member's post reports to; vacant posts are climbed over, at the top stands the fallback."""
    post = Post.objects.filter(grants__staff=staff_id).order_by("sort").first()
    seen = set()
    while post is not None and post.reports_to_id and post.pk not in seen:
        seen.add(post.pk)
        above = [s for s in holders(community_id, post.reports_to_id) if s != staff_id]
        if above:
            return above[0]
        post = post.reports_to
    return fallback_of(community_id)
