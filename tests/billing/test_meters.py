"""Meters: known by their number, changed by what a later list says, seen by right."""

from __future__ import annotations

from django.urls import reverse

from shouwen.billing.models import Meter
from tests.cast import make_staff, make_unit
from tests.estate.test_import_lines import told
from tests.estate.test_import_presets import METER, METERS
from tests.estate.test_imports import book, problems, take


def test_a_list_of_meters_is_taken_with_its_codes_in_words(cast):
    run = take(cast, book(*METERS), source="meters")
    assert (run.state, run.refused, run.counts["meters"]["added"]) == ("done", 0, 2)
    water, hall = Meter.objects.order_by("id")
    assert (water.number, water.kind, water.mode, water.unit, water.maker) == (
        "1212", "water", "prepaid", cast.unit, "拓强水表-Lora无预付费水表",
    )  # fmt: skip
    assert (hall.kind, hall.mode, hall.unit, hall.collector, hall.run_id) == (
        "electricity",
        "read",
        None,
        "C-7",
        run.pk,
    )


def test_the_same_list_again_changes_nothing_and_another_what_differs(cast):
    take(cast, book(*METERS), source="meters")
    assert take(cast, book(*METERS), source="meters").outcomes == {"same": 2}
    next_door = make_unit(cast.community, "3-1-1301")
    rows = [
        ["厨房水表", "1212", "水表", 2002, "3-1-1301", None, None, None],
        ["大堂电表", "E-1", None, None, None, None, "2", None],
    ]
    run = take(cast, book(METER, rows), source="meters", mode="dry")
    assert told(run, "changed") == [
        (2, "1212 厨房水表", "名称 1-1-1 智能水表 → 厨房水表；模式 充值 → 抄表；房屋 3-1-1201 → 3-1-1301"),
        (3, "E-1 大堂电表", "厂家 某厂 → 拓强电表-单相远程单费率预付费表"),
    ]
    take(cast, book(METER, rows), source="meters")
    water = Meter.objects.get(number="1212")
    assert (water.unit, water.mode, water.item) == (next_door, "read", "水费"), "what is blank stays as it is"
    assert Meter.objects.count() == 2


def test_every_bad_line_has_its_reason(cast):
    bad = {
        "没有这套房：33": ["水表", "1", None, None, 33, "有", 110, 10102],
        "没有表号": ["水表", None, "水表", None, None, None, None, None],
        "没有名称": [None, "2", "水表", None, None, None, None, None],
        "看不出表类型": ["一号表", "3", 1001, None, None, None, None, None],
        "表类型“手表”不认识": ["一号", "4", "手表", None, None, None, None, None],
        "模式“3003”不认识": ["水表", "5", "水表", 3003, None, None, None, None],
        "被表格当成数字": ["水表", 12345678901234567, "水表", None, None, None, None, None],
        "与第 9 行重复": ["水表", "6", "水表", None, None, None, None, None],
    }
    good = ["水表", 6, "水表", None, None, None, None, None]
    *first, twice = bad.values()
    run = take(cast, book(METER, [*first, good, twice]), source="meters")
    reasons = [why for _row, _what, why in problems(run)]
    assert [(words, why) for words, why in zip(bad, reasons, strict=True) if words not in why] == []
    assert Meter.objects.get().number == "6"


def test_the_list_is_searched_and_narrowed_and_leaves_as_it_came(cast, client):
    take(cast, book(*METERS), source="meters")
    client.force_login(cast.alice)

    def shown(**asked: str) -> list[str]:
        table = client.get(reverse("meter_list"), asked).context["table"]
        return [row.cells[0].words for row in table.rows]

    assert shown() == ["1212", "E-1"]
    assert shown(sort="-0") == ["E-1", "1212"]
    assert shown(q="121") == shown(q="智能") == shown(q="03栋1单元1201") == shown(mode="prepaid") == ["1212"]
    assert shown(kind="electricity") == shown(public="1") == ["E-1"]
    answer = client.get(reverse("meter_list"), {"export": "csv"})
    data = b"".join(answer.streaming_content)
    assert take(cast, data, source="meters", name="m.csv", mode="dry").outcomes == {"same": 2}
    assert "1212" in client.get(reverse("unit", args=[cast.unit.pk])).content.decode()
    client.force_login(make_staff("guard", "门岗", "gate_guard", cast.community))
    assert "1212" not in client.get(reverse("unit", args=[cast.unit.pk])).content.decode()
