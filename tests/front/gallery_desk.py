"""Sample view models of the desk."""

from dataclasses import replace

from shouwen.front.look import (
    Action,
    Arrears,
    CaseView,
    Chronicle,
    Clock,
    Household,
    Line,
    Lines,
    Link,
    Part,
    Photo,
    Resident,
    Residents,
    Row,
    RowGroup,
    Step,
    Suggestion,
    Text,
    TimelineItem,
    hand,
    held_clock,
    plain_clock,
    running_clock,
    seal,
)
from tests.front.gallery_frame import FRAME, H, M, item

__all__ = ["CASE", "FRAME", "HOUSEHOLD", "H", "M", "item"]

WHY = (
    ("渗漏水，受理后", "2 时 30 分内完工"),
    ("08:47 来电起算", "11:17"),
    ("停表 等邻户开门 30 分", "11:47"),
)
MAIN_CLOCK = running_clock(
    65 * M,
    150 * M + 30 * M,
    title="为何是 11:47 前",
    why=WHY,
    source="A-3.1.10 · 版本 3",
    ladder="80% 提醒经手人 · 100% 主管 · 150% 主任",
)


def row(
    room: str,
    title: str,
    kind: str,
    icon: str,
    who: str,
    now: str,
    stage: str,
    clock: Clock,
    unread: bool = False,
    current: bool = False,
) -> Row:
    return Row(
        room + title[:2],
        "/desk.html",
        room,
        title,
        kind,
        icon,
        seal(who),
        hand(now),
        stage,
        clock,
        unread,
        current,
    )


def late(minutes: int) -> Clock:
    return running_clock(-minutes * M, 4 * H)


def left(minutes: int, total: int) -> Clock:
    return running_clock(minutes * M, total * M)


def groups() -> tuple[RowGroup, ...]:
    over = (
        row(
            "2-1-0602", "楼道堆放杂物三天未清", "投诉", "mood-sad", "陈静", "李伟", "答复期限 3 日", late(125)
        ),
        row("5-2-1103", "可视对讲无声音", "报修", "tool", "鲍晓", "何涛", "到场", late(18)),
    )
    soon = (
        row("3-2-1502", "厨房下水慢，约上午 11 点", "报修", "tool", "陈静", "", "待派工", left(22, 120)),
        row(
            "3-1-1201",
            "主卧天花渗水，灯座旁滴水",
            "报修",
            "tool",
            "鲍晓",
            "文建国",
            "完工",
            MAIN_CLOCK,
            current=True,
        ),
        row(
            "1-3-0904",
            "要求书面答复停车费调整依据",
            "投诉",
            "mood-sad",
            "鲍晓",
            "鲍晓",
            "答复",
            left(100, 480),
        ),
        row(
            "7-1-0201", "借出钥匙今日须还，看房中介", "钥匙", "key", "鲍晓", "鲍晓", "当日还", left(110, 600)
        ),
    )
    today = (
        row("6-1-1804", "热水管更换后回访", "回访", "phone", "鲍晓", "鲍晓", "昨日完工", left(320, 600)),
        row(
            "4-2-0303",
            "邻居装修周末施工，已劝停一次",
            "投诉",
            "mood-sad",
            "周敏",
            "李伟",
            "受理 2 小时",
            left(370, 480),
        ),
        row("3-1-0802", "门禁卡失磁补办", "办卡", "id-badge-2", "鲍晓", "鲍晓", "等押金确认", held_clock()),
        row(
            "公共区",
            "地下车库 B2 照明整排不亮",
            "报修",
            "bulb",
            "吴敏",
            "文建国",
            "已完工，待巡检",
            left(400, 480),
            unread=True,
        ),
        row(
            "8-1-1001",
            "咨询：燃气过户要带哪些材料",
            "咨询",
            "message-circle",
            "陈静",
            "陈静",
            "待答复",
            left(425, 480),
        ),
        row(
            "5-1-0701",
            "新业户入住满月，安排首次走访",
            "走访",
            "walk",
            "鲍晓",
            "李伟",
            "约 16:30",
            left(435, 480),
        ),
    )
    return (
        RowGroup("已超时", "over", over),
        RowGroup("两小时内", "soon", soon),
        RowGroup("今天", "running", today),
    )


def bulk() -> tuple[RowGroup, ...]:
    """Two hundred rows, to measure how long a list takes to draw."""
    base = groups()[2].rows
    rows = tuple(replace(base[n % 6], id=f"n{n}") for n in range(200))
    return (RowGroup("今天", "running", rows),)


def list_actions() -> tuple[Link, ...]:
    return (Link("筛选", "#filter", "filter"), Link("按时限", "#sort", "arrows-sort"))


def who(name: str, rest: str) -> tuple[Part, ...]:
    return (Part(name, strong=True), Part(rest))


