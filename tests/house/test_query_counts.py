"""A page of fifty rows asks the database no more questions than a page of one: every list and every record's history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from psycopg.types.range import DateRange

from shouwen.billing.models import Meter, PastPayment
from shouwen.cases import actions as cases
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case, Category, KnownAnswer
from shouwen.cases.phrases.models import Phrase
from shouwen.estate import actions as estate
from shouwen.estate import persons_actions
from shouwen.estate.models import Building, CalendarDay, ImportRun, Occupancy, Space, Unit, Vehicle
from shouwen.front.queues import QUEUES
from shouwen.kernel import clock
from shouwen.notices.models import Letter, Notice
from shouwen.people import actions as people
from shouwen.people.models import Area, Grant, Post, SavedView, SignIn, Skill, Staff, Token
from shouwen.people.viewers import StaffActor
from shouwen.works import actions as works
from shouwen.works.materials.models import Material
from shouwen.works.models import Order
from tests.cast import make_person, make_staff
from tests.house.matrix import ROWS
from tests.house.world import World, build

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MANY = 50
MONTH = f"?period=month&on={clock.today():%Y-%m-01}&part=base"
PAGES: dict[str, tuple[str, dict[str, Any], str]] = {
    **{f"desk-{q.code}": ("desk", {"code": q.code}, "") for q in QUEUES},
    **{f"board-{by}": ("board", {}, f"?by={by}") for by in ("person", "trade", "state", "building")},
    **{
        name: (name, {}, "")
        for name in (
            "case_list", "order_list", "my_orders", "unit_list", "person_list", "building_list", "space_list", "import_list",
            "kpi_list", "policies", "policy_compare", "calendar",
            "settings", "staff_list", "post_list", "token_list", "category_list", "hours", "sessions",
            "notice_list", "compliance", "compliance_communities", "compliance_sheet", "audit_list",
            "fallback", "staff_new", "intake", "unit_new", "manual",
            "answer_list", "phrase_list", "letter_list", "duty_list", "payment_list", "meter_list", "material_list",
        )
    },
    "search": ("search", {}, "?q=梅"), "search-unit": ("search", {}, "?q=3-1"), "kpi_rows": ("kpi_rows", {"code": "timeliness"}, MONTH),
    "intake-unit": ("intake", {}, "?unit={unit}"), "case_list-search": ("case_list", {}, "?q=漏水"),
    **{
        name: (name, {"key": name}, "")
        for name in ("unit", "person", "building", "staff", "case")
    },
    "compliance_duties": ("compliance_duties", {}, MONTH),
    "compliance-cell": ("compliance", {}, "?clause=case.answer&at=2026-07-01"),
    "import_run": ("import_run", {"key": "run"}, ""),
}  # fmt: skip
"""Every page with rows on it: URL name, what its address needs (a key of the world), and its question.

The supervisor's day shows at most six rows of anything; `tests/front/test_overview.py` counts its questions.
"""


@pytest.fixture(scope="module")
def costs(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, tuple[int, int]]]:
    """How many questions each page asks, at one row of everything and at fifty."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = build()
        client = world.with_all()
        me = Staff.objects.get(pk=int(client.session["_auth_user_id"]))
        _more(world, me, 1)
        few = {name: _cost(client, world, name) for name in PAGES}
        _more(world, me, MANY)
        yield {name: (few[name], _cost(client, world, name, enough=few[name])) for name in PAGES}
        transaction.set_rollback(True)


def test_every_list_is_counted() -> None:
    lists = {row.name for row in ROWS if row.name.endswith(("_list", "_rows"))}
    assert lists - set(PAGES) <= {"feed_list"}, "a list whose cost nobody holds"


@pytest.mark.parametrize("name", PAGES)
def test_fifty_rows_ask_no_more_than_one(costs: dict[str, tuple[int, int]], name: str) -> None:
    one, fifty = costs[name]
    assert fifty <= one, f"{one} questions at one row, {fifty} at fifty"


def _cost(client: Client, world: World, name: str, *, enough: int = 0) -> int:
    """The fewest questions of up to three looks; no second one where the first asked no more than ``enough``."""
    page, needs, query = PAGES[name]
    kwargs = {field: world.keys.get(value, value) for field, value in needs.items()}
    url = reverse(page, kwargs=kwargs) + query.format(**world.keys)
    counts = []
    for _ in range(3):  # what a process reads once, or once in ten seconds, does not count
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(url)
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
        counts.append(len(asked))
        if counts[-1] <= enough:
            break
    return min(counts)


def _more(world: World, me: Staff, many: int) -> None:
    """So many more of everything."""
    start = Unit.objects.count()
    for n in range(start, start + many):
        _home(world, n)
        _matters(world, me, n)
        _colleague(world, n)
        _lines(world, me, n)


