"""The compliance board as a page: figures and grid, what is behind a cell, lists, the sheet, correction."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.duties import rulings
from shouwen.duties.actions import set_policy
from shouwen.duties.models import Duty, Evidence, Task
from shouwen.estate.models import Branch, Community
from shouwen.kernel import clock
from shouwen.kernel.ids import first_id
from shouwen.kernel.models import Entry
from shouwen.people.models import Grant
from shouwen.reports.compliance import TARGET
from tests.cast import Cast, make_staff
from tests.front.test_kpi_pages import case
from tests.reports.test_compliance import NOW, on, owe

pytestmark = pytest.mark.django_db
JULY = {"period": "month", "on": "2026-07-01"}
CELL = {**JULY, "clause": "follow_up", "at": "2026-07-01"}


@pytest.fixture(autouse=True)
def _stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def board(client: Client, **asked: str) -> Any:
    return client.get(reverse("compliance"), JULY | asked).context


def rows(context: Any) -> dict[str, list[tuple[str, str] | None]]:
    return {
        row.title: [cell and (cell.outcome, cell.words) for cell in row.cells]
        for group in context["groups"]
        for row in group.rows
    }


def test_five_figures_are_told_apart_with_their_share(cast: Cast, alice: Client) -> None:
    for n, state in enumerate(("met", "met", "excused", "late", "breached")):
        owe(cast.community, state, on(7, n + 1), proof="hand" if n == 1 else "")
    told = {f.words: (f.count, f.share) for f in board(alice)["figures"]}
    assert told == {
        "有据": ("1", "20%"), "签认": ("1", "20%"), "免责": ("1", "20%"), "迟办": ("1", "20%"), "违约": ("1", "20%"),
    }  # fmt: skip
    assert board(alice)["standing"].rate == "50%"


def test_the_grid_shows_the_worst_of_each_period(cast: Cast, alice: Client) -> None:
    owe(cast.community, "met", on(6, 2))
    owe(cast.community, "late", on(7, 2))
    owe(cast.community, "met", on(7, 3))
    shown = rows(board(alice))
    assert shown == {"回访": [*[None] * 10, ("proven", "1/1"), ("late", "1/2")]}
    standing = board(alice)["standing"]
    assert (standing.rate, standing.change, standing.down) == ("50%", "较上月 50", True)


def test_every_cell_says_how_many_in_time_of_how_many(cast: Cast, alice: Client) -> None:
    """11/12 whatever its colour; what was excused is owed by nobody, and what is late among the breached is shown too."""
    for n, state in enumerate(("met", "late", "breached", "excused")):
        owe(cast.community, state, on(7, n + 1))
    owe(cast.community, "excused", on(6, 2))
    month = next(group.rows[0].cells for group in board(alice)["groups"])
    assert (month[-1].outcome, month[-1].words, month[-1].late) == ("breached", "1/3", True)
    assert month[-1].label == "回访，2026 年 7 月：应办 3，按期 1（有据 1，免责 1，迟办 1，违约 1）"
    assert (month[-2].outcome, month[-2].words) == ("excused", "–")
    page = alice.get(reverse("compliance"), JULY).content.decode()
    assert "每格：按期 / 应办（免责不计）" in page


def test_a_community_picks_its_target(cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is the value that held when the period ended; a community without one has no line and misses none."""
    owe(cast.community, "met", on(7, 2))
    owe(cast.community, "late", on(7, 3))
    assert (board(alice)["standing"].target, board(alice)["trend"].target) == ("97%", 97)
    set_policy(cast.community.pk, TARGET, "50%", actor=cast.actor(cast.alice), reason="先稳住")
    rulings.forget()
    assert board(alice)["standing"].target == "97%"  # July was over
    august = board(alice, on="2026-08-01")
    assert august["standing"].target == "50%"
    assert "目标 50%" in alice.get(reverse("compliance_sheet"), JULY | {"on": "2026-08-01"}).content.decode()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    set_policy(cast.community.pk, TARGET, "", actor=cast.actor(cast.alice), preset="B")
    rulings.forget()
    none = board(alice, on="2026-08-01")
    assert (none["standing"].target, none["trend"].target_y) == ("", None)
    assert "目标" not in alice.get(reverse("compliance"), JULY | {"on": "2026-08-01"}).content.decode()
    rulings.forget()


def test_a_year_ago_is_what_a_month_is_compared_with(cast: Cast, alice: Client) -> None:
    owe(cast.community, "met", on(7, 2))
    owe(cast.community, "met", on(6, 2))
    owe(cast.community, "late", on(7, 2).replace(year=2025))
    assert board(alice)["standing"].change == "较上年 100"


def test_a_period_that_is_not_over_is_empty_and_dashed(cast: Cast, alice: Client) -> None:
    owe(cast.community, "open", on(8, 20))
    assert rows(board(alice, on="2026-08-01"))["回访"][-1] == ("running", "")


