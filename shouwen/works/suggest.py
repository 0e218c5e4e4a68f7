"""Whom to send: candidates for an order with the reasons shown - skill, building, load (anchor: assign with reasons)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from shouwen.estate.models import Unit
from shouwen.people import who
from shouwen.people.models import Area, Staff, Trade
from shouwen.works.models import HELD, Order


@dataclass(frozen=True)
class Candidate:
    """A technician for an order. The best has the skill, knows the building and carries the least."""

    staff: Staff
    skilled: bool
    near: bool
    load: int

    @property
    def rank(self) -> tuple[bool, bool, int, int]:
        return not self.skilled, not self.near, self.load, self.staff.pk


def crew(community_id: int) -> list[Staff]:
    """Everybody who takes orders in the community, with skills at hand."""
    keys = who.holders(community_id, "order.work")
    return list(Staff.objects.filter(pk__in=keys).prefetch_related("skills").order_by("pinyin", "pk"))


def loads(community_id: int, staff: Iterable[int]) -> dict[int, int]:
    """How many orders each has in hand."""
    held = Order.objects.filter(community_id=community_id, technician__in=list(staff), state__in=HELD)
    return dict(held.values_list("technician").annotate(n=Count("pk")))


def candidates(order: Order, limit: int = 9) -> list[Candidate]:
    """The technicians for this order, best first; four queries."""
    people = crew(order.community_id)
    load = loads(order.community_id, [p.pk for p in people])
    building = Unit.objects.filter(pk=order.unit_id).values_list("building_id", flat=True).first()
    near = set(Area.objects.filter(building_id=building).values_list("staff_id", flat=True)) if building else set()
    fitting = {order.trade, Trade.GENERAL.value}
    found = [
        Candidate(
            staff=p,
            skilled=any(s.trade in fitting for s in p.skills.all()),
            near=p.pk in near,
            load=load.get(p.pk, 0),
        )
        for p in people
    ]
    return sorted(found, key=lambda c: c.rank)[:limit]