def _home(world: World, n: int) -> None:
    here, unit = world.cast.community, world.cast.unit
    block = Building.objects.create(community=here, code=f"{n + 10}", sort=f"{n:06d}")
    home = Unit.objects.create(
        community=here, building=world.cast.building, code=f"3-2-{n:04d}", floor=n, door=f"{n:04d}"
    )
    person = make_person(here, f"梅{n}", f"139000{n:05d}")
    for place in (home, unit):
        Occupancy.objects.create(
            community=here, unit=place, person=person, role="family", during=DateRange(date(2020, 1, 1), None)
        )
    Occupancy.objects.create(
        community=here,
        unit=home,
        person=world.cast.mei,
        role="tenant",
        during=DateRange(date(2020, 1, 1), None),
    )
    Vehicle.objects.create(community=here, unit=unit, person=world.cast.mei, plate=f"沪B{n:05d}")
    Space.objects.create(community=here, building=block, name=f"{n} 号门厅")
    Meter.objects.create(community=here, unit=unit, number=f"W{n}", name=f"水表{n}", kind="water")
    Material.objects.create(community=here, number=f"D{n}", name=f"灯泡{n}", measure="个", stock=n)
    PastPayment.objects.create(
        community=here, unit=unit, item="物业费", since=date(2025, 1, 1), until=date(2025, 12, 31), paid_on=date(2025, 1, 9), due=100, paid=n
    )  # fmt: skip


def _matters(world: World, me: Staff, n: int) -> None:
    cast = world.cast
    alice, bob, mine = cast.actor(cast.alice), cast.actor(cast.bob), StaffActor.of(me)
    for actor in (bob, mine):
        asked = Intake(
            cast.community.pk, "repair", "leak", f"漏水 {n}", unit_id=cast.unit.pk, person_id=cast.mei.pk
        )
        sent = register(asked, actor=actor)
        works.assign(Order.objects.get(case=sent).pk, actor=alice, technician_id=me.pk)
    register(Intake(cast.community.pk, "repair", "lamp", f"灯 {n}", space_id=cast.space.pk), actor=mine)
    for kind, category in (("inquiry", "fee"), ("complaint", "noise")):
        case = register(
            Intake(cast.community.pk, kind, category, f"{category} {n}", unit_id=cast.unit.pk), actor=mine
        )
        if kind == "inquiry":
            cases.answer(case.pk, actor=mine, words="答复")
    late = register(Intake(cast.community.pk, "inquiry", "fee", "补录", unit_id=cast.unit.pk), actor=bob)
    Case.objects.filter(pk=late.pk).update(back_entry=True, opened_at=clock.now() - timedelta(days=3))


def _colleague(world: World, n: int) -> None:
    here = world.cast.community
    staff = make_staff(f"s{n}", f"员工{n}", "engineering", here)
    Skill.objects.create(staff=staff, trade="lift")
    Area.objects.create(community=here, staff=staff, building=world.cast.building)
    Post.objects.create(code=f"p{n}", name=f"岗{n}", reports_to_id="cs_supervisor", sort=999)
    Grant.objects.create(staff=world.cast.bob, post_id=f"p{n}", community=here)
    SignIn.objects.create(staff=world.cast.bob, session_key=f"k{n}", at=clock.now())
    Token.objects.create(
        community=here, staff=world.cast.bob, name=f"令牌{n}", digest=f"d{n}".encode(), rights=["case.see"], created_at=clock.now()
    )  # fmt: skip
    Category.objects.create(code=f"c{n}", name=f"类{n}", kind="repair")
    CalendarDay.objects.create(community=here, on=date(2028, 1, 1) + timedelta(days=n), kind="holiday")
    ImportRun.objects.create(
        community=here, source="units", name=f"{n}.xlsx", by_id=staff.pk, created_at=clock.now()
    )


def _lines(world: World, me: Staff, n: int) -> None:
    """Histories, notices, views, the visitor's own sessions."""
    cast = world.cast
    alice = cast.actor(cast.alice)
    estate.edit_unit(cast.unit.pk, actor=alice, remark=f"提示 {n}")
    estate.add_chronicle(cast.unit.pk, actor=alice, on=date(2026, 1, 1), words=f"大事 {n}")
    persons_actions.edit_person(cast.mei.pk, actor=alice, remark=f"提示 {n}")
    persons_actions.add_contact(cast.mei.pk, actor=alice, number=f"138000{n:05d}")
    people.edit_staff(cast.bob.pk, actor=alice, name=f"鲍勃{n}", phone="")
    cases.note(world.keys["case"], actor=alice, words=f"记 {n}")
    Notice.objects.create(
        community=cast.community, staff=me, code="case.handed", matter_kind="case", matter_id=world.keys["case"],
        once=f"n{n}", at=clock.now(), data={},
    )  # fmt: skip
    here = cast.community
    KnownAnswer.objects.create(community=here, question=f"问{n}", answer="答", category_id="leak")
    Phrase.objects.create(community=here, name=f"语{n}", words="您好")
    Letter.objects.create(
        community=here, staff=cast.bob, carrier="email", code="case.handed", matter_kind="case", once=f"l{n}", at=clock.now(),
        run_at=clock.now(),
    )  # fmt: skip
    SavedView.objects.create(staff=me, name=f"视图{n}", path=f"/cases/?q={n}")
    SignIn.objects.create(staff=me, session_key=f"m{n}", at=clock.now())
