"""Intake: the first word of a resident becomes a case with a first responder (E-1.4.1, B-2.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.utils.translation import gettext as _

from shouwen.cases.models import Case, Category, Kind, Photo
from shouwen.estate.models import Person, Space, Unit
from shouwen.kernel import clock, phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import clean, clean_line
from shouwen.kernel.writes import insert_numbered
from shouwen.people import who
from shouwen.people.models import Fallback, Grant

REWORK_DAYS = 30


@dataclass(frozen=True)
class Intake:
    """What the desk heard. A place is a unit, a public area, or words; ``happened_at`` makes it a back-entry."""

    community_id: int
    kind: str
    category: str
    title: str
    words: str = ""
    unit_id: int | None = None
    space_id: int | None = None
    place: str = ""
    person_id: int | None = None
    asker: str = ""
    phone: str = ""
    channel: str = Case.Channel.DESK
    urgent: bool = False
    preferred_at: datetime | None = None
    happened_at: datetime | None = None
    about_id: int | None = None
    first_responder_id: int | None = None
    photos: tuple[UUID, ...] = field(default=())


def register(intake: Intake, *, actor: Actor) -> Case:
    """Register a case; it has its number as soon as the transaction is committed.

    Refuses without a place or title, for a time in the future, a category of another kind, rows of another community.
    """
    if not actor.may("case.register", intake.community_id):
        raise NotAllowed("no_right", move=_("登记事项"))
    category = _known(intake, actor)
    responder = _first_responder(intake, actor, category)
    case = _case(intake, category, _place(intake, category), responder)
    case.rework_of_id = category.earlier
    with frame(actor) as opened:
        for file_id in intake.photos:
            opened.insert(_photo(case, file_id))
        day = clock.local(case.recorded_at).date()
        number = insert_numbered(case, series="case", day=day, prefix=f"{day:%y%m%d}-")
        opened.finish(number, partial(_numbered, case))
        record(
            "case:registered",
            case,
            at=case.happened_at,
            now=case.state,
            kind=case.kind,
            category=case.category_id,
            trade=category.trade,
            channel=case.channel,
            urgent=case.urgent,
            first_responder=case.first_responder_id,
            handler=case.handler_id,
            back_entry=case.back_entry,
            about=case.about_id,
        )
    return case


def _numbered(case: Case, row: tuple[Any, ...]) -> None:
    case.number, case.turn = row


def _known(intake: Intake, actor: Actor) -> Any:
    """The category, with all else that the intake names, each id through the viewer's scope, in one round trip."""
    here = intake.community_id
    rows: Any = Category.objects.filter(pk=intake.category, kind=intake.kind, active=True)
    rows = rows.annotate(
        unit_code=_one(Unit, actor, here, intake.unit_id, "code"),
        space_name=_one(Space, actor, here, intake.space_id, "name"),
        person_seen=_one(Person, actor, here, intake.person_id, "pk"),
        about_here=_colleague(here, intake.about_id),
        responder_here=_colleague(here, intake.first_responder_id),
        fallback=Subquery(Fallback.objects.filter(pk=here, staff__is_active=True).values("staff_id")),
        earlier=_earlier_repair(intake),
    )
    category = rows.first()
    if category is None:
        raise Refused("case.category")
    named = (
        (intake.unit_id, category.unit_code),
        (intake.space_id, category.space_name),
        (intake.person_id, category.person_seen),
        (intake.about_id, category.about_here),
        (intake.first_responder_id, category.responder_here),
    )
    if any(key is not None and found is None for key, found in named):
        raise NotFound("not_found")
    return category


def _one(model: Any, actor: Actor, community_id: int, key: int | None, field: str) -> Subquery:
    """A field of the row of this key, if the viewer may see it and it lies in the community."""
    rows = model.objects.visible_to(actor) if key is not None else model.objects.none()
    return Subquery(rows.filter(pk=key, community_id=community_id).order_by().values(field)[:1])


def _colleague(community_id: int, staff_id: int | None) -> Subquery:
    """The active staff member of this key, if a grant reaches the community."""
    grants = Grant.objects.reaching([community_id] if staff_id is not None else [])
    return Subquery(grants.filter(staff_id=staff_id, staff__is_active=True).values("staff_id")[:1])


def _place(intake: Intake, known: Any) -> str:
    """The words of the place as they will stand on the case."""
    words = known.unit_code or known.space_name or clean_line(intake.place)
    if not words:
        raise Refused("case.place")
    return str(words)[:80]


def _first_responder(intake: Intake, actor: Actor, known: Any) -> int:
    """Whoever is asked first; a machine's requests go to the fallback owner of the community."""
    if actor.kind == "staff" and actor.id is not None:
        return actor.id
    return intake.first_responder_id or known.fallback or who.fallback_of(intake.community_id)


def _case(intake: Intake, category: Category, place: str, responder: int) -> Case:
    now = clock.now()
    title, words = clean_line(intake.title)[:120], clean(intake.words)
    if not title:
        raise Refused("case.title")
    if intake.happened_at and intake.happened_at > now + timedelta(minutes=1):
        raise Refused("case.future")
    if intake.about_id and intake.kind != Kind.COMPLAINT:
        raise Refused("case.about_only_complaint")
    return Case(
        community_id=intake.community_id,
        kind=intake.kind,
        category_id=category.code,
        channel=intake.channel,
        unit_id=intake.unit_id,
        space_id=intake.space_id,
        place=place,
        person_id=intake.person_id,
        asker=clean(intake.asker)[:60],
        phone=_phone(intake.phone),
        title=title,
        words=words,
        urgent=intake.urgent or category.urgent,
        preferred_at=intake.preferred_at,
        first_responder_id=responder,
        handler_id=_first_handler(intake, responder),
        about_id=intake.about_id,
        happened_at=intake.happened_at or now,
        recorded_at=now,
        opened_at=now,
        back_entry=intake.happened_at is not None,
    )


def _phone(typed: str) -> str | None:
    try:
        return phones.normalise(typed) if clean_line(typed) else None
    except ValueError as error:
        raise Refused("case.phone", why=str(error)) from error


def _first_handler(intake: Intake, responder: int) -> int | None:
    """Repairs wait for a technician; a complaint about the person asked goes to somebody else at once."""
    if intake.kind == Kind.REPAIR:
        return None
    if intake.about_id != responder:
        return responder
    return who.superior_of(responder, intake.community_id)


def _earlier_repair(intake: Intake) -> Subquery:
    """The finished repair of the same place and category within 30 days: then this one counts as rework."""
    rows = Case.objects.filter(community_id=intake.community_id, category_id=intake.category, kind=Kind.REPAIR)
    if intake.kind != Kind.REPAIR or not (intake.unit_id or intake.space_id):
        rows = rows.none()
    rows = rows.place(intake.unit_id, intake.space_id)
    since = clock.now() - timedelta(days=REWORK_DAYS)
    return Subquery(rows.filter(done_at__gte=since).order_by("-opened_at").values("id")[:1])


def _photo(case: Case, file_id: UUID) -> Photo:
    return Photo(
        community_id=case.community_id,
        case_id=case.id,
        file_id=file_id,
        stage=Photo.Stage.INTAKE,
        at=case.recorded_at,
    )


def likely_duplicates(viewer: Actor, unit_id: int | None, space_id: int | None, category: str) -> list[Case]:
    """Open cases of the same place and category: shown before a second one is registered."""
    if not (unit_id or space_id):
        return []
    rows = Case.objects.visible_to(viewer).open().place(unit_id, space_id).filter(category_id=category)
    return list(rows.select_related("category", "first_responder").order_by("-opened_at")[:5])