BAO, WEN = seal("鲍晓"), hand("文建国")
TIMELINE = (
    TimelineItem(
        "08:47",
        (
            Part("梅若兰", strong=True),
            Part("来电"),
            Part("4 分 12 秒", dim=True),
            Part("听录音", url="#play", icon="volume"),
        ),
        icon="phone-incoming",
        quote="昨晚开始渗，今早灯座旁边在滴水，床都挪开了。家里老人在，怕漏电。",
    ),
    TimelineItem("08:48", (Part("按号码认出业主，已打开 3-1-1201", dim=True),), icon="phone"),
    TimelineItem("08:49", who("鲍晓", "登记报修，成为首问责任人"), BAO),
    TimelineItem(
        "08:52",
        (
            Part("鲍晓", strong=True),
            Part("派工给"),
            Part("文建国", strong=True),
            Part("，约 09:20 到场"),
            Part("派工单", url="#print", icon="printer"),
        ),
        BAO,
    ),
    TimelineItem("09:17", (*who("文建国", "到场"), Part("定位 3 号楼 1 单元", dim=True)), WEN),
    TimelineItem(
        "09:31",
        who("文建国", "已断该回路电源。渗点在上户主卫下方，需进 1301 查防水。"),
        WEN,
        photos=(
            Photo("#1", "/static/sample-1.svg", "天花板渗水痕迹和灯座"),
            Photo("#2", "/static/sample-2.svg", "配电箱里断开的回路"),
        ),
        photos_words="修前 2 张",
    ),
    TimelineItem("09:40", who("鲍晓", "致电 3-1-1301 未接，短信已送达"), BAO),
    TimelineItem("09:42", (Part("停表：等邻户开门"),), icon="player-pause", tone="hold"),
    TimelineItem(
        "10:12",
        (Part("1301 周敏到家，继续计时"), Part("停 30 分，完工顺延至 11:47", dim=True)),
        icon="player-play",
        tone="hold",
    ),
    TimelineItem("10:38", who("文建国", "1301 地漏堵塞返水，正在疏通"), WEN),
)
CASE = CaseView(
    id="0197f3c2-0000-7000-8000-000000000000",
    version=14,
    number="260722-031",
    kind="报修",
    kind_icon="tool",
    room_number="3-1-1201",
    title="主卧天花渗水，灯座旁滴水",
    seal=seal("鲍晓", "前台 · 全程负责"),
    hand=hand("文建国", "水电 · 在 3 号楼"),
    steps=(
        Step("报修", "passed", "08:49"),
        Step("派工", "passed", "08:52"),
        Step("到场", "passed", "09:17 按时", kept=True),
        Step("完工", "current", clock=MAIN_CLOCK),
        Step("回访", "future", clock=plain_clock("明日 18:00 前")),
        Step("关闭", "future", "凭回访"),
    ),
    timeline=TIMELINE,
    room_url="/household.html",
    facts=(Part("热线 08:47"), Part("派工单 PG-0722-009", url="#order")),
    suggestion=Suggestion(
        (
            Part("类型"),
            Part("渗漏水（跨户）", strong=True),
            Part("· 紧急程度 一般 →"),
            Part("紧急", strong=True),
        ),
        "依据“灯座旁”“滴水”；近一年同类 9 单，7 单按紧急办",
        "#yes",
        "#no",
    ),
    tabs=(
        Link("全部", "#all", current=True, count="14"),
        Link("沟通", "#talk", count="5"),
        Link("办理", "#work", count="7"),
        Link("照片", "#photos", count="2"),
    ),
    actions=(
        Action("reply", "回复业主", "#reply", "R", primary=True),
        Action("reassign", "转派", "#dispatch", "D"),
        Action("urge", "催办", "#urge", "U"),
        Action("pause", "停表", "#pause", "P", post=True, hidden=(("version", "14"),)),
        Action("raise", "升级", "#raise", "E", refused="已经升级到主任，150% 之前不能再升。"),
    ),
    more=(
        Action("merge", "并单", "#merge", icon="columns"),
        Action("cancel", "撤销报修", "#cancel", icon="x"),
        Action("close", "结案", "#close", icon="check", refused="回访还没有做，不能结案。"),
    ),
    day="7 月 22 日 周三",
    note_url="/case/note",
)
HOUSEHOLD = Household(
    "3-1-1201",
    "/household.html",
    ("自住", "家有长者"),
    "89.6 ㎡ • 2019-06-18 入伙 • 管家 李伟",
    (
        Residents(
            "住户",
            (
                Resident("梅若兰", "业主", "138****6021", calling=True),
                Resident("陈立", "配偶", "139****8830"),
                Resident("陈小满", "女 • 10 岁"),
                Resident("梅建华", "父 • 78 岁", "186****1147"),
            ),
        ),
        Arrears(
            "欠费",
            "¥1,286.40",
            (("本期", "612.40", 48, False), ("31–60 天", "674.00", 52, True)),
            "已送首次通知 07-10，不影响报修",
            action=Link("收费", "#pay", key="F"),
        ),
        Lines(
            "未结事项",
            (
                Line("天花渗水（本单）", icon="tool", clock=MAIN_CLOCK),
                Line("电梯口异味", "剩 1 天", "mood-sad"),
                Line("车位 B1-088 续租", "等业主", "car", tone="hold"),
            ),
            count=3,
        ),
        Lines(
            "钥匙与卡",
            (
                Line("托管钥匙 1 套", "柜 A-17 在柜", "key"),
                Line("住户卡 4", "正常", "id-badge-2"),
                Line("沪A·D62**", "07-31 到期", "car", tone="soon"),
            ),
        ),
        Text(
            "装修",
            (Part("本户无在建。"), Part("楼上 1301 今年 5 月做过卫生间防水，闭水 48 小时合格", url="#1301")),
        ),
        Chronicle(
            "大事记",
            (
                ("2026-03", "外墙渗水，已修复"),
                ("2026-01", "车位 B1-088 续租一年"),
                ("2025-11", "半年走访，满意"),
                ("2023-04", "厨房改造竣工验收"),
                ("2019-06", "收楼入伙，钥匙 5 把"),
            ),
        ),
    ),
)
