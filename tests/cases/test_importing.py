"""Cases from elsewhere: original times, every bad row with its reason, the same file again changes nothing."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from shouwen.cases.importing import columns_of, import_cases
from shouwen.cases.models import Case, State
from shouwen.duties.models import Duty
from shouwen.kernel import clock, sheets
from shouwen.kernel.models import Counter, Entry
from shouwen.kernel.refusals import Refused
from shouwen.works.models import Order
from tests.cast import Cast

pytestmark = pytest.mark.django_db

CSV = """留言编号,留言主题,留言详情,留言时间,类型,房号
A1,三楼天花漏水,下雨就滴水,2019/9/9 11:07:48,报修,3-1-1201
A2,楼下装修噪音,每天早上六点开始,2019/9/9 8:00:00,投诉,
A3,物业费怎么交,,2019-09-10 09:00,咨询,
A4,,,2019/9/9 11:07:48,咨询,
A5,没有时间,哪天的事,,咨询,
A6,时间乱写,x,昨天下午,咨询,
"""


def load(cast: Cast, text: str = CSV, **options: bool):  # type: ignore[no-untyped-def]
    table = sheets.read(text.encode(), "messages.csv")
    columns = columns_of(table.headers, {})
    return import_cases(table.rows, columns, cast.community.pk, actor=cast.actor(cast.alice), **options)


def test_rows_become_cases_with_their_original_times_and_numbers(cast: Cast) -> None:
    outcome = load(cast)
    assert outcome.added == 3
    leak = Case.objects.get(ref="A1")
    assert (leak.kind, leak.unit, leak.place) == ("repair", cast.unit, "3-1-1201")
    assert clock.local(leak.opened_at).isoformat() == "2019-09-09T11:07:48+08:00"
    assert (leak.number, Case.objects.get(ref="A2").number) == ("190909-002", "190909-001")
    assert Order.objects.get(case=leak).state == "pool"
    assert leak.first_responder_id == cast.community.fallback.staff_id


def test_every_bad_row_is_reported_with_its_number_and_reason(cast: Cast) -> None:
    assert load(cast).bad == [(5, "没有标题也没有内容"), (6, "没有时间"), (7, "看不懂的时间：昨天下午")]


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    load(cast)
    before = (
        Case.objects.count(),
        Entry.objects.count(),
        list(Counter.objects.values_list("last", flat=True)),
    )
    again = load(cast)
    assert (again.added, again.known) == (0, 3)
    assert before == (
        Case.objects.count(),
        Entry.objects.count(),
        list(Counter.objects.values_list("last", flat=True)),
    )


def test_a_dry_run_writes_nothing(cast: Cast) -> None:
    assert load(cast, dry=True).added == 3
    assert not Case.objects.exists()


def test_clocks_of_old_messages_start_when_they_reach_us(cast: Cast) -> None:
    load(cast)
    assert all(d.born_at > Case.objects.get(ref="A1").opened_at for d in Duty.objects.all())
    assert Duty.objects.exists()


def test_history_is_closed_and_never_counted_as_satisfied(cast: Cast) -> None:
    load(cast, history=True)
    assert set(Case.objects.values_list("state", "satisfied")) == {(State.UNCONFIRMED, None)}
    assert not Duty.objects.exists()


def test_without_title_or_words_the_file_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="标题"):
        load(cast, "甲,乙\n1,2\n")


def test_the_command_takes_columns_as_it_is_told_and_keeps_bad_rows_whole(
    cast: Cast, tmp_path, capsys
) -> None:  # type: ignore[no-untyped-def]
    file, bad = tmp_path / "old.csv", tmp_path / "bad.xlsx"
    file.write_text("诉求,哪天,满意度\n楼道灯不亮,2019-09-09,好\n没说哪天,,差\n", encoding="utf-8")
    given = {"community": cast.community.code, "problems": bad}
    with pytest.raises(CommandError, match="--column"):
        call_command("import_cases", str(file), **given)
    call_command("import_cases", str(file), column=["诉求=标题", "哪天=发生时间"], **given)
    out = capsys.readouterr().out
    assert "列：标题 ← 诉求，发生时间 ← 哪天" in out
    assert "没认出的列，不会导入：满意度" in out
    assert Case.objects.get(title="楼道灯不亮").channel == "import"
    (row,) = sheets.read(bad.read_bytes(), "bad.xlsx").rows
    assert dict(row.cells) == {"行": 3, "原因": "没有时间", "诉求": "没说哪天", "哪天": None, "满意度": "差"}
