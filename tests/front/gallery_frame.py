"""Sample frame: the rail of queues, the tab bar, a call that is running."""

from shouwen.front import look
from shouwen.front.look import Call, Frame, Link, RailGroup, RailItem

H, M = 3600, 60


def item(
    name: str, icon: str, count: int | None, tone: look.Tone = "plain", current: bool = False
) -> RailItem:
    return RailItem(name, "/desk.html", icon, count, tone, current)


RAIL = (
    RailGroup(
        "我的",
        (
            item("今日应办", "clipboard-check", 12, current=True),
            item("我首问的", "flag", 23),
            item("我经手的", "user", 9),
            item("草稿", "pencil", 2),
        ),
    ),
    RailGroup(
        "受理",
        (
            item("待受理", "inbox", 4),
            item("待派工", "send", 7),
            item("处理中", "tool", 31),
            item("待回访", "phone", 18),
            item("停表中", "player-pause", 5),
        ),
    ),
    RailGroup(
        "风险",
        (
            item("已超时", "alert-octagon", 2, "over"),
            item("2 小时内到期", "hourglass", 6, "soon"),
            item("不满意重开", "refresh", 1),
        ),
    ),
    RailGroup(
        "台账",
        (
            item("钥匙借出", "key", 5),
            item("放行条", "package", 3),
            item("信件包裹", "mailbox", 41),
            item("访客在场", "door", 8),
            item("代管物品", "lock", 6),
            item("留言", "note", 4),
        ),
    ),
    RailGroup(
        "视图",
        (
            item("3 号楼渗漏", "star", 11),
            item("装修在建户", "star", 14),
            item("历年报修", "star", 12480),
        ),
    ),
)
TABS = (
    RailItem("今日应办", "/desk.html", "clipboard-check", 12, current=True),
    RailItem("登记", "/intake.html", "plus"),
    RailItem("搜索", "/search.html", "search"),
    RailItem("我的", "/me", "user"),
)
FRAME = Frame(
    community="云杉苑",
    post="前台",
    centre="客服中心",
    person="鲍晓",
    groups=RAIL,
    tabs=TABS,
    communities=(Link("云杉苑", "/c/1", current=True), Link("听涛大厦", "/c/2")),
    menu=(Link("我的账号", "/me", "user"), Link("按键和声音", "/me/keys", "settings")),
    notices=3,
    shift="早班 15:45 备交接",
    call=Call("02:14", "梅若兰", "3-1-1201", "/desk.html", "/note"),
)
