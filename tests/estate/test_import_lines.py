"""What an import says of every line: why it is left out, or what is new and what changes from what to what."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from shouwen.estate.imports.lines import change_words, forget
from shouwen.estate.imports.sources import source_of
from shouwen.estate.models import ImportLine, ImportRun, Unit
from shouwen.kernel import clock
from shouwen.people.jobs import run_import
from tests.cast import Cast
from tests.estate.test_imports import HEADS, ROWS, book, take

BAD = [
    [5, 1, 301, "三", "住宅", 90, None, None, None, None, None],
    [5, 1, 302, 3, "住宅", 90, "赵一", "业主", "1380000", None, None],
    [5, 1, 303, 3, "住宅", 90, "赵二", "业主", None, "11010519491231002", None],
]


def told(run: ImportRun, outcome: str) -> list[tuple[int, str, str]]:
    return [
        (one.number, one.what, "；".join(map(change_words, one.changes)))
        for one in run.lines.filter(outcome=outcome).order_by("number", "id")
    ]


@pytest.mark.parametrize("mode", ["dry", "good"])
def test_a_bad_line_names_its_column_its_value_and_why(cast, mode):
    run = take(cast, book(HEADS, [*ROWS, *BAD]), mode=mode)
    found = [
        (one.number, one.what, source_of(run.source).column(one.column), one.value)
        for one in run.lines.filter(outcome="refused").order_by("number")
    ]
    assert found == [
        (6, "5-1-301", "楼层", "三"),
        (7, "5-1-302 赵一", "电话", "138****00"),
        (8, "5-1-303 赵二", "证件号码", "110****02"),
    ]
    assert all(one.why for one in run.lines.filter(outcome="refused"))
    assert run.outcomes["refused"] == run.refused == 3


def test_a_good_line_says_what_is_new_and_what_changes_from_what_to_what(cast):
    first = take(cast, book(HEADS, ROWS), mode="dry")
    assert told(first, "added") == [
        (2, "5-1-101 王小明", "新房屋；登记 王小明；王小明 是业主；车辆 沪A10001"),
        (3, "5-1-101 李华", "登记 李华；李华 是家人"),
        (4, "5-1-102", "新房屋"),
        (5, "5-1-201 王小明", "新房屋；王小明 是业主"),
    ]
    take(cast, book(HEADS, ROWS))
    rows = [
        [5, 1, 101, 2, "商铺", 90, "王小明", "业主", "13900000199", None, None],
        [5, 1, 102, None, None, None, None, None, None, None, None],
    ]
    then = take(cast, book(HEADS, rows), mode="dry")
    assert told(then, "changed") == [
        (
            2,
            "5-1-101 王小明",
            "楼层 1 → 2；房屋类型 住宅 → 商铺；建筑面积 88.50 → 90.00；王小明 补电话 139****0199",
        )
    ]
    assert told(then, "same") == [(3, "5-1-102", "")]
    assert then.outcomes == {"changed": 1, "same": 1}
    assert Unit.objects.get(code="5-1-101").kind == "residence", "a dry run writes nothing"


def test_what_an_import_did_is_told_like_what_it_would_do(cast):
    dry, done = (take(cast, book(HEADS, [*ROWS, *BAD]), mode=mode) for mode in ("dry", "good"))
    assert [told(dry, o) for o in ImportLine.Outcome.values] == [
        told(done, o) for o in ImportLine.Outcome.values
    ]
    again = take(cast, book(HEADS, [*ROWS, *BAD]))
    assert again.outcomes == {"refused": 3, "same": 4}


def test_the_same_door_written_otherwise_is_the_same_door(cast):
    take(cast, book(["楼栋", "单元", "房号"], [[5, 1, 101]]))
    run = take(cast, book(["楼栋", "单元", "房号"], [["05栋", "1单元", "101"], ["５", "01", "0101"]]))
    assert run.counts["units"] == {"added": 0, "changed": 0, "unchanged": 1}
    assert run.counts["buildings"]["added"] == 0
    assert Unit.objects.filter(building__code="5").count() == 1


def test_lines_are_forgotten_after_some_weeks(cast):
    run = take(cast, book(HEADS, ROWS))
    assert forget() == 0
    with clock.standing_at(clock.now() + timedelta(days=31)):
        assert forget() == 4
    run.refresh_from_db()
    assert run.outcomes["added"] == 4


# --- on the screen and on the command line ----------------------------------------------------------------------------


@pytest.fixture
def lead(cast, client):
    client.force_login(cast.alice)
    return client


def test_the_screen_shows_bad_lines_first_and_the_others_behind_tabs(cast, lead):
    run = take(cast, book(HEADS, [*ROWS, *BAD]), mode="dry")
    url = reverse("import_run", args=[run.pk])
    page = lead.get(url)
    text = page.content.decode()
    for words in (
        "问题行 3",
        "新增 4",
        "138****00",
        "楼层",
        "有一行不对就一行也不导入",
        "问题行（现在 3 行）",
    ):
        assert words in text
    assert "1380000" not in text
    assert "新房屋；登记 王小明" in lead.get(url, {"show": "added"}).content.decode()
    assert lead.get(url, {"show": "nonsense", "page": "+x"}).status_code == 200


def test_lines_are_paged(cast, lead):
    rows = [[5, 1, 100 + n, None, "城堡"] for n in range(120)]
    run = take(cast, book(["楼栋", "单元", "房号", "楼层", "房屋类型"], rows), mode="dry")
    url, seen = reverse("import_run", args=[run.pk]), []
    query = ""
    while query is not None:
        table = lead.get(url + query).context["table"]
        seen += [int(row.cells[0].words) for row in table.rows]
        query = table.pager.next_url or None
    assert seen == list(range(2, 122))


def test_after_all_or_nothing_was_refused_the_good_lines_can_still_be_taken(cast, lead):
    run = take(cast, book(HEADS, [*ROWS, *BAD]), mode="all")
    url = reverse("import_run", args=[run.pk])
    assert "3 行不对" in lead.get(url).content.decode()
    lead.post(url, {"mode": "good"})
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.words, Unit.objects.filter(building__code="5").count()) == ("done", "", 3)


def test_reasons_are_in_the_language_of_whoever_asked(cast, lead):
    cast.alice.language = "en"
    cast.alice.save()
    run = take(cast, book(HEADS, BAD), mode="dry")
    with translation.override("zh-hans"):
        lead.post(reverse("import_run", args=[run.pk]), {"mode": "good"})
        run_import(run.pk)
    assert "is not a number" in run.lines.get(number=2).why


def test_the_command_prints_reasons_and_changes(cast, tmp_path: Path, capsys):
    file = tmp_path / "list.xlsx"
    file.write_bytes(book(HEADS, [*ROWS, *BAD]))
    call_command("import", "units", str(file), community="cuihu", dry_run=True)
    out = capsys.readouterr().out
    assert "第 7 行 5-1-302 赵一：电话 “138****00”" in out
    assert "第 4 行 5-1-102：新房屋" in out
    rows = [[5, 1, 100 + n, None, "城堡"] for n in range(60)]
    file.write_bytes(book(["楼栋", "单元", "房号", "楼层", "房屋类型"], rows))
    call_command("import", "units", str(file), community="cuihu")
    assert "还有 10 行" in capsys.readouterr().out


def test_a_list_that_is_not_recognised_says_what_was_found_and_what_is_needed(cast):
    run = take(cast, book(["甲", "乙"], [[1, 2]]))
    assert run.state == "refused"
    assert "甲、乙" in run.words
    assert "房号" in run.words


@pytest.mark.parametrize("turned", [False, True])
def test_options_of_the_command_stand_anywhere(cast: Cast, tmp_path: Path, turned: bool) -> None:
    file = tmp_path / "units.csv"
    file.write_text("楼栋,单元,房号\n9,1,101\n", encoding="utf-8")
    named = ["--community", cast.community.code]
    call_command("import", "units", *(named if turned else ()), str(file), *(() if turned else named))
    assert Unit.objects.filter(community=cast.community, code="9-1-101").exists()
