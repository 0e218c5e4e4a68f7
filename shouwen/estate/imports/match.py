"""Who is who: persons of a file found in the file itself and among those already registered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from shouwen.estate.imports.parse import Read, Tie
from shouwen.estate.keys import identity_digests
from shouwen.estate.models import Contact, Occupancy, Person
from shouwen.kernel import clock, phones

_CHUNK = 5000


@dataclass(slots=True, eq=False)
class Somebody:
    """One person of the file, however many lines name them. ``pk`` when they are registered already."""

    name: str
    id_number: str = ""
    gender: str = ""
    phones: dict[str, bytes] = field(default_factory=dict)
    pk: int | None = None
    known_phones: set[bytes] = field(default_factory=set)
    known_id: bool = False
    known_gender: str = ""


Key = tuple[str, str, str]


class People:
    """The persons of a file: the same identity number, telephone or unit with the same name is the same person."""

    def __init__(self) -> None:
        self._by_key: dict[Key, Somebody] = {}
        self._numbers: dict[str, str] = {}
        # A digest under any known key leads to the same under the current one.
        self.kept_as: dict[bytes, bytes] = {}
        self.all: list[Somebody] = []

    def of(self, tie: Tie, code: str) -> Somebody:
        """The person whom a line means; made when no line before meant them."""
        keys = list(_keys(tie, code))
        somebody = next((s for k in keys if (s := self._by_key.get(k)) and _agree(s, tie)), None)
        if somebody is None:
            somebody = Somebody(tie.name)
            self.all.append(somebody)
        somebody.id_number = somebody.id_number or tie.id_number
        somebody.gender = somebody.gender or tie.gender
        for number in tie.phones:
            if number not in somebody.phones:
                kept = phones.wholes(number)
                somebody.phones[number] = kept[0]
                self.kept_as.update(dict.fromkeys(kept, kept[0]))
        for key in keys:
            self._by_key.setdefault(key, somebody)
        return somebody

    def other_name(self, tie: Tie) -> str:
        """Another name that came with the same identity number before, empty if none did."""
        if not tie.id_number:
            return ""
        first = self._numbers.setdefault(tie.id_number, tie.name)
        return "" if first == tie.name else first


def find_registered(community_id: int, reads: Iterable[tuple[Read, list[Somebody]]], people: People) -> None:
    """Give everybody who is registered already their ``pk``: by identity, by telephone, by where they live."""
    _by_identity(community_id, people)
    _by_phone(community_id, people)
    homes: dict[tuple[str, str], Somebody] = {}
    for read, named in reads:
        for somebody in named:
            if somebody.pk is None:
                homes.setdefault((read.code, somebody.name), somebody)
    if homes:
        today = Occupancy.objects.filter(community_id=community_id, during__contains=clock.today())
        for code, name, pk in today.values_list("unit__code", "person__name", "person_id").iterator():
            found = homes.get((code, name))
            if found and found.pk is None:
                found.pk = pk
    _learn(people)


def _keys(tie: Tie, code: str) -> Iterable[Key]:
    if tie.id_number:
        yield "id", tie.id_number, tie.name
    for number in tie.phones:
        yield "phone", number, tie.name
    yield "unit", code, tie.name


def _agree(somebody: Somebody, tie: Tie) -> bool:
    """Two different identity numbers are two persons of the same name."""
    return not (somebody.id_number and tie.id_number and somebody.id_number != tie.id_number)


def _persons(community_id: int) -> QuerySet[Person]:
    return Person.objects.filter(community_id=community_id, merged_into__isnull=True)


def _by_identity(community_id: int, people: People) -> None:
    known = [s for s in people.all if s.id_number]
    wanted = {(digest, s.name): s for s in known for digest in identity_digests(s.id_number)}
    for part in chunks({digest for digest, _name in wanted}):
        rows = _persons(community_id).filter(id_digest__in=part).values_list("pk", "id_digest", "name")
        for pk, digest, name in rows:
            if somebody := wanted.get((bytes(digest or b""), name)):
                somebody.pk, somebody.known_id = pk, True


def _by_phone(community_id: int, people: People) -> None:
    wanted = {(whole, s.name): s for s in people.all if s.pk is None for whole in s.phones.values()}
    unplaced = {whole for whole, _name in wanted}
    for part in chunks(digest for digest, whole in people.kept_as.items() if whole in unplaced):
        rows = Contact.objects.filter(community_id=community_id, whole__in=part, person__merged_into=None)
        found = rows.values_list("person_id", "whole", "person__name", "person__id_digest")
        for pk, whole, name, digest in found:
            somebody = wanted.get((people.kept_as[bytes(whole)], name))
            if somebody and somebody.pk is None and not (digest and somebody.id_number):
                somebody.pk = pk


def _learn(people: People) -> None:
    """What is known of those who are registered, so that only what is new is written."""
    by_pk = {s.pk: s for s in people.all if s.pk is not None}
    for part in chunks(by_pk):
        for pk, gender, digest in Person.objects.filter(pk__in=part).values_list("pk", "gender", "id_digest"):
            by_pk[pk].known_gender, by_pk[pk].known_id = gender, digest is not None
        for pk, whole in Contact.objects.filter(person_id__in=part).values_list("person_id", "whole"):
            by_pk[pk].known_phones.add(people.kept_as.get(bytes(whole), bytes(whole)))


def chunks(items: Iterable[Any]) -> Iterable[list[Any]]:
    """Lists of a few thousand: a statement with more parameters costs more than two."""
    rest = iter(items)
    while part := list(islice(rest, _CHUNK)):
        yield part
