"""What a resident decides about letters: whether, where to, in which language."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from shouwen.estate.models import Person
from shouwen.estate.persons import as_one
from shouwen.estate.saving import put, save
from shouwen.kernel import clock, limits, vault
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.kernel.text import clean_line
from shouwen.notices.models import HomeWay
from shouwen.people.viewers import ResidentActor

LONGEST = 200
PROOF_LASTS = timedelta(days=1)
_PROOF, _ASKED = "home.prove", (5, timedelta(hours=1))


def checked_email(typed: str) -> str | None:
    """The address as it is kept; None for nothing, a refusal for what is none."""
    typed = clean_line(typed)
    if not typed:
        return None
    try:
        validate_email(typed)
    except ValidationError as error:
        raise Refused("home.bad_email", typed=typed) from error
    if len(typed) > LONGEST:
        raise Refused("home.bad_email", typed=typed[:40])
    return typed


def choose_home_way(*, actor: Actor, letters: bool, language: str) -> HomeWay:
    """The actor's own choice, for all that is sent from now on."""
    with frame(actor):
        return _choose(_self(actor), letters=letters, language=language)


def ask_email(typed: str, *, actor: Actor) -> str:
    """What proves a new address to be the actor's: a token to be sent there; empty where there is nothing to prove.

    Until it is shown the old address stays. An address that is emptied is forgotten at once.
    """
    email = checked_email(typed)
    with frame(actor):
        person = _self(actor)
        if email == person.email:
            return ""
        if email is None:
            _set_email(person, None)
            return ""
    if not (limit := limits.hit(f"home-email:{actor.id}", *_ASKED)):
        raise Refused("home.too_often", minutes=-(-limit.retry_after // 60))
    said = json.dumps([person.pk, email, int(clock.now().timestamp())])
    return urlsafe_b64encode(vault.seal(said, _PROOF)).decode().rstrip("=")


def proven(token: str) -> tuple[int, str] | None:
    """Whose address a token proves, and which; None for one that is not ours or a day old."""
    try:
        blob = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        person_id, email, at = json.loads(vault.open(blob, _PROOF))
    except (ValueError, vault.Unreadable):
        return None
    fresh = clock.now().timestamp() - at < PROOF_LASTS.total_seconds()
    return (int(person_id), str(email)) if fresh else None


def prove_email(token: str) -> None:
    """Whoever read the letter pressed: the address is theirs from now on; again is no fault."""
    found = proven(token)
    if found is None:
        raise Refused("home.proof")
    person = Person.objects.select_related("merged_into").get(pk=found[0])
    person = person.merged_into or person
    actor = ResidentActor(person.pk, person.name, ())
    with frame(actor):
        _set_email(_self(actor), found[1])


def _self(actor: Actor) -> Person:
    """The actor's own row, locked."""
    if actor.kind != "resident" or actor.id is None:
        raise NotAllowed("right_missing")
    return Person.objects.select_for_update().get(pk=actor.id)


def _set_email(person: Person, email: str | None) -> None:
    if fields := put(person, {"email": email}):
        person.version += 1
        save(person)
        record("person:changed", person, fields=fields)


def stop(person_id: int) -> None:
    """Whoever holds the link of a letter wants no more of them; again is no fault."""
    person = Person.objects.select_related("merged_into").get(pk=person_id)
    person = person.merged_into or person
    actor = ResidentActor(person.pk, person.name, ())
    with frame(actor):
        person = _self(actor)
        way = HomeWay.objects.filter(pk=person.pk).first()
        _choose(person, letters=False, language=way.language if way else "")


def _choose(person: Person, *, letters: bool, language: str) -> HomeWay:
    """One row for one person, whatever rows were merged into theirs."""
    rows = HomeWay.objects.filter(person__in=as_one([person.pk]))
    before = {way.letters for way in rows} or {True}
    rows.exclude(pk=person.pk).delete()
    row = save(HomeWay(person=person, letters=letters, language=language))
    if before != {letters}:
        record("home_way:chosen", person, letters=letters)
    return row
