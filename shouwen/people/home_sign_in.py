"""Signing residents in and out: slips, telephone codes, signed-in browsers. Everything is on record, secrets are not."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import models

from shouwen.estate.models import Contact, Occupancy, Person, Unit
from shouwen.estate.saving import allow, fetch, save
from shouwen.kernel import clock, limits, phones, vault
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.people.residents import HomeSignIn, HomeSlip
from shouwen.people.viewers import ResidentActor

ADMIT = "estate.edit"
SLIP_LASTS = timedelta(minutes=15)
STAYS_SIGNED_IN = timedelta(days=90)
# A signed-in browser is seen again at most once in this time: reading a page writes nothing.
_SEEN_EVERY = timedelta(hours=12)
_STRANGE_SLIPS = (30, timedelta(hours=1))


def issue_slip(unit_id: int, *, actor: Actor, person_id: int) -> tuple[HomeSlip, str]:
    """A slip for somebody who lives in or owns the unit today; returned with the secret of its link, shown once.

    An earlier slip for the same person and home that nobody used is worth nothing from now on.
    """
    secret = secrets.token_urlsafe(18)
    with frame(actor):
        unit = Unit.objects.visible_to(actor).filter(pk=unit_id, retired_on__isnull=True).first()
        if unit is None:
            raise NotFound("not_found")
        allow(actor, ADMIT, unit.community_id)
        tied = Occupancy.objects.current(clock.today()).filter(unit=unit, person_id=person_id)
        if not tied.exists():
            raise Refused("home_slip.not_here")
        for earlier in HomeSlip.objects.open().filter(unit=unit, person_id=person_id):
            _void(earlier)
        now = clock.now()
        row = save(
            HomeSlip(
                community_id=unit.community_id,
                unit=unit,
                person_id=person_id,
                digest=_digest(secret),
                issued_by_id=actor.staff_id,
                issued_at=now,
                expires_at=now + SLIP_LASTS,
            )
        )
        record("home_slip:issued", row, person=person_id)
    return row, secret


def void_slip(key: int, *, actor: Actor) -> HomeSlip:
    """Take back a slip that lies about unused; again is no fault."""
    with frame(actor):
        row: HomeSlip = fetch(HomeSlip.objects, key, actor=actor, right=ADMIT)
        if row.used_at is None and row.voided_at is None:
            _void(row)
    return row


def _void(row: HomeSlip) -> None:
    row.voided_at = clock.now()
    save(row)
    record("home_slip:voided", row, person=row.person_id)


def slip_opens(secret: str, *, address: str) -> bool:
    """Whether a link still lets somebody in. Nothing else is told before it is used; wrong ones are counted."""
    if HomeSlip.objects.open().filter(digest__in=_digests(secret)).exists():
        return True
    limit, per = _STRANGE_SLIPS
    if not (answer := limits.hit(f"home-slip:{address}", limit, per)):
        raise Refused("home.too_often", minutes=-(-answer.retry_after // 60))
    return False


def use_slip(secret: str, *, address: str, agent: str) -> tuple[HomeSignIn, str]:
    """Sign in by a slip: the first use is the only one. Returns the sign-in and the secret for the cookie."""
    if not slip_opens(secret, address=address):
        raise Refused("home_slip.over")
    row = HomeSlip.objects.select_related("person").filter(digest__in=_digests(secret)).first()
    if row is None:
        raise Refused("home_slip.over")
    actor = ResidentActor.of(row.person, row.unit_id)
    with frame(actor):
        row = HomeSlip.objects.select_for_update().select_related(None).get(pk=row.pk)
        if row.used_at or row.voided_at or row.expires_at <= clock.now() or not actor.stays:
            raise Refused("home_slip.over")
        row.used_at = clock.now()
        save(row)
        record("home_slip:used", row, person=row.person_id)
        return _opened(actor, row.person, row.unit_id, HomeSignIn.By.SLIP, address, agent)


def opened_by_code(
    actor: ResidentActor, person: Person, *, address: str, agent: str
) -> tuple[HomeSignIn, str]:
    """A browser that proved its telephone, signed in to all homes of the person; in an open frame."""
    return _opened(actor, person, None, HomeSignIn.By.CODE, address, agent)


def _opened(
    actor: ResidentActor, person: Person, unit_id: int | None, by: str, address: str, agent: str
) -> tuple[HomeSignIn, str]:
    """A signed-in browser, on record; in an open frame."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    row = save(
        HomeSignIn(
            community_id=person.community_id,
            person=person,
            unit_id=unit_id,
            by=by,
            digest=_digest(secret),
            address=address or None,
            agent=agent[:200],
            at=now,
            seen_at=now,
            expires_at=now + STAYS_SIGNED_IN,
        )
    )
    record("resident:signed_in", row, person=person.pk, by=by)
    return row, secret