def test_filters_by_chapter_post_and_what_went_wrong(cast: Cast, alice: Client) -> None:
    owe(cast.community, "late", on(7, 2))
    owe(cast.community, "met", on(7, 2), clause="log.review", owner_role="cs_supervisor")
    assert set(rows(board(alice))) == {"回访", "查阅各岗位工作记录"}
    assert set(rows(board(alice, chapter="e1-follow-up"))) == {"回访"}
    assert set(rows(board(alice, post="cs_supervisor"))) == {"查阅各岗位工作记录"}
    assert board(alice, post="cs_supervisor")["standing"].rate == "100%"
    wrong = board(alice, wrong="1")
    assert set(rows(wrong)) == {"回访"}
    assert wrong["standing"].rate == "50%"  # what is hidden is counted


@pytest.mark.parametrize(
    "asked",
    [
        {"period": "year"}, {"on": "x"}, {"on": "9999-01-01"}, {"clause": "nothing", "at": "x"}, {"chapter": "'"},
        {"clause": "follow_up", "at": "9999-12-31"}, {"clause": "follow_up", "seed": "';"}, {"post": "\x00"}, {"clause": "\x00", "at": "x"},
    ],
)  # fmt: skip
def test_nonsense_in_the_address_falls_back(cast: Cast, alice: Client, asked: dict[str, str]) -> None:
    assert alice.get(reverse("compliance"), asked).status_code == 200
    assert alice.get(reverse("compliance_duties"), asked, follow=True).status_code == 200


# --- behind a cell ------------------------------------------------------------------------------------------------


def test_a_cell_opens_its_duties_with_their_proof(cast: Cast, alice: Client) -> None:
    matter = case(cast, 3, "met", "complaint")
    Duty.objects.filter(matter_id=matter.pk).delete()
    done = owe(
        cast.community, "late", on(7, 9), matter_kind="case", matter_id=matter.pk, unit_id=cast.unit.pk, owner_id=cast.bob.pk,
    )  # fmt: skip
    signed = owe(cast.community, "met", on(7, 8), proof="hand")
    Evidence.objects.create(
        community=cast.community, duty_id=signed.pk, kind="attest", words="打过电话", at=on(7, 8), by=cast.bob
    )
    pane = board(alice, **CELL)["pane"]
    assert (pane.title, pane.period, pane.owed) == ("回访", "2026 年 7 月", 2)
    assert "回访" in pane.sentence
    groups = {group.code: group.lines for group in pane.groups}
    assert set(groups) == {"late", "attested"}
    assert (groups["late"][0].place, groups["late"][0].title) == (cast.unit.code, "事项3")
    assert groups["late"][0].url == reverse("case", args=[matter.pk])
    assert "责任 鲍勃" in groups["late"][0].words
    assert groups["attested"][0].note == "打过电话"
    assert groups["attested"][0].url == reverse("duty", args=[signed.pk])
    assert {(p.name, p.kept, p.owed) for p in pane.people} == {("鲍勃", 0, 1), ("回访人", 1, 1)}
    assert [day.outcome for day in pane.days if day.outcome] == ["attested", "late"]
    assert done.pk


def test_who_may_not_see_cases_reads_no_word_of_them(cast: Cast, client: Client) -> None:
    matter = case(cast, 3, "late", "complaint")
    Duty.objects.filter(matter_id=matter.pk).update(clause="follow_up")
    from shouwen.people.models import Post

    Post.objects.create(code="eye", name="质检", rights=["duty.see"], sort=990)
    client.force_login(make_staff("eye", "质检员", "eye", cast.community))
    line = board(client, **CELL)["pane"].groups[0].lines[0]
    assert "事项3" not in line.title
    assert line.url.startswith("/duties/")


def test_a_complaint_about_the_viewer_is_nowhere(cast: Cast, alice: Client) -> None:
    owe(cast.community, "late", on(7, 2), about_id=cast.alice.pk)
    assert rows(board(alice)) == {}
    assert board(alice, **CELL)["pane"].owed == 0
    listed = alice.get(reverse("compliance_duties"), JULY).context["table"]
    assert listed.rows == ()


def test_the_sample_says_its_seed_and_can_be_drawn_again(cast: Cast, alice: Client) -> None:
    for day in range(1, 25):
        owe(cast.community, "met", on(7, day))
    one, two = board(alice, **CELL)["pane"], board(alice, **CELL, seed="0702")["pane"]
    assert (one.seed, len(one.drawn)) == ("0701", 3)
    assert "seed=0702" in one.again.url
    assert board(alice, **CELL, seed="0701")["pane"].drawn == one.drawn != two.drawn


