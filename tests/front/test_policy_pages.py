"""Deadlines: read as sentences, changed by whoever may, each change on record."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.duties.clauses import book
from shouwen.duties.models import Policy
from shouwen.front.policies.pages import span_parts
from shouwen.kernel.clock import parse_duration
from shouwen.kernel.models import Entry
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def tables(client: Client) -> dict[str, Any]:
    return {table.title: table for table in client.get(reverse("policies")).context["tables"]}


def line(table: Any, name: str) -> list[str]:
    return next([cell.words for cell in row.cells] for row in table.rows if row.cells[0].words == name)


def press(client: Client, key: str, **typed: str) -> Any:
    return client.post(reverse("policy", args=[key]), {"reason": "人手不足"} | typed)


def test_every_deadline_with_preset_and_source_and_every_clause_as_a_sentence(
    cast: Cast, alice: Client
) -> None:
    shown = tables(alice)
    assert len(shown["时限"].rows) == len(book().policies)
    assert line(shown["时限"], "投诉答复") == [
        "投诉答复",
        "3 天",
        "3 天",
        "A、B 1 天；C 7 天；D 24 小时；E 3 天",
        "E-1.5.2",
    ]
    assert len(shown["规则"].rows) == len(book().clauses)
    assert "后，经办人在 3 天内完成" in line(shown["规则"], "投诉答复")[1]
    assert "改动记录" not in shown


def test_a_change_is_shown_in_table_sentence_and_record(cast: Cast, alice: Client) -> None:
    pressed = press(alice, "complaint.reply", amount="2", unit="P{}BD")
    assert (pressed.status_code, pressed.url) == (303, reverse("policies"))
    shown = tables(alice)
    assert line(shown["时限"], "投诉答复")[1:3] == ["2 个工作日", "3 天"]
    assert "在 2 个工作日内完成" in line(shown["规则"], "投诉答复")[1]
    assert [cell.words for cell in shown["改动记录"].rows[0].cells if "20" not in cell.words] == [
        "艾丽丝", "投诉答复", "2 个工作日", "人手不足",
    ]  # fmt: skip
    fact = Entry.objects.get(verb="policy:set")
    assert fact.data.pop("since")
    assert (fact.data, fact.actor_id, fact.community_id) == (
        {"key": "complaint.reply", "value": "P2BD"}, cast.alice.pk, cast.community.pk,
    )  # fmt: skip


def test_back_to_the_preset(cast: Cast, alice: Client) -> None:
    press(alice, "repair.arrive", amount="3", unit="PT{}H")
    assert line(tables(alice)["时限"], "到场")[1] == "3 小时"
    press(alice, "repair.arrive", by="preset")
    assert line(tables(alice)["时限"], "到场")[1] == "2 小时"
    assert Policy.objects.count() == 2


@pytest.mark.parametrize(
    "typed",
    [{"unit": "P{}D"}, {"amount": "-1", "unit": "P{}D"}, {"amount": "x", "unit": "P{}D"}, {"amount": "1", "unit": "P{}Y"},
     {"amount": "0", "unit": "PT{}H"}, {"amount": "9999", "unit": "P{}D"}],
)  # fmt: skip
def test_nonsense_is_said_beside_the_field_and_changes_nothing(
    cast: Cast, alice: Client, typed: dict[str, str]
) -> None:
    answer = press(alice, "complaint.reply", **typed)
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not Policy.objects.exists()


def test_no_days_is_today(cast: Cast, alice: Client) -> None:
    press(alice, "complaint.reply", amount="0", unit="P{}D")
    assert line(tables(alice)["时限"], "投诉答复")[1] == "当天"
    assert line(tables(alice)["规则"], "投诉答复")[1].startswith(
        "“事项登记”或“改了类型”（投诉）后，经办人在当天内完成"
    )
    answer = press(alice, "complaint.reply", amount="0", unit="PT{}M")
    assert answer.context["form"].errors["amount"] == ["没有时间就做不成；要当天办完，请选 0 天。"]


def test_the_form_begins_with_what_holds(cast: Cast, alice: Client) -> None:
    form = alice.get(reverse("policy", args=["repair.dispatch"])).context["form"]
    assert (form["amount"].value(), form["unit"].value()) == (30, "PT{}M")


@pytest.mark.parametrize(
    ("iso", "amount", "unit"),
    [
        ("PT90M", 90, "PT{}M"),
        ("PT24H", 24, "PT{}H"),
        ("P1Y", 12, "P{}M"),
        ("P2W", 14, "P{}D"),
        ("P0D", 0, "P{}D"),
    ],
)
def test_a_span_as_number_and_unit(iso: str, amount: int, unit: str) -> None:
    assert span_parts(parse_duration(iso)) == {"amount": amount, "unit": unit}
    assert parse_duration(unit.format(amount)).iso == parse_duration(iso).iso


def test_an_unknown_deadline_is_not_found(alice: Client) -> None:
    assert alice.get(reverse("policy", args=["tea.break"])).status_code == 404


def test_bob_may_not_see_or_change_deadlines(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    assert client.get(reverse("policies")).status_code == 403
    assert press(client, "complaint.reply", amount="9", unit="P{}D").status_code == 403
    assert not Policy.objects.exists()


def test_charlie_changes_only_the_other_community(cast: Cast, client: Client) -> None:
    client.force_login(cast.charlie)
    press(client, "complaint.reply", amount="9", unit="P{}D")
    assert set(Policy.objects.values_list("community_id", flat=True)) == {cast.other.pk}
