"""The cast of every test: Alice supervises, Bob is at the desk, Wen repairs, Mei owns 3-1-1201, Charlie is elsewhere.

Rows are made directly, without facts: an action under test starts from an empty journal.
"""

from dataclasses import dataclass
from datetime import date, time

import pytest
from psycopg.types.range import DateRange

from shouwen.cases.intake import Intake
from shouwen.cases.models import Category
from shouwen.estate.keys import name_keys, person_keys
from shouwen.estate.models import (
    Branch,
    Building,
    Community,
    Company,
    Contact,
    Occupancy,
    Person,
    ServiceHours,
    Space,
    Unit,
)
from shouwen.people.models import Fallback, Grant, Post, Skill, Staff, Trade
from shouwen.people.rights import DEPARTMENTS, POSTS
from shouwen.people.viewers import StaffActor

PASSWORD = "correct-horse-battery"
PHONE = "13900001201"


@dataclass(frozen=True)
class Cast:
    company: Company
    branch: Branch
    community: Community
    other: Community
    alice: Staff
    bob: Staff
    wen: Staff
    charlie: Staff
    mei: Person
    building: Building
    unit: Unit
    space: Space
    categories: dict[str, Category]

    @staticmethod
    def actor(staff: Staff) -> StaffActor:
        """The staff member with the rights they hold at this moment."""
        return StaffActor.of(staff)


CATEGORIES = (
    ("leak", "漏水", "repair", Trade.PLUMBING, "漏水 渗水 滴水", True),
    ("lamp", "照明", "repair", Trade.PLUMBING, "灯 照明", False),
    ("door", "门禁", "repair", Trade.LOW_VOLTAGE, "门禁 刷卡", False),
    ("noise", "噪音扰民", "complaint", Trade.GENERAL, "噪音 吵", False),
    ("attitude", "服务态度", "complaint", Trade.GENERAL, "态度", False),
    ("fee", "费用咨询", "inquiry", Trade.GENERAL, "物业费 收费", False),
    ("idea", "建议", "suggestion", Trade.GENERAL, "建议", False),
)


def seed_posts() -> None:
    """The posts of the manuals, should no migration have seeded them."""
    place = {code: department for department, codes in DEPARTMENTS.items() for code in codes.split()}
    for sort, seed in enumerate(POSTS):
        given = {"name": seed.name, "rights": seed.rights.split(), "totp": seed.totp, "sort": sort}
        Post.objects.get_or_create(code=seed.code, defaults=given | {"department": place[seed.code]})
    for seed in POSTS:
        if seed.reports_to:
            Post.objects.filter(code=seed.code, reports_to=None).update(reports_to=seed.reports_to)


def make_community(branch: Branch, code: str, name: str) -> Community:
    community = Community.objects.create(branch=branch, code=code, name=name)
    ServiceHours.objects.bulk_create(
        ServiceHours(community=community, weekday=day, start=time(8, 30), end=time(18, 0)) for day in range(7)
    )
    return community


def make_staff(username: str, name: str, post: str, community: Community) -> Staff:
    """A colleague who has been through the first sign-in and holds one post in one community."""
    staff = Staff(username=username, name=name, must_change=False, **name_keys(name))
    staff.set_password(PASSWORD)
    staff.save()
    Grant.objects.create(staff=staff, post_id=post, community=community)
    return staff


def make_unit(community: Community, code: str = "3-1-1201") -> Unit:
    """A unit with its building, by the three parts of its code."""
    building, entrance, door = code.split("-")
    block, _ = Building.objects.get_or_create(
        community=community, code=building, defaults={"name": f"{building} 栋", "sort": building.zfill(6)}
    )
    return Unit.objects.create(
        community=community,
        building=block,
        code=code,
        entrance=entrance,
        floor=int(door[:-2]),
        door=door,
        status=Unit.Status.OCCUPIED,
        built_area="89.50",
        inner_area="72.30",
    )


def make_person(community: Community, name: str, phone: str = "") -> Person:
    person = Person.objects.create(community=community, name=name, **person_keys(name))
    if phone:
        Contact.of(person, phone, primary=True).save()
    return person


def make_owner(unit: Unit, person: Person, since: date = date(2020, 5, 1)) -> Occupancy:
    return Occupancy.objects.create(
        community=unit.community,
        unit=unit,
        person=person,
        role=Occupancy.Role.OWNER,
        during=DateRange(since, None),
    )


def make_categories() -> dict[str, Category]:
    return {
        code: Category.objects.get_or_create(
            code=code, defaults={"name": name, "kind": kind, "trade": trade, "words": words, "urgent": urgent}
        )[0]
        for code, name, kind, trade, words, urgent in CATEGORIES
    }


def make_cast() -> Cast:
    seed_posts()
    company = Company.objects.create(name="安居物业")
    branch = Branch.objects.create(company=company, name="城东分公司")
    community = make_community(branch, "cuihu", "翠湖花园")
    other = make_community(branch, "yunting", "云汀大厦")
    alice = make_staff("alice", "艾丽丝", "cs_supervisor", community)
    bob = make_staff("bob", "鲍勃", "front_desk", community)
    wen = make_staff("wen", "文师傅", "engineering", community)
    charlie = make_staff("charlie", "查理", "cs_supervisor", other)
    Skill.objects.create(staff=wen, trade=Trade.PLUMBING)
    Fallback.objects.create(community=community, staff=alice)
    Fallback.objects.create(community=other, staff=charlie)
    unit = make_unit(community)
    mei = make_person(community, "梅若兰", PHONE)
    make_owner(unit, mei)
    space = Space.objects.create(community=community, building=unit.building, name="3 栋大堂")
    return Cast(
        company, branch, community, other, alice, bob, wen, charlie, mei, unit.building, unit, space,
        make_categories(),
    )  # fmt: skip


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


def make_intake(cast: Cast, **changes: object) -> Intake:
    """An inquiry from 3-1-1201, or what `changes` make of it."""
    given = {
        "community_id": cast.community.pk,
        "kind": "inquiry",
        "category": "fee",
        "title": "物业费怎么算",
        "unit_id": cast.unit.pk,
    }
    return Intake(**(given | changes))  # type: ignore[arg-type]
