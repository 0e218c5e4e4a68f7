"""What is typed and not sent: one's own, sealed, for a week, gone once it is sent."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from shouwen.kernel import clock
from shouwen.people import drafts
from shouwen.people.models import Draft
from tests.cases.test_actions import take
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def left(client: Client, form: str) -> dict[str, Any] | None:
    answer = client.get(reverse("draft"), {"form": form})
    return answer.json()["value"] if answer.status_code == 200 else None


def leave(client: Client, form: str, value: Any) -> int:
    body = json.dumps({"form": form, "value": value})
    return client.post(reverse("draft"), body, content_type="application/json").status_code


def test_another_computer_of_the_same_person_shows_it_and_nobody_else_does(cast: Cast, desk: Client) -> None:
    assert leave(desk, "note-1", {"words": "住户说晚上七点以后"}) == 200
    second = Client()
    second.force_login(cast.bob)
    assert left(second, "note-1") == {"words": "住户说晚上七点以后"}
    assert left(second, "note-2") is None
    second.force_login(cast.alice)
    assert left(second, "note-1") is None
    assert leave(second, "note-1", {"words": "主管的"}) == 200
    assert left(desk, "note-1") == {"words": "住户说晚上七点以后"}
    assert leave(desk, "note-1", None) == 204
    assert left(desk, "note-1") is None
    assert Draft.objects.count() == 1


def test_choices_are_kept_beside_the_words(cast: Cast, desk: Client) -> None:
    value = {"words": "", "technician_id": ["7"], "channels": ["phone", "desk"], "urgent": []}
    assert leave(desk, "assign-1", value) == 200
    assert left(desk, "assign-1") == value


def test_words_and_choices_lie_sealed_in_the_database(cast: Cast, desk: Client) -> None:
    leave(desk, "note-1", {"words": "身份证 310101", "category": ["complaint-310101"]})
    with connection.cursor() as cursor:
        cursor.execute("select words from people_draft")
        (blob,) = cursor.fetchone()
    assert b"310101" not in bytes(blob)
    assert "身份证".encode() not in bytes(blob)


def test_a_week_later_it_is_neither_told_nor_kept(cast: Cast, desk: Client) -> None:
    drafts.keep(cast.bob.pk, "note-1", {"words": "x"})
    with time_machine.travel(clock.now() + timedelta(days=7), tick=False):
        drafts.keep(cast.bob.pk, "note-2", {"words": "y"})
        assert drafts.kept(cast.bob.pk, "note-1") is None
        assert drafts.forget() == 1
        assert [d.form for d in Draft.objects.all()] == ["note-2"]


def test_only_the_newest_drafts_of_one_person_are_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 2)
    drafts.keep(cast.alice.pk, "a", {"words": "x"})
    for n in range(4):
        drafts.keep(cast.bob.pk, f"note-{n}", {"words": "x"})
    assert set(Draft.objects.values_list("form", flat=True)) == {"a", "note-2", "note-3"}


@pytest.mark.parametrize(
    "body",
    ["x", "[]", '{"form": ""}', '{"form": 1, "value": {}}', '{"form": "a", "value": [1]}',
     '{"form": "a", "value": {"w": 1}}', '{"form": "a", "value": {"w": [1]}}', '{"form": "a", "value": {"w": [["x"]]}}',
     json.dumps({"form": "a", "value": {"w": ["x"] * 61}}),
     json.dumps({"form": "a", "value": {"w": ["x" * 50_000]}}),
     '{"form": "a", "value": {"w": "\\u0000"}}',
     json.dumps({"form": "a", "value": {"w": "x" * 50_000}}), json.dumps({"form": "a" * 501, "value": {"w": "x"}})],
)  # fmt: skip
def test_what_is_no_draft_is_refused(cast: Cast, desk: Client, body: str) -> None:
    assert desk.post(reverse("draft"), body, content_type="application/json").status_code == 422
    assert not Draft.objects.exists()


def test_sending_the_form_drops_its_draft(cast: Cast, desk: Client) -> None:
    case = take(cast, cast.bob)
    url = reverse("case_move", args=[case.pk, "note"])
    for form in (url, f"note-{case.pk}", "note-other"):
        leave(desk, form, {"words": "x"})
    desk.post(url, {"words": ""})
    assert Draft.objects.count() == 3
    desk.post(url, {"words": "记下了"})
    assert [d.form for d in Draft.objects.all()] == ["note-other"]
    page = desk.get(f"{reverse('intake')}?kind=repair&unit={cast.unit.pk}")
    key = page.context["draft"]
    leave(desk, key, {"title": "灯"})
    desk.post(f"{reverse('intake')}?kind=repair&unit={cast.unit.pk}", {"channel": "desk", "title": "灯不亮"})
    assert left(desk, key) is None


def test_another_home_and_another_community_are_other_forms(cast: Cast, desk: Client) -> None:
    urls = [f"{reverse('intake')}?kind=repair&{place}" for place in (f"unit={cast.unit.pk}", "elsewhere=1")]
    keys = {desk.get(url).context["draft"] for url in urls}
    other = Client()
    other.force_login(cast.charlie)
    keys.add(other.get(urls[1]).context["draft"])
    assert len(keys) == 3
