"""What may be done to persons and what ties them to units: the only place that writes them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg.types.range import DateRange
from stdnum.cn import ric, uscc

from shouwen.estate.actions import EDIT
from shouwen.estate.keys import identity, identity_digest, person_keys, plate_key
from shouwen.estate.models import Contact, Occupancy, Person, Unit, Vehicle
from shouwen.estate.saving import allow, fetch, put, save, sentences
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import clean_line

REVEAL = "person.reveal"
OLD_IDENTITY, SHORTEST_IDENTITY = 15, 5

PURPOSES: dict[str, str | Promise] = {
    "call_back": _("回电"),
    "follow_up": _("回访"),
    "visit": _("上门联系"),
    "verify": _("核对身份"),
    "notice": _("送达通知"),
    "emergency": _("紧急情况"),
    "correct": _("更正资料"),
}


def checked_identity(number: str) -> str:
    """The number as it is kept. Resident identities and credit codes must have the right check digit.

    Passports and permits keep their own form; a long run of digits that is no identity number lacks some, or has
    some too many.
    """
    number = identity(number)
    if len(number) == 18:
        if not (ric.is_valid(number) or uscc.is_valid(number)):
            raise Refused("bad_identity")
    elif re.fullmatch(r"\d{11,}X?", number) and len(number) != OLD_IDENTITY:
        raise Refused("identity_length", digits=len(number))
    elif len(number) < SHORTEST_IDENTITY:
        raise Refused("identity_short")
    return number


def add_person(community_id: int, *, actor: Actor, name: str, phone: str = "", **values: Any) -> Person:
    """Register a person or organisation, with a first telephone number where given."""
    with frame(actor):
        allow(actor, EDIT, community_id)
        name = clean_line(name)
        row = Person(community_id=community_id, name=name, **_identified(values), **person_keys(name))
        save(row)
        record("person:added", row)
        if phone:
            _write_contact(row, phone, label="", primary=True)
    return row


def edit_person(key: int, *, actor: Actor, version: int | None = None, **values: Any) -> Person:
    """Change particulars; ``id_number`` None leaves the sealed number as it is, "" empties it."""
    with frame(actor):
        row = _person(key, actor, version)
        if values.get("id_number", "") is None:
            del values["id_number"]
        if "name" in values:
            values["name"] = clean_line(values["name"])
            values |= person_keys(values["name"])
        fields = put(row, _identified(values))
        if fields:
            row.version += 1
            save(row)
            shown = ",".join(
                f for f in fields.split(",") if f not in {"pinyin", "initials", "forms", "id_digest"}
            )
            record("person:changed", row, fields=shown)
    return row


def add_contact(
    person_id: int, *, actor: Actor, number: str, label: str = "", primary: bool = False
) -> Contact:
    with frame(actor):
        return _write_contact(_person(person_id, actor), number, label=label, primary=primary)


def edit_contact(key: int, *, actor: Actor, label: str, primary: bool) -> Contact:
    """Change what is said about a number; a new number is a new contact."""
    with frame(actor):
        row: Contact = fetch(Contact.objects, key, actor=actor, right=EDIT)
        if put(row, {"label": clean_line(label), "primary": primary}):
            _only_primary(row)
            save(row)
            record("contact:changed", row, person=row.person_id)
    return row


def remove_contact(key: int, *, actor: Actor) -> Person:
    with frame(actor):
        row: Contact = fetch(Contact.objects, key, actor=actor, right=EDIT)
        person = row.person
        record("contact:removed", row, person=row.person_id)
        row.delete()
    return person


def confirm_contact(key: int, *, actor: Actor) -> Contact:
    """The colleague has made sure that the number is still this person's: from now on it may sign in again."""
    with frame(actor):
        row: Contact = fetch(Contact.objects, key, actor=actor, right=EDIT)
        row.confirmed_at = clock.now()
        save(row)
        record("contact:confirmed", row, person=row.person_id)
    return row


