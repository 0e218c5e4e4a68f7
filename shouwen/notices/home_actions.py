"""What a resident decides about letters: whether, where to, in which language."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from shouwen.estate.models import Person
from shouwen.estate.persons import as_one
from shouwen.estate.saving import put, save
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.kernel.text import clean_line
from shouwen.notices.models import HomeWay
from shouwen.people.viewers import ResidentActor

LONGEST = 200


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


def choose_home_way(*, actor: Actor, letters: bool, language: str, email: str | None = None) -> HomeWay:
    """The actor's own choice; ``email`` None leaves the address as it is, "" empties it."""
    if actor.kind != "resident" or actor.id is None:
        raise NotAllowed("right_missing")
    with frame(actor):
        person = Person.objects.select_for_update().get(pk=actor.id)
        if email is not None and (fields := put(person, {"email": checked_email(email)})):
            person.version += 1
            save(person)
            record("person:changed", person, fields=fields)
        return _choose(person, letters=letters, language=language)


def stop(person_id: int) -> None:
    """Whoever holds the link of a letter wants no more of them; again is no fault."""
    person = Person.objects.select_related("merged_into").get(pk=person_id)
    person = person.merged_into or person
    with frame(ResidentActor(person.pk, person.name, ())):
        Person.objects.select_for_update().get(pk=person.pk)
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
