"""Whom to call about a case. A whole number is shown to whoever has a reason to call, and that is on record.

The reason is the right to see numbers, or an open duty of this very case: who must call back has the number at hand,
this one and no other, for as long as the duty is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shouwen.cases.models import Case, State
from shouwen.duties.models import Duty
from shouwen.estate.household import became, members_of, phones_of
from shouwen.estate.models import Contact
from shouwen.kernel import phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people.viewers import StaffActor


@dataclass(frozen=True)
class Callee:
    """Somebody of the household: name, role, masked number; ``contact_id`` None means the number left with the case."""

    name: str
    role: str
    masked: str
    contact_id: int | None


def callee(case: Case) -> Callee | None:
    """The number that was left, else the asker's, else the owner's; None where nobody left one."""
    if case.phone:
        name = case.asker or (case.person.name if case.person else "")
        return Callee(name, "", phones.masked(str(case.phone)), None)
    asker = case.person and (case.person.merged_into or case.person)
    if asker and (known := phones_of(asker)):
        return Callee(asker.name, "", known[0].masked, known[0].contact_id)
    for member in (m for unit in became(case.unit) for m in members_of(unit)) if case.unit else ():
        if member.phones:
            return Callee(
                member.name, member.role_words, member.phones[0].masked, member.phones[0].contact_id
            )
    return None


def may_call(case: Case, actor: Actor) -> bool:
    """Whether the actor may see the whole number of this case: by right, or since they owe something about it now."""
    if actor.may("person.reveal", case.community_id):
        return True
    if not isinstance(actor, StaffActor):
        return False
    posts = actor.posts.get(case.community_id, frozenset())
    owed = Duty.objects.visible_to(actor).filter(matter_id=case.pk).open()
    return owed.owed_by(actor, posts).exists()


def reveal(case_id: UUID, *, actor: Actor) -> str:
    """The whole number to call about a case (E-1.5.1); the purpose is the follow-up where one is due, else a call back.

    Refuses who may not call about it (`may_call`), and where nobody left a number.
    """
    with frame(actor):
        case = Case.objects.visible_to(actor).filter(pk=case_id).first()
        if case is None:
            raise NotFound("not_found")
        if not may_call(case, actor):
            raise NotAllowed("right_missing")
        if (found := callee(case)) is None:
            raise Refused("case.no_phone")
        purpose = "follow_up" if case.state == State.DONE else "call_back"
        shown = "contact" if found.contact_id else "case"
        record("case:phone_shown", case, shown=shown, contact=found.contact_id, purpose=purpose)
        return number_of(case, found, purpose)


def number_of(case: Case, found: Callee, purpose: str) -> str:
    """The whole number; one of the register goes on the record of its person too."""
    if found.contact_id is None:
        return str(case.phone)
    contact = Contact.objects.get(pk=found.contact_id)
    record("contact:revealed", contact, person=contact.person_id, purpose=purpose)
    return str(contact.number)
