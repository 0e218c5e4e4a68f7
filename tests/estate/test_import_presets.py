"""MicroCommunity's other workbooks: each is known by its columns, told as what it is, and read past its notes and titles."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from shouwen.billing.models import PastPayment
from shouwen.estate.imports.sources import source_of, sources
from shouwen.estate.models import ImportRun, Vehicle
from shouwen.kernel.sheets import read
from tests.estate.test_imports import HEADS, ROWS, book, take

FEE = ["收费项目", "缴费周期", "开始时间", "结束时间", "缴费时间", "应缴金额", "实缴金额", "收银员", "备注"]
PAID = ["物业费", 12, 42370, 42736, 42736, 1000, 1000, "张三", "手工导入"]
NOTES = [None, "开始时间", "时间格式为 YYYY-MM-DD"]
HOMES = (
    ["房屋", *FEE],
    [["3-1-1201", *PAID], ["3-1-1201", *PAID[:2], 42736, 43101, *PAID[4:], *NOTES], [None] * 10 + NOTES],
)
CARS = (
    ["车牌号", *FEE],
    [["沪A12345", "停车费", 12, "2016-01-01", "2016-12-31", "2016-01-05", 1200.5, 1200, "张三", None]],
)
"""Heads and rows as the workbooks have them: days as serial numbers, notes at the right of the sheet."""
METER = ["名称", "表号", "表类型", "模式", "房屋", "费用项", "厂家", "采集器ID"]
METERS = (
    METER,
    [
        ["1-1-1 智能水表", 1212, 1001, 1001, "3-1-1201", "水费", 3, 10102],
        ["大堂电表", "E-1", "电表", 2002, None, "公摊电费", "某厂", "C-7"],
        [None] * 11 + ["模式", "充值模式为1001"],
    ],
)
MATERIAL = [
    "序号",
    "物品名称",
    "物品编号",
    "单价",
    "库存",
    "单位",
    "对外最低售价",
    "对外最高售价",
    "告警库存",
    "物品类型",
    "是否固定物品（Y 是 N 否）",
    "备注",
]
MATERIALS = (
    ["物品导入"],
    [
        MATERIAL,
        [1, "灯泡", "D-1", 5.5, 20, "个", 6, 8, 30, "电料", "N", None],
        [2, "人字梯", "T-1", None, 2, "把", None, None, None, "工具", "Y", "库房"],
        [3, *[None] * 11],
    ],
)
BOOKS = {
    "payments-homes": ("payments", HOMES, 2),
    "payments-cars": ("payments", CARS, 1),
    "meters": ("meters", METERS, 2),
    "materials": ("materials", MATERIALS, 2),
}
"""Each with the source that it is, and how many lines it has."""


@pytest.fixture
def car(cast) -> Vehicle:
    return Vehicle.objects.create(community=cast.community, unit=cast.unit, plate="沪A·12345")


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_is_taken_for_what_it_is_whatever_was_chosen(cast, car, name):
    source, (heads, rows), lines = BOOKS[name]
    data = book(heads, rows)
    right = take(cast, data, mode="dry", source=source)
    assert (right.state, right.words, right.outcomes) == ("checked", "", {"added": lines})
    run = take(cast, data, mode="dry")
    assert (run.state, run.source, run.outcomes) == ("checked", source, {"added": lines})
    assert str(source_of(source).label) in run.words


@pytest.mark.parametrize("name", BOOKS)
def test_in_earnest_nothing_is_taken_for_something_else(cast, car, name):
    source, (heads, rows), _lines = BOOKS[name]
    run = take(cast, book(heads, rows), mode="good")
    assert (run.state, run.outcomes) == ("refused", {})
    assert f"按“{source_of(source).label}”导入" in run.words
    back = take(cast, book(HEADS, ROWS), mode="good", source=source)
    assert (back.state, "按“房屋和住户”导入" in back.words) == ("refused", True)


def test_a_list_that_nobody_knows_says_what_is_needed(cast):
    run = take(cast, book(["甲", "乙"], [[1, 2]]), source="payments")
    assert run.state == "refused"
    for words in ("甲、乙", "“收费项目”", "“实缴金额”"):
        assert words in run.words


def test_who_may_not_import_a_kind_is_not_led_to_it(cast, car):
    """The colleague may import the estate, nothing else: the list is named, not taken."""
    post = cast.alice.grants.get().post
    post.rights = ["estate.see", "estate.import"]
    post.save()
    run = take(cast, book(*HOMES), mode="dry")
    assert (run.state, "缴费记录" in run.words) == ("refused", True)


@pytest.mark.parametrize("source", ["payments", "meters", "materials"])
def test_a_template_explains_itself_and_is_known_again(cast, source):
    known = source_of(source)
    table = read(known.template(), "t.xlsx")
    assert [head.rstrip("*") for head in table.headers] == [head for _field, head in known.headers()]
    helped = read(known.template(), "t.xlsx", sheet="填写说明")
    assert len(helped.rows) == len(table.headers)
    run = take(cast, known.template(), mode="dry", source=source)
    assert (run.state, run.outcomes) == ("checked", {})


def test_the_command_names_the_right_kind_and_takes_it(cast, tmp_path, capsys):
    file = tmp_path / "fees.xlsx"
    file.write_bytes(book(*HOMES))
    with pytest.raises(CommandError, match="按“缴费记录”导入"):
        call_command("import", "units", str(file), community="cuihu")
    call_command("import", "payments", str(file), community="cuihu")
    assert "缴费记录：新增 2" in capsys.readouterr().out
    assert PastPayment.objects.count() == 2
    assert ImportRun.objects.filter(state="done").count() == 1


def test_every_kind_of_list_has_a_page_where_its_rows_are_seen(cast, client):
    client.force_login(cast.alice)
    from django.urls import reverse

    for source in sources():
        assert client.get(reverse(source.page)).status_code == 200, source.code
