"""Who is meant: holders of a post or right, the fallback owner, the superior. For dispatch, duties and ladders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.utils.translation import gettext as _

from shouwen.estate.models import Person
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.text import mask_name
from shouwen.people.chart import Chart
from shouwen.people.models import Fallback, Grant, SignIn, Staff

# Until there is a roster, a sign-in of the last hours says who is on duty.
_SHIFT = timedelta(hours=12)


def holders(community_id: int, post_or_right: str) -> list[int]:
    """Ids of the active staff who hold the post (``front_desk``) or right (``order.work``) in a community.

    Grants in the community come before those of its branch and company.
    """
    return list(Chart.of([community_id])[community_id].holders(post_or_right))


def colleagues(community_id: int) -> frozenset[int]:
    """Ids of the active staff who hold any post in a community."""
    grants = Grant.objects.reaching([community_id]).filter(staff__is_active=True)
    return frozenset(grants.values_list("staff_id", flat=True))


def fallback_of(community_id: int) -> int:
    """Who owns what nobody else can. A community without one is answered by whoever manages its staff."""
    chosen = Fallback.objects.filter(community_id=community_id, staff__is_active=True).values_list(
        "staff_id", flat=True
    )
    if found := chosen.first():
        return found
    managers = holders(community_id, "staff.manage") or holders(community_id, "case.supervise")
    if not managers:
        # Not even a manager: whoever was named, though inactive, then the first account of the house.
        managers = list(Fallback.objects.filter(community_id=community_id).values_list("staff_id", flat=True))
    return (
        managers[0]
        if managers
        else Staff.objects.order_by("-is_active", "pk").values_list("pk", flat=True)[0]
    )


def actor_name(entry: Entry, staff: Mapping[int, str], residents: Mapping[int, str]) -> str:
    """Who did it, by name; empty for machines and the house itself."""
    known = {"staff": staff, "resident": residents}.get(entry.actor_kind, {})
    return known.get(entry.actor_id or 0, "")


def machine_name(entry: Entry) -> str:
    """What stands in place of a name where nobody did it: a machine at the door, or the house itself."""
    return _("接口") if entry.actor_kind == "token" else _("系统")


def residents_of(entries: Iterable[Entry]) -> dict[int, str]:
    """The residents among the actors of these facts, as staff read them: 住户梅**."""
    keys = [e.actor_id for e in entries if e.actor_kind == "resident" and e.actor_id]
    named = Person.objects.filter(pk__in=keys).values_list("pk", "name") if keys else ()
    return {key: _("住户%s") % mask_name(name) for key, name in named}


def lacks_fallback(community_id: int) -> bool:
    """True where no active fallback owner is named: screens say so loudly."""
    return not Fallback.objects.filter(community_id=community_id, staff__is_active=True).exists()


def at_the_desk(community_id: int) -> list[int]:
    """Who is on duty at the counter: colleagues who take requests there, do not supervise, and are signed in now."""
    desk = set(holders(community_id, "case.register")) - set(holders(community_id, "case.supervise"))
    since = clock.now() - _SHIFT
    signed_in = SignIn.objects.filter(staff_id__in=desk, ended_at=None, at__gte=since)
    return sorted(set(signed_in.values_list("staff_id", flat=True)))


def superior_of(staff_id: int, community_id: int) -> int | None:
    """Whom the staff member reports to here: up the posts, over vacant ones, at the end the fallback owner.

    None only if the staff member is the fallback owner and nobody stands above.
    """
    above = Chart.of([community_id])[community_id].superior_of(staff_id)
    if above is not None:
        return above
    fallback = fallback_of(community_id)
    return fallback if fallback != staff_id else None
