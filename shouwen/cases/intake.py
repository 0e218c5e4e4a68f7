"""Intake: the first word of a resident becomes a case with a first responder (E-1.4.1, B-2.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from shouwen.cases.calling.times import window_end
from shouwen.cases.models import PHONE_COLUMNS, Case, Kind, Photo
from shouwen.kernel import clock, phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.kernel.text import clean, clean_line
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
    preferred_until: datetime | None = None
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
    _at_home(intake, actor)
    category = _known(intake)
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


def _at_home(intake: Intake, actor: Actor) -> None:
    """A resident brings matters in their own name, about a home of theirs or a public place."""
    if actor.kind != "resident":
        return
    homes = {s.unit_id for s in actor.stays if "case.register" in s.rights}
    if intake.person_id != actor.id or (intake.unit_id is not None and intake.unit_id not in homes):
        raise NotFound("not_found")


def _numbered(case: Case, row: tuple[Any, ...]) -> None:
    case.number, case.turn = row


@dataclass(frozen=True)
class _Known:
    """What the database knows of everything that the intake names."""

    code: str
    trade: str
    urgent: bool
    unit_code: str | None
    space_name: str | None
    person: int | None
    about: int | None
    responder: int | None
    fallback: int | None
    earlier: UUID | None


# One statement of constant text: built by the ORM it would cost more than all the rest of an intake. The community is
# one of the actor's (the right was asked there), so that a row's scope is its community.
_COLLEAGUE = """(select s.id from people_staff s where s.id = %({})s and s.is_active and exists (
    select from people_grant g
    left join estate_branch b on b.company_id = g.company_id or b.id = g.branch_id
    join estate_community h on h.id = g.community_id or h.branch_id = b.id
    where g.staff_id = s.id and h.id = %(here)s))"""
_KNOWN = """
select c.code, c.trade, c.urgent,
  (select code from estate_unit where id = %(unit)s and community_id = %(here)s and retired_on is null),
  (select name from estate_space where id = %(space)s and community_id = %(here)s),
  (select id from estate_person where id = %(person)s and community_id = %(here)s),
  {about},
  {responder},
  (select f.staff_id from people_fallback f join people_staff s on s.id = f.staff_id and s.is_active
    where f.community_id = %(here)s),
  case when c.kind = 'repair' then coalesce(
    (select id from cases_case where unit_id = %(unit)s and category_id = c.code and kind = 'repair'
      and done_at >= %(since)s order by opened_at desc limit 1),
    (select id from cases_case where space_id = %(space)s and category_id = c.code and kind = 'repair'
      and unit_id is null and done_at >= %(since)s order by opened_at desc limit 1)) end
from cases_category c where c.code = %(category)s and c.kind = %(kind)s and c.active
""".format(about=_COLLEAGUE.format("about"), responder=_COLLEAGUE.format("responder"))


def _known(intake: Intake) -> _Known:
    """The category, with all else that the intake names, each id within the community, in one round trip."""
    asked = {
        "here": intake.community_id, "unit": intake.unit_id, "space": intake.space_id, "person": intake.person_id,
        "about": intake.about_id, "responder": intake.first_responder_id, "category": intake.category,
        "kind": intake.kind, "since": clock.now() - timedelta(days=REWORK_DAYS),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, asked)
        row = cursor.fetchone()
    if row is None:
        raise Refused("case.category")
    known = _Known(*row)
    named = (
        (intake.unit_id, known.unit_code),
        (intake.space_id, known.space_name),
        (intake.person_id, known.person),
        (intake.about_id, known.about),
        (intake.first_responder_id, known.responder),
    )
    if any(key is not None and found is None for key, found in named):
        raise NotFound("not_found")
    return known


def _place(intake: Intake, known: _Known) -> str:
    """The words of the place as they will stand on the case."""
    words = known.unit_code or known.space_name or clean_line(intake.place)
    if not words:
        raise Refused("case.place")
    return str(words)[:80]


def _first_responder(intake: Intake, actor: Actor, known: _Known) -> int:
    """Whoever is asked first; a machine's requests go to the fallback owner of the community."""
    if actor.kind == "staff" and actor.id is not None:
        return actor.id
    return intake.first_responder_id or known.fallback or who.fallback_of(intake.community_id)


def _case(intake: Intake, category: _Known, place: str, responder: int) -> Case:
    now = clock.now()
    title, words = clean_line(intake.title)[:120], clean(intake.words)
    if not title:
        raise Refused("case.title")
    if intake.happened_at and intake.happened_at > now + timedelta(minutes=1):
        raise Refused("case.future")
    if intake.about_id and intake.kind != Kind.COMPLAINT:
        raise Refused("case.about_only_complaint")
    phone = _phone(intake.phone)
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
        phone=phone,
        **(PHONE_COLUMNS(phone) if phone else {}),
        title=title,
        words=words,
        urgent=intake.urgent or category.urgent,
        preferred_at=intake.preferred_at,
        preferred_until=_hours_end(intake, now),
        first_responder_id=responder,
        handler_id=_first_handler(intake, responder),
        about_id=intake.about_id,
        happened_at=intake.happened_at or now,
        recorded_at=now,
        opened_at=now,
        back_entry=intake.happened_at is not None,
    )


def _hours_end(intake: Intake, now: datetime) -> datetime | None:
    """The end of the hours wished for; they must not be over before the matter was brought, give or take an hour."""
    until = window_end(intake.preferred_at, intake.preferred_until)
    last = until or intake.preferred_at
    if last and last < (intake.happened_at or now) - timedelta(hours=1):
        raise Refused("case.past")
    return until


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


def _photo(case: Case, file_id: UUID) -> Photo:
    return Photo(
        community_id=case.community_id,
        case_id=case.id,
        file_id=file_id,
        stage=Photo.Stage.INTAKE,
        at=case.recorded_at,
    )
