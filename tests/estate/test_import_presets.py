"""Workbooks that are known by their columns and hold nothing for this house yet: said in a sentence, nothing written."""

import pytest

from shouwen.estate.models import Person, Unit, Vehicle
from tests.estate.test_imports import book, take

FEE = ["收费项目", "缴费周期", "开始时间", "结束时间", "缴费时间", "应缴金额", "实缴金额", "收银员", "备注"]
PAID = ["物业费", 12, "2016-01-01", "2017-01-01", "2016-01-05", 1000, 1000, "张三", "手工导入"]


@pytest.mark.parametrize(
    ("sheet", "heads", "row", "said"),
    [
        ("房屋缴费历史", ["房屋", *FEE], ["1-1-1001", *PAID], "还没有收费"),
        ("车辆缴费历史", ["车牌号", *FEE], ["沪A12345", *PAID], "还没有收费"),
        (
            "水电表",
            ["名称", "表号", "表类型", "模式", "房屋", "费用项", "厂家", "采集器ID"],
            ["1-1-1001 水表", 1212, 1001, 1001, "1-1-1001", "水费", "某厂", 7],
            "还没有仪表",
        ),
    ],
)
def test_fees_and_meters_are_known_and_refused_honestly(cast, sheet, heads, row, said):
    before = Unit.objects.count(), Person.objects.count(), Vehicle.objects.count()
    run = take(cast, book(heads, [row], title=sheet))
    assert run.state == "refused"
    assert said in run.words
    assert "什么也没有写入" in run.words
    assert (Unit.objects.count(), Person.objects.count(), Vehicle.objects.count()) == before


def test_a_list_of_goods_is_known_below_its_title(cast):
    heads = [
        "序号",
        "物品名称",
        "物品编号",
        "单价",
        "库存",
        "单位",
        "对外最低售价",
        "对外最高售价",
        "告警库存",
    ]
    run = take(cast, book(["物品导入"], [heads, [1, "灯泡", "D-1", 5, 20, "个", 6, 8, 3]], title="物品信息"))
    assert (run.state, "还没有仓库" in run.words) == ("refused", True)
