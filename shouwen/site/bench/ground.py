"""The rows that benchmarks stand on: communities with homes, staff and tokens; cases by the hundred thousand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from shouwen.cases.intake import Intake, register
from shouwen.estate.keys import person_keys
from shouwen.estate.models import Branch, Building, Community, Company, Contact, Person, Unit
from shouwen.kernel import clock
from shouwen.people.actions import token_digest
from shouwen.people.models import Fallback, Grant, Staff, Token
from shouwen.people.rights import DESK
from shouwen.people.viewers import StaffActor
from shouwen.works import actions as works
from shouwen.works.models import Order

UNITS = 20


@dataclass(frozen=True)
class Place:
    """One community to send requests to: its key, a unit, and a token's secret."""

    community: int
    unit: int
    secret: str


def settle(count: int) -> list[Place]:
    """``count`` communities, each with a building, units, a fallback owner and a token."""
    company, _made = Company.objects.get_or_create(name="测量物业")
    branch, _made = Branch.objects.get_or_create(company=company, name="测量分公司")
    first = Community.objects.count()
    homes = Community.objects.bulk_create(
        Community(branch=branch, name=f"测量小区 {n}", code=f"bench-{n}") for n in range(first, first + count)
    )
    return [_furnish(home) for home in homes]


def _furnish(home: Community) -> Place:
    building = Building.objects.create(community=home, code="1", name="1 号楼", sort="000001")
    units = Unit.objects.bulk_create(
        Unit(community=home, building=building, code=f"1-1-{n:04d}", floor=n // 4 + 1)
        for n in range(1, UNITS + 1)
    )
    staff = Staff(username=f"bench-{home.pk}", name="测量员", must_change=False)
    staff.set_unusable_password()
    staff.save()
    Grant.objects.create(staff=staff, post_id="front_desk", community=home)
    Fallback.objects.create(community=home, staff=staff)
    secret = f"bench-secret-{home.pk}"
    Token.objects.create(
        community=home,
        staff=staff,
        name="bench",
        digest=token_digest(secret),
        rights=DESK.split(),
        created_at=clock.now(),
    )
    return Place(home.pk, units[0].pk, secret)


def send_out(place: Place, people: int, orders: int) -> dict[Staff, list[Order]]:
    """So many technicians of the community, each with so many orders accepted."""
    home, desk = (
        Community.objects.get(pk=place.community),
        StaffActor.of(Staff.objects.get(username=f"bench-{place.community}")),
    )
    found: dict[Staff, list[Order]] = {}
    for n in range(people):
        staff = Staff(username=f"bench-{home.pk}-t{n}", name=f"师傅{n}", must_change=False)
        staff.set_unusable_password()
        staff.save()
        Grant.objects.create(staff=staff, post_id="engineering", community=home)
        cases = [
            register(Intake(home.pk, "repair", "leak", f"漏水 {n}-{k}", unit_id=place.unit), actor=desk)
            for k in range(orders)
        ]
        mine = [Order.objects.get(case=case) for case in cases]
        found[staff] = [works.claim(one.pk, actor=StaffActor.of(staff)) for one in mine]
    return found


# Cases whose text is drawn from parts, so that words are as frequent as in life and every text differs.
_CASES = """
insert into cases_case (id, community_id, number, turn, kind, category_id, state, channel, unit_id, place, asker, title,
    words, urgent, first_responder_id, handler_id, severity, happened_at, recorded_at, opened_at, back_entry,
    closed_at, done_at, satisfied, reopened, ref, version, urges)
select gen_random_uuid(), c, to_char(at at time zone 'Asia/Shanghai', 'YYMMDD') || '-' || lpad(n::text, 7, '0'), n, kind,
    category, state, 'desk', u, '1-1-' || lpad((n %% 20 + 1)::text, 4, '0'), '住户' || n,
    (%(places)s::text[])[1 + n %% 12] || (%(things)s::text[])[1 + (n / 12) %% 40] || n,
    (%(times)s::text[])[1 + n %% 7] || (%(places)s::text[])[1 + n %% 12] || (%(things)s::text[])[1 + (n / 7) %% 40]
        || ',' || (%(wants)s::text[])[1 + (n / 5) %% 9] || md5(n::text),
    false, s, s, '', at, at, at, false, closed, closed, case when closed is null then null else true end, 0, '', 1, 0
from generate_series(1, %(rows)s) n,
    lateral (select %(now)s::timestamptz - n * interval '2 minutes' as at) a,
    lateral (select (%(homes)s::bigint[])[1 + n %% %(count)s] as c) h,
    lateral (select (%(units)s::bigint[])[1 + n %% %(count)s] as u, (%(staff)s::bigint[])[1 + n %% %(count)s] as s) us,
    lateral (select case n %% 10 when 0 then 'complaint' when 1 then 'inquiry' else 'repair' end as kind,
        case n %% 10 when 0 then 'noise' when 1 then 'fee' else 'leak' end as category,
        case when n <= 400 or n %% 97 = 0 then 'received' else 'satisfied' end as state) k,
    lateral (select case when state = 'satisfied' then at + interval '3 hours' end as closed) d
"""
PLACES = [
    "厨房",
    "主卧",
    "客厅",
    "阳台",
    "卫生间",
    "楼道",
    "地下车库",
    "单元门",
    "电梯厅",
    "中心花园",
    "屋顶",
    "北门",
]
_THINGS = """水管漏水 墙面渗水 灯不亮 插座没电 下水堵塞 门锁卡滞 对讲无声 垃圾未清 消防栓锈蚀 玻璃开裂
地砖空鼓 噪音扰民 违规停车 热水不足 监控黑屏 窗户松动 马桶堵塞 地漏返味 空调滴水 水表空转
电表跳闸 门禁失灵 道闸不抬 井盖松动 栏杆脱焊 树枝遮光 草坪枯黄 喷泉漏电 信箱损坏 广告乱贴
电动车充电 宠物粪便 高空抛物 装修敲墙 烟道倒灌 屋面积水 外墙脱落 电梯异响 扶手松脱 路灯昏暗"""
THINGS = _THINGS.split()
TIMES = ["昨晚", "今早", "上周开始", "下雨之后", "半夜", "这两天", "刚才"]
WANTS = [
    "请尽快安排",
    "家里有老人",
    "影响休息",
    "怕漏电",
    "已经第三次了",
    "麻烦先看看",
    "希望给个说法",
    "白天有人在家",
    "请先打电话",
]


def fill_cases(places: list[Place], rows: int) -> None:
    """Insert ``rows`` cases over the communities in one statement, and let the planner know."""
    homes = [p.community for p in places]
    staff = dict(Fallback.objects.values_list("community_id", "staff_id"))
    with connection.cursor() as cursor:
        cursor.execute(
            _CASES,
            {
                "rows": rows, "now": clock.now() - timedelta(minutes=1), "homes": homes, "count": len(homes),
                "units": [p.unit for p in places], "staff": [staff[h] for h in homes],
                "places": PLACES, "things": THINGS, "times": TIMES, "wants": WANTS,
            },
        )  # fmt: skip
        cursor.execute("vacuum (analyze) cases_case")


def fill_persons(home: int, rows: int, batch: int = 5000) -> None:
    """Persons with one telephone each, through the same keys and digests as typed ones."""
    surnames, given = (
        "陈林黄吴刘周徐孙马朱胡郭何高罗郑梁谢宋唐",
        "若建小立志秀海文思子雨明晓丽国静兰华满新强英燕博源涵桐远东娟平怡",
    )
    for start in range(0, rows, batch):
        people = []
        for n in range(start, min(start + batch, rows)):
            name = surnames[n % 20] + given[n // 20 % 32] + given[n // 640 % 32]
            people.append(Person(community_id=home, name=name, **person_keys(name)))
        Person.objects.bulk_create(people)
        Contact.objects.bulk_create(
            Contact.of(person, f"138{start + i:08d}", primary=True) for i, person in enumerate(people)
        )
    with connection.cursor() as cursor:
        cursor.execute("analyze estate_person; analyze estate_contact")
