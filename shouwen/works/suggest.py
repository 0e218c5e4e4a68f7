"""Whom to send: candidates for an order with the reasons shown: skill, building, load, what they did of this kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q

from shouwen.cases.models import Note
from shouwen.estate.models import Building, Unit
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.people import who
from shouwen.people.models import Area, Staff, Trade
from shouwen.works.models import HELD, Order, State

EXPERIENCE = timedelta(days=365)


class Load(NamedTuple):
    """What somebody has: orders accepted and not finished, and apart from them those sent and not accepted yet."""

    held: int = 0
    offered: int = 0


class SentBack(NamedTuple):
    """Who sent an order back, and why."""

    staff: int
    name: str
    words: str


@dataclass(frozen=True)
class Candidate:
    """A technician for an order. The best has the skill, knows the building and carries the least.

    ``same`` counts the orders of the same category done in a year, ``again`` those of them that were reopened.
    ``refused``: has sent this very order back, and stands last.
    """

    staff: Staff
    skilled: bool
    near: bool
    load: Load
    same: int = 0
    again: int = 0
    refused: bool = False

    @property
    def rank(self) -> tuple[bool, bool, int, int]:
        return not self.skilled, not self.near, sum(self.load), self.staff.pk


@dataclass(frozen=True)
class Crew:
    """Everybody who takes orders in a community: skills, buildings and load, read once for any number of orders."""

    people: tuple[Staff, ...]
    load: dict[int, Load]
    areas: dict[int, tuple[Building, ...]]

    @classmethod
    def of(cls, community_id: int) -> Crew:
        """Five queries."""
        people = crew(community_id)
        keys = [p.pk for p in people]
        areas: dict[int, list[Building]] = defaultdict(list)
        for area in Area.objects.filter(community_id=community_id, staff__in=keys).select_related("building"):
            areas[area.staff_id].append(area.building)
        return cls(tuple(people), loads(community_id, keys), {k: tuple(v) for k, v in areas.items()})

    def ranked(self, trade: str, building_id: int | None) -> list[Candidate]:
        """All of them for an order of this trade in this building, best first."""
        fitting = {trade, Trade.GENERAL.value}
        found = [
            Candidate(
                staff=p,
                skilled=bool(fitting & self.trades[p.pk]),
                near=building_id is not None and any(b.pk == building_id for b in self.areas.get(p.pk, ())),
                load=self.load.get(p.pk, Load()),
            )
            for p in self.people
        ]
        return sorted(found, key=lambda c: c.rank)

    def best(self, trade: str, building_id: int | None, back: Iterable[SentBack] = ()) -> Candidate | None:
        """The first of the candidates who has not sent the order ``back``, if that one has the skill."""
        without = {one.staff for one in back}
        found = next((c for c in self.ranked(trade, building_id) if c.staff.pk not in without), None)
        return found if found and found.skilled else None

    @cached_property
    def trades(self) -> dict[int, set[str]]:
        return {p.pk: {s.trade for s in p.skills.all()} for p in self.people}


def crew(community_id: int) -> list[Staff]:
    """Everybody who takes orders in the community, with skills at hand."""
    keys = who.holders(community_id, "order.work")
    return list(Staff.objects.filter(pk__in=keys).prefetch_related("skills").order_by("pinyin", "pk"))


def loads(community_id: int, staff: Iterable[int]) -> dict[int, Load]:
    """What each has in hand, and what waits for them to accept it."""
    rows = Order.objects.filter(community_id=community_id, technician__in=list(staff), state__in=HELD)
    offered = Q(state=State.OFFERED)
    counted = rows.values_list("technician").annotate(
        held=Count("pk", filter=~offered), offered=Count("pk", filter=offered)
    )
    return {key: Load(held, offered) for key, held, offered in counted}


def candidates(order: Order, limit: int = 9, among: Crew | None = None) -> list[Candidate]:
    """The technicians for this order, best first, with what each has done of this kind."""
    among = among or Crew.of(order.community_id)
    building = Unit.objects.filter(pk=order.unit_id or 0).values_list("building_id", flat=True).first()
    back = {one.staff for one in sent_back([order]).get(order.pk, ())}
    ranked = [replace(c, refused=c.staff.pk in back) for c in among.ranked(order.trade, building)]
    found = sorted(ranked, key=lambda c: c.refused)[:limit]
    done = _experience(order, [c.staff.pk for c in found])
    return [
        replace(c, same=done.get(c.staff.pk, (0, 0))[0], again=done.get(c.staff.pk, (0, 0))[1]) for c in found
    ]


def sent_back(orders: Iterable[Order]) -> dict[UUID, list[SentBack]]:
    """For each order that was refused, by whom and why, the latest last; one query, three when there are any."""
    cases = {order.case_id for order in orders}
    facts = list(Entry.objects.filter(matter_id__in=cases, verb="order:refused").order_by("id"))
    if not facts:
        return {}
    reasons = Note.objects.filter(case__in=cases, kind=Note.Kind.REASON, entry_id__in=[f.pk for f in facts])
    words = dict(reasons.values_list("entry_id", "words"))
    names = dict(Staff.objects.filter(pk__in=[f.actor_id for f in facts]).values_list("pk", "name"))
    found: dict[UUID, list[SentBack]] = defaultdict(list)
    for fact in facts:
        if fact.actor_id in names:
            one = SentBack(fact.actor_id, names[fact.actor_id], words.get(fact.pk, ""))
            found[UUID(fact.subject_id)].append(one)
    return found


def _experience(order: Order, staff: list[int]) -> dict[int, tuple[int, int]]:
    """For each, how many orders of this category they finished, and how many of these were not right at once."""
    done = Order.objects.filter(
        technician__in=staff,
        community_id=order.community_id,
        case__category_id=order.case.category_id,
        finished_at__gte=clock.now() - EXPERIENCE,
    )
    counted = done.values_list("technician").annotate(
        same=Count("pk"), again=Count("pk", filter=Q(case__reopened__gt=0))
    )
    return {key: (same, again) for key, same, again in counted}
