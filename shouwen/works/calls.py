"""Whom to call about an order. The number is shown to the technician sent there only, and that is on record."""

from __future__ import annotations

from dataclasses import dataclass

from shouwen.estate.household import members_of, phones_of
from shouwen.estate.models import Contact
from shouwen.kernel import phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused
from shouwen.works.flow import mine
from shouwen.works.models import HELD, Order

PURPOSE = "visit"


@dataclass(frozen=True)
class Callee:
    """Somebody of the household: name, role, masked number; ``contact_id`` None means the number left with the case."""

    name: str
    role: str
    masked: str
    contact_id: int | None


def callee(order: Order) -> Callee | None:
    """The number that was left, else the asker's, else the owner's; None where nobody left one."""
    case = order.case
    if case.phone:
        name = case.asker or (case.person.name if case.person else "")
        return Callee(name, "", phones.masked(str(case.phone)), None)
    if case.person and (known := phones_of(case.person)):
        return Callee(case.person.name, "", known[0].masked, known[0].contact_id)
    for member in members_of(case.unit) if case.unit else ():
        if member.phones:
            return Callee(
                member.name, member.role_words, member.phones[0].masked, member.phones[0].contact_id
            )
    return None


def reveal(order: Order, *, actor: Actor) -> str:
    """The whole number, while the order is in the technician's hand."""
    if no := mine(order, actor):
        raise Refused(no)
    found = callee(order) if order.state in HELD else None
    if found is None:
        raise Refused("order.no_phone")
    with frame(actor):
        shown = "contact" if found.contact_id else "case"
        record("order:phone_shown", order, shown=shown, contact=found.contact_id)
        if found.contact_id is None:
            return str(order.case.phone)
        contact = Contact.objects.get(pk=found.contact_id)
        record("contact:revealed", contact, person=contact.person_id, purpose=PURPOSE)
        return str(contact.number)
