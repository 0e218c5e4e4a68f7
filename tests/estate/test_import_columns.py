"""Which column of a list is taken for what: told, chosen where it isn't known, and kept where it isn't taken."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from shouwen.estate.imports.heads import OWN, columns_of, plain
from shouwen.estate.imports.run import assign, begin, carry_out, forget
from shouwen.estate.imports.sources import source_of, sources
from shouwen.estate.models import ColumnChoice, ImportRun, Unit
from shouwen.kernel import sheets
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people.jobs import run_import
from tests.cast import Cast
from tests.estate.test_imports import HEADS, book, take

OFFICE = ["楼号", "单元", "房号", "产权面积(㎡)", "户型用途", "居住情况", "入伙日期", "备注"]
HOMES = [
    [6, 1, 101, 88.5, "住宅", "自住", date(2020, 5, 1), "有狗"],
    [6, 1, 102, 90, "商业", "出租", "2020年5月2日", None],
]
STRANGE = ["楼栋", "单元", "房号", "谁在住", "物业顾问"]
ROOMS = [[6, 1, 101, "自住", "小李"], [6, 1, 102, "不清楚", "小王"]]


def heads_of(run: ImportRun) -> dict[str, str]:
    return dict(run.columns)


def problem_row(run: ImportRun) -> dict[str, object]:
    return dict(sheets.read(run.problems.path().read_bytes(), "x.xlsx").rows[0].cells)


def test_the_heads_of_an_office_are_known_and_the_same_file_changes_nothing(cast: Cast) -> None:
    run = take(cast, book(OFFICE, HOMES))
    assert (run.state, run.refused, "" in heads_of(run).values()) == ("done", 0, False)
    assert heads_of(run)["居住情况"] == "status"
    one, two = Unit.objects.filter(building__code="6").order_by("code")
    assert (one.built_area, one.kind, one.status) == (Decimal("88.50"), "residence", "occupied")
    assert (one.handed_over_on, one.remark) == (date(2020, 5, 1), "有狗")
    assert (two.kind, two.status, two.handed_over_on) == ("shop", "let", date(2020, 5, 2))
    facts = Entry.objects.count()
    again = take(cast, book(OFFICE, HOMES))
    assert (again.outcomes, Entry.objects.count()) == ({"same": 2}, facts)


def test_no_header_is_known_for_two_fields() -> None:
    for words in (OWN, *(_words(source.code) for source in sources())):
        known = [plain(word) for heads in words.values() for word in {plain(head) for head in heads}]
        assert len(known) == len(set(known))


def _words(code: str) -> dict[str, tuple[str, ...]]:
    register = getattr(source_of(code).plan, "args", (None,))[0]
    return register.words if register else {}


def test_the_best_header_counts_and_the_other_is_told(cast: Cast) -> None:
    run = take(cast, book(["面积", "建筑面积㎡", "楼栋", "房号"], [[70, 80, 6, 101]]), mode="dry")
    assert heads_of(run) == {"面积": "", "建筑面积㎡": "built_area", "楼栋": "building", "房号": "door"}
    assert list(heads_of(run)) == ["面积", "建筑面积㎡", "楼栋", "房号"], "in the order of the file"


def test_of_people_a_remark_is_not_taken_for_one_of_their_unit(cast: Cast) -> None:
    rows = [["3-1-1201", "王小明", "常住"]]
    run = take(cast, book(["房号", "姓名", "备注"], rows), source="persons")
    assert (run.state, heads_of(run)["备注"], Unit.objects.get(pk=cast.unit.pk).remark) == ("done", "", "")


def test_remarks_of_several_people_of_a_unit_keep_nobody_out(cast: Cast) -> None:
    rows = [
        [6, 101, "赵一", "业主", "有狗"],
        [6, 101, "钱二", "租户", "夜班"],
        [6, 101, "孙三", "家人", None],
    ]
    run = take(cast, book(["楼栋", "房号", "姓名", "身份", "备注"], rows))
    assert (run.refused, run.warned, Unit.objects.get(code="6-101").remark) == (0, 1, "有狗")
    assert run.lines.get(outcome="warned").why == "与第 2 行同一套房的提示不同，用那一行的"
    assert problem_row(run)["房屋提示"] == "夜班"


@pytest.mark.parametrize(
    ("source", "heads", "row", "columns"),
    [
        ("payments", ["房间号", "费项", "开始日期", "结束日期", "收款日期", "应收金额", "实收金额", "票号"],
         ["3-1-1201", "物业费", "2024-01-01", "2024-12-31", "2024-01-05", 1000, 1000, "P1"], {"票号": ""}),
        ("meters", ["表名称", "水表号", "表种类", "模式", "倍率"], ["大堂", "W1", "水表", "抄表", 1], {"倍率": ""}),
        ("materials", ["品名", "物料编码", "库存数量", "计量单位", "货架"], ["灯泡", "D1", 3, "个", "A"], {"货架": ""}),
    ],
)  # fmt: skip
def test_every_list_says_what_it_did_not_take(cast: Cast, source, heads, row, columns) -> None:  # type: ignore[no-untyped-def]
    run = take(cast, book(heads, [row]), mode="dry", source=source)
    assert (run.outcomes, {h: f for h, f in heads_of(run).items() if not f}) == ({"added": 1}, columns)


# --- chosen -----------------------------------------------------------------------------------------------------------


def test_a_chosen_column_is_checked_and_imported_and_its_bad_values_are_told(cast: Cast, client) -> None:  # type: ignore[no-untyped-def]
    client.force_login(cast.alice)
    run = take(cast, book(STRANGE, ROOMS), mode="dry")
    assert run.outcomes == {"added": 2}
    url = reverse("import_run", args=[run.pk])
    text = client.get(url).content.decode()
    assert "楼栋 ← 楼栋" in text
    assert "没认出的列，不会导入：谁在住、物业顾问" in text
    chooser = client.get(url).context["columns"]
    assert [str(field.label) for field in chooser.left] == ["谁在住", "物业顾问"]
    offered = [code for code, _words in chooser.fields["column-3"].choices]
    assert "status" in offered
    assert "door" not in offered
    client.post(url, _typed(run, {"谁在住": "status"}))
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.chosen, run.state, run.outcomes) == (
        {"谁在住": "status"},
        "checked",
        {"refused": 1, "added": 1},
    )
    assert "可以写：自住、出租、空置、装修中、未售" in run.lines.get(outcome="refused").why
    assert problem_row(run)["使用状态"] == "不清楚"
    client.post(url, {"mode": "good"})
    run_import(run.pk)
    assert Unit.objects.get(code="6-1-101").status == "occupied"
    assert "没认出的列，不会导入：物业顾问" in client.get(url).content.decode()


def _typed(run: ImportRun, chosen: dict[str, str]) -> dict[str, str]:
    fields = {header: chosen.get(header, field) for header, field in run.columns}
    return {"columns": "1", **{f"column-{n}": field for n, field in enumerate(fields.values())}}


def test_two_columns_are_not_taken_for_one_field_and_what_was_chosen_stays(cast: Cast, client) -> None:  # type: ignore[no-untyped-def]
    client.force_login(cast.alice)
    run = take(cast, book(STRANGE, ROOMS), mode="dry")
    url = reverse("import_run", args=[run.pk])
    page = client.post(url, _typed(run, {"谁在住": "status", "物业顾问": "status"}))
    assert "“使用状态”只能来自一列" in page.content.decode()
    assert page.context["columns"]["column-4"].value() == "status"
    run.refresh_from_db()
    assert (run.state, run.chosen) == ("checked", {})


def test_a_list_that_is_not_known_at_all_is_known_once_its_columns_are_assigned(cast: Cast, client) -> None:  # type: ignore[no-untyped-def]
    client.force_login(cast.alice)
    run = take(cast, book(["哪一栋", "哪一户"], [[6, 101]]), mode="dry")
    assert run.state == "refused"
    client.post(reverse("import_run", args=[run.pk]), _typed(run, {"哪一栋": "building", "哪一户": "door"}))
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.outcomes) == ("checked", {"added": 1})


def test_a_column_that_was_known_can_be_left_out_and_given_to_another(cast: Cast) -> None:
    alice, given = cast.actor(cast.alice), book([*OFFICE, "现状"], [[*HOMES[0], "出租"]])
    run = take(cast, given, mode="dry")
    for columns in ({"居住情况": ""}, {"现状": "status"}):
        assign(run.pk, actor=alice, columns=columns, defer=run_import)
        run.refresh_from_db()
    assert run.chosen == {"居住情况": "", "现状": "status"}
    assert (heads_of(run)["居住情况"], heads_of(run)["现状"]) == ("", "status")
    with pytest.raises(Refused, match="只能来自一列"):
        assign(run.pk, actor=alice, columns={"居住情况": "status"}, defer=run_import)
    with pytest.raises(Refused, match="不能当作"):
        assign(run.pk, actor=alice, columns={"居住情况": "nonsense"}, defer=run_import)


def test_columns_are_assigned_by_who_may_import_and_before_it_is_done(cast: Cast) -> None:
    run = take(cast, book(STRANGE, ROOMS), mode="dry")
    with pytest.raises((NotAllowed, NotFound)):
        assign(run.pk, actor=cast.actor(cast.bob), columns={}, defer=run_import)
    done = take(cast, book(STRANGE, ROOMS))
    with pytest.raises(Refused, match="已经完成"):
        assign(done.pk, actor=cast.actor(cast.alice), columns={}, defer=run_import)


def test_the_command_shows_the_columns_and_takes_them_as_it_is_told(
    cast: Cast, tmp_path: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "list.xlsx"
    file.write_bytes(book(STRANGE, ROOMS[:1]))
    call_command("import", "units", str(file), community="cuihu", column=["谁在住=使用状态", "单元=不要"])
    out = capsys.readouterr().out
    assert "列：楼栋 ← 楼栋，房号 ← 房号，使用状态 ← 谁在住" in out
    assert "没认出的列，不会导入：单元、物业顾问" in out
    assert Unit.objects.get(code="6-101").status == "occupied"
    for wrong, words in (("谁=使用状态", "没有“谁”这一列"), ("谁在住=星座", "不能当作“星座”")):
        with pytest.raises(CommandError, match=words):
            call_command("import", "units", str(file), community="cuihu", column=[wrong])


# --- nothing that was typed is lost -----------------------------------------------------------------------------------


def test_bad_rows_keep_the_columns_that_were_not_taken_and_can_be_mended(cast: Cast) -> None:
    heads = [*HEADS, "物业顾问", "上门日", "建筑面积（旧）"]
    row = [5, 1, 301, "三", "住宅", 90, *[None] * 5, "小李", date(2026, 3, 4), 88]
    found = problem_row(take(cast, book(heads, [row])))
    assert (found["物业顾问"], str(found["上门日"])[:10], found["建筑面积（旧）"]) == (
        "小李",
        "2026-03-04",
        88,
    )
    assert (found["楼层"], found["建筑面积"]) == ("三", 90)
    mended = [found | {"楼层": 3}]
    run = take(cast, book(list(found), [list(one.values()) for one in mended]))
    assert (run.state, run.outcomes) == ("done", {"added": 1})
    missed = [header for header, field in run.columns if not field]
    assert missed == ["物业顾问", "上门日", "建筑面积（旧）"], "what we put there ourselves is none of theirs"


def test_a_column_of_ours_that_was_left_out_stands_there_under_a_name_of_its_own(cast: Cast) -> None:
    run = take(cast, book([*HEADS], [[5, 1, 301, "三", "城堡", *[None] * 6]]), mode="dry")
    assign(run.pk, actor=cast.actor(cast.alice), columns={"楼层": ""}, defer=run_import)
    run.refresh_from_db()
    assert (problem_row(run)["楼层"], problem_row(run)["原列 楼层"]) == (None, "三")


def test_merged_cells_and_results_of_formulas_are_read_in_columns_of_any_kind(cast: Cast) -> None:
    made = openpyxl.Workbook()
    page = made.active
    for row in (
        ["楼栋", "单元", "房号", "管家", "居住情况"],
        [7, 1, 101, "小李", "自住"],
        [None, None, 102, None, "随便"],
    ):
        page.append(row)
    for cells in ("A2:A3", "B2:B3", "D2:D3"):
        page.merge_cells(cells)
    out = io.BytesIO()
    made.save(out)
    run = take(cast, out.getvalue())
    assert (run.outcomes, problem_row(run)["管家"]) == ({"added": 1, "refused": 1}, "小李")
    assert Unit.objects.get(code="7-1-101").status == "occupied"


def test_a_workbook_of_several_sheets_names_columns_by_their_sheet_where_they_repeat(cast: Cast) -> None:
    rooms = (["楼栋编号", "单元编号", "房屋编号", "业主编号", "备注"], [[8, 1, 101, "O1", "角房"]])
    owners = (
        ["业主编号", "业主名称", "手机号", "备注", "座驾"],
        [["O1", "钱一", "1380000", "爱钓鱼", "沪A10009"]],
    )
    parking = (["停车场编号", "车位编码", "业主编号", "颜色"], [["P1", "A-1", "O1", "白"]])
    run = take(cast, book(*rooms, title="房屋信息", 业主信息=owners, 车位信息=parking), mode="dry")
    assert heads_of(run)["备注"] == "unit_remark"
    assert [h for h, f in run.columns if not f] == ["业主信息：备注", "座驾", "颜色"]
    assert problem_row(run)["业主信息：备注"] == "爱钓鱼"
    assign(run.pk, actor=cast.actor(cast.alice), columns={"座驾": "plate"}, defer=run_import)
    run.refresh_from_db()
    assert (run.state, heads_of(run)["座驾"], problem_row(run)["车牌"]) == ("checked", "plate", "沪A10009")


def test_columns_of_a_header_with_an_essay_are_still_told() -> None:
    assert columns_of(["房号（必填，照门牌抄）", "甲" * 300], OWN) == {
        "房号（必填，照门牌抄）": "door",
        "甲" * 300: "",
    }


# --- what was chosen once ---------------------------------------------------------------------------------------------


def test_what_was_chosen_for_a_head_is_remembered_in_the_whole_company_and_can_be_forgotten(
    cast: Cast, client
) -> None:  # type: ignore[no-untyped-def]
    client.force_login(cast.alice)
    first = take(cast, book(STRANGE, ROOMS), mode="dry")
    client.post(reverse("import_run", args=[first.pk]), _typed(first, {"谁在住": "status"}))
    run_import(first.pk)
    turned = [STRANGE.index(head) for head in reversed(STRANGE)]
    later = book([STRANGE[n] for n in turned], [[row[n] for n in turned] for row in ROOMS])
    run = take(cast, later, mode="dry")
    assert (run.recalled, run.chosen, heads_of(run)["谁在住"]) == (True, {"谁在住": "status"}, "status")
    page = client.get(reverse("import_run", args=[run.pk])).content.decode()
    assert "这样的表头以前选过列，这次照旧。" in page
    assert not take(cast, book([*STRANGE, "另一列"], [[*row, 1] for row in ROOMS]), mode="dry").recalled
    charlie = cast.actor(cast.charlie)
    there = begin(cast.other.pk, actor=charlie, source="units", name="a.xlsx", data=later, mode="dry")
    assert carry_out(there, actor=charlie).recalled, "the other community of the company has the same program"
    client.post(reverse("import_run", args=[run.pk]), {"forget": "1"})
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.recalled, run.chosen, heads_of(run)["谁在住"]) == ("checked", False, {}, "")
    assert not take(cast, later, mode="dry").recalled
    assert Entry.objects.filter(verb="import:columns_forgotten", subject_id=str(run.pk)).exists()


def test_a_list_that_was_not_known_at_all_is_known_the_next_time_and_what_is_chosen_anew_counts(
    cast: Cast,
) -> None:
    alice, given = cast.actor(cast.alice), book(["哪一栋", "哪一户"], [[6, 101]])
    run = take(cast, given, mode="dry")
    assign(run.pk, actor=alice, columns={"哪一栋": "building", "哪一户": "door"}, defer=run_import)
    again = take(cast, book(["哪一栋 ", "哪一户"], [[6, 102]]))
    assert (again.state, again.recalled, again.outcomes) == ("done", True, {"added": 1})
    last = take(cast, given, mode="dry")
    assign(last.pk, actor=alice, columns={"哪一栋": ""}, defer=run_import)
    assign(last.pk, actor=alice, columns={"哪一户": ""}, defer=run_import)
    kept = ColumnChoice.objects.get()
    assert (kept.company, kept.chosen) == (cast.company, {"哪一栋": "building", "哪一户": "door"}), (
        "what makes no list is not kept"
    )
    begun = begin(
        cast.community.pk, actor=alice, source="units", name="a.xlsx", data=given, mode="dry",
        chosen={"哪一栋": "building", "哪一户": "entrance"},
    )  # fmt: skip
    assert not carry_out(begun, actor=alice).recalled, "what is said with the file is not looked up"
    with pytest.raises(Refused, match="已经完成"):
        forget(again.pk, actor=alice, defer=run_import)
    with pytest.raises((NotAllowed, NotFound)):
        forget(last.pk, actor=cast.actor(cast.bob), defer=run_import)
