"""The number to call about an order: shown to the technician sent there only, and that is on record."""

from __future__ import annotations

from shouwen.cases.calling.numbers import callee, number_of
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused
from shouwen.works.flow import mine
from shouwen.works.models import HELD, Order

PURPOSE = "visit"


def reveal(order: Order, *, actor: Actor) -> str:
    """The whole number, while the order is in the technician's hand."""
    if no := mine(order, actor):
        raise Refused(no)
    found = callee(order.case) if order.state in HELD else None
    if found is None:
        raise Refused("order.no_phone")
    with frame(actor):
        shown = "contact" if found.contact_id else "case"
        record("order:phone_shown", order, shown=shown, contact=found.contact_id)
        return number_of(order.case, found, PURPOSE)
