"""What machines may look up: units, persons with masked telephones, public areas, categories, and what is owed now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel

from shouwen.api.auth import actor
from shouwen.api.door import answers
from shouwen.api.fields import Ask, Key, Pages
from shouwen.api.schemas import CategoryOut, DutyOut, PersonOut, Rows, SpaceOut, UnitOut, UnitWhole, listed
from shouwen.cases.models import Case, Category, Kind
from shouwen.duties.models import Duty
from shouwen.estate.models import Contact, Occupancy, Person, Space, Unit
from shouwen.estate.search import persons_found, units_found
from shouwen.kernel import clock
from shouwen.kernel.lists import keyset
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import clean_line

router = Router(tags=["records"])
SEE = "estate.see"


class UnitFilter(BaseModel):
    building_id: Key | None = None
    q: Ask = ""


class PersonFilter(BaseModel):
    """``q``: a name, pinyin or initials, a whole telephone or its last 8 or 4 digits."""

    unit_id: Key | None = None
    q: Ask = ""


class CategoryFilter(BaseModel):
    kind: Kind | None = None


class DutyFilter(BaseModel):
    owner_id: Key | None = None
    matter_id: UUID | None = None
    overdue: bool = False


@router.get("/categories", response=answers(list[CategoryOut]), summary="分类")
def list_categories(request: HttpRequest, wanted: Query[CategoryFilter]) -> Any:
    actor(request)
    rows = Category.objects.filter(active=True)
    return list(rows.filter(kind=wanted.kind) if wanted.kind else rows)


@router.get("/spaces", response=answers(Rows[SpaceOut]), summary="公共区域")
def list_spaces(request: HttpRequest, pages: Pages) -> Any:
    me = actor(request, SEE, "case.register")
    return listed(Space.objects.visible_to(me), ("sort", "id"), pages)


@router.get("/units", response=answers(Rows[UnitOut]), summary="房屋列表")
def list_units(request: HttpRequest, wanted: Query[UnitFilter], pages: Pages) -> Any:
    me = actor(request, SEE)
    rows = Unit.objects.visible_to(me).filter(retired_on=None).select_related("building")
    if wanted.building_id:
        rows = rows.filter(building_id=wanted.building_id)
    if asked := clean_line(wanted.q):
        rows = rows.filter(pk__in=units_found(me.communities, asked).order_by().values("pk"))
    return listed(rows, ("sort", "id"), pages, _unit)


@router.get("/units/{key}", response=answers(UnitWhole), summary="一套房屋")
def show_unit(request: HttpRequest, key: Key) -> Any:
    me = actor(request, SEE)
    unit = Unit.objects.visible_to(me).select_related("building").filter(pk=key).first()
    if unit is None:
        raise NotFound("not_found")
    occupants = (
        Occupancy.objects.current(clock.today()).filter(unit=unit).select_related("person").order_by("pk")
    )
    return _unit(unit) | {"occupants": [_occupant(o) for o in occupants]}


@router.get("/persons", response=answers(Rows[PersonOut]), summary="人员列表")
def list_persons(request: HttpRequest, wanted: Query[PersonFilter], pages: Pages) -> Any:
    me = actor(request, SEE)
    rows = Person.objects.visible_to(me).filter(merged_into=None)
    if asked := clean_line(wanted.q):
        rows = rows.filter(pk__in=persons_found(me.communities, asked).values("pk"))
    if wanted.unit_id:
        living = Occupancy.objects.current(clock.today()).filter(unit_id=wanted.unit_id)
        rows = rows.filter(pk__in=living.values("person"))
    part = keyset(rows, ("pinyin", "id"), pages.page, pages.size)
    return {"rows": _persons(part.rows), "next": part.next, "previous": part.previous}


@router.get("/duties", response=answers(Rows[DutyOut]), summary="应办")
def list_duties(request: HttpRequest, wanted: Query[DutyFilter], pages: Pages) -> Any:
    """Open duties of cases that the token may see, the most pressing first."""
    me = actor(request, "case.see", "complaint.see")
    rows = (
        Duty.objects.visible_to(me).open().filter(**wanted.model_dump(exclude_none=True, exclude={"overdue"}))
    )
    rows = rows.filter(Exists(Case.objects.visible_to(me).filter(pk=OuterRef("matter_id"))))
    if wanted.overdue:
        rows = rows.filter(state=Duty.State.OPEN, due_at__lt=clock.now())
    return listed(rows, ("due_at", "id"), pages)


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.pk,
        "code": unit.code,
        "building": unit.building.code,
        "entrance": unit.entrance,
        "floor": unit.floor,
        "door": unit.door,
        "kind": unit.kind,
        "status": unit.status,
        "built_area": None if unit.built_area is None else str(unit.built_area),
        "inner_area": None if unit.inner_area is None else str(unit.inner_area),
        "version": unit.version,
    }


def _occupant(row: Occupancy) -> dict[str, Any]:
    return {
        "person_id": row.person_id,
        "name": row.person.name,
        "role": row.role,
        "since": row.during.lower,
        "until": row.during.upper,
    }


def _persons(persons: Iterable[Person]) -> list[dict[str, Any]]:
    """Persons with their telephones and homes; two queries for all of them."""
    numbers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    homes: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for contact in Contact.objects.filter(person__in=persons):
        told = {"label": contact.label, "number": contact.masked, "primary": contact.primary}
        numbers[contact.person_id].append(told)
    ties = (
        Occupancy.objects.current(clock.today())
        .filter(person__in=persons)
        .select_related("unit")
        .order_by("pk")
    )
    for tie in ties:
        homes[tie.person_id].append({"unit_id": tie.unit_id, "code": tie.unit.code, "role": tie.role})
    return [
        {
            "id": p.pk,
            "kind": p.kind,
            "name": p.name,
            "phones": numbers[p.pk],
            "homes": homes[p.pk],
            "version": p.version,
        }
        for p in persons
    ]