def test_a_correction_is_a_task_with_clause_and_period(cast: Cast, alice: Client) -> None:
    owe(cast.community, "breached", on(7, 2))
    actions = {action.key or action.name: action for action in board(alice, **CELL)["pane"].actions}
    form = alice.get(actions["G"].url)
    words = form.context["form"]["words"].value()
    assert words == "整改：回访（E-1.5.1、E-1.4.3）2026 年 7 月违约 1、迟办 0"
    due = f"{clock.local(NOW + timedelta(days=3)):%Y-%m-%dT%H:%M}"
    answer = alice.post(actions["G"].url, {"words": words, "owner": cast.bob.pk, "due": due})
    assert answer.status_code == 303
    assert answer.url.startswith(reverse("compliance"))
    assert Task.objects.get().words == words
    assert Duty.objects.get(matter_kind="task").owner_id == cast.bob.pk


# --- lists, export, paper -----------------------------------------------------------------------------------------


def lines_of(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_duties_behind_a_cell_can_be_taken_out(cast: Cast, alice: Client) -> None:
    owe(cast.community, "breached", on(7, 2))
    owe(cast.community, "met", on(7, 3))
    owe(cast.community, "met", on(7, 3), clause="case.redo")
    evidence = next(a for a in board(alice, **CELL)["pane"].actions if a.name == "evidence")
    assert alice.get(evidence.url).status_code == 200
    lines = lines_of(alice.get(evidence.url.replace("xlsx", "csv")))
    assert [(line[0], line[9]) for line in lines[1:]] == [("回访", "违约"), ("回访", "有据")]
    assert Entry.objects.filter(verb="data:exported").count() == 2


def test_the_figures_lead_to_exactly_their_duties(cast: Cast, alice: Client) -> None:
    for n, state in enumerate(("met", "late", "late", "open", "breached")):
        owe(cast.community, state, on(7, n + 1))
    for figure in board(alice)["figures"]:
        if figure.url:
            assert len(alice.get(figure.url).context["table"].rows) == int(figure.count), figure.words


def test_the_table_behind_the_grid_can_be_taken_out(cast: Cast, alice: Client) -> None:
    owe(cast.community, "met", on(6, 2))
    owe(cast.community, "late", on(7, 2))
    lines = lines_of(alice.get(reverse("compliance"), JULY | {"export": "csv"}))
    assert [line[4:] for line in lines[1:]] == [
        ["2026 年 6 月", "1", "1", "1", "0", "0", "0", "0", "0", "100.0"],
        ["2026 年 7 月", "1", "0", "0", "0", "0", "1", "0", "0", "0.0"],
    ]


def test_communities_stand_in_one_table_the_worst_first(cast: Cast, alice: Client) -> None:
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    owe(cast.community, "met", on(7, 2))
    owe(cast.other, "late", on(7, 2))
    page = alice.get(reverse("compliance_communities"), JULY)
    assert [row.cells[0].words for row in page.context["table"].rows] == ["云汀大厦", "翠湖花园"]
    url = page.context["table"].rows[0].url
    assert rows(board(alice))["回访"][-1] == ("proven", "1/1")
    assert alice.get(url).url.startswith(reverse("compliance"))
    assert rows(board(alice))["回访"][-1] == ("late", "0/1")
    assert len(lines_of(alice.get(reverse("compliance_communities"), JULY | {"export": "csv"}))) == 3


def test_branches_are_rolled_up_the_worst_first(cast: Cast, alice: Client) -> None:
    west = Branch.objects.create(company=cast.company, name="城西分公司")
    Community.objects.filter(pk=cast.other.pk).update(branch=west)
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    for n in range(3):
        owe(cast.community, "met", on(7, n + 1))
    owe(cast.other, "late", on(7, 2))
    shown = alice.get(reverse("compliance_communities"), JULY | {"by": "branch"}).context["table"].rows
    assert [[c.words for c in row.cells][:3] for row in shown] == [
        ["城西分公司", "1 个项目", "0%"], ["城东分公司", "1 个项目", "100%"],
    ]  # fmt: skip
    assert [row.cells[0].words for row in alice.get(shown[0].url).context["table"].rows] == ["云汀大厦"]


def test_only_communities_with_the_right_are_in_the_table(cast: Cast, alice: Client) -> None:
    Grant.objects.create(staff=cast.alice, post_id="front_desk", community=cast.other)
    owe(cast.other, "late", on(7, 2))
    table = alice.get(reverse("compliance_communities"), JULY).context["table"]
    assert [row.cells[0].words for row in table.rows] == ["翠湖花园"]


def test_more_communities_than_are_counted_are_said(
    cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    table = alice.get(reverse("compliance_communities"), JULY).context["table"]
    assert "太多" not in table.lead
    monkeypatch.setattr("shouwen.front.compliance.lists.MOST_COMMUNITIES", 1)
    table = alice.get(reverse("compliance_communities"), JULY).context["table"]
    assert [row.cells[0].words for row in table.rows] == ["云汀大厦"], "the first by name"
    assert table.lead.endswith("项目太多，只算了名称在前的 1 个，请按分公司看。")


def test_the_sheet_names_what_went_wrong_and_who_signs(cast: Cast, alice: Client) -> None:
    owe(cast.community, "met", on(7, 2), clause="case.redo")
    owe(cast.community, "breached", on(7, 2))
    page = alice.get(reverse("compliance_sheet"), JULY)
    facts = dict(page.context["facts"])
    assert (facts["项目"], facts["时期"]) == ("翠湖花园", "2026 年 7 月")
    assert facts["应办"] == "2 件，涉及 2 条规则，其中 1 条有迟办或违约"
    assert page.context["signatures"] == ("编制", "审核", "批准")
    table = page.context["tables"][1]
    assert [cell.words for cell in table.rows[0].cells][:3] == ["回访", "E-1.5.1、E-1.4.3", "1"]
    text = page.content.decode()
    assert "《规程执行考核表》" in text
    assert "重办督促" not in text  # nothing went wrong with it


# --- rights and cost ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["compliance", "compliance_duties", "compliance_communities", "compliance_sheet"]
)
def test_bob_has_no_right_to_the_board(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.bob)
    assert client.get(reverse(name)).status_code == 403


def test_who_may_not_take_data_out_cannot_by_the_address(cast: Cast, client: Client) -> None:
    client.force_login(make_staff("qin", "秦质检", "quality_dept", cast.community))
    assert board(client)["exports"] == ()
    for name in ("compliance", "compliance_communities", "compliance_duties"):
        assert client.get(reverse(name), JULY | {"export": "csv"}).status_code == 403


def test_the_cost_does_not_grow_with_the_duties(cast: Cast, alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert alice.get(reverse("compliance"), CELL).status_code == 200
        return len(caught)

    for state in ("met", "late", "breached", "excused"):
        owe(cast.community, state, on(7, 2), owner_id=cast.bob.pk)
    queries()
    few = queries()
    for day in range(1, 29):
        for state in ("met", "late", "breached", "excused"):
            owe(cast.community, state, on(7, day), owner_id=cast.wen.pk)
            owe(cast.community, state, on(7, day), clause="case.redo")
    assert min(queries(), queries()) <= few, (
        "what is kept for some seconds is read anew by one of them at most"
    )


# --- audits -------------------------------------------------------------------------------------------------------


def test_an_audit_is_drawn_judged_and_listed(cast: Cast, alice: Client) -> None:
    for day in range(1, 9):
        owe(cast.community, "met", on(7, day), ended_by=first_id(on(7, day)))
    audit_url = next(a.url for a in board(alice, **CELL)["pane"].actions if a.name == "audit")
    form = alice.get(audit_url).context["form"]
    assert (form["clause"].value(), str(form["first"].value()), str(form["last"].value())) == (
        "follow_up", "2026-07-01", "2026-07-31",
    )  # fmt: skip
    given = {"clause": "follow_up", "first": "2026-07-01", "last": "2026-07-31", "size": 2, "seed": "7"}
    assert alice.post(reverse("audit_new"), given | {"size": 99}).status_code == 422
    page = alice.get(alice.post(reverse("audit_new"), given).url)
    facts = {name: cell.words for name, cell in page.context["facts"]}
    assert facts["抽样"] == "从 8 件里抽 2 件，种子 7"
    assert facts["重抽"] == "按种子重抽，结果一致"
    first, second = page.context["tables"][0].rows
    assert alice.post(first.actions[0].url, {"verdict": "failed"}).status_code == 422
    due = f"{clock.local(NOW + timedelta(days=3)):%Y-%m-%dT%H:%M}"
    failed = {"verdict": "failed", "words": "没有回访录音", "owner": cast.bob.pk, "due": due}
    assert alice.post(first.actions[0].url, failed).status_code == 303
    assert alice.post(second.actions[0].url, {"verdict": "passed"}).status_code == 303
    page = alice.get(page.request["PATH_INFO"])
    assert [row.cells[5].tag for row in page.context["tables"][0].rows] == ["不合格", "合格"]
    assert [c.words for c in page.context["tables"][1].rows[0].cells][:2] == ["没有回访录音", "鲍勃"]
    listed = alice.get(reverse("audit_list"), {"failed": "1"}).context["table"].rows
    assert [c.words for c in listed[0].cells][3:6] == ["2 / 8", "2 / 2", "1"]


def test_who_may_only_read_neither_draws_nor_judges(cast: Cast, client: Client) -> None:
    client.force_login(make_staff("shou", "首席", "branch_leader", cast.community))
    client.session["totp_ok"] = True
    assert client.get(reverse("audit_list")).context["table"].actions == ()
    assert client.post(reverse("audit_new"), {}).status_code == 403
