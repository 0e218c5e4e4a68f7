"""KPI pages: the figures of a period, one KPI over time, and the rows behind each number."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.models import Entry
from shouwen.reports.actions import freeze
from shouwen.reports.kpis import KPIS
from tests.cast import Cast, make_staff
from tests.reports.test_kpi_doc import answer, moment, owe, tell

pytestmark = pytest.mark.django_db
JULY = {"period": "month", "on": "2026-07-01"}


@pytest.fixture(autouse=True)
def _stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment("08-05 10:00"))


def case(cast: Cast, number: int, state: str, kind: str = "repair", /, **more: Any) -> Case:
    at = moment(f"07-{number:02d} 09:00")
    given = {
        "community": cast.community, "number": f"N{number}", "turn": number, "kind": kind,
        "unit": cast.unit,
        "category": cast.categories["lamp" if kind == "repair" else "noise"], "place": "3-1-1201",
        "title": f"事项{number}",
        "first_responder": cast.bob, "happened_at": at, "recorded_at": at, "opened_at": at,
    }  # fmt: skip
    row = Case.objects.create(**given | more)
    tell(row, "case:registered", at)
    owe(
        row,
        "repair.finish" if kind == "repair" else "complaint.reply",
        moment(f"07-{number:02d} 18:00"),
        state,
    )
    return row


def words(page: Any) -> dict[str, list[str]]:
    return {row.cells[0].words: [c.words for c in row.cells[1:6]] for row in page.context["table"].rows}


def test_all_kpis_of_a_month_in_one_table(cast: Cast, alice: Client) -> None:
    for number, state in enumerate(("met", "met", "late"), start=1):
        case(cast, number, state)
    shown = words(alice.get(reverse("kpi_list"), JULY))
    assert list(shown) == [str(kpi.name) for kpi in KPIS]
    assert shown["维修及时率"] == ["66.7%", "≥ 95%", "2 / 3", "", "暂计"]
    assert shown["投诉率"] == ["0‰", "≤ 5‰", "0 / 1", "", "暂计"]
    assert shown["满意率"][0] == "–"
    freeze(cast.community.pk, actor=System.of(cast.community.pk))
    frozen = words(alice.get(reverse("kpi_list"), JULY))
    assert {name: row[4] for name, row in frozen.items() if name != "返修率"} == {
        str(kpi.name): "已冻结" for kpi in KPIS if kpi.code != "rework"
    }
    assert frozen["返修率"][4] == "暂计"


def test_one_kpi_says_what_it_means_and_leads_to_its_rows(cast: Cast, alice: Client) -> None:
    case(cast, 1, "met")
    case(cast, 2, "late")
    case(cast, 3, "met", back_entry=True)
    page = alice.get(reverse("kpi", args=["timeliness"]), JULY)
    facts = dict(page.context["facts"])
    assert page.context["title"] == "维修及时率 2026 年 7 月"
    assert (facts["本期"].words.split("\u00a0• ")[0], facts["目标"].words) == ("50%", "≥ 95%")
    numbers = {"分母": "2 件", "分子": "1 件", "未计入": "1 件", "另计": "1 件\u00a0• 补录未确认 1"}
    assert {label: facts[label].words for label in numbers} == numbers
    for label, wanted in (("分母", {"N1", "N2"}), ("分子", {"N1"}), ("未计入", {"N2"}), ("另计", {"N3"})):
        rows = alice.get(facts[label].url)
        assert {row.cells[0].words for row in rows.context["table"].rows} == wanted, label


def test_a_frozen_figure_leads_to_the_rows_that_were_counted(cast: Cast, alice: Client) -> None:
    case(cast, 1, "met")
    freeze(cast.community.pk, actor=System.of(cast.community.pk))
    case(cast, 2, "met")
    url = reverse("kpi_rows", args=["timeliness"])
    table = alice.get(url, JULY | {"part": "counted"}).context["table"]
    assert [row.cells[0].words for row in table.rows] == ["N1"]
    assert table.lead == "2026 年 7 月\u00a0• 100% = 1 / 1\u00a0• 已冻结"


def test_answers_and_units_have_lists_of_their_own(cast: Cast, alice: Client) -> None:
    answer(case(cast, 1, "met"), cast, moment("07-02 10:00"), "no")
    rows = alice.get(reverse("kpi_rows", args=["satisfaction"]), JULY, follow=True).context["table"].rows
    assert [row.cells[2].words for row in rows] == ["不满意"]
    rows = alice.get(reverse("kpi_rows", args=["complaints"]), JULY, follow=True).context["table"].rows
    assert [row.cells[0].words for row in rows] == ["3-1-1201"]
    case(cast, 2, "met", "complaint")
    rows = (
        alice.get(reverse("kpi_rows", args=["complaints"]), JULY | {"part": "counted"}, follow=True)
        .context["table"]
        .rows
    )
    assert [row.cells[0].words for row in rows] == ["N2"]


def test_the_rows_can_be_taken_out_with_the_question_they_answer(cast: Cast, alice: Client) -> None:
    case(cast, 1, "met")
    case(cast, 2, "late")
    url = reverse("kpi_rows", args=["timeliness"])
    page = alice.get(url, JULY | {"part": "missed"})
    exports = {link.words: link.url for link in page.context["table"].exports}
    text = b"".join(alice.get(url + exports["CSV"]).streaming_content).decode("utf-8-sig")
    assert [line[0] for line in csv.reader(io.StringIO(text))] == ["单号", "N2"]
    assert Entry.objects.get(verb="data:exported").data["rows"] == 1


def test_pages_keep_the_question(cast: Cast, alice: Client) -> None:
    for number in range(1, 29):
        case(cast, number, "met")
    for number in range(1, 29):
        case(cast, number, "met", number=f"M{number}", turn=100 + number)
    url = reverse("kpi_rows", args=["timeliness"])
    first = alice.get(url, JULY | {"part": "counted"}).context["table"]
    second = alice.get(url + first.pager.next_url).context["table"]
    assert (len(first.rows), len(second.rows), first.pager.total) == (50, 6, 56)


def test_a_complaint_about_the_viewer_is_counted_but_not_shown(cast: Cast, alice: Client) -> None:
    case(cast, 1, "met", "complaint", about=cast.alice)
    page = alice.get(reverse("kpi_rows", args=["complaint_reply"]), JULY, follow=True)
    assert page.context["table"].rows == ()
    assert "100% = 1 / 1" in page.context["table"].lead


def test_who_may_see_figures_but_no_cases_sees_no_rows(cast: Cast, client: Client) -> None:
    case(cast, 1, "met")
    client.force_login(make_staff("fay", "费伊", "finance", cast.community))
    assert words(client.get(reverse("kpi_list"), JULY))["维修及时率"][0] == "100%"
    assert client.get(reverse("kpi_rows", args=["timeliness"]), JULY, follow=True).context["table"].rows == ()


def test_charlie_sees_no_row_of_this_community(cast: Cast, client: Client) -> None:
    case(cast, 1, "met")
    client.force_login(cast.charlie)
    assert words(client.get(reverse("kpi_list"), JULY))["维修及时率"][0] == "–"
    assert client.get(reverse("kpi_rows", args=["timeliness"]), JULY, follow=True).context["table"].rows == ()


@pytest.mark.parametrize("name", ["kpi_list", "kpi", "kpi_rows"])
def test_bob_has_no_right_to_figures(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.bob)
    args = [] if name == "kpi_list" else ["rework"]
    assert client.get(reverse(name, args=args)).status_code == 403


def test_an_unknown_kpi_is_not_found(alice: Client) -> None:
    assert alice.get(reverse("kpi", args=["luck"])).status_code == 404


@pytest.mark.parametrize(
    "asked", [{"on": "x"}, {"on": "9999-12-31"}, {"on": "0001-01-01"}, {"period": "year"}, {"part": "'"}]
)
def test_nonsense_in_the_address_falls_back(cast: Cast, alice: Client, asked: dict[str, str]) -> None:
    for name in ("kpi", "kpi_rows"):
        assert alice.get(reverse(name, args=["follow_up"]), asked, follow=True).status_code == 200


def test_the_cost_does_not_grow_with_the_rows(cast: Cast, alice: Client) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert alice.get(url, JULY | {"part": "base"}).status_code == 200
        return len(caught)

    urls = [
        reverse("kpi_list"),
        reverse("kpi", args=["timeliness"]),
        reverse("kpi_rows", args=["timeliness"]),
    ]
    case(cast, 1, "met")
    few = [queries(url) for url in (*urls, *urls)][3:]
    for number in range(2, 29):
        case(cast, number, "met")
        case(cast, number, "met", number=f"M{number}", turn=100 + number)
    assert [queries(url) for url in urls] == few


def test_the_address_of_the_rows_says_the_whole_question(cast: Cast, alice: Client) -> None:
    answer = alice.get(reverse("kpi_rows", args=["follow_up"]), {"part": "missed", "on": "2026-07-22"})
    assert answer.url == "/kpi/follow_up/rows/?period=day&on=2026-07-22&part=missed"
    answer = alice.get(reverse("kpi_rows", args=["rework"]), {"on": "2026-07-22"})
    assert answer.url == "/kpi/rework/rows/?period=month&on=2026-07-01&part=base"


def test_the_table_of_a_month_can_be_taken_out(cast: Cast, alice: Client) -> None:
    case(cast, 1, "met")
    exports = {link.words: link.url for link in alice.get(reverse("kpi_list"), JULY).context["table"].exports}
    text = b"".join(alice.get(exports["CSV"]).streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[1] == [
        "维修及时率",
        "2026 年 7 月",
        "100.0",
        "%",
        "≥ 95%",
        "1",
        "1",
        "0",
        "0",
        "暂计",
        "A-3.1.10、A-0.8",
    ]
    assert len(lines) == 1 + len(KPIS)
    assert alice.get(exports["Excel"]).status_code == 200
    assert Entry.objects.filter(verb="data:exported").count() == 2


def test_who_may_not_take_data_out_cannot_by_the_address(cast: Cast, client: Client) -> None:
    client.force_login(make_staff("fay", "费伊", "finance", cast.community))
    assert client.get(reverse("kpi_list"), JULY).context["table"].exports == ()
    assert client.get(reverse("kpi_list"), JULY | {"export": "csv"}).status_code == 403
