"""What a manager may change: the values of policy keys. Everything else about duties is done by facts."""

from __future__ import annotations

from shouwen.duties import rulings
from shouwen.duties.clauses import book
from shouwen.duties.models import Policy
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.clock import parse_duration
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused


def set_policy(community_id: int, key: str, value: str, *, actor: Actor) -> Policy:
    """Choose a duration for a policy key; empty goes back to the preset. Duties born ten seconds later have it.

    Duties that run keep the duration that was promised when they were born.
    """
    if community_id not in actor.communities:
        raise NotFound("not_found")
    if not actor.may("setting.edit", community_id):
        raise NotAllowed("policy.right")
    if key not in book().policies:
        raise Refused("policy.key", key=key)
    with frame(actor):
        row = Policy(
            community_id=community_id, key=key, value=_canonical(value), since=clock.now() + rulings.LEAD
        )
        row.save()
        record("policy:set", row, key=key, value=row.value)
    rulings.forget()
    return row


def _canonical(value: str) -> str:
    """The canonical text of a duration forwards from now; refused aloud otherwise."""
    if not value.strip():
        return ""
    try:
        span = parse_duration(value)
    except ValueError as error:
        raise Refused("policy.value", value=value[:30]) from error
    if span.iso.startswith("-") or len(span.iso) > 30 or span.months > 120 or span.days > 3660:
        raise Refused("policy.value", value=value[:30])
    return span.iso
