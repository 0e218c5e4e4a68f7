"""Sample contexts of dispatch, technician, supervisor, intake, print."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms

from shouwen.front.look import (
    Action,
    Approval,
    Board,
    BoardCell,
    BoardGroup,
    BoardRow,
    Clock,
    Floor,
    FloorCell,
    FloorPlan,
    Hours,
    Job,
    Ladder,
    LateRow,
    Link,
    LoadBar,
    NextJob,
    OnPost,
    OrderCard,
    Part,
    Photo,
    RailGroup,
    RailItem,
    Resident,
    Rung,
    Spark,
    Tile,
    hand,
    held_clock,
    kept_clock,
    plain_clock,
    running_clock,
    seal,
)
from tests.front.gallery_desk import FRAME, HOUSEHOLD, MAIN_CLOCK, TIMELINE, H, M, groups, item, late, left
from tests.front.gallery_lists import TABLE

Page = tuple[str, str, dict[str, Any]]


def card(
    room: str, title: str, clock: Clock, who: str = "", trade: str = "", hint: str = "", now: bool = False
) -> OrderCard:
    return OrderCard(
        room + title,
        "/technician_order.html",
        room,
        title,
        clock,
        seal(who) if who else None,
        trade,
        hint,
        now,
    )


POOL = (
    card("3-2-1502", "厨房下水慢，约上午 11 点", left(22, 120), "陈静", "水电", "建议 孙志强", True),
    card("2-2-0901", "大门锁芯卡滞，钥匙转不动", running_clock(35 * M, 3 * H), "鲍晓", "土建"),
    card("1-1-1604", "客厅两个插座没电", running_clock(65 * M, 115 * M), "周敏", "水电"),
    card("公共区", "5 号楼 2 单元单元门闭不严", running_clock(90 * M, 119 * M), "吴敏", "弱电"),
    card("6-2-0402", "阳台推拉门掉轨", left(130, 200), "鲍晓", "土建"),
    card("公共区", "中心花园喷灌漏水", left(180, 220), "吴敏", "绿化"),
    card("8-2-1102", "对讲面板换新，约周四下午", plain_clock("约 07-23 14:00", "calendar"), "陈静", "弱电"),
)


def brow(
    name: str,
    place: str,
    load: int,
    wait: Any = (),
    busy: Any = (),
    held: Any = (),
    check: Any = (),
    **more: Any,
) -> BoardRow:
    cells = tuple(c if isinstance(c, BoardCell) else BoardCell(tuple(c)) for c in (wait, busy, held, check))
    return BoardRow(name, hand(name), cells, load=LoadBar(load), place=place, id=name, **more)


def board() -> Board:
    drop = BoardCell(
        drop=Action("assign", "派到这里 3-2-1502", "#", "1", post=True, hidden=(("person", "1"),))
    )
    water = (
        brow(
            "孙志强",
            "3 号楼 • 空闲 12 分",
            2,
            drop,
            (card("3-1-0404", "马桶水箱补水不停", left(160, 240)),),
            (),
            (card("3-2-0603", "更换角阀", kept_clock()),),
            key="1",
            reasons="同楼栋 • 同类 41 单 • 返修 1",
            suggested=True,
        ),
        brow(
            "文建国",
            "3-1-1301 • 作业中",
            4,
            (card("3-1-0702", "面盆下水漏", running_clock(18 * M, 30 * M, suffix="接单")),),
            (
                card("3-1-1201", "天花渗水，灯座旁滴水", MAIN_CLOCK),
                card("公共区", "B2 照明整排不亮", left(240, 300)),
            ),
            (),
            (card("公共区", "2 号楼应急灯", Clock("running", "待巡检")),),
            key="2",
        ),
        brow(
            "高翔",
            "7 号楼 • 作业中",
            7,
            BoardCell(
                (card("7-1-1802", "热水时有时无", running_clock(-6 * M, 30 * M, suffix="接单")),), 1, "#"
            ),
            BoardCell((card("7-2-0303", "跳闸排查", left(25, 240)),), 2, "#"),
            (card("6-2-1101", "换水表前阀", held_clock("等停水通知")),),
            (card("7-1-0506", "换插座", kept_clock()),),
        ),
        BoardRow("钱立新", hand("钱立新"), (BoardCell(),) * 4, place="调休 • 明日到岗", away=True),
    )
    stone = (
        brow(
            "郑海",
            "1 号楼 • 途中",
            3,
            (),
            (card("1-2-0201", "卫生间门下沉", left(190, 300)),),
            (card("4-1-0903", "外窗渗水，等天晴复查", held_clock("等天气")),),
            (card("1-1-0302", "踢脚线修补", kept_clock()),),
        ),
        brow(
            "马军",
            "5 号楼 • 作业中",
            3,
            (card("5-1-1204", "橱柜门铰链", running_clock(25 * M, 30 * M, suffix="接单")),),
            (card("5-2-0602", "地砖空鼓", left(300, 320)),),
        ),
    )
    weak = (
        brow(
            "何涛",
            "5-2-1103 • 作业中",
            3,
            (),
            (card("5-2-1103", "可视对讲无声音", late(18)),),
            (card("2-1 单元", "门禁主机等配件", held_clock("等备件")),),
            (card("公共区", "北门道闸", Clock("running", "待巡检")),),
        ),
        brow(
            "韩东",
            "南门 • 作业中",
            2,
            (),
            (card("南门", "车牌识别误抬", left(170, 300)),),
            (),
            (card("1-3 单元", "门禁读头更换", kept_clock()),),
        ),
        brow("迅捷", "电梯维保 • 外委", 1, (), (card("4-2 号梯", "轿厢运行异响", left(180, 240)),)),
    )
    return Board(
        "人员",
        (("待接单", 4), ("处理中", 11), ("停表", 3), ("待验收", 6)),
        (
            BoardGroup("水电", "4 人", water),
            BoardGroup("土建木作", "2 人", stone),
            BoardGroup("弱电 • 电梯外委", "3 人", weak),
        ),
        views=(
            Link("按人员", "?by=person", "user", True),
            Link("按工种", "?by=trade", "tool"),
            Link("按状态", "?by=state", "columns"),
            Link("按楼栋", "?by=building", "map-pin"),
        ),
        figures=(
            ("在班", "8", "plain"),
            ("将到期", "4", "soon"),
            ("超时", "2", "over"),
            ("今日完工", "23", "plain"),
        ),
        actions=(Action("print", "打印派工单", "#", icon="printer"),),
        assign_url="#assign",
    )


JOB = Job(
    id="o9",
    url="/technician_order.html",
    version=3,
    number="PG-0722-009",
    room_number="3-1-1201",
    title="主卧天花渗水，灯座旁滴水",
    clock=MAIN_CLOCK,
    seal=seal("鲍晓"),
    note="家有长者，轻声敲门",
    phones=(Link("业主 梅女士", "tel:138"), Link("首问 鲍晓", "tel:8001")),
    photos_words="修前 2 张 • 修后",
    photos_missing="还差 1 张",
    photos=(
        Photo("#", "/static/sample-1.svg", "渗水的天花板", "修前 09:31"),
        Photo("#", "/static/sample-2.svg", "堵住的地漏", "修前 10:36"),
    ),
    photo_url="#",
    photo_label="修后",
    next=Action("photo", "拍修后照片", "#", icon="camera", primary=True),
    next_hint="下一步 完工",
    others=(
        Action("pause", "停表", "#", icon="player-pause"),
        Action("parts", "领料", "#", icon="package"),
        Action("absent", "没人在", "#", icon="door-off"),
    ),
)
QUEUE = (
    NextJob(
        "1",
        "#",
        "3-1-0702",
        "面盆下水漏",
        running_clock(18 * M, 30 * M, suffix="接单"),
        Action("accept", "接单", "#", post=True),
    ),
    NextJob("2", "#", "地库 B2", "照明整排不亮", left(240, 300), Action("go", "去处理", "#", post=True)),
)
PHONE = replace(
    FRAME,
    person="文建国",
    post="水电",
    call=None,
    tabs=(
        RailItem("工单", "/technician.html", "tool", current=True),
        RailItem("巡查", "#", "walk"),
        RailItem("抄表", "#", "gauge"),
        RailItem("我的", "#", "user"),
    ),
)
RUNGS = ("经手", "主管", "主任", "分公司")


def ladder(reached: int) -> Ladder:
    states: list[Any] = ["first"] + ["reached"] * reached + ["next"] + ["future"] * 3
    return Ladder(tuple(Rung(name, state) for name, state in zip(RUNGS, states, strict=False)))


def late_rows() -> tuple[LateRow, ...]:
    rows = (
        ("2-1-0602", "楼道堆放杂物三天未清", "陈静", "李伟", 2, late(125)),
        ("5-2-1103", "可视对讲无声音", "鲍晓", "何涛", 1, late(18)),
        ("7-1-1802", "热水时有时无，未接单", "周敏", "高翔", 1, late(6)),
        ("3-2-1502", "厨房下水慢，未派工", "陈静", "", 0, left(22, 120)),
        ("3-1-1201", "主卧天花渗水，灯座旁滴水", "鲍晓", "文建国", 0, MAIN_CLOCK),
    )
    ask = Action("ask", "过问", "#")
    return tuple(LateRow("#", r, t, seal(a), hand(b), ladder(n), c, ask) for r, t, a, b, n, c in rows)


def plan() -> FloorPlan:
    special: dict[tuple[int, int], tuple[Any, str]] = {
        (12, 0): ("soon", "hourglass"),
        (13, 0): ("soon", "hourglass"),
        (12, 1): ("soon", "hourglass"),
        (15, 5): ("soon", "hourglass"),
        (6, 4): ("soon", "hourglass"),
        (6, 7): ("over", "alert-octagon"),
        (17, 2): ("work", "hammer"),
        (5, 1): ("work", "hammer"),
        (15, 1): ("money", "currency-yuan"),
        (13, 6): ("money", "currency-yuan"),
        (8, 5): ("money", "currency-yuan"),
        (4, 7): ("money", "currency-yuan"),
        (16, 6): ("open", ""),
        (9, 4): ("open", ""),
        (8, 1): ("open", ""),
        (7, 0): ("open", ""),
        (6, 2): ("open", ""),
        (4, 3): ("open", ""),
        (2, 1): ("open", ""),
        (2, 6): ("open", ""),
        (18, 7): ("vacant", ""),
        (14, 4): ("vacant", ""),
        (9, 2): ("vacant", ""),
        (3, 5): ("vacant", ""),
        (1, 0): ("vacant", ""),
    }
    floors = []
    for level in range(18, 0, -1):
        cells: list[FloorCell | None] = []
        for door in range(8):
            tone, glyph = special.get((level, door), ("none", ""))
            name = f"3-{door // 4 + 1}-{level:02d}{door % 4 + 1:02d}"
            cells.append(
                FloorCell(
                    name, tone, "将到期" if tone == "soon" else "在办", "#", glyph, (level, door) == (12, 0)
                )
            )
            if door == 3:
                cells.append(None)
        floors.append(Floor(str(level), tuple(cells)))
    counts = (
        ("1", "2", ""),
        ("2", "4", "over"),
        ("3", "15", "over"),
        ("4", "3", ""),
        ("5", "5", "over"),
        ("6", "3", ""),
        ("7", "4", "over"),
        ("8", "1", ""),
    )
    return FloorPlan(
        tuple(Link(n, "#", current=n == "3", count=c, key=k) for n, c, k in counts),
        (Link("综合", "#", current=True), Link("欠费", "#"), Link("占用", "#"), Link("走访", "#")),
        ("01", "02", "03", "04", None, "01", "02", "03", "04"),
        tuple(floors),
        ("1 单元", "2 单元"),
        (
            ("over", "超时", 1),
            ("soon", "将到期", 5),
            ("open", "在办", 9),
            ("work", "装修", 3),
            ("money", "欠费", 5),
            ("vacant", "空置", 5),
            ("none", "无事", 116),
        ),
        "3 号楼",
        (
            Part("3-1-1201 梅若兰", strong=True),
            Part("主卧天花渗水，灯座旁滴水"),
            Part("楼上 1301 同单处置中 • 欠费 1,286.40", dim=True),
        ),
        MAIN_CLOCK,
    )


def supervisor() -> dict[str, Any]:
    came = (1, 0, 0, 0, 0, 1, 3, 6, 11, 13, 11) + (0,) * 13
    done = (0, 1, 0, 0, 1, 0, 1, 3, 8, 10, 7) + (0,) * 13
    mean = (1, 0.7, 0.4, 0.3, 0.4, 0.6, 2, 5, 9, 10, 10, 7.5, 5, 5, 6, 6.5, 7, 7.2, 8, 7.6, 6, 4, 2.4, 1.5)
    rail = (
        RailGroup(
            "管理",
            (
                item("今日总览", "dashboard", None, current=True),
                item("规程执行", "shield-check", 2),
                item("升级中", "stairs-up", 3, "over"),
                item("待我审批", "circle-check", 5),
            ),
        ),
        RailGroup(
            "考核",
            (
                item("指标", "chart-line", None),
                item("员工考核", "users", 9),
                item("满意度", "mood-smile", None),
            ),
        ),
        RailGroup(
            "业务",
            (item("全部事项", "flag", 116), item("工单", "tool", 31), item("楼栋图", "building", None)),
        ),
    )
    agree = Action("agree", "同意", "#", post=True)
    return {
        "frame": replace(
            FRAME,
            groups=rail,
            person="艾琳",
            post="主管",
            call=None,
            switch=(Link("今日", "#", current=True), Link("本周", "#"), Link("本月", "#")),
        ),
        "tiles": (
            Tile(
                "今日来件",
                "47",
                "件",
                "报修 22 • 投诉 4 • 咨询 21",
                spark=Spark((3, 5, 2, 9, 6, 4, 7)),
                url="#",
            ),
            Tile(
                "维修及时率",
                "96.4",
                "%",
                "1.2 较上周 • 目标 95",
                "up",
                True,
                spark=Spark((92, 93, 95, 95.5, 95, 95.8, 98), 95),
                url="#",
            ),
            Tile(
                "当日回访率",
                "83.3",
                "%",
                "还差 3 户，18:00 截止",
                tone="soon",
                spark=Spark((100, 100, 98, 100, 100, 100, 83), 100, "soon"),
                url="#",
            ),
            Tile(
                "投诉按期答复",
                "100",
                "%",
                "本月 26 件，在办 4",
                spark=Spark((96, 95, 100, 98, 100, 100, 100), 100),
                url="#",
            ),
            Tile(
                "返修率",
                "1.9",
                "%",
                "0.4 较上月 • 目标 3",
                "down",
                True,
                spark=Spark((2.6, 2.4, 2.5, 2.2, 2.3, 2.1, 1.9), 3),
                url="#",
            ),
            Tile(
                "本期收缴率",
                "87.2",
                "%",
                "1.1 较上季同日",
                "down",
                False,
                spark=Spark((40, 55, 66, 74, 80, 85, 87), 88, "plain"),
                url="#",
            ),
        ),
        "late": late_rows(),
        "late_count": "5",
        "hours": Hours(came, done, mean, 10.7, "现在 10:42"),
        "approvals": (
            Approval("免责", "回访三次未接通，2-2-1402", "鲍晓", "#", agree),
            Approval("离岗", "陈静 14:00–15:00，周敏顶岗", "陈静", "#", agree),
            Approval("缓缴", "5-1-0301 分三期", "梁会计", "#", agree),
            Approval("公示", "7 月共性投诉处理", "周敏", "#", agree),
            Approval("减免", "电梯停运两日，1 号楼 36 户", "梁会计", "#", agree),
        ),
        "approvals_count": "5",
        "on_post": (
            OnPost(hand("周敏"), "周敏", "调度", "派工 7", LoadBar(6)),
            OnPost(hand("鲍晓"), "鲍晓", "前台", "通话 02:14", LoadBar(7)),
            OnPost(hand("陈静"), "陈静", "热线", "空闲 4 分", LoadBar(3)),
            OnPost(hand("李伟"), "李伟", "3、4 号楼管家", "巡查中 • 上午第 1 轮", LoadBar(4)),
            OnPost(hand("何涛"), "何涛", "弱电", "5-2-1103 作业中", LoadBar(5)),
        ),
        "on_post_words": "前台 3 • 热线 2 • 管家 4 • 技工 8",
        "plan": plan(),
    }


class Intake(forms.Form):
    category = forms.ChoiceField(label="哪一类", choices=[("leak", "渗漏水"), ("power", "电路")])
    urgency = forms.ChoiceField(label="紧急程度", choices=[("normal", "一般"), ("urgent", "紧急")])
    title = forms.CharField(label="一句话", help_text="派工单和列表上看到的就是这句。")
    words = forms.CharField(label="业主原话", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    wanted_on = forms.DateField(
        label="希望哪天", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    wanted_at = forms.CharField(label="什么时段", required=False)


def board_pages() -> Iterator[Page]:
    rail = (FRAME.groups[0], *FRAME.groups[1:])
    yield (
        "dispatch",
        "front/dispatch.html",
        {
            "frame": replace(FRAME, groups=rail, person="周敏", post="调度", call=None),
            "pool": POOL,
            "pool_count": "7",
            "pool_actions": (Action("suggest", "逐条自动建议", "#", "S"),),
            "board": board(),
            "messages": [Toast("7-2-0303 派给高翔", extra_tags="undo:/undo")],
        },
    )
    counts = (
        Link("待接单", "#", count="1"),
        Link("处理中", "#", current=True, count="2"),
        Link("停表", "#", count="1"),
        Link("今日完工", "#", count="5"),
    )
    yield (
        "technician",
        "front/technician.html",
        {"frame": PHONE, "counts": counts, "job": JOB, "queue": QUEUE},
    )
    yield (
        "technician_order",
        "front/technician_order.html",
        {"frame": PHONE, "job": JOB, "timeline": TIMELINE[:5], "back": Link("我的工单", "/technician.html")},
    )
    yield "supervisor", "front/supervisor.html", supervisor()
    form = Intake(
        {
            "category": "leak",
            "urgency": "urgent",
            "title": "主卧天花渗水，灯座旁滴水",
            "words": "昨晚开始渗，怕漏电。",
        }
    )
    kinds = (
        Link("报修", "?kind=repair", "tool", True, key="1"),
        Link("投诉", "?kind=complaint", "mood-sad", key="2"),
        Link("咨询", "?kind=inquiry", "message-circle", key="3"),
    )
    yield (
        "intake",
        "front/intake.html",
        {
            "frame": FRAME,
            "picked": True,
            "place_words": "3-1-1201",
            "caller": Resident("梅若兰", "业主", "138****6021"),
            "change_url": "/intake_pick.html",
            "kinds": kinds,
            "form": form,
            "fieldsets": (
                ("什么事", (form["category"], form["urgency"], form["title"], form["words"])),
                ("什么时候", (form["wanted_on"], form["wanted_at"])),
            ),
            "household": HOUSEHOLD,
            "duplicates": groups()[0].rows[:1],
            "cancel_url": "/desk.html",
            "draft": "intake",
        },
    )
    yield (
        "intake_pick",
        "front/intake.html",
        {"frame": FRAME, "kinds": kinds, "picked": False, "public_url": "#"},
    )
    yield (
        "print",
        "front/print.html",
        {
            "title": "派工单",
            "company": "云杉苑管理处",
            "number": "PG-0722-009",
            "facts": (
                ("房号", "3-1-1201"),
                ("报修内容", "主卧天花渗水，灯座旁滴水"),
                ("首问责任人", "鲍晓"),
                ("维修人", "文建国"),
            ),
            "tables": (replace(TABLE, title="用料", rows=TABLE.rows[:3]),),
            "signatures": ("维修人", "业主", "验收人"),
            "printed": "鲍晓 2026-07-22 10:42 打印",
        },
    )


class Toast:
    """What Django's messages give to a template."""

    def __init__(self, words: str, level_tag: str = "success", extra_tags: str = "") -> None:
        self.words = words
        self.level_tag = level_tag
        self.extra_tags = extra_tags

    def __str__(self) -> str:
        return self.words
