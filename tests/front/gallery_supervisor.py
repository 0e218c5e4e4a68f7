"""Sample context of the supervisor's page."""

from dataclasses import replace
from typing import Any

from shouwen.front.look import (
    Action,
    Approval,
    Floor,
    FloorCell,
    FloorPlan,
    Hours,
    Ladder,
    LateRow,
    Link,
    LoadBar,
    OnPost,
    Part,
    RailGroup,
    Rung,
    Spark,
    Tile,
    hand,
    seal,
)
from tests.front.gallery_desk import FRAME, MAIN_CLOCK, item, late, left

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
