"""Orders for machines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel

from shouwen.api import moves
from shouwen.api.auth import actor
from shouwen.api.cases import ONCE
from shouwen.api.door import answers
from shouwen.api.fields import Code, Idempotency, Key, Moment, Pages
from shouwen.api.schemas import OrderOut, OrderWhole, Rows, listed, order_row
from shouwen.kernel.refusals import NotFound
from shouwen.people.models import Trade
from shouwen.people.viewers import TokenActor
from shouwen.works.flow import ORDER
from shouwen.works.forms import FORMS
from shouwen.works.models import Order, OrderQuerySet, State

router = Router(tags=["orders"])
SEE = "order.see"


class OrderFilter(BaseModel):
    """Which orders; oldest first."""

    state: State | None = None
    active: bool | None = None
    trade: Trade | None = None
    technician_id: Key | None = None
    case_id: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None


@router.get("", response=answers(Rows[OrderOut]), summary="派工单列表")
def list_orders(request: HttpRequest, wanted: Query[OrderFilter], pages: Pages) -> Any:
    me = actor(request, SEE)
    rows = _seen(me).filter(**wanted.model_dump(exclude_none=True, exclude={"active", "since", "until"}))
    if wanted.active is not None:
        rows = rows.active() if wanted.active else rows.exclude(pk__in=_seen(me).active().values("pk"))
    if wanted.since:
        rows = rows.filter(opened_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(opened_at__lt=wanted.until)
    return listed(rows, ("opened_at", "id"), pages, order_row)


@router.get("/{key}", response=answers(OrderWhole), summary="一张派工单")
def show_order(request: HttpRequest, key: UUID) -> Any:
    me = actor(request, SEE)
    return whole(me, fetch(me, key))


@router.post(
    "/{key}/moves/{move}",
    response=answers(OrderWhole, 409),
    summary="派工与完工",
    description=moves.described(ORDER, FORMS),
)
def move_order(
    request: HttpRequest, key: UUID, move: Code, payload: moves.Inputs, idempotency_key: Idempotency = ONCE
) -> Any:
    me = actor(request)
    moves.make(ORDER, FORMS, fetch(me, key), move, payload, me, idempotency_key)
    return whole(me, fetch(me, key))


def _seen(me: TokenActor) -> OrderQuerySet:
    """Orders of the machine's community; none of a complaint about the staff member in whose name it acts."""
    rows = Order.objects.visible_to(me).exclude(case__about_id=me.staff_id)
    return rows.select_related("case__category", "technician")


def fetch(me: TokenActor, key: UUID) -> Order:
    """The order of this key if the machine may see it."""
    row = _seen(me).filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    return row


def whole(me: TokenActor, order: Order) -> dict[str, Any]:
    """An order with the technician's name and the moves that lead on."""
    return {
        **order_row(order),
        "technician": order.technician.name if order.technician else "",
        "moves": moves.offered(ORDER, FORMS, order, me),
    }
