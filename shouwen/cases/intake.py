"""Intake: the first word of a resident becomes a case with a first responder (E-1.4.1, B-2.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shouwen.cases.models import Case, Category, Kind, Photo
from shouwen.estate.models import Person, Space, Unit
from shouwen.kernel import clock, phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import clean
from shouwen.kernel.writes import insert_numbered
from shouwen.people import who

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
    """Register a case; returns it without its number, which is drawn as the transaction commits.

    Refuses without a place or title, for a time in the future, a category of another kind, rows of another community.
    """
    if not actor.may("case.register", intake.community_id):
        raise NotAllowed("no_right", move="登记事项")
    category = _category(intake)
    place = _place(intake, actor)
    responder = _first_responder(intake, actor)
    case = _case(intake, category, place, responder)
    with frame(actor) as opened:
        case.rework_of_id = _earlier_repair(case)
        for file_id in intake.photos:
            opened.insert(_photo(case, file_id))
        day = clock.local(case.recorded_at).date()
        opened.finish(insert_numbered(case, series="case", day=day, prefix=f"{day:%y%m%d}-"))
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


def _category(intake: Intake) -> Category:
    category = categories().get(intake.category)
    if category is None or category.kind != intake.kind:
        raise Refused("case.category")
    return category


def categories() -> dict[str, Category]:
    """The active categories by code; a handful of rows, read at each intake."""
    return {c.code: c for c in Category.objects.filter(active=True)}


def _place(intake: Intake, actor: Actor) -> str:
    """The words of the place as they will stand on the case, after every id went through the viewer's scope."""
    _person(intake, actor)
    if intake.unit_id:
        unit = (
            Unit.objects.visible_to(actor).filter(pk=intake.unit_id, community_id=intake.community_id).first()
        )
        if unit is None:
            raise NotFound("not_found")
        return unit.code
    if intake.space_id:
        space = (
            Space.objects.visible_to(actor)
            .filter(pk=intake.space_id, community_id=intake.community_id)
            .first()
        )
        if space is None:
            raise NotFound("not_found")
        return space.name
    if not clean(intake.place):
        raise Refused("case.place")
    return clean(intake.place)[:80]


def _person(intake: Intake, actor: Actor) -> None:
    if intake.person_id is None:
        return
    seen = Person.objects.visible_to(actor).filter(pk=intake.person_id, community_id=intake.community_id)
    if not seen.exists():
        raise NotFound("not_found")


def _first_responder(intake: Intake, actor: Actor) -> int:
    """Whoever is asked first; a machine's requests go to the fallback owner of the community."""
    if actor.kind == "staff" and actor.id is not None:
        return actor.id
    return intake.first_responder_id or who.fallback_of(intake.community_id)


def _case(intake: Intake, category: Category, place: str, responder: int) -> Case:
    now = clock.now()
    title, words = clean(intake.title).replace("\n", " ")[:120], clean(intake.words)
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
        phone=phones.normalise(intake.phone) if intake.phone else None,
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


def _first_handler(intake: Intake, responder: int) -> int | None:
    """Repairs wait for a technician; a complaint about the person asked goes to somebody else at once."""
    if intake.kind == Kind.REPAIR:
        return None
    if intake.about_id != responder:
        return responder
    return who.superior_of(responder, intake.community_id)


def _earlier_repair(case: Case) -> UUID | None:
    """The finished repair of the same place and category within 30 days: then this one counts as rework."""
    if case.kind != Kind.REPAIR or not (case.unit_id or case.space_id):
        return None
    since = case.opened_at - timedelta(days=REWORK_DAYS)
    earlier = (
        Case.objects.filter(community_id=case.community_id, category_id=case.category_id, kind=Kind.REPAIR)
        .place(case.unit_id, case.space_id)
        .filter(done_at__gte=since)
        .order_by("-opened_at")
        .values_list("id", flat=True)
    )
    return earlier.first()


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
