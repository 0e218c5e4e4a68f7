"""Who a letter goes to: a colleague or a resident, at which address, in which language, and what it may tell them.

Asked at the moment of sending: whoever left, moved out, opted out or lost sight of the matter gets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shouwen.estate.models import Person
from shouwen.estate.persons import as_one
from shouwen.notices.letters import Story, tellers
from shouwen.notices.models import HomeWay, Letter, Notice, Way
from shouwen.notices.smtp import EMAIL
from shouwen.people.home_sign_in import doubtful
from shouwen.people.models import Staff
from shouwen.people.viewers import ResidentActor, StaffActor

_SILENT = "nobody tells the stories: the switchboard is not connected"


@dataclass(frozen=True)
class Addressee:
    """``address`` is empty for whom no letter reaches; ``needless`` says which letters need not go any more."""

    name: str
    language: str
    address: str
    mail: str
    tell: Callable[[Sequence[Letter]], Mapping[UUID, Story]]
    needless: Callable[[Letter], bool]


def addressee(row: Letter) -> Addressee:
    """Of a letter, as things are now."""
    # A letter that was written before their row was merged goes to whom it means.
    return _resident(row, row.person.merged_into or row.person) if row.person else _colleague(row.staff)


def _colleague(staff: Staff | None) -> Addressee:
    if staff is None:
        raise ValueError("a letter has a recipient: the database holds it to that")
    way: Way | None = getattr(staff, "way", None)
    mail = way.mail if way else Way.Mail.LATE
    me = StaffActor.of(staff)

    def tell(rows: Sequence[Letter]) -> Mapping[UUID, Story]:
        if tellers.of is None:
            raise RuntimeError(_SILENT)
        return tellers.of(rows, me)

    def needless(row: Letter) -> bool:
        """Left the house, or read inside the product meanwhile."""
        read = Notice.objects.filter(staff=staff, once=row.once, read_at__isnull=False)
        return not staff.is_active or read.exists()

    address = staff.email if mail != Way.Mail.NONE else ""
    return Addressee(staff.name, staff.language, address, mail, tell, needless)


def _resident(row: Letter, person: Person) -> Addressee:
    ways = list(HomeWay.objects.filter(person__in=as_one([person.pk])))
    # Who opted out under one of several names for the same person has opted out.
    wanted = all(way.letters for way in ways)
    address = str(person.email or "") if row.carrier == EMAIL else number_of(person)
    language = next((way.language for way in ways if way.language), "")

    def tell(rows: Sequence[Letter]) -> Mapping[UUID, Story]:
        if tellers.homes is None:
            raise RuntimeError(_SILENT)
        return tellers.homes(rows, ResidentActor.of(person))

    return Addressee(person.name, language, address if wanted else "", Way.Mail.ALL, tell, _overtaken)


def _overtaken(row: Letter) -> bool:
    """A later letter waits that tells the same person of the same matter how it stands now."""
    later = Letter.objects.filter(person=row.person_id, matter_id=row.matter_id, code=row.code, id__gt=row.pk)
    return later.filter(state=Letter.State.WAITING).exists()


def number_of(person: Person) -> str:
    """The number of a person's own that is in no doubt; empty if there is none."""
    contacts = person.contacts.order_by("-primary", "id")
    return next((str(c.number) for c in contacts if not doubtful(c)), "")
