"""The household at a glance: who lives in a unit now, how to reach them, and what the unit has lived through."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import cast

from django.db.models import Prefetch

from shouwen.estate.models import Chronicle, Contact, Lineage, Occupancy, Person, Unit, Vehicle
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.text import mask_name


@dataclass(frozen=True)
class Phone:
    """A telephone as it is shown; the whole number needs ``reveal_phone`` with a purpose."""

    contact_id: int
    masked: str
    label: str
    primary: bool


@dataclass(frozen=True)
class Member:
    """A person with a tie to the unit today."""

    occupancy_id: int
    person_id: int
    name: str
    role: str
    role_words: str
    share: Decimal | None
    since: date | None
    until: date | None
    phones: tuple[Phone, ...]
    remark: str


@dataclass(frozen=True)
class Neighbour:
    unit_id: int
    code: str


@dataclass(frozen=True)
class Household:
    """Everything the estate knows of a unit; names are masked for who may not see the estate."""

    unit: Unit
    members: tuple[Member, ...]
    vehicles: tuple[Vehicle, ...]
    chronicle: tuple[Chronicle, ...]


@dataclass(frozen=True)
class Neighbours:
    """The units that a unit has to do with: by split and merge, and through the ceiling."""

    came_from: tuple[Neighbour, ...]
    became: tuple[Neighbour, ...]
    above: Neighbour | None
    below: Neighbour | None


_ORDER = {role: n for n, role in enumerate(("owner", "co_owner", "tenant", "family", "employee"))}


def household(unit: Unit, viewer: Actor, *, lines: int = 10) -> Household:
    """The household of a unit that the viewer sees: a fixed number of queries, whoever lives there."""
    members = members_of(unit)
    if not viewer.may("estate.see", unit.community_id):
        members = [replace(m, name=mask_name(m.name), remark="") for m in members]
    return Household(
        unit=unit,
        members=tuple(members),
        vehicles=tuple(unit.vehicles.select_related("person").order_by("plate")),
        chronicle=tuple(unit.chronicle.all()[:lines]),
    )


def neighbours(unit: Unit) -> Neighbours:
    """The units that this one came from and became, and those above and below it."""
    return Neighbours(
        came_from=_others(Lineage.objects.filter(after=unit).values_list("before_id", "before__code")),
        became=_others(Lineage.objects.filter(before=unit).values_list("after_id", "after__code")),
        above=_next(unit, +1),
        below=_next(unit, -1),
    )


def forebears(unit: Unit) -> list[int]:
    """The units that this one came from by split and merge, however far back: a query for each generation, and one more."""
    found: set[int] = set()
    asked = {unit.pk}
    while asked:
        asked = set(Lineage.objects.filter(after__in=asked).values_list("before_id", flat=True)) - found
        found |= asked
    return sorted(found)


def became(unit: Unit) -> list[Unit]:
    """The units in which those who lived in this one live now: itself, unless it was split or merged."""
    if unit.retired_on is None:
        return [unit]
    later = Unit.objects.filter(came_from__before=unit).order_by("sort", "pk")
    return [end for one in later for end in became(one)]


def members_of(unit: Unit) -> list[Member]:
    """Who lives in the unit today, owners first."""
    rows = (
        unit.occupancies.filter(during__contains=clock.today())
        .select_related("person")
        .prefetch_related(Prefetch("person__contacts", Contact.objects.order_by("-primary", "id")))
    )
    members = [member(row) for row in rows]
    return sorted(members, key=lambda m: (_ORDER[m.role], m.since or date.min, m.person_id))


def only_resident(unit: Unit) -> Person | None:
    """The person of a unit where exactly one is registered today."""
    today = unit.occupancies.filter(during__contains=clock.today()).values("person")
    found = list(Person.objects.filter(pk__in=today)[:2])
    return found[0] if len(found) == 1 else None


def member(row: Occupancy) -> Member:
    """One occupancy as it is shown."""
    person = row.person
    return Member(
        occupancy_id=row.pk,
        person_id=person.pk,
        name=person.name,
        role=row.role,
        role_words=str(row.get_role_display()),
        share=row.share,
        since=cast(date | None, row.during.lower),
        until=last_day(row),
        phones=phones_of(person),
        remark=person.remark,
    )


def phones_of(person: Person) -> tuple[Phone, ...]:
    """The masked telephones of a person whose contacts are loaded."""
    return tuple(Phone(c.pk, c.masked, c.label, c.primary) for c in person.contacts.all())


def last_day(row: Occupancy) -> date | None:
    """The last day that counts, None while it goes on."""
    upper = cast(date | None, row.during.upper)
    return date.fromordinal(upper.toordinal() - 1) if upper else None


def _others(pairs: object) -> tuple[Neighbour, ...]:
    return tuple(Neighbour(*pair) for pair in cast("list[tuple[int, str]]", pairs))


def _next(unit: Unit, step: int) -> Neighbour | None:
    """The unit one floor up or down behind the same last two digits of the door."""
    if unit.floor is None or not re.search(r"\d\d\D*$", unit.door):
        return None
    tail = unit.door[-2:]
    floor = unit.floor + step or unit.floor + 2 * step  # there is no floor 0
    found = (
        Unit.objects.filter(
            community_id=unit.community_id,
            building_id=unit.building_id,
            floor=floor,
            entrance=unit.entrance,
            door__endswith=tail,
            retired_on__isnull=True,
        )
        .order_by("sort")
        .values_list("pk", "code")
        .first()
    )
    return Neighbour(*found) if found else None
