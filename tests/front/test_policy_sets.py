"""A manual's values one by one and all at once, from a day on; looked at before; two communities side by side."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.duties import days, rulings
from shouwen.duties.models import Duty, Policy
from shouwen.kernel import clock
from shouwen.people.models import Grant
from tests.cast import Cast
from tests.duties.test_supposing import complaint
from tests.front.test_policy_pages import line, press, tables

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Any:
    rulings.forget()
    days.forget()
    yield
    rulings.forget()


def cells(table: Any) -> list[list[str]]:
    return [[cell.words for cell in row.cells] for row in table.rows]


def test_the_value_of_a_manual_is_chosen_without_a_reason_and_named(cast: Cast, alice: Client) -> None:
    alice.post(reverse("policy", args=["complaint.reply"]), {"by": "C"})
    row = Policy.objects.get()
    assert (row.value, row.preset) == ("P7D", "C")
    shown = tables(alice)
    told = next(r for r in shown["时限"].rows if r.cells[0].words == "投诉答复")
    assert (told.cells[1].words, told.cells[1].tag) == ("7 天", "手册 C")
    assert shown["改动记录"].rows[0].cells[3].tag == "手册 C"
    form = alice.get(reverse("policy", args=["complaint.reply"])).context["form"]
    assert form["by"].value() == "C"


def test_an_own_number_wants_a_reason_and_keeps_it(cast: Cast, alice: Client) -> None:
    url = reverse("policy", args=["complaint.reply"])
    refused = alice.post(url, {"by": "own", "amount": "9", "unit": "P{}D"})
    assert refused.status_code == 422
    assert "要写明理由" in refused.content.decode()
    alice.post(url, {"by": "own", "amount": "9", "unit": "P{}D", "reason": "业主大会同意"})
    record = alice.get(url).context["tables"][0]
    assert record.title == "改动记录"
    assert record.rows[0].cells[-1].words == "业主大会同意"


def test_a_number_typed_beside_the_old_choice_is_what_was_meant(cast: Cast, alice: Client) -> None:
    press(alice, "complaint.reply", by="preset", amount="9", unit="P{}D")
    assert line(tables(alice)["时限"], "投诉答复")[1] == "9 天"


def test_a_value_from_a_later_day_does_not_hold_before_it(cast: Cast, alice: Client) -> None:
    day = clock.today() + timedelta(days=30)
    for amount in ("4", "5"):  # chosen twice for one day: the last holds
        press(alice, "complaint.reply", amount=amount, unit="P{}D", since=day.isoformat())
    assert line(tables(alice)["时限"], "投诉答复")[1] == "3 天"
    told = next(r for r in tables(alice)["时限"].rows if r.cells[0].words == "投诉答复")
    assert told.cells[1].sub == f"{day} 起改为 5 天"
    rulings.forget()
    later = rulings.asking(cast.community.pk, clock.start_of_day(day) + timedelta(hours=1))
    assert later.text("complaint.reply") == "P5D"
    past = press(alice, "complaint.reply", amount="4", unit="P{}D", since="2020-01-01")
    assert (past.status_code, Policy.objects.count()) == (422, 2)


def test_looking_first_changes_nothing_and_names_each_duty(cast: Cast, alice: Client) -> None:
    case = complaint(cast)
    seen = press(alice, "complaint.reply", amount="1", unit="P{}D", preview="1")
    assert (seen.status_code, Policy.objects.count()) == (200, 0)
    duties, rules = seen.context["tables"][:2]
    assert [row[0] for row in cells(duties)] == ["投诉答复"]
    assert "其中 1 件会不同" in duties.lead
    assert "一件也不改" in duties.lead
    assert "1 天" in cells(rules)[0][1]
    assert seen.context["form"]["amount"].value() == "1", "what was typed stays"
    before = Duty.objects.get(matter_id=case.pk, clause="complaint.reply").due_at
    press(alice, "complaint.reply", amount="1", unit="P{}D")
    assert Duty.objects.get(matter_id=case.pk, clause="complaint.reply").due_at == before


def test_one_manual_as_a_whole_changes_only_what_it_speaks_of(cast: Cast, alice: Client) -> None:
    url = reverse("policy_adopt")
    seen = alice.post(url, {"manual": "D", "preview": "1"})
    would = {row[0] for row in cells(seen.context["tables"][0])}
    assert "投诉答复" in would
    assert not Policy.objects.exists()
    assert alice.post(url, {"manual": "D", "reason": "总部要求"}).status_code == 303
    assert Policy.objects.count() == len(would)
    assert set(Policy.objects.values_list("preset", "reason")) == {("D", "总部要求")}
    assert line(tables(alice)["时限"], "投诉答复")[1] == "24 小时"
    assert "都已经在用" in alice.post(url, {"manual": "D"}).content.decode()
    assert alice.post(url, {"manual": "Z"}).status_code == 422


def test_two_communities_side_by_side(cast: Cast, alice: Client) -> None:
    url = reverse("policy_compare")
    assert "没有可比的" in alice.get(url).content.decode()
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    press(alice, "complaint.reply", amount="9", unit="P{}D")
    shown = alice.get(url, {"with": cast.other.pk}).context["table"]
    assert [cell.words for cell in shown.rows[0].cells] == ["投诉答复", "9 天", "3 天", "E-1.5.2"]
    assert [row.cells[0].tag for row in shown.rows[:2]] == ["不同", ""]
    assert len(alice.get(url, {"only": "1"}).context["table"].rows) == 1


def test_values_of_a_community_without_the_right_are_not_compared(cast: Cast, alice: Client) -> None:
    Grant.objects.create(staff=cast.alice, post_id="front_desk", community=cast.other)
    answer = alice.get(reverse("policy_compare"), {"with": cast.other.pk})
    assert answer.context["table"].rows == ()
    assert cast.other.name not in [column.label for column in answer.context["table"].columns]
