"""Buildings, homes and residents of the demo, made up by rule: no real name, number or plate."""

from __future__ import annotations

import random
from datetime import date, time, timedelta

from psycopg.types.range import DateRange

from shouwen.estate.keys import name_keys, person_keys
from shouwen.estate.models import (
    Branch,
    Building,
    Chronicle,
    Community,
    Company,
    Contact,
    Occupancy,
    Person,
    ServiceHours,
    Space,
    Unit,
    Vehicle,
)  # fmt: skip
from shouwen.people.models import Area, Fallback, Grant, Post, Skill, Staff, Trade
from shouwen.site.demo import residents

SURNAMES = "陈林黄吴刘周徐孙马朱胡郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余叶程苏"
GIVEN = (
    "若兰",
    "建华",
    "小满",
    "立新",
    "志强",
    "秀英",
    "海燕",
    "文博",
    "思源",
    "子涵",
    "雨桐",
    "明远",
    "晓东",
    "丽娟",
    "国平",
    "静怡",
)
SPACES = (
    "地下车库 B1",
    "地下车库 B2",
    "中心花园",
    "北门",
    "南门",
    "3 号楼大堂",
    "5 号楼大堂",
    "儿童乐园",
    "垃圾房",
    "配电房",
)
REMARKS = ("家有长者", "有婴儿，轻声敲门", "养犬", "")

STAFF: tuple[tuple[str, str, str, tuple[str, ...], tuple[int, ...]], ...] = (
    ("ailin", "艾琳", "cs_supervisor", (), ()),
    ("fangyuan", "方远", "centre_manager", (), ()),
    ("baoxiao", "鲍晓", "front_desk", (), ()),
    ("chenjing", "陈静", "hotline_operator", (), ()),
    ("zhoumin", "周敏", "front_desk_assistant", (), ()),
    ("liwei", "李伟", "building_butler", (), (3, 4)),
    ("wumei", "吴梅", "building_butler", (), (1, 2)),
    ("luogong", "罗工", "engineering_supervisor", (Trade.PLUMBING, Trade.LOW_VOLTAGE), ()),
    ("wenjianguo", "文建国", "engineering", (Trade.PLUMBING,), (3,)),
    ("sunzhiqiang", "孙志强", "engineering", (Trade.PLUMBING,), (1, 2)),
    ("gaoxiang", "高翔", "engineering", (Trade.PLUMBING, Trade.GENERAL), (7,)),
    ("zhenghai", "郑海", "engineering", (Trade.CARPENTRY,), (1,)),
    ("majun", "马军", "engineering", (Trade.CARPENTRY, Trade.GENERAL), (5,)),
    ("hetao", "何涛", "engineering", (Trade.LOW_VOLTAGE, Trade.LIFT), ()),
    ("handong", "韩东", "engineering", (Trade.LOW_VOLTAGE,), ()),
    ("qiujie", "邱洁", "cleaning", (Trade.CLEANING, Trade.GREENING), ()),
)
"""Sign-in name, name, post, trades, buildings."""


def build(rng: random.Random, passwords: dict[str, str]) -> Community:
    """Everything that stands before the first request; returns the community."""
    company = Company.objects.create(name="云杉物业服务有限公司")
    branch = Branch.objects.create(company=company, name="华东分公司")
    home = Community.objects.create(
        branch=branch,
        name="云杉苑",
        code="yunshan",
        address="云杉路 88 号",
        phone="021-5550 0088",
        handed_over_on=date(2019, 6, 18),
    )
    ServiceHours.objects.bulk_create(
        ServiceHours(community=home, weekday=day, start=time(8, 0), end=time(20, 0)) for day in range(7)
    )
    Space.objects.bulk_create(Space(community=home, name=name) for name in SPACES)
    units = _units(home)
    _residents(rng, home, units)
    residents.move_in(home)
    _staff(home, passwords)
    return home


