"""When a colleague leaves: the open cases that they answer for go to somebody else, each with a fact of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from shouwen.cases.actions import follow_up_by
from shouwen.cases.models import Case, Kind, State
from shouwen.duties.models import Duty
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import Data, record
from shouwen.kernel.refusals import Refused
from shouwen.people import who
from shouwen.people.holdings import Holding
from shouwen.people.models import Staff


def _held(staff: Staff) -> QuerySet[Case]:
    """Open cases that somebody received, has in hand, or must call back about.

    The handler of a repair is whoever its order was given to, or who did the work: that is for the orders to say.
    """
    calls = Duty.objects.open().filter(owner_id=staff.pk, owner_role="follow_up_by").values("matter_id")
    in_hand = Q(handler=staff, state__in=(State.RECEIVED, State.WORKING)) & ~Q(kind=Kind.REPAIR)
    return Case.objects.open().filter(Q(first_responder=staff) | in_hand | Q(pk__in=calls))


def _count(staff: Staff) -> Mapping[int, int]:
    return Counter(_held(staff).values_list("community_id", flat=True))


def _words(count: int) -> str:
    return ngettext("%(n)s 件事项", "%(n)s 件事项", count) % {"n": count}


def _pass_on(staff: Staff, heir: Staff, community_id: int, actor: Actor) -> int:
    """All of them, also those that the actor may not see: what is in them is not told."""
    rows = _held(staff).filter(community_id=community_id).select_for_update(of=("self",)).order_by("pk")
    cases = list(rows)
    if cases and heir.pk not in who.holders(community_id, "case.answer"):
        raise Refused("case.heir_blind", name=heir.name)
    for case in cases:
        _take_over(case, staff.pk, _heir(case, staff.pk, heir.pk))
    return len(cases)


def _take_over(case: Case, left: int, heir: int) -> None:
    named: Data = {}
    if case.first_responder_id == left:
        named["first_responder"] = case.first_responder_id = heir
    if case.handler_id == left and case.kind != Kind.REPAIR and case.state != State.DONE:
        named["handler"] = case.handler_id = heir
    if case.state == State.DONE:
        named["follow_up_by"] = follow_up_by(case, gone=left)
    case.version += 1
    case.save(update_fields=["first_responder", "handler", "version"])
    record("case:taken_over", case, None, was=case.state, now=case.state, left=left, heir=heir, **named)


def _heir(case: Case, left: int, heir: int) -> int:
    """Whoever was named; of a complaint about just that person somebody else."""
    if heir != case.about_id:
        return heir
    others = [who.fallback_of(case.community_id), *who.holders(case.community_id, "case.supervise")]
    others += who.holders(case.community_id, "case.answer")
    for other in others:
        if other not in (left, case.about_id):
            return other
    raise Refused("case.no_heir", number=case.number)


HOLDING = Holding("cases", _words, _count, _pass_on)
