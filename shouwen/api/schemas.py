"""What goes out. UUIDs are strings, telephones are masked, moments are UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from ninja import Schema

from shouwen.api.fields import Paging
from shouwen.cases.models import Case
from shouwen.kernel import phones
from shouwen.kernel.lists import keyset
from shouwen.works.models import Order

T = TypeVar("T")
R = TypeVar("R", bound=Model)


class Rows(Schema, Generic[T]):
    """A page of rows, with the marks that lead on and back."""

    rows: list[T]
    next: str = ""
    previous: str = ""


def listed(
    rows: QuerySet[R], keys: tuple[str, ...], pages: Paging, show: Callable[[R], Any] | None = None
) -> Any:
    """One page of ``rows`` in the order of ``keys``."""
    part = keyset(rows, keys, pages.page, pages.size)
    return {
        "rows": [show(r) for r in part.rows] if show else part.rows,
        "next": part.next,
        "previous": part.previous,
    }


class CaseOut(Schema):
    """事项."""

    id: UUID
    number: str
    kind: str
    category_id: str
    state: str
    channel: str
    unit_id: int | None
    space_id: int | None
    place: str
    person_id: int | None
    asker: str
    phone: str
    title: str
    words: str
    urgent: bool
    preferred_at: datetime | None
    preferred_until: datetime | None
    merged_into_id: UUID | None
    first_responder_id: int
    handler_id: int | None
    level: int | None
    severity: str
    about_id: int | None
    happened_at: datetime
    recorded_at: datetime
    opened_at: datetime
    back_entry: bool
    back_entry_by_id: int | None
    answered_at: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None
    closed_at: datetime | None
    satisfied: bool | None
    reopened: int
    rework_of_id: UUID | None
    version: int


class PhotoOut(Schema):
    """A picture as it is kept; `size` in bytes."""

    id: UUID
    mime: str
    size: int
    width: int
    height: int


class MoveOut(Schema):
    """A move that leads on from here; ``refused`` says why not now."""

    name: str
    label: str
    refused: str = ""


class CaseWhole(CaseOut):
    """A case with who has it in hand and what may be done next."""

    first_responder: str
    handler: str
    moves: list[MoveOut]


class OrderOut(Schema):
    """派工单."""

    id: UUID
    case_id: UUID
    number: str
    turn: int
    trade: str
    state: str
    place: str
    title: str
    urgent: bool
    unit_id: int | None
    technician_id: int | None
    opened_at: datetime
    assigned_at: datetime | None
    accepted_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None
    pause_reason: str
    carried_to: date | None
    minutes: int | None
    materials: str
    result: str
    confirmed_by: str
    unconfirmed_why: str
    inspected_at: datetime | None
    version: int


class OrderWhole(OrderOut):
    technician: str
    moves: list[MoveOut]


class EntryOut(Schema):
    """One fact of a timeline, with the words that belong to it."""

    id: UUID
    at: datetime
    recorded_at: datetime
    verb: str
    sentence: str
    actor_kind: str
    actor_id: int | None
    actor: str
    was: str
    now: str
    data: dict[str, Any]
    words: str


class CategoryOut(Schema):
    code: str
    name: str
    kind: str
    trade: str
    urgent: bool


class SpaceOut(Schema):
    id: int
    name: str
    building_id: int | None


class UnitOut(Schema):
    """房屋; areas in square metres."""

    id: int
    code: str
    building: str
    entrance: str
    floor: int | None
    door: str
    kind: str
    status: str
    built_area: str | None
    inner_area: str | None
    version: int


class Occupant(Schema):
    person_id: int
    name: str
    role: str
    since: date | None
    until: date | None


class UnitWhole(UnitOut):
    occupants: list[Occupant]


class Phone(Schema):
    label: str
    number: str
    primary: bool


class Home(Schema):
    unit_id: int
    code: str
    role: str


class PersonOut(Schema):
    """人员; telephones are masked."""

    id: int
    kind: str
    name: str
    phones: list[Phone]
    homes: list[Home]
    version: int


class DutyOut(Schema):
    """应办."""

    id: UUID
    clause: str
    matter_kind: str
    matter_id: UUID
    unit_id: int | None
    owner_role: str
    owner_id: int | None
    state: str
    born_at: datetime
    due_at: datetime
    limit_at: datetime | None
    paused_at: datetime | None
    pause_reason: str
    rung: int


def case_row(case: Case) -> dict[str, Any]:
    """A case as `CaseOut`."""
    told = {name: getattr(case, name) for name in CaseOut.model_fields}
    return told | {"phone": phones.masked(str(case.phone)) if case.phone else ""}


def order_row(order: Order) -> dict[str, Any]:
    """An order as `OrderOut`; its case comes with it."""
    case = order.case
    about = {
        "number": f"{case.number}-{order.turn}",
        "place": case.place,
        "title": case.title,
        "urgent": case.urgent,
    }
    return {name: getattr(order, name) for name in OrderOut.model_fields if name not in about} | about


def shown(row: Any) -> dict[str, Any]:
    """A case or an order as its own operation would answer it, ready for JSON."""
    if isinstance(row, Order):
        return OrderOut(**order_row(row)).model_dump(mode="json")
    return CaseOut(**case_row(row)).model_dump(mode="json")