def _units(home: Community) -> list[Unit]:
    """Eight buildings of two entrances, 12 to 18 floors, two doors a landing, and a row of shops."""
    buildings = Building.objects.bulk_create(
        Building(community=home, code=str(n), name=f"{n} 号楼", sort=f"{n:06d}") for n in range(1, 9)
    )
    units = [
        Unit(
            community=home, building=b, code=f"{b.code}-{entrance}-{floor:02d}{door:02d}", entrance=str(entrance),
            floor=floor, door=f"{floor:02d}{door:02d}", built_area="89.60" if door == 1 else "118.20",
            inner_area="71.40" if door == 1 else "95.80",
        )
        for b in buildings for entrance in (1, 2) for floor in range(1, 19 if int(b.code) < 6 else 13) for door in (1, 2)
    ]  # fmt: skip
    units += [
        Unit(
            community=home,
            building=buildings[0],
            code=f"商铺-{n:02d}",
            kind=Unit.Kind.SHOP,
            floor=1,
            built_area="56.00",
        )
        for n in range(1, 9)
    ]
    return Unit.objects.bulk_create(units)


def _residents(rng: random.Random, home: Community, units: list[Unit]) -> None:
    people: list[Person] = []
    ties: list[tuple[Unit, Person, str, date]] = []
    cars: dict[str, tuple[Unit, Person]] = {}
    lines: list[Chronicle] = []
    contacts: list[tuple[Person, str]] = []
    for unit in units:
        lot = rng.random()
        unit.status = (
            Unit.Status.VACANT if lot < 0.08 else Unit.Status.LET if lot < 0.25 else Unit.Status.OCCUPIED
        )
        if lot > 0.96:
            unit.status = Unit.Status.RENOVATING
        unit.remark = rng.choice(REMARKS) if rng.random() < 0.2 else ""
        since = date(2019, 6, 18) + timedelta(days=rng.randrange(1200))
        unit.handed_over_on = since
        owner = _person(rng, home)
        people.append(owner)
        contacts.append((owner, _phone(rng)))
        ties.append((unit, owner, Occupancy.Role.OWNER, since))
        for role in _others(rng, unit.status):
            person = _person(rng, home)
            people.append(person)
            ties.append((unit, person, role, since + timedelta(days=rng.randrange(300))))
            if rng.random() < 0.6:
                contacts.append((person, _phone(rng)))
        if rng.random() < 0.45:
            cars[f"沪{rng.choice('ABCDEFG')}{rng.randrange(10000, 99999)}"] = (unit, owner)
        lines.append(Chronicle(community=home, unit=unit, on=since, words="收楼入伙"))
    Unit.objects.bulk_update(units, ["status", "remark", "handed_over_on"])
    Person.objects.bulk_create(people)
    Contact.objects.bulk_create(Contact.of(person, phone, primary=True) for person, phone in contacts)
    Occupancy.objects.bulk_create(
        Occupancy(community=home, unit=u, person=p, role=r, during=DateRange(s, None)) for u, p, r, s in ties
    )
    Vehicle.objects.bulk_create(
        Vehicle(community=home, unit=u, person=p, plate=plate) for plate, (u, p) in cars.items()
    )
    Chronicle.objects.bulk_create(lines)


def _others(rng: random.Random, status: str) -> list[str]:
    if status == Unit.Status.VACANT:
        return []
    if status == Unit.Status.LET:
        return [Occupancy.Role.TENANT]
    return [Occupancy.Role.FAMILY] * rng.randrange(0, 4)


def _person(rng: random.Random, home: Community) -> Person:
    name = rng.choice(SURNAMES) + rng.choice(GIVEN)
    return Person(community=home, name=name, gender=rng.choice("mf"), **person_keys(name))


def _phone(rng: random.Random) -> str:
    """Numbers of a block that no carrier gives out: 1400000xxxx."""
    return f"1400{rng.randrange(10_000_000):07d}"


def _staff(home: Community, passwords: dict[str, str]) -> None:
    """The team; in the demo no post asks for a one-time code."""
    Post.objects.update(totp=False)
    for username, name, post, trades, buildings in STAFF:
        staff = Staff(
            username=username, name=name, must_change=False, phone="021-5550 0000", **name_keys(name)
        )
        staff.set_password(passwords[username])
        staff.save()
        Grant.objects.create(staff=staff, post_id=post, community=home)
        Skill.objects.bulk_create(Skill(staff=staff, trade=trade) for trade in trades)
        mine = Building.objects.filter(community=home, code__in=[str(b) for b in buildings])
        Area.objects.bulk_create(Area(community=home, staff=staff, building=b) for b in mine)
    Fallback.objects.create(community=home, staff=Staff.objects.get(username="ailin"))
