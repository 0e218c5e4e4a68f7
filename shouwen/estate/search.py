"""The estate's part of the one search box: units by code, persons by name, pinyin or telephone, vehicles by plate."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import BooleanField, Func, Q, QuerySet, Value

from shouwen.estate.keys import identity, identity_digests, plate_key, typed_forms, unit_key
from shouwen.estate.models import Contact, Occupancy, Person, Unit, Vehicle
from shouwen.kernel import clock, limits, phones, text
from shouwen.kernel.actors import Actor

SEE = "estate.see"
_HAN = re.compile(r"[一-鿿]")


@dataclass(frozen=True)
class UnitHit:
    """A unit, with who answers its door first."""

    id: int
    community_id: int
    code: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonHit:
    """A person with the units of their current occupancies, (id, code, role), and one masked telephone."""

    id: int
    community_id: int
    name: str
    units: tuple[tuple[int, str, str], ...] = ()
    phone: str = ""


@dataclass(frozen=True)
class VehicleHit:
    id: int
    community_id: int
    plate: str
    unit_id: int | None
    unit: str
    person_id: int | None
    person: str


@dataclass(frozen=True)
class Hits:
    """What the box shows: at most ``limit`` of each kind, best first."""

    units: list[UnitHit] = field(default_factory=list)
    persons: list[PersonHit] = field(default_factory=list)
    vehicles: list[VehicleHit] = field(default_factory=list)


def search(viewer: Actor, query: str, limit: int = 8, community_id: int | None = None) -> Hits:
    """Everything of the estate that ``query`` may mean, in the communities where the viewer sees the estate."""
    query = _asked(query)
    here = sorted(viewer.where(SEE) & ({community_id} if community_id else viewer.where(SEE)))
    if not here or not query:
        return Hits()
    return Hits(
        units=_with_people(_units(here, query, limit)),
        persons=_with_units(_persons(here, query, limit)),
        vehicles=_vehicles(here, query, limit),
    )


def _asked(query: str) -> str:
    """What was typed, on one line, in one width and no longer than a question is."""
    return text.full_width_to_half(text.clean_line(query))[: limits.QUERY]


def persons_found(here: Iterable[int], query: str) -> QuerySet[Person]:
    """The persons that a query may mean, as a set: for the list of persons too.

    Of several ways it is a union of index scans: an OR of them would be answered by reading the whole table.
    """
    here, query = list(here), _asked(query)
    rows = Person.objects.filter(community_id__in=here, merged_into__isnull=True)
    ways = list(_ways(here, query))
    if len(ways) < 2:
        return rows.filter(*ways) if ways else rows.none()
    persons = Person.objects.filter(community_id__in=here).order_by()
    one, *others = (persons.filter(way).values("pk") for way in ways)
    return rows.filter(pk__in=one.union(*others))


def _ways(here: list[int], query: str) -> Iterator[Q]:
    """Every way in which the query can be read, as what it says of a person."""
    if sought := phones.sought(query):
        column = {f"{sought.column}__in": sought.digests}
        yield Q(pk__in=Contact.objects.filter(community_id__in=here, **column).order_by().values("person_id"))
    if re.fullmatch(r"[A-Za-z0-9]{8,20}", query) and any(c.isdigit() for c in query):
        yield Q(id_digest__in=identity_digests(identity(query)))
    letters = re.sub(r"[\s']+", "", query).lower()
    if len(letters) >= 2 and re.fullmatch(r"[a-z]+", letters):
        yield Q(_typed(letters))
    if len(query) == 1 and _HAN.search(query):
        yield Q(name__startswith=query)
    elif _HAN.search(query):
        yield Q(name__grams=query)


def _typed(letters: str) -> Func:
    """Whether some form of the name begins with these letters."""
    return Func(
        typed_forms(),
        Value(f"'{letters}':*"),
        template="(%(expressions)s::tsquery)",
        arg_joiner=" @@ ",
        output_field=BooleanField(),
    )


def units_found(here: Iterable[int], query: str) -> QuerySet[Unit]:
    """Units whose code, with or without dashes and leading zeros, or whose door begins with the query.

    Building and door alone (3 栋 1201) mean every entrance.
    """
    rows = Unit.objects.filter(community_id__in=list(here), retired_on__isnull=True)
    query = _asked(query)
    key = unit_key(query)
    if not key or not re.search(r"[0-9A-Z]", key):
        return rows.filter(code__startswith=query) if query else rows.none()
    ways = Q(key__startswith=key)
    if "-" not in key:
        ways |= Q(compact__startswith=key) | Q(door__startswith=key)
    elif short := re.fullmatch(r"([^-]+)-(\w{3,})", key):
        ways |= Q(key__startswith=f"{short[1]}-", door__startswith=short[2])
    return rows.filter(ways)


def _units(here: Sequence[int], query: str, limit: int) -> list[Unit]:
    key = unit_key(query)
    # Names, pinyin and whole telephone numbers are no codes: each question that is not asked is a millisecond.
    if len(key) < 2 or not re.search(r"[0-9]", key) or re.fullmatch(r"[0-9]{9,}", key):
        return []
    rows = units_found(here, query).only("id", "community_id", "code", "key", "compact", "door")
    # The whole code first, then the whole door, then what only begins so.
    found = list(rows.order_by("community_id", "sort")[: limit * 4])
    found.sort(key=lambda u: (key not in (u.key, u.compact), u.door != key))
    return found[:limit]


def _persons(here: Sequence[int], query: str, limit: int) -> list[Person]:
    rows = persons_found(here, query).only("id", "community_id", "name", "forms")
    found = list(rows[: limit * 4])
    letters = query.lower().replace(" ", "")
    found.sort(
        key=lambda p: (query != p.name, letters not in p.forms.split(), not p.name.startswith(query), p.name)
    )
    return found[:limit]


def _vehicles(here: Sequence[int], query: str, limit: int) -> list[VehicleHit]:
    plate = plate_key(query)
    if not 3 <= len(plate) <= 10 or not re.search(r"[0-9]", plate) or re.fullmatch(r"[0-9]{7,}", plate):
        return []
    rows = Vehicle.objects.filter(community_id__in=here, plate__grams=plate)  # type: ignore[misc]
    return [
        VehicleHit(
            v.pk,
            v.community_id,
            v.plate,
            v.unit_id,
            v.unit.code if v.unit else "",
            v.person_id,
            v.person.name if v.person else "",
        )
        for v in rows.select_related("unit", "person")[:limit]
    ]


def _with_people(units: list[Unit]) -> list[UnitHit]:
    people: dict[int, list[str]] = defaultdict(list)
    for unit_id, name in _current(unit__in=units).values_list("unit_id", "person__name") if units else ():
        people[unit_id].append(name)
    return [UnitHit(u.pk, u.community_id, u.code, tuple(people[u.pk][:3])) for u in units]


def _with_units(persons: list[Person]) -> list[PersonHit]:
    if not persons:
        return []
    keys = [p.pk for p in persons]
    units: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    homes = _current(person__in=keys).values_list("person_id", "unit_id", "unit__code", "role")
    for person, unit, code, role in homes:
        units[person].append((unit, code, str(Occupancy.Role(role).label)))
    contacts = Contact.objects.filter(person__in=keys).order_by("primary", "-id")
    phone = {person: phones.masked(str(n)) for person, n in contacts.values_list("person_id", "number")}
    return [
        PersonHit(p.pk, p.community_id, p.name, tuple(units[p.pk][:4]), phone.get(p.pk, "")) for p in persons
    ]


def _current(**where: object) -> QuerySet[Occupancy]:
    return Occupancy.objects.filter(during__contains=clock.today(), **where).order_by("pk")
