"""Cases for machines."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Header, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shouwen.api import moves
from shouwen.api.auth import actor
from shouwen.api.door import answers
from shouwen.api.fields import Ask, Code, Idempotency, Key, Moment, Pages, text
from shouwen.api.schemas import CaseOut, CaseWhole, EntryOut, PhotoOut, Rows, case_row, listed
from shouwen.api.timeline import timeline
from shouwen.cases.flow import CASE
from shouwen.cases.forms import FORMS
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case, Kind, State
from shouwen.kernel import files, limits
from shouwen.kernel.once import once
from shouwen.kernel.refusals import NotFound
from shouwen.people.viewers import TokenActor

router = Router(tags=["cases"])
pictures = Router(tags=["photos"])
SEE = ("case.see", "complaint.see")
Pictures = Annotated[
    tuple[UUID, ...],
    Field(max_length=limits.FILES_AT_ONCE, description="`id`s of pictures that this token sent."),
    AfterValidator(lambda keys: tuple(dict.fromkeys(keys))),
]
SAFE = "One key, one body, one result: a retry with the same key answers as the first call did, and is never stale."
ONCE: Any = Header("", alias="Idempotency-Key", description=SAFE)  # type: ignore[type-arg]


class CaseIn(BaseModel):
    """What a resident brought. The place is a unit, a public area, or words."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    category: Code
    title: text(120, least=1)  # type: ignore[valid-type]
    words: text(limits.TEXT) = ""  # type: ignore[valid-type]
    unit_id: Key | None = None
    space_id: Key | None = None
    place: text(80) = ""  # type: ignore[valid-type]
    person_id: Key | None = None
    asker: text(limits.NAME) = ""  # type: ignore[valid-type]
    phone: text(30) = ""  # type: ignore[valid-type]
    urgent: bool = False
    preferred_at: Moment | None = None
    preferred_until: Moment | None = None
    happened_at: Moment | None = None
    about_id: Key | None = None
    first_responder_id: Key | None = None
    photos: Pictures = ()


class CaseFilter(BaseModel):
    """Which cases; newest first."""

    kind: Kind | None = None
    state: State | None = None
    open: bool | None = None
    category: Code | None = None
    unit_id: Key | None = None
    person_id: Key | None = None
    first_responder_id: Key | None = None
    handler_id: Key | None = None
    since: Moment | None = None
    until: Moment | None = None
    q: Ask = ""


@router.post("", response=answers({201: CaseOut, 200: CaseOut}, 409), summary="登记事项")
def register_case(request: HttpRequest, payload: CaseIn, idempotency_key: Idempotency = ONCE) -> Any:
    """Register a case: 201. The same Idempotency-Key with the same body answers with the same case: 200."""
    me = actor(request, "case.register")
    files.sent_by(me, me.community_id, payload.photos)
    given = payload.model_dump()
    wanted = Intake(community_id=me.community_id, channel=Case.Channel.API, **given)
    made: list[Case] = []

    def act() -> str:
        made.append(register(wanted, actor=me))
        return str(made[0].pk)

    subject, again = once(me, "cases.register", idempotency_key, given, act)
    return Status(200, case_row(fetch(me, UUID(subject)))) if again else Status(201, case_row(made[0]))


@router.get("", response=answers(Rows[CaseOut]), summary="事项列表")
def list_cases(request: HttpRequest, wanted: Query[CaseFilter], pages: Pages) -> Any:
    me = actor(request, *SEE)
    rows = Case.objects.visible_to(me)
    plain = wanted.model_dump(exclude_none=True, exclude={"open", "since", "until", "q", "category"})
    rows = rows.filter(**plain)
    if wanted.category is not None:
        rows = rows.filter(category_id=wanted.category)
    if wanted.open is not None:
        rows = rows.open() if wanted.open else rows.exclude(closed_at=None)
    if wanted.since:
        rows = rows.filter(opened_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(opened_at__lt=wanted.until)
    if wanted.q.strip():
        rows = rows.saying(wanted.q)
    return listed(rows, ("-opened_at", "-id"), pages, case_row)


@router.get("/{key}", response=answers(CaseWhole), summary="一件事项")
def show_case(request: HttpRequest, key: UUID) -> Any:
    me = actor(request, *SEE)
    return whole(me, fetch(me, key))


@router.get("/{key}/timeline", response=answers(list[EntryOut]), summary="时间线")
def show_timeline(request: HttpRequest, key: UUID) -> Any:
    me = actor(request, *SEE)
    return timeline(fetch(me, key))


@router.post(
    "/{key}/moves/{move}",
    response=answers(CaseWhole, 409),
    summary="办理事项",
    description=moves.described(CASE, FORMS),
)
def move_case(
    request: HttpRequest, key: UUID, move: Code, payload: moves.Inputs, idempotency_key: Idempotency = ONCE
) -> Any:
    me = actor(request)
    moves.make(CASE, FORMS, fetch(me, key), move, payload, me, idempotency_key)
    return whole(me, fetch(me, key))


@pictures.post("", response=answers({201: PhotoOut}, 409), summary="上传照片")
def upload_photo(request: HttpRequest, photo: File[UploadedFile]) -> Any:
    """Send one picture (JPEG, PNG, WebP or HEIC, at most 20 MB): it is encoded anew, without its metadata.

    Its `id` goes into `photos` of a case that the same token registers within a day; unused ones are deleted.
    """
    me = actor(request, "case.register")
    return Status(201, files.accept(photo, frozenset({files.IMAGE}), actor=me, community_id=me.community_id))


def fetch(me: TokenActor, key: UUID) -> Case:
    """The case of this key if the machine may see it."""
    row = (
        Case.objects.visible_to(me)
        .select_related("first_responder", "handler", "category")
        .filter(pk=key)
        .first()
    )
    if row is None:
        raise NotFound("not_found")
    return row


def whole(me: TokenActor, case: Case) -> dict[str, Any]:
    """A case with names and the moves that lead on."""
    return {
        **case_row(case),
        "first_responder": case.first_responder.name,
        "handler": case.handler.name if case.handler else "",
        "moves": moves.offered(CASE, FORMS, case, me),
    }
