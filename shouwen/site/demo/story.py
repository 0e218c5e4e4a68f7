"""Four weeks at the demo estate, lived through the same actions that the staff press."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery

from shouwen.cases import actions as cases
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case, Kind
from shouwen.duties.sweep import sweep
from shouwen.estate.models import Community, Space, Unit
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver
from shouwen.notices.models import Notice
from shouwen.people.models import Skill, Staff
from shouwen.people.viewers import StaffActor
from shouwen.site.demo import ledgers, residents
from shouwen.site.demo.routine import Routine
from shouwen.works import actions as works
from shouwen.works.models import Order

REPAIRS = (
    ("leak", "主卧天花渗水，灯座旁滴水", "昨晚开始渗，今早灯座旁边在滴水，床都挪开了。家里老人在，怕漏电。"),
    ("leak", "厨房水管接头滴水", "水槽下面一直滴，已经用盆接着了。"),
    ("drain", "厨房下水慢，约上午 11 点", "水下得很慢，还有味道。"),
    ("drain", "马桶堵了", "冲不下去，家里只有一个卫生间。"),
    ("power", "客厅两个插座没电", "其他房间都有电，就客厅这一路没有。"),
    ("lamp", "楼道感应灯不亮", "晚上上楼看不见。"),
    ("door", "可视对讲无声音", "能看到人，听不到声音。"),
    ("door", "门禁卡刷不开单元门", "换了两张卡都不行。"),
    ("lift", "电梯运行有异响", "早上坐的时候咯噔咯噔响。"),
    ("fitting", "阳台推拉门掉轨", "推不动了，怕掉下来。"),
    ("fitting", "大门锁芯卡滞，钥匙转不动", "要使很大劲才能开。"),
    ("wall", "外墙渗水，卧室墙皮起泡", "下雨之后更明显。"),
    ("water", "热水时有时无", "晚上洗澡到一半就凉了。"),
)
PUBLIC = (
    ("lamp", "照明整排不亮", "整排灯都不亮，倒车看不清。"),
    ("greening", "喷灌漏水，路面积水", "路过都要绕着走。"),
    ("cleaning", "垃圾两天没清", "味道很大。"),
    ("network", "监控画面黑屏", "北侧第二个。"),
)
COMPLAINTS = (
    ("noise", "邻居装修周末施工", "周六早上八点就开始电钻。"),
    ("parking", "消防通道长期停车", "一直有车停，万一出事怎么办。"),
    ("quality", "楼道堆放杂物三天未清", "说了三天没人管。"),
    ("fee_dispute", "要求书面答复停车费调整依据", "涨价之前没有公示。"),
    ("pets", "遛狗不牵绳", "孩子被吓到两次了。"),
)
INQUIRIES = (
    ("procedure", "燃气过户要带哪些材料", ""),
    ("fee", "物业费能不能按季度交", ""),
    ("space", "还有没有月租车位", ""),
    ("rules", "封阳台要不要申请", ""),
)
RESULTS = (
    "更换角阀，试水半小时无渗漏",
    "疏通完成，清出油污",
    "更换线路接头，恢复供电",
    "调整轨道并更换滑轮",
    "更换主板，测试正常",
)
ROUTINE_DAYS = 84
"""For how long the demo estate has been carrying out its manual."""
SAID = ("很快，师傅很专业", "修好了，谢谢", "可以", "")


@dataclass
class Cast:
    """Who plays: the desk, the supervisor, technicians by trade, and where things happen."""

    home: Community
    rng: random.Random
    desk: list[StaffActor] = field(default_factory=list)
    boss: StaffActor | None = None
    crew: dict[str, list[StaffActor]] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    spaces: list[Space] = field(default_factory=list)

    @classmethod
    def of(cls, home: Community, rng: random.Random) -> Cast:
        people = {s.username: StaffActor.of(s) for s in Staff.objects.all()}
        crew: dict[str, list[StaffActor]] = {}
        for skill in Skill.objects.select_related("staff"):
            crew.setdefault(skill.trade, []).append(people[skill.staff.username])
        desk = [people[name] for name in ("baoxiao", "chenjing", "zhoumin")]
        return cls(
            home,
            rng,
            desk,
            people["ailin"],
            crew,
            list(Unit.objects.filter(kind="residence")),
            list(Space.objects.all()),
        )

    def hands(self, trade: str) -> StaffActor:
        return self.rng.choice(self.crew.get(trade) or self.crew["general"])


def live(home: Community, rng: random.Random, days: int = 28) -> None:
    """Every past day brought its cases and closed them; what came since yesterday is in every state."""
    cast, now = Cast.of(home, rng), clock.now()
    manual = (
        Routine.begin(home, random.Random(11), cast.boss, now - timedelta(days=ROUTINE_DAYS))
        if cast.boss
        else None
    )
    for ago in range(max(days, ROUTINE_DAYS), 0, -1):
        if manual and ago <= ROUTINE_DAYS:
            manual.day(clock.local(now - timedelta(days=ago), home.zone).date())
        if not 1 < ago <= days:
            continue
        for moment in _moments(rng, now - timedelta(days=ago), rng.randrange(3, 6)):
            _play(cast, moment, moment + timedelta(hours=rng.choice((1, 2, 2, 3, 4))), finish=True)
    for minutes in sorted((rng.randrange(5, 540) for _ in range(28)), reverse=True):
        begun = _by_day(now - timedelta(minutes=minutes))
        _play(cast, begun, now, finish=rng.random() < 0.3)
    residents.write_answers(home)
    residents.write_phrases(home)
    residents.report(home)
    ledgers.bring(home, random.Random(5))
    sweep()
    deliver()
    _read_old_notices()


def _read_old_notices() -> None:
    """Colleagues have read what came in these weeks; the newest three wait."""
    newest = Notice.objects.filter(staff=OuterRef("staff")).order_by("-at", "-pk").values("pk")[:3]
    Notice.objects.exclude(pk__in=Subquery(newest)).update(read_at=clock.now())


def _by_day(moment: datetime) -> datetime:
    """What would fall into the night happened the evening before."""
    return moment - timedelta(hours=10) if clock.local(moment).hour < 8 else moment


def _moments(rng: random.Random, day: datetime, count: int) -> list[datetime]:
    start = clock.start_of_day(clock.local(day).date())
    hours = (8, 9, 9, 10, 10, 11, 13, 14, 15, 16, 17, 19)
    return sorted(start + timedelta(hours=rng.choice(hours), minutes=rng.randrange(60)) for _ in range(count))


def _play(cast: Cast, start: datetime, end: datetime, *, finish: bool) -> None:
    """One case from its first word as far as it got by ``end``."""
    lot = cast.rng.random()
    if lot < 0.62:
        _repair(cast, start, end, finish=finish, public=lot < 0.1)
    elif lot < 0.78:
        _complaint(cast, start, end, finish=finish)
    else:
        _inquiry(cast, start, end, finish=finish)


def _steps(start: datetime, end: datetime, count: int) -> list[datetime]:
    gap = (end - start) / (count + 1)
    return [start + gap * (n + 1) for n in range(count)]


def _take(
    cast: Cast, moment: datetime, kind: str, script: tuple[str, str, str], *, public: bool = False
) -> tuple[UUID, StaffActor]:
    by = cast.rng.choice(cast.desk)
    unit = None if public else cast.rng.choice(cast.units)
    tie = unit.occupancies.select_related("person").first() if unit else None
    category, title, words = script
    with clock.standing_at(moment):
        case = register(
            Intake(
                community_id=cast.home.pk, kind=kind, category=category,
                title=title, words=words, unit_id=unit.pk if unit else None,
                space_id=None if unit else cast.rng.choice(cast.spaces).pk, person_id=tie.person_id if tie else None,
                asker=tie.person.name if tie else "", channel=cast.rng.choice((Case.Channel.DESK, Case.Channel.HOTLINE)),
            ),
            actor=by,
        )  # fmt: skip
    return case.pk, by


def _repair(cast: Cast, start: datetime, end: datetime, *, finish: bool, public: bool) -> None:
    script = cast.rng.choice(PUBLIC if public else REPAIRS)
    key, by = _take(cast, start, Kind.REPAIR, script, public=public)
    order = Order.objects.get(case_id=key)
    hands, far = cast.hands(order.trade), 9 if finish else cast.rng.randrange(0, 6)
    send, accept, arrive, pause, resume, done, call = _steps(start, end, 7)
    with clock.standing_at(send):
        if far > 0:
            works.assign(order.pk, actor=by, technician_id=hands.id)
    if far > 1:
        with clock.standing_at(accept):
            works.accept(order.pk, actor=hands)
    if far > 2:
        with clock.standing_at(arrive):
            works.arrive(order.pk, actor=hands)
    if far == 4 or (far == 9 and cast.rng.random() < 0.15):
        with clock.standing_at(pause):
            works.pause(
                order.pk, actor=hands, reason=cast.rng.choice(("neighbour", "parts", "resident", "weather"))
            )
        if far == 9:
            with clock.standing_at(resume):
                works.resume(order.pk, actor=hands)
    if far in (5, 9):
        with clock.standing_at(done):
            _finish(cast, order, hands)
    if far == 9:
        with clock.standing_at(call):
            _call(cast, key, by)


def _finish(cast: Cast, order: Order, hands: StaffActor) -> None:
    confirmed = {} if order.unit_id is None else {"confirmed_by": "住户本人"}
    order = works.finish(
        order.pk,
        actor=hands,
        result=cast.rng.choice(RESULTS),
        minutes=cast.rng.randrange(15, 120),
        materials="",
        **confirmed,
    )
    if order.unit_id is None and cast.boss:
        works.inspect(order.pk, actor=cast.boss, passed=True)


def _call(cast: Cast, key: UUID, by: StaffActor) -> None:
    """The first responder calls back; now and then nobody answers at first, or somebody is not satisfied."""
    if Case.objects.get(pk=key).state != "done":
        return
    lot = cast.rng.random()
    if lot < 0.06:
        cases.follow_up(key, actor=by, outcome="no_answer")
    if lot > 0.95:
        cases.follow_up(key, actor=by, outcome="reached", satisfied=False, words="还是老样子，请再来看看")
        _again(cast, key, by)
    cases.follow_up(key, actor=by, outcome="reached", satisfied=True, words=cast.rng.choice(SAID))


def _again(cast: Cast, key: UUID, by: StaffActor) -> None:
    """What was not good is done again, within the hour."""
    order = Order.objects.filter(case_id=key, state="pool").first()
    if order is None:
        cases.solve(key, actor=by, words="再次上门核实并整改。")
        return
    hands = cast.hands(order.trade)
    works.claim(order.pk, actor=hands)
    works.arrive(order.pk, actor=hands)
    _finish(cast, order, hands)


def _complaint(cast: Cast, start: datetime, end: datetime, *, finish: bool) -> None:
    key, by = _take(cast, start, Kind.COMPLAINT, cast.rng.choice(COMPLAINTS))
    far = 9 if finish else cast.rng.randrange(0, 3)
    sort, reply, solve, call = _steps(start, end, 4)
    if far > 0 and cast.boss:
        with clock.standing_at(sort):
            cases.classify(key, actor=cast.boss, level=1, severity="minor")
    if far > 1:
        with clock.standing_at(reply):
            cases.reply(key, actor=by, words="已到现场核实，今天内处理，处理后再告知您。")
    if far == 9:
        with clock.standing_at(solve):
            cases.solve(key, actor=by, words="已约谈并整改，现场复查正常。")
        with clock.standing_at(call):
            _call(cast, key, by)


def _inquiry(cast: Cast, start: datetime, end: datetime, *, finish: bool) -> None:
    key, by = _take(cast, start, Kind.INQUIRY, cast.rng.choice(INQUIRIES))
    if finish:
        with clock.standing_at(min(end, start + timedelta(minutes=4))):
            cases.answer(key, actor=by, words="已按规定说明，并发了办事清单。", on_the_spot=True)