def signed_in(secret: str) -> HomeSignIn | None:
    """The open sign-in that this cookie belongs to; used once in a while it lasts on."""
    if not secret or len(secret) > 100:
        return None
    now = clock.now()
    rows = HomeSignIn.objects.filter(digest__in=_digests(secret), ended_at=None, expires_at__gt=now)
    row = rows.select_related("person__community").first()
    if row is not None and now - row.seen_at > _SEEN_EVERY:
        rows.update(seen_at=now, expires_at=now + STAYS_SIGNED_IN)
    return row


def reached_from(row: HomeSignIn) -> models.QuerySet[HomeSignIn]:
    """The open sign-ins of the same person: from one home only those of that home."""
    rows = HomeSignIn.objects.filter(person=row.person_id, ended_at=None, expires_at__gt=clock.now())
    return rows if row.unit_id is None else rows.filter(unit_id=row.unit_id)


def sign_out(row: HomeSignIn, *, actor: Actor) -> None:
    """Leave this browser."""
    with frame(actor):
        if _end(row):
            record("resident:signed_out", row, person=row.person_id)


def end_sign_in(key: int, *, actor: Actor) -> HomeSignIn:
    """End a browser's sign-in: a resident one of their own, the desk any of its community."""
    with frame(actor):
        rows = HomeSignIn.objects.select_for_update(of=("self",))
        mine: Any = (
            rows.filter(person_id=actor.id or 0) if actor.kind == "resident" else rows.visible_to(actor)
        )
        row: HomeSignIn | None = mine.filter(pk=key).first()
        if row is None:
            raise NotFound("not_found")
        if actor.kind != "resident":
            allow(actor, ADMIT, row.community_id)
        if _end(row):
            record("resident:session_ended", row, person=row.person_id)
    return row


def _end(row: HomeSignIn) -> bool:
    if row.ended_at is not None:
        return False
    row.ended_at = clock.now()
    save(row)
    return True


def persons_by(number: str) -> list[Person]:
    """Whom a canonical telephone number signs in: those with a home today, unless they left one since the number was
    last confirmed. A number is given out again once its owner has gone.
    """
    today = clock.today()
    sought = phones.sought(number)
    if sought is None or sought.column != "whole":
        return []
    held = Occupancy.objects.current(today).filter(unit__retired_on__isnull=True).values("person")
    found = Contact.objects.filter(
        whole__in=sought.digests, person__in=held, person__merged_into__isnull=True
    )
    trusted = [c for c in found.select_related("person__community") if not doubtful(c)]
    return sorted({c.person for c in trusted}, key=lambda p: p.pk)


def doubtful(contact: Contact, ends: Sequence[date] | None = None) -> bool:
    """Whether an occupancy of the contact's person ended after the number was last confirmed: it signs nobody in.

    ``ends`` are `ends_of` the person, where several numbers of one person are asked about.
    """
    ends = ends_of(contact.person_id) if ends is None else ends
    confirmed = clock.local(contact.confirmed_at).date() if contact.confirmed_at else date.min
    return any(day > confirmed for day in ends)


def ends_of(person_id: int) -> list[date]:
    """The days from which somebody no longer lived in a home, up to today."""
    ended = Occupancy.objects.filter(person_id=person_id, during__endswith__lte=clock.today())
    return [during.upper for during in ended.values_list("during", flat=True)]


def _digest(secret: str) -> bytes:
    return vault.digest(secret, "home.secret")


def _digests(secret: str) -> list[bytes]:
    return vault.digests(secret, "home.secret")
