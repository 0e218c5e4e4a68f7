"""Importing lists: recognised by their columns, shown before they are written, mended line by line, never doubled."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from shouwen.estate.imports.own import template
from shouwen.estate.imports.run import begin, carry_out, confirm
from shouwen.estate.models import Contact, ImportRun, Occupancy, Person, Unit, Vehicle
from shouwen.kernel import sheets
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, Refused

HEADS = ["楼栋", "单元", "房号", "楼层", "房屋类型", "建筑面积", "姓名", "身份", "电话", "证件号码", "车牌"]
ROWS = [
    [5, 1, 101, 1, "住宅", 88.5, "王小明", "业主", 13900000101, "11010519491231002X", "沪A10001"],
    [5, 1, 101, None, None, None, "李华", "家人", "13900000102,021-61234567", None, None],
    [5, 1, 102, 1, "住宅", 90, None, None, None, None, None],
    [
        "5栋",
        "1单元",
        "201室",
        "2层",
        "住宅",
        "95.20㎡",
        "王小明",
        "业主",
        "139 0000 0101",
        "11010519491231002x",
        None,
    ],
]


def book(heads, rows, title="Sheet1", **more) -> bytes:
    made = openpyxl.Workbook()
    page = made.active
    page.title = title
    page.append(heads)
    for row in rows:
        page.append(row)
    for name, (other_heads, other_rows) in more.items():
        other = made.create_sheet(name)
        other.append(other_heads)
        for row in other_rows:
            other.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def take(cast, data: bytes, mode="good", source="units", name="list.xlsx") -> ImportRun:
    alice = cast.actor(cast.alice)
    run = begin(cast.community.pk, actor=alice, source=source, name=name, data=data, mode=mode)
    carry_out(run, actor=alice)
    assert run.state != "failed"
    return run


def problems(run: ImportRun) -> list[tuple]:
    table = sheets.read(run.problems.path().read_bytes(), "x.xlsx")
    return [(r.cells["行号"], r.cells["结果"], r.cells["原因"]) for r in table.rows]


def test_a_dry_run_shows_what_would_change_and_writes_nothing(cast):
    run = take(cast, book(HEADS, ROWS), mode="dry")
    assert run.state == "checked"
    assert run.counts["units"] == {"added": 3, "changed": 0, "unchanged": 0}
    assert run.counts["persons"] == {"added": 2, "changed": 0, "unchanged": 0}
    assert Unit.objects.filter(code__startswith="5-").count() == 0
    assert not Entry.objects.exists()


def test_a_list_is_taken_whole_with_one_fact(cast):
    run = take(cast, book(HEADS, ROWS))
    assert (run.state, run.refused) == ("done", 0)
    unit = Unit.objects.get(code="5-1-201")
    assert (unit.floor, unit.built_area, unit.building.code) == (2, Decimal("95.20"), "5")
    wang = Person.objects.get(name="王小明")
    assert wang.id_number == "11010519491231002X"
    assert wang.occupancies.count() == 2
    assert "wxm" in wang.forms.split()
    assert sorted(str(c.number) for c in Person.objects.get(name="李华").contacts.all()) == [
        "021-61234567",
        "13900000102",
    ]
    assert Vehicle.objects.get(plate="沪A10001").person == wang
    fact = Entry.objects.get()
    assert (fact.verb, fact.data["units"], fact.data["persons"]) == ("import:done", 3, 2)
    assert "王" not in str(fact.data)


def test_the_same_file_again_changes_nothing(cast):
    take(cast, book(HEADS, ROWS))
    again = take(cast, book(HEADS, ROWS))
    assert all(count["added"] == count["changed"] == 0 for count in again.counts.values())
    assert Entry.objects.filter(verb="import:done").count() == 1
    assert Contact.objects.filter(person__name="王小明").count() == 1


def test_what_differs_is_changed_and_what_is_missing_stays(cast):
    take(cast, book(HEADS, ROWS))
    run = take(cast, book(["楼栋", "单元", "房号", "建筑面积"], [[5, 1, 101, 91], [3, 1, 1201, None]]))
    assert run.counts["units"] == {"added": 0, "changed": 1, "unchanged": 1}
    unit = Unit.objects.get(code="5-1-101")
    assert (unit.built_area, unit.floor, unit.version) == (Decimal("91.00"), 1, 2)


def test_every_bad_line_says_why_in_a_workbook_that_can_be_mended(cast):
    rows = [
        *ROWS,
        [5, 1, 301, "三", "住宅", 90, None, None, None, None, None],
        [5, 1, 302, 3, "城堡", 90, None, None, None, None, None],
        [5, 1, 303, 3, "住宅", "-4", None, None, None, None, None],
        [5, 1, 304, 3, "住宅", 90, "赵一", "业主", "12345", None, None],
        [5, 1, 305, 3, "住宅", 90, "赵二", "业主", None, "110105194912310021", None],
        [5, 1, None, 3, "住宅", 90, None, None, None, None, None],
        [5, 1, 101, 1, "住宅", 88.5, "赵三", "业主", None, None, None],
        [5, 1, 102, 1, "商铺", 90, None, None, None, None, None],
        [3, 1, 1201, 12, "住宅", None, "赵四", "业主", None, None, None],
    ]
    run = take(cast, book(HEADS, rows))
    assert (run.state, run.refused) == ("done", 9)
    found = problems(run)
    assert [number for number, _result, _why in found] == [6, 7, 8, 9, 10, 11, 12, 13, 14]
    reasons = " ".join(why for _number, _result, why in found)
    for words in (
        "不是数字",
        "不认识，可以写：",
        "大于 0",
        "应为 11 位",
        "校验",
        "没有房号",
        "写得不一样",
        "已有另一位业主",
    ):
        assert words in reasons
    mended = take(cast, run.problems.path().read_bytes(), mode="dry")
    assert mended.refused == 8  # its own headers are understood; one line was bad only beside another


def test_all_or_nothing_takes_nothing_when_one_line_is_bad(cast):
    run = take(
        cast, book(HEADS, [*ROWS, [5, 1, None, 1, "住宅", 1, None, None, None, None, None]]), mode="all"
    )
    assert run.state == "refused"
    assert "1 行不对" in run.words
    assert not Unit.objects.filter(code__startswith="5-").exists()
    assert not Entry.objects.exists()


def test_after_a_dry_run_the_same_file_is_taken_in_earnest(cast):
    run = take(cast, book(HEADS, ROWS), mode="dry")
    queued = []
    alice = cast.actor(cast.alice)
    run = confirm(run.pk, actor=alice, mode="good", defer=queued.append)
    assert queued == [run.pk]
    carry_out(run, actor=alice)
    assert run.state == "done"
    with pytest.raises(Refused, match="已经完成"):
        confirm(run.pk, actor=alice, mode="good", defer=queued.append)


def test_a_bad_identity_number_is_reported_with_all_that_the_line_said(cast):
    bad = ["11010519491231002", "110105194912310021", 110105194912310021, "12"]
    rows = [
        [5, 1, 101 + n, 1, "住宅", 80, "王一", "业主", None, number, None] for n, number in enumerate(bad)
    ]
    run = take(
        cast, book(HEADS, [*rows, [5, 1, 201, 2, "住宅", 80, "李二", "业主", None, "E12345678", None]])
    )
    assert (run.state, run.refused, Person.objects.filter(name="王一").count()) == ("done", 4, 0)
    assert Person.objects.get(name="李二").id_number == "E12345678"
    assert [why[:10] for _row, _what, why in problems(run)] == [
        "证件号码是 17 位"[:10], "证件号码不对：18 "[:10], "证件号码被表格当成数字"[:10], "证件号码太短，请对照"[:10],
    ]  # fmt: skip
    kept = sheets.read(run.problems.path().read_bytes(), "x.xlsx").rows[0].cells
    assert (kept["房号"], kept["姓名"], kept["证件号码"]) == (101, "王一", "11010519491231002")


def test_one_identity_number_with_two_names_is_a_warning(cast):
    rows = [[5, 1, 101, "甲一", "11010519491231002X"], [5, 1, 102, "乙二", "11010519491231002X"]]
    run = take(cast, book(["楼栋", "单元", "房号", "姓名", "证件号码"], rows))
    assert (run.refused, run.warned) == (0, 1)
    assert "甲一" in problems(run)[0][2]
    assert Person.objects.filter(name__in=["甲一", "乙二"]).count() == 2


def test_several_names_in_a_cell_own_together(cast):
    take(cast, book(["楼栋", "单元", "房号", "姓名"], [[5, 1, 101, "甲一\uff0c乙二"]]))
    assert dict(Occupancy.objects.filter(unit__code="5-1-101").values_list("person__name", "role")) == {
        "甲一": "owner",
        "乙二": "co_owner",
    }


def test_people_are_added_only_to_units_that_are_there(cast):
    data = book(
        ["房号", "姓名", "身份", "电话"],
        [["3-1-1201", "梅小弟", "家人", "13900005555"], ["9-9-999", "某人", "家人", None]],
    )
    run = take(cast, data, source="persons")
    assert (run.refused, run.counts["persons"]["added"]) == (1, 1)
    assert "没有这套房" in problems(run)[0][2]
    assert cast.unit.occupancies.count() == 2


def test_a_registered_person_is_recognised_by_telephone(cast):
    run = take(cast, book(["楼栋", "单元", "房号", "姓名", "电话"], [[5, 1, 101, "梅若兰", "13900001201"]]))
    assert run.counts["persons"] == {"added": 0, "changed": 0, "unchanged": 1}
    assert cast.mei.occupancies.count() == 2


ROOM_HEADS = ["楼号", "单元", "房间", "楼层", "总层数", "是否有电梯", "房屋类型", "房屋户型", "建筑面积",
              "室内面积", "租金",
              "房屋状态", "业主名称", "性别", "手机号", "身份证号", "业主类型"]  # fmt: skip


def test_microcommunitys_list_of_rooms_is_recognised(cast):
    rows = [
        [
            1,
            1,
            1001,
            10,
            33,
            "有",
            110,
            10102,
            94.56,
            80,
            0,
            2001,
            "吴一",
            "男",
            "13800000001",
            "1" * 18,
            1001,
        ],
        [
            1,
            1,
            1001,
            10,
            33,
            "有",
            110,
            10102,
            94.56,
            80,
            0,
            2001,
            "吴二",
            "女",
            "18999999999",
            "1" * 18,
            1002,
        ],
        [1, 0, 8, 1, 1, "无", 110, 10102, 30, 30, 0, 2008, None, None, None, None, None],
    ]
    run = take(cast, book(ROOM_HEADS, rows, title="资产信息"))
    assert (run.state, run.refused) == ("done", 0)
    unit = Unit.objects.get(code="1-1-1001")
    assert (unit.kind, unit.status, unit.inner_area) == ("residence", "occupied", Decimal("80.00"))
    assert Unit.objects.get(code="1-8").kind == "shop"
    assert dict(unit.occupancies.values_list("person__name", "role")) == {"吴一": "owner", "吴二": "family"}
    assert Person.objects.get(name="吴二").contacts.count() == 0


def test_microcommunitys_workbook_of_several_sheets_is_joined(cast):
    data = book(
        ["楼栋号", "单元编号", "总层数", "是否有电梯"], [[7, 1, 33, "有"]], title="楼栋单元",
        业主信息=(["编号", "业主名称", "性别", "年龄", "手机号", "身份证号", "业主类型", "业主编号"],
              [[1, "吴一", "男", 28, "13800000001", "1" * 18, 1001, 1], [2, "吴二", "女", 8, None, None, 1002, 1]]),
        房屋信息=(["房屋编号", "楼栋编号", "单元编号", "房屋楼层", "房屋户型", "建筑面积", "业主编号", "房屋费用",
               "费用开始时间",
               "房屋类型", "室内面积", "租金"],
              [[1011, 7, 1, 1, "10102", 94.56, 1, "1#2", "2020-06-10", 110, 94.56, 0]]),
        车位信息=(["停车场编号", "车位编码", "停车场类型", "面积", "业主编号", "车牌号"],
              [[1, "C0001", "地上停车位", 12.5, 1, "沪B12345"], [1, "C0002", "地上停车位", 12.5, None, None]]),
    )  # fmt: skip
    run = take(cast, data)
    assert (run.state, run.refused) == ("done", 0)
    assert set(Unit.objects.get(code="7-1-1011").occupancies.values_list("person__name", flat=True)) == {
        "吴一",
        "吴二",
    }
    assert Unit.objects.get(code="停车场-1-C0002").kind == "garage"
    assert Vehicle.objects.get().unit.code == "7-1-1011"
    assert take(cast, data).counts["occupancies"]["added"] == 0


def test_merged_cells_formulas_and_csv_are_read(cast):
    made = openpyxl.Workbook()
    page = made.active
    page.append(["楼栋", "单元", "房号", "建筑面积"])
    page.append([5, 1, 101, 80])
    page.append([None, None, 102, 81])
    page.merge_cells("A2:A3")
    page.merge_cells("B2:B3")
    out = io.BytesIO()
    made.save(out)
    take(cast, out.getvalue())
    assert set(Unit.objects.filter(building__code="5").values_list("code", flat=True)) == {
        "5-1-101",
        "5-1-102",
    }
    take(cast, "楼栋,单元,房号\n6,1,101\n".encode("gb18030"), name="list.csv")
    assert Unit.objects.filter(code="6-1-101").exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04nonsense", b"just words", "甲,乙\n1,2\n".encode()])
def test_what_is_no_list_is_refused_in_a_sentence(cast, data):
    from shouwen.kernel.images import BadFile

    try:
        run = take(cast, data, name="x.csv")
    except BadFile as refusal:
        words = str(refusal)
        assert words
    else:
        assert run.state == "refused"
        assert run.words


def test_our_own_template_is_an_empty_list_and_explains_itself(cast):
    names = openpyxl.load_workbook(io.BytesIO(template())).sheetnames
    assert names == ["房屋与住户", "填写说明"]
    made = openpyxl.load_workbook(io.BytesIO(template()))
    made.active.append(
        [
            "8",
            "1",
            "0801",
            8,
            "住宅",
            "自住",
            100,
            80,
            date(2024, 1, 1),
            "",
            "钱一",
            "业主",
            50,
            "13900007777",
        ]
    )
    out = io.BytesIO()
    made.save(out)
    run = take(cast, out.getvalue())
    assert (run.state, run.refused) == ("done", 0)
    row = Occupancy.objects.get(unit__code="8-1-0801")
    assert (row.share, row.during.lower) == (Decimal("50.00"), date(2024, 1, 1))


def test_only_who_may_import_imports_and_only_at_home(cast):
    with pytest.raises(NotAllowed):
        begin(cast.community.pk, actor=cast.actor(cast.bob), source="units", name="x", data=b"x", mode="dry")
    from shouwen.estate.models import Community

    with pytest.raises(Community.DoesNotExist):
        begin(
            cast.community.pk, actor=cast.actor(cast.charlie), source="units", name="x", data=b"x", mode="dry"
        )


def test_the_command_imports_and_keeps_the_bad_lines(cast, tmp_path: Path, capsys):
    file, bad = tmp_path / "list.xlsx", tmp_path / "bad.xlsx"
    file.write_bytes(book(HEADS, [*ROWS, [5, 1, None, 1, "住宅", 1, None, None, None, None, None]]))
    call_command("import", "units", str(file), community="cuihu", problems=bad)
    assert "房屋：新增 3" in capsys.readouterr().out
    assert bad.exists()
    with pytest.raises(CommandError, match="项目代码"):
        call_command("import", "units", str(file), community="nowhere")
    with pytest.raises(CommandError, match="1 行不对"):
        call_command("import", "units", str(file), community="cuihu", all_or_nothing=True)
    with pytest.raises(CommandError, match="没有“dragons”"):
        call_command("import", "dragons", str(file), community="cuihu")
