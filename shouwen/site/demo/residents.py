"""Two homes of the demo whose residents use their telephones, and what this community is often asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.types.range import DateRange

from shouwen.cases import actions as cases
from shouwen.cases.answers import add_answer
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case, Kind
from shouwen.cases.phrases.actions import add_phrase
from shouwen.estate.keys import person_keys
from shouwen.estate.models import Community, Contact, Occupancy, Person, Unit
from shouwen.kernel import clock
from shouwen.people.models import Staff
from shouwen.people.viewers import ResidentActor, StaffActor
from shouwen.works import actions as works
from shouwen.works.models import Order

HOMES: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "3-1-1201",
        Unit.Status.OCCUPIED,
        (("梅建华", "owner", "14000001201"), ("梅若兰", "family", "14000001202")),
    ),
    ("5-1-0802", Unit.Status.LET, (("程思源", "owner", ""), ("苏雨桐", "tenant", "14000000802"))),
)
"""Room, status, and who lives there: name, role, telephone of a block that no carrier gives out."""

ANSWERS = (
    ("漏水了，师傅来之前先做什么？", "先关水表前的总阀，再拔掉附近的插头。渗到灯座的，把那一路的开关拉下来。", "漏水 渗水 滴水", "leak"),
    ("家里突然没电，是不是跳闸？", "配电箱里有开关掉下来的，先拔掉刚插的电器，再推上去。又掉就别再推，报给我们。", "没电 停电 跳闸", "power"),
    ("马桶、地漏堵了能自己通吗？", "先用皮搋子连压十来下，不要倒疏通剂，会伤管子。还不通就报给我们，不收费。", "堵 马桶 地漏 下水", "drain"),
    ("门禁卡刷不开怎么办？", "卡贴手机壳、消磁都会刷不开，先单独刷一次。仍不开，带卡到服务中心，两分钟重写一张。", "门禁 刷卡", "door"),
    ("封阳台、装修要办什么手续？", "带房产证和施工队资料到服务中心填《装修申请表》，两个工作日内答复。开工前要交图纸。", "装修 封阳台", "rules"),
)  # fmt: skip


def move_in(home: Community) -> None:
    """Give the two homes people whom one can look for."""
    for code, status, people in HOMES:
        unit = Unit.objects.get(community=home, code=code)
        Occupancy.objects.filter(unit=unit).delete()
        Unit.objects.filter(pk=unit.pk).update(status=status, remark="")
        for name, role, phone in people:
            person = Person.objects.create(community=home, name=name, **person_keys(name))
            during = DateRange(date(2020, 5, 1), None)
            Occupancy.objects.create(community=home, unit=unit, person=person, role=role, during=during)
            if phone:
                Contact.of(person, phone, primary=True).save()


PHRASES = (
    ("已派工", "{称呼}，您报的事已派给{维修人}师傅，{时间} 前到，请保持电话畅通。单号 {单号}。"),
    ("约上门", "{称呼}，跟您约 {时间} 到 {房号} 上门，方便吗？"),
    ("回访开场", "{称呼}您好，我是服务中心，{单号} 这件事办得怎么样？"),
    ("等配件", "配件已经在订，到货就给您装，先请将就一下。"),
)


def write_phrases(home: Community) -> None:
    manager = StaffActor.of(Staff.objects.get(username="fangyuan"))
    for name, words in PHRASES:
        add_phrase(home.pk, actor=manager, name=name, words=words)


def write_answers(home: Community) -> None:
    desk = StaffActor.of(Staff.objects.get(username="baoxiao"))
    for question, answer, words, category in ANSWERS:
        add_answer(home.pk, actor=desk, question=question, answer=answer, words=words, category=category)


def report(home: Community) -> None:
    """A leak that is being repaired right now, one that waits for the household's word, and a question."""
    now = clock.now()
    mei, lan, su = (_resident(home, name) for name in ("梅建华", "梅若兰", "苏雨桐"))
    leak = _leak(home, mei, now - timedelta(minutes=96))
    with clock.standing_at(now - timedelta(minutes=20)):
        cases.say(leak.pk, actor=lan, words="我爸妈在家，有事请打我电话。")
    _finished(home, lan, now - timedelta(hours=20))
    asked = _take(home, su, Kind.INQUIRY, "space", "还有没有月租车位", "", now - timedelta(hours=2))
    with clock.standing_at(now - timedelta(hours=1)):
        cases.answer(
            asked.pk,
            actor=_staff("baoxiao"),
            words="地下一层还有 6 个月租位，每月 280 元，带行驶证来前台就能办。",
        )


def sign_ins(home: Community) -> list[str]:
    """One line a resident for the sign-in page of the demo: home, unit, person, who."""
    ties = Occupancy.objects.filter(
        community=home, person__name__in=[n for _c, _s, p in HOMES for n, _r, tel in p if tel]
    )
    return [
        f"home\t{t.unit_id}\t{t.person_id}\t{t.person.name}\t{t.unit.code}\t{t.role}"
        for t in ties.select_related("unit", "person").order_by("pk")
    ]


def _leak(home: Community, mei: ResidentActor, start: datetime) -> Case:
    case = _take(
        home,
        mei,
        Kind.REPAIR,
        "leak",
        "主卧天花渗水",
        "昨晚开始渗，今早灯座旁边在滴水。家里老人在，怕漏电。",
        start,
    )
    order, wen = Order.objects.get(case=case), _staff("wenjianguo")
    steps: tuple[tuple[int, Callable[..., Order], StaffActor, dict[str, Any]], ...] = (
        (6, works.assign, _staff("baoxiao"), {"technician_id": wen.id}),
        (9, works.accept, wen, {}),
        (17, works.arrive, wen, {}),
        (35, works.pause, wen, {"reason": "neighbour"}),
        (52, works.resume, wen, {}),
    )
    for minutes, step, actor, inputs in steps:
        with clock.standing_at(start + timedelta(minutes=minutes)):
            step(order.pk, actor=actor, **inputs)
    return case


def _finished(home: Community, lan: ResidentActor, start: datetime) -> None:
    case = _take(home, lan, Kind.REPAIR, "fitting", "阳台推拉门掉轨", "推不动了，怕掉下来。", start)
    order, hands = Order.objects.get(case=case), _staff("zhenghai")
    with clock.standing_at(start + timedelta(minutes=12)):
        works.claim(order.pk, actor=hands)
    with clock.standing_at(start + timedelta(minutes=50)):
        works.arrive(order.pk, actor=hands)
    with clock.standing_at(start + timedelta(minutes=95)):
        works.finish(order.pk, actor=hands, result="调整轨道并更换滑轮", minutes=40, confirmed_by="梅若兰")


def _take(
    home: Community, who: ResidentActor, kind: str, category: str, title: str, words: str, start: datetime
) -> Case:
    """What a telephone sends; whoever was at the desk is asked first."""
    with clock.standing_at(start):
        return register(
            Intake(
                community_id=home.pk, kind=kind, category=category, title=title, words=words, unit_id=who.stays[0].unit_id,
                person_id=who.id, asker=who.name, channel=Case.Channel.PORTAL, first_responder_id=_staff("baoxiao").id,
            ),
            actor=who,
        )  # fmt: skip


def _resident(home: Community, name: str) -> ResidentActor:
    codes = [code for code, _status, _people in HOMES]
    return ResidentActor.of(Person.objects.get(community=home, name=name, occupancies__unit__code__in=codes))


def _staff(username: str) -> StaffActor:
    return StaffActor.of(Staff.objects.get(username=username))