def reveal_phone(contact_id: int, purpose: str, *, actor: Actor) -> str:
    """The whole number, for a purpose that is put on record."""
    _purposeful(purpose)
    with frame(actor):
        row: Contact = fetch(Contact.objects, contact_id, actor=actor, right=REVEAL)
        record("contact:revealed", row, person=row.person_id, purpose=purpose)
    return str(row.number)


def reveal_identity(person_id: int, purpose: str, *, actor: Actor) -> str:
    """The whole identity number, for a purpose that is put on record."""
    _purposeful(purpose)
    with frame(actor):
        row: Person = fetch(Person.objects, person_id, actor=actor, right=REVEAL)
        record("person:revealed", row, purpose=purpose)
    return str(row.id_number or "")


def move_in(
    unit_id: int,
    *,
    actor: Actor,
    person_id: int,
    role: str,
    since: date,
    until: date | None = None,
    share: Decimal | None = None,
) -> Occupancy:
    """Tie a person to a unit from ``since`` to ``until`` (both days count); overlaps are refused by the database."""
    with frame(actor):
        unit: Unit = fetch(Unit.objects, unit_id, actor=actor, right=EDIT)
        if unit.retired_on:
            raise Refused("unit_retired")
        person = _person(person_id, actor)
        if person.community_id != unit.community_id:
            raise Refused("other_community")
        row = save(
            Occupancy(
                community_id=unit.community_id,
                unit=unit,
                person=person,
                role=role,
                share=share,
                during=_during(since, until),
            )
        )
        ends = until.isoformat() if until else None
        record("occupancy:began", row, person=person.pk, role=role, since=since.isoformat(), until=ends)
    return row


def edit_occupancy(key: int, *, actor: Actor, role: str, share: Decimal | None, since: date) -> Occupancy:
    """Correct what was written down wrongly: role, share, first day."""
    with frame(actor):
        row: Occupancy = fetch(Occupancy.objects, key, actor=actor, right=EDIT)
        upper = cast(date | None, row.during.upper)
        if upper is not None and since >= upper:
            raise Refused("ends_before_start")
        if fields := put(row, {"role": role, "share": share, "during": DateRange(since, upper)}):
            save(row)
            record("occupancy:changed", row, person=row.person_id, fields=fields)
    return row


def move_out(key: int, *, actor: Actor, on: date) -> Occupancy:
    """End an occupancy; ``on`` is its last day. The row stays as history."""
    with frame(actor):
        row: Occupancy = fetch(Occupancy.objects, key, actor=actor, right=EDIT)
        if row.during.upper is not None and row.during.upper <= clock.today(row.community.zone):
            raise Refused("already_ended")
        row.during = _during(cast(date, row.during.lower), on)
        save(row)
        record("occupancy:ended", row, person=row.person_id, role=row.role, on=on.isoformat())
    return row


def add_vehicle(
    community_id: int,
    *,
    actor: Actor,
    plate: str,
    unit_id: int | None = None,
    person_id: int | None = None,
    label: str = "",
) -> Vehicle:
    with frame(actor):
        allow(actor, EDIT, community_id)
        row = Vehicle(community_id=community_id, plate=plate_key(plate), label=clean_line(label))
        _tie(row, unit_id, person_id)
        save(row)
        record("vehicle:added", row)
    return row


def edit_vehicle(
    key: int, *, actor: Actor, plate: str, unit_id: int | None, person_id: int | None, label: str
) -> Vehicle:
    with frame(actor):
        row: Vehicle = fetch(Vehicle.objects, key, actor=actor, right=EDIT)
        _tie(row, unit_id, person_id)
        put(row, {"plate": plate_key(plate), "label": clean_line(label)})
        save(row)
        record("vehicle:changed", row)
    return row


def remove_vehicle(key: int, *, actor: Actor) -> None:
    with frame(actor):
        row: Vehicle = fetch(Vehicle.objects, key, actor=actor, right=EDIT)
        record("vehicle:removed", row)
        row.delete()


