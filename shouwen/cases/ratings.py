"""评价链接: a one-use link by which whoever asked says whether all is well, without signing in. Nothing is preset."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shouwen.cases import actions
from shouwen.cases.models import Case, RatingLink, State
from shouwen.estate.saving import allow, save
from shouwen.kernel import clock, limits, vault
from shouwen.kernel.actors import Actor, Stay
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.people.viewers import ResidentActor

FOLLOW_UP = "case.follow_up"
LASTS = timedelta(days=14)
_STRANGE = (30, timedelta(hours=1))


def make_link(case_id: UUID, *, actor: Actor, secret: str = "") -> tuple[RatingLink, str]:
    """A link for a matter that waits for its asker's word; an earlier one that nobody used is worth nothing then.

    With a ``secret`` of its own the same call makes the same link again, for a sender that may be killed in between.
    """
    secret = secret or secrets.token_urlsafe(18)
    with frame(actor):
        case = Case.objects.visible_to(actor) if actor.kind != "system" else Case.objects.all()
        found = case.filter(pk=case_id).first()
        if found is None:
            raise NotFound("not_found")
        allow(actor, FOLLOW_UP, found.community_id)
        if found.state != State.DONE:
            raise Refused("rating.not_done")
        if same := RatingLink.objects.filter(digest__in=_digests(secret)).first():
            return same, secret
        now = clock.now()
        RatingLink.objects.filter(case=found, used_at=None, expires_at__gt=now).update(expires_at=now)
        row = save(
            RatingLink(
                community_id=found.community_id, case=found, person_id=found.person_id, digest=_digests(secret)[0],
                made_by_id=actor.staff_id, made_at=now, expires_at=now + LASTS,
            )
        )  # fmt: skip
        record("rating:linked", row)
    return row, secret


def opened(secret: str, *, address: str) -> RatingLink | None:
    """The link, if it still waits for an answer; wrong ones are counted by address."""
    rows = RatingLink.objects.select_related("case__person").filter(
        digest__in=_digests(secret), used_at=None, expires_at__gt=clock.now(), case__state=State.DONE
    )
    row = rows.first()
    limit, per = _STRANGE
    if row is None and not (answer := limits.hit(f"rating:{address}", limit, per)):
        raise Refused("home.too_often", minutes=-(-answer.retry_after // 60))
    return row


def rate(secret: str, *, satisfied: bool, words: str, address: str) -> Case:
    """The asker's answer: it counts like one at the residents' door. The first press is the only one."""
    known = opened(secret, address=address)
    if known is None:
        raise Refused("rating.over")
    actor = _asker(known)
    with frame(actor):
        row = RatingLink.objects.select_for_update(of=("self",)).select_related("case").get(pk=known.pk)
        if row.used_at or row.expires_at <= clock.now():
            raise Refused("rating.over")
        row.used_at = clock.now()
        save(row)
        case: Case = actions.confirm(row.case, actor=actor, satisfied=satisfied, words=words)
    return case


def _asker(row: RatingLink) -> ResidentActor:
    """Whoever holds the link, for this one matter."""
    case = row.case
    ever, may = datetime.min.replace(tzinfo=UTC), frozenset({"case.register"})
    persons = frozenset({row.person_id} if row.person_id else ())
    stay = Stay(case.community_id, case.unit_id or 0, ever, may, persons)
    return ResidentActor(row.person_id, case.person.name if case.person else "", (stay,))


def _digests(secret: str) -> list[bytes]:
    return vault.digests(secret, "rating.secret")
