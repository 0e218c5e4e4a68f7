"""Sample contexts of lists, forms, sign-in, errors and search."""

from collections.abc import Iterator
from typing import Any

from django import forms

from shouwen.front.look import (
    Action,
    Cell,
    Column,
    Difference,
    Filter,
    Hit,
    HitGroup,
    Link,
    Option,
    Pager,
    TableList,
    TableRow,
    hand,
    held_clock,
    seal,
)
from tests.front.gallery_desk import FRAME, HOUSEHOLD, TIMELINE, late, left

Page = tuple[str, str, dict[str, Any]]

COLUMNS = (
    Column("房号", sort_url="?sort=room"),
    Column("事项"),
    Column("首问 › 经手"),
    Column("类型"),
    Column("登记", sort_url="?sort=-opened", sorted="desc"),
    Column("费用 元", "right"),
    Column("时限", "right"),
)


def table_rows() -> tuple[TableRow, ...]:
    clocks = (late(125), left(22, 120), left(320, 600), held_clock("等业主"), None)
    rooms = ("2-1-0602", "3-2-1502", "6-1-1804", "4-2-0303", "8-1-1001")
    titles = (
        "楼道堆放杂物三天未清",
        "厨房下水慢，约上午 11 点",
        "热水管更换后回访",
        "邻居装修周末施工",
        "燃气过户要带哪些材料",
    )
    rows = []
    for n in range(20):
        k = n % 5
        rows.append(
            TableRow(
                (
                    Cell(rooms[k], strong=True, nowrap=True),
                    Cell(titles[k], sub="第二次来电" if n == 3 else ""),
                    Cell(marks=(seal("鲍晓"), hand("李伟" if k else ""))),
                    Cell(tag="报修" if k % 2 else "投诉"),
                    Cell(f"07-22 08:4{k}", nowrap=True, dim=True),
                    Cell("1,286.40" if k == 1 else ""),
                    Cell(clock=clocks[k]),
                ),
                url="/desk.html",
                id=str(n),
                unread=n == 2,
            )
        )
    return tuple(rows)


TABLE = TableList(
    "全部事项",
    COLUMNS,
    table_rows(),
    Pager(1248, next_url="?after=x"),
    search="",
    search_hint="房号、事由、单号",
    filters=(
        Filter(
            "kind",
            "类型",
            options=(Option("", "全部"), Option("repair", "报修", True), Option("complaint", "投诉")),
        ),
        Filter("building", "楼栋", options=(Option("", "全部"), Option("3", "3 号楼"))),
        Filter("since", "登记自", "date", "2026-07-01"),
        Filter("late", "只看超时", "check"),
    ),
    views=(
        Link("全部", "?", current=True),
        Link("3 号楼渗漏", "?view=1", count="11"),
        Link("装修在建户", "?view=2", count="14"),
    ),
    save_view_url="?save",
    exports=(Link("CSV", "?as=csv", "file-text"), Link("Excel", "?as=xlsx", "file-spreadsheet")),
    actions=(Action("new", "登记", "/intake.html", "C", "plus", primary=True),),
    bulk=(
        Action("assign", "派工", "/bulk/assign", icon="send"),
        Action("urge", "催办", "/bulk/urge", icon="bell"),
    ),
    empty="没有这样的事项。",
    empty_action=Link("看全部", "?", "list"),
)


class SignIn(forms.Form):
    account = forms.CharField(
        label="账号", widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label="密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class Unit(forms.Form):
    number = forms.CharField(label="房号", help_text="楼-单元-门牌，例如 3-1-1201。")
    use = forms.ChoiceField(label="用途", choices=[("", "请选"), ("home", "住宅"), ("shop", "商铺")])
    area = forms.DecimalField(label="建筑面积 ㎡")
    handed = forms.DateField(label="入伙日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    tags = forms.MultipleChoiceField(
        label="标记",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("elder", "家有长者"), ("dog", "有犬")],
    )
    vacant = forms.BooleanField(label="空置", required=False)
    notes = forms.CharField(label="备注", required=False, widget=forms.Textarea)


def list_pages() -> Iterator[Page]:
    frame = {"frame": FRAME}
    yield "list", "front/list.html", {**frame, "table": TABLE}
    form = Unit({"number": "3-1-1201", "use": "", "area": "八十九", "tags": ["elder"]})
    yield (
        "form",
        "front/form.html",
        {
            **frame,
            "title": "改房屋资料",
            "form": form,
            "submit": "保存",
            "cancel_url": "/list.html",
            "back": Link("3 号楼", "/list.html"),
            "aside": HOUSEHOLD.sections[:3],
        },
    )
    yield (
        "detail",
        "front/detail.html",
        {
            **frame,
            "title": "3-1-1201",
            "lead": "云杉苑 3 号楼 1 单元",
            "tags": ("自住", "家有长者"),
            "facts": (
                ("建筑面积", Cell("89.60 ㎡")),
                ("入伙", Cell("2019-06-18")),
                ("管家", Cell("李伟", marks=(hand("李伟"),))),
            ),
            "actions": (
                Action("edit", "改资料", "/form.html", "A", "edit"),
                Action("split", "拆分", "#", refused="有未结的事项，不能拆分。"),
            ),
            "tables": (TableList("事项", COLUMNS, table_rows()[:4]),),
            "timeline": TIMELINE[:3],
            "aside": HOUSEHOLD.sections,
        },
    )
    sign_in = SignIn({"account": "bao", "password": ""})
    sign_in.add_error(None, "账号或密码不对。再错 3 次，这台电脑上的这个账号停用 15 分钟。")
    demo = (
        ("bao", "demo-bao-1201", "前台接待"),
        ("ai", "demo-ai-1201", "客服主管"),
        ("wen", "demo-wen-1201", "工程技工"),
    )
    yield "sign_in", "front/sign_in.html", {"form": sign_in, "demo": demo, "languages": FRAME.languages}
    yield "error_404", "front/error.html", {**frame, "code": 404}
    yield (
        "error_500",
        "front/error.html",
        {"code": 500, "error_id": "K7Q2-9F3D", "languages": FRAME.languages},
    )
    yield (
        "conflict",
        "front/conflict.html",
        {
            **frame,
            "title": "3-1-1201 主卧天花渗水",
            "who": "文建国 10:38 改过",
            "differences": (
                Difference("约定时间", "07-22 14:00", "07-22 11:30"),
                Difference("类型", "渗漏水", "渗漏水", False),
                Difference("说明", "业主下午在家", "1301 已开门，正在疏通"),
            ),
            "keep": Action("keep", "用我的", "#", post=True, hidden=(("version", "15"),)),
            "drop": Link("用现在的", "/desk.html"),
        },
    )
    hits = (
        HitGroup("房屋", "home", (Hit("3-1-1201", "梅若兰 自住", "#", "89.6 ㎡"),)),
        HitGroup(
            "人",
            "user",
            (
                Hit("3-1-1201", "梅若兰 业主", "#", "138****6021"),
                Hit("2-2-0901", "梅瑞 租客", "#", "尾号 6021"),
            ),
        ),
        HitGroup(
            "事项",
            "clipboard-list",
            (Hit("3-1-1201", "主卧天花渗水", "#", "260722-031", "tool", left(65, 180)),),
            "#more",
        ),
        HitGroup("车", "car", (Hit("3-1-1201", "沪A·D62**", "#"),)),
    )
    yield "search", "front/search.html", {**frame, "query": "mrl", "hit_groups": hits}
