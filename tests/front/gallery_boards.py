"""Sample contexts of dispatch, technician, supervisor, intake, print."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms

from shouwen.front.look import (
    Action,
    Board,
    BoardCell,
    BoardGroup,
    BoardRow,
    Calls,
    Clock,
    Job,
    Link,
    LoadBar,
    NextJob,
    OrderCard,
    Photo,
    Press,
    RailItem,
    Resident,
    Shots,
    Stand,
    hand,
    held_clock,
    kept_clock,
    plain_clock,
    running_clock,
    seal,
)
from tests.front.gallery_desk import FRAME, HOUSEHOLD, MAIN_CLOCK, TIMELINE, H, M, groups, late, left
from tests.front.gallery_lists import TABLE
from tests.front.gallery_supervisor import supervisor

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


class Intake(forms.Form):
    category = forms.ChoiceField(label="哪一类", choices=[("leak", "渗漏水"), ("power", "电路")])
    urgency = forms.ChoiceField(label="紧急程度", choices=[("normal", "一般"), ("urgent", "紧急")])
    title = forms.CharField(label="一句话", help_text="派工单和列表上看到的就是这句。")
    words = forms.CharField(label="业主原话", widget=forms.Textarea(attrs={"rows": 4}), required=False)
    wanted_on = forms.DateField(
        label="希望哪天", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    wanted_at = forms.CharField(label="什么时段", required=False)


def press(name: str, label: str, icon: str, form: object = True, hint: str = "") -> Press:
    return Press(name, label, icon, "#", "/pocket", "", form, "/technician.html", 3, hint)


CAMERA = Press("photo-after", "拍修后照片", "camera", "#", hint="下一步 完工")
JOB = Job(
    id="o9",
    url="/technician_order.html",
    version=3,
    state="on_site",
    number="PG-0722-009",
    room_number="3-1-1201",
    title="主卧天花渗水，灯座旁滴水",
    clock=MAIN_CLOCK,
    seal=seal("鲍晓"),
    note="家有长者，轻声敲门",
    calls=Calls("#", "业主 梅女士", (Link("首问 鲍晓", "tel:8001"),)),
    shots=Shots(
        (
            Photo("#", "/static/sample-1.svg", "渗水的天花板", "修前 09:31"),
            Photo("#", "/static/sample-2.svg", "堵住的地漏", "修前 10:36"),
        ),
        before=2,
        url="#",
        pocket="/pocket",
    ),
    stands=(
        Stand("accepted", press("arrive", "到场", "map-pin", None, "下一步 拍修前照片")),
        Stand(
            "on_site.before",
            CAMERA,
            (
                press("pause", "停表", "player-pause"),
                press("material", "领料", "package"),
                press("absent", "没人在", "door-off"),
            ),
            (press("finish", "完工", "check"), press("carry", "改约", "calendar")),
            current=True,
        ),
    ),
    sheets=(press("pause", "停表", "player-pause", Intake()),),
)
QUEUE = (
    NextJob(
        "1",
        "#",
        2,
        "offered",
        "3-1-0702",
        "面盆下水漏",
        running_clock(18 * M, 30 * M, suffix="接单"),
        press("accept", "接单", "check", None),
        "去处理",
    ),
    NextJob("2", "#", 4, "accepted", "地库 B2", "照明整排不亮", left(240, 300), open="去处理"),
)
PHONE = replace(
    FRAME,
    person="文建国",
    field=True,
    post="水电",
    call=None,
    tabs=(
        RailItem("工单", "/technician.html", "tool", current=True),
        RailItem("巡查", "#", "walk"),
        RailItem("抄表", "#", "gauge"),
        RailItem("我的", "#", "user"),
    ),
)


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
