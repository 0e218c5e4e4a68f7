"""What the matrix walks through: one row of everything in the cast's community, and one visitor per case of rights."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from shouwen.cases import actions, answers
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Photo
from shouwen.cases.phrases.actions import add_phrase
from shouwen.duties import occasion_actions
from shouwen.duties.models import Audit, Duty
from shouwen.estate import persons_actions
from shouwen.estate.imports.sources import sources
from shouwen.estate.models import CalendarDay, Community, Occupancy, Person, Unit
from shouwen.estate.runs import ImportRun
from shouwen.kernel import clock, files
from shouwen.kernel.actors import System
from shouwen.kernel.ids import uuid7
from shouwen.people import home_sign_in
from shouwen.people.models import Absence, Grant, HomeSignIn, Post, SavedView, SignIn, Skill, Token, TotpReset
from shouwen.people.rights import RIGHTS
from shouwen.people.viewers import ResidentActor
from shouwen.works.models import Order
from tests.api.conftest import make_token
from tests.cast import Cast, make_cast, make_person, make_staff, make_unit
from tests.house.addresses import addresses
from tests.house.matrix import ROWS, Row

MARKS = ("梅若兰", "3-1-1201", "厨房漏水", "13900001201")
"""What must never be seen from the other community."""


@dataclass
class World:
    """The cast with one row of everything; ``keys`` names them for the addresses of the matrix."""

    cast: Cast
    keys: dict[str, Any] = field(default_factory=dict)
    visitors: dict[tuple[int, frozenset[str]], Client] = field(default_factory=dict)

    def visitor(self, community: Community, rights: frozenset[str]) -> Client:
        """A browser signed in by somebody who holds just these rights in one community."""
        if (community.pk, rights) not in self.visitors:
            code = f"m{Post.objects.count()}"
            Post.objects.create(code=code, name=code, rights=sorted(rights), sort=999)
            staff = make_staff(f"visitor_{code}", "访客", code, community)
            client = Client(raise_request_exception=False)
            client.force_login(staff)
            SignIn.objects.get_or_create(
                session_key=client.session.session_key, defaults={"staff": staff, "at": clock.now()}
            )
            self.visitors[community.pk, rights] = client
        # A fresh browser each time with the same cookies: one visit may sign out.
        again = Client(raise_request_exception=False)
        again.cookies.load({name: m.value for name, m in self.visitors[community.pk, rights].cookies.items()})
        return again

    def with_all(self) -> Client:
        return self.visitor(self.cast.community, frozenset(RIGHTS))

    def without(self, right: str) -> Client:
        return self.visitor(self.cast.community, frozenset(RIGHTS) - {*right.split("|")})

    def elsewhere(self) -> Client:
        return self.visitor(self.cast.other, frozenset(RIGHTS))

    def tokens(self, right: str) -> dict[str, str]:
        every = frozenset(RIGHTS)
        less = every - set(right.split("|"))
        cast = self.cast
        return {
            "nobody": "",
            "without": make_token(cast.community, cast.alice, tuple(less)),
            "own": make_token(cast.community, cast.alice, tuple(every)),
            "elsewhere": make_token(cast.other, cast.charlie, tuple(every)),
        }


def build() -> World:
    cast = make_cast()
    alice = cast.actor(cast.alice)
    asked = Intake(
        cast.community.pk, "repair", "leak", "厨房漏水", unit_id=cast.unit.pk, person_id=cast.mei.pk
    )
    case = register(asked, actor=cast.actor(cast.bob))
    actions.note(case.pk, actor=cast.actor(cast.bob), words="梅若兰来电")
    stored = files.accept(picture(), frozenset({files.IMAGE}), actor=alice, community_id=cast.community.pk)
    actions.photograph(case.pk, actor=alice, file_ids=[stored.pk])
    mei = ResidentActor.of(cast.mei)
    sent = files.accept(picture(), frozenset({files.IMAGE}), actor=mei, community_id=cast.community.pk)
    actions.say(case.pk, actor=mei, words="还在漏", file_ids=[sent.pk])
    vehicle = persons_actions.add_vehicle(
        cast.community.pk, actor=alice, plate="沪A12345", unit_id=cast.unit.pk
    )
    twin = make_person(cast.community, "梅若兰")
    make_unit(cast.community, "3-1-1202")
    reset = TotpReset.objects.create(staff=cast.wen, asked_by=cast.bob, asked_at=clock.now())
    session = SignIn.objects.create(staff=cast.bob, session_key=uuid7().hex, at=clock.now())
    day = CalendarDay.objects.create(community=cast.community, on=date(2027, 5, 2), kind="holiday")
    Skill.objects.get_or_create(staff=cast.bob, trade="plumbing")
    make_token(cast.community, cast.bob)
    run = ImportRun.objects.create(
        community=cast.community,
        source=sources()[0].code,
        name="a.xlsx",
        problems=stored,
        created_at=clock.now(),
    )
    slip, _secret = home_sign_in.issue_slip(cast.unit.pk, actor=alice, person_id=cast.mei.pk)
    signed, _cookie = sign_in(cast.unit, cast.mei)
    known = answers.add_answer(
        cast.community.pk,
        actor=alice,
        question="水管坏了先关哪里？",
        answer="先关水槽下的角阀。",
        words="漏水",
    )
    phrase = add_phrase(cast.community.pk, actor=alice, name="约上门", words="{称呼}，{维修人} {时间} 上门。")
    noted = occasion_actions.note(cast.community.pk, "key_lent", actor=alice, unit_id=cast.unit.pk)
    occasion_actions.note(cast.community.pk, "major_issue", actor=alice)
    owed = Duty.objects.get(clause="major.report")
    audit = Audit.objects.create(
        community=cast.community, clause=owed.clause, first=clock.today(), last=clock.today(), seed="7", size=1, pool=1,
        ids=[owed.pk], drawn_at=clock.now(), drawn_by=cast.alice,
    )  # fmt: skip
    keys: dict[str, Any] = {
        "audit": audit.pk,
        "sampled": owed.pk,
        "answer": known.pk,
        "phrase": phrase.pk,
        "occasion": noted.pk,
        "duty": owed.pk,
        "slip": slip.pk,
        "home_sign_in": signed.pk,
        "case": case.pk,
        "order": Order.objects.get(case=case).pk,
        "photo": Photo.objects.get(case=case, file=stored).pk,
        "home_photo": Photo.objects.get(case=case, file=sent).pk,
        "unit": cast.unit.pk,
        "building": cast.building.pk,
        "space": cast.space.pk,
        "person": cast.mei.pk,
        "twin": twin.pk,
        "contact": cast.mei.contacts.get().pk,
        "occupancy": Occupancy.objects.get(person=cast.mei).pk,
        "vehicle": vehicle.pk,
        "community": cast.community.pk,
        "staff": cast.bob.pk,
        "grant": Grant.objects.get(staff=cast.bob).pk,
        "session": session.pk,
        "reset": reset.pk,
        "token": Token.objects.get(staff=cast.bob).pk,
        "day": day.pk,
        "run": run.pk,
        "view": SavedView.objects.create(staff=cast.bob, name="我的", path="/cases/").pk,
        "absence": Absence.objects.create(
            staff=cast.bob, substitute=cast.wen, since=date(2099, 1, 1), until=date(2099, 1, 2)
        ).pk,
        "nothing": uuid7(),
        "nothing_number": 10**9,
    }
    world = World(cast, keys)
    asked = {*RIGHTS, *(row.right for row in ROWS if row.right)}
    for visitor in (world.with_all, world.elsewhere, *(partial(world.without, right) for right in asked)):
        visitor()  # now: what is made during a visit is taken back with it
    return world


def sign_in(unit: Unit, person: Person) -> tuple[HomeSignIn, str]:
    """A resident's browser, signed in by a slip; returned with the secret of its cookie."""
    house = System.of(unit.community_id)
    _row, secret = home_sign_in.issue_slip(unit.pk, actor=house, person_id=person.pk)
    return home_sign_in.use_slip(secret, address="127.0.0.1", agent="iPhone MicroMessenger")


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), "#88aacc").save(out, "JPEG")
    return SimpleUploadedFile("site.jpg", out.getvalue(), "image/jpeg")


class Visit:
    """One visitor after the other at one address, each on untouched ground."""

    def __init__(self, world: World) -> None:
        self.world = world

    def url(self, row: Row, query: str = "") -> str:
        fields = next(a.fields for a in addresses() if a.full == row.name)
        kwargs = {f: self._part(row, row.more.get(f)) for f in fields}
        return reverse(row.name, kwargs=kwargs) + (query or row.query)

    def _part(self, row: Row, given: Any) -> Any:
        """A part of the address: a word, or ``=key`` for a row of the world; without either the row of the line."""
        if isinstance(given, str) and given.startswith("="):
            return self.world.keys[given[1:]]
        return self.world.keys.get(row.key) if given is None else given

    def answer(self, client: Client, url: str, method: str = "get", **more: Any) -> tuple[int, bytes, Any]:
        with transaction.atomic():
            response: Any = getattr(client, method)(url, **more)
            content = response.getvalue() if response.streaming else response.content
            for (
                close
            ) in response._resource_closers:  # close() itself would end the transaction with the request
                close()
            transaction.set_rollback(True)
        return response.status_code, content, response