def merge_persons(keep_id: int, *, actor: Actor, other_id: int, version: int | None = None) -> Person:
    """Make one of two rows for the same person. Everything moves to ``keep_id``; the other only points there."""
    if keep_id == other_id:
        raise Refused("merge_with_self")
    with frame(actor):
        # Locked in the order of their keys: two merges at once wait instead of blocking each other.
        rows = {key: _person(key, actor) for key in sorted((keep_id, other_id))}
        keep, other = rows[keep_id], rows[other_id]
        if version is not None and keep.version != version:
            keep = _person(keep_id, actor, version)
        if keep.community_id != other.community_id:
            raise Refused("other_community")
        _move_belongings(other, keep)
        for name in ("gender", "born_on", "id_number", "id_digest", "email", "remark"):
            if not getattr(keep, name):
                setattr(keep, name, getattr(other, name))
        other.merged_into = keep
        Person.objects.filter(merged_into=other).update(merged_into=keep)
        for row in (keep, other):
            row.version += 1
            save(row)
        record("person:merged", other, into=keep.pk)
    return keep


def _move_belongings(other: Person, keep: Person) -> None:
    """Contacts, vehicles and occupancies of ``other``; what ``keep`` has already is not doubled."""
    known = {bytes(whole) for whole in keep.contacts.values_list("whole", flat=True)}
    for contact in other.contacts.all():
        if bytes(contact.whole) in known:
            contact.delete()
            continue
        contact.person = keep
        contact.primary = contact.primary and not known
        save(contact)
    other.vehicles.update(person=keep)
    for theirs in other.occupancies.order_by("pk"):
        same = keep.occupancies.filter(
            unit=theirs.unit_id, role=theirs.role, during__overlap=theirs.during
        ).first()
        if same is None:
            theirs.person = keep
            save(theirs)
            continue
        theirs.delete()
        same.during = _union(same.during, theirs.during)
        with sentences():
            save(same)


def _union(first: DateRange, second: DateRange) -> DateRange:
    """The span of two ranges that overlap; an open end stays open."""
    lowers, uppers = (first.lower, second.lower), (first.upper, second.upper)
    return DateRange(
        None if None in lowers else min(filter(None, lowers)),
        None if None in uppers else max(filter(None, uppers)),
    )


def _person(key: int, actor: Actor, version: int | None = None) -> Person:
    row: Person = fetch(Person.objects, key, actor=actor, right=EDIT, version=version)
    if row.merged_into_id:
        raise Refused("already_merged")
    return row


def _identified(values: dict[str, Any]) -> dict[str, Any]:
    """With the digest that belongs to an identity number among the values."""
    if "id_number" not in values:
        return values
    number = checked_identity(values["id_number"]) if values["id_number"] else ""
    return {**values, "id_number": number or None, "id_digest": identity_digest(number) if number else None}


def _write_contact(person: Person, number: str, *, label: str, primary: bool) -> Contact:
    try:
        row = Contact.of(person, number, label=clean_line(label), primary=primary)
    except ValueError as error:
        raise Refused("bad_phone", why=str(error)) from error
    row.primary = row.primary or not person.contacts.exists()
    row.confirmed_at = clock.now()
    _only_primary(row)
    save(row)
    record("contact:added", row, person=person.pk)
    return row


def _only_primary(row: Contact) -> None:
    if row.primary:
        Contact.objects.filter(person=row.person_id, primary=True).exclude(pk=row.pk).update(primary=False)


def _during(since: date, last: date | None) -> DateRange:
    """Both days count; the database keeps ranges half open."""
    if last is not None and last < since:
        raise Refused("ends_before_start")
    return DateRange(since, last + timedelta(days=1) if last else None)


def _tie(row: Vehicle, unit_id: int | None, person_id: int | None) -> None:
    """Unit and person of a vehicle must be of its community."""
    if unit_id and not Unit.objects.filter(pk=unit_id, community_id=row.community_id).exists():
        raise NotFound("not_found")
    if person_id and not Person.objects.filter(pk=person_id, community_id=row.community_id).exists():
        raise NotFound("not_found")
    row.unit_id, row.person_id = unit_id, person_id


def _purposeful(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise Refused("purpose_missing")
