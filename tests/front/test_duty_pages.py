"""What I owe: seen by whoever owes it, signed for with words and a photo, handed on, excused, asked by hand."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from shouwen.duties import days, rulings
from shouwen.duties.models import Duty, Evidence, Occasion, Run
from shouwen.kernel import clock
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Any) -> Any:
    settings.FILES_DIR = tmp_path
    rulings.forget()
    days.forget()
    yield
    rulings.forget()
    days.forget()


def as_(cast: Cast, who: Any) -> Client:
    client = Client()
    client.force_login(who)
    return client


def photo() -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(data, "PNG")
    return SimpleUploadedFile("现场.png", data.getvalue(), "image/png")


def titles(client: Client) -> list[str]:
    tables = client.get(reverse("duty_list")).context["tables"]
    return [row.cells[0].words for table in tables for row in table.rows]


def test_a_community_begins_and_its_desk_owes_today(cast: Cast) -> None:
    alice, bob = as_(cast, cast.alice), as_(cast, cast.bob)
    assert titles(bob) == []
    assert alice.post(reverse("duty_begin")).status_code == 303
    assert Run.objects.get().community_id == cast.community.pk
    assert alice.post(reverse("duty_begin")).status_code == 422
    assert "查阅各岗位工作记录" in titles(alice)
    assert "查阅各岗位工作记录" not in titles(bob)


def test_what_i_owe_is_also_grouped_by_clause_and_by_home_and_printed(cast: Cast) -> None:
    alice = as_(cast, cast.alice)
    alice.post(reverse("duty_begin"))
    shown = alice.get(reverse("duty_list"), {"by": "clause"}).context
    assert [one.words for one in shown["kinds"] if one.current] == ["按规则"]
    by_clause = {table.title: len(table.rows) for table in shown["tables"]}
    assert by_clause["查阅各岗位工作记录"] == 1
    assert sum(by_clause.values()) == len(titles(alice))
    homes = [t.title for t in alice.get(reverse("duty_list"), {"by": "unit"}).context["tables"]]
    assert homes == ["不在一户"]
    assert next(t.title for t in alice.get(reverse("duty_list"), {"by": "'"}).context["tables"]) in (
        "已超时",
        "今天",
    )
    paper = alice.get(reverse("duty_list"), {"print": "1"}).content.decode()
    assert "查阅各岗位工作记录" in paper
    assert f"{clock.local(clock.now()):%m-%d} " in paper  # moments in figures, not what is left
    assert "办理" not in paper


def test_a_signature_needs_words_and_a_photo_and_ends_the_duty(cast: Cast) -> None:
    alice = as_(cast, cast.alice)
    alice.post(reverse("duty_begin"))
    duty = Duty.objects.get(clause="log.review")
    url = reverse("duty_sign", args=[duty.pk])
    assert alice.post(url, {"words": "看过了"}).status_code == 422
    assert alice.post(url, {"file": photo()}).status_code == 422
    assert alice.post(url, {"words": "看过了", "file": photo()}).status_code == 303
    duty.refresh_from_db()
    assert (duty.state, duty.proof, Evidence.objects.get().words) == ("met", "hand", "看过了")
    assert "查阅各岗位工作记录" not in titles(alice)
    assert alice.get(reverse("duty", args=[duty.pk])).context["actions"] == ()


def test_a_task_goes_to_a_colleague_who_finishes_it(cast: Cast) -> None:
    alice, bob, wen = as_(cast, cast.alice), as_(cast, cast.bob), as_(cast, cast.wen)
    due = clock.local(clock.now() + timedelta(days=1))
    given = {"words": "换大堂灯泡", "owner": cast.wen.pk, "due": f"{due:%Y-%m-%dT%H:%M}"}
    assert bob.post(reverse("task_give"), given).status_code == 403
    assert alice.post(reverse("task_give"), given | {"due": ""}).status_code == 422
    assert alice.post(reverse("task_give"), given).status_code == 303
    assert titles(wen) == ["换大堂灯泡"]
    duty = Duty.objects.get()
    assert alice.post(reverse("duty_hand", args=[duty.pk]), {"to": cast.bob.pk}).status_code == 303
    assert (titles(wen), titles(bob)) == ([], ["换大堂灯泡"])
    assert bob.post(reverse("duty_sign", args=[duty.pk]), {"words": "换好了"}).status_code == 303
    assert titles(bob) == []


def test_what_is_noted_by_hand_waits_for_its_end(cast: Cast) -> None:
    bob, charlie = as_(cast, cast.bob), as_(cast, cast.charlie)
    noted = {"kind": "key_lent", "unit": cast.unit.code, "words": "水电工"}
    assert bob.post(reverse("occasion_note"), noted | {"unit": "9-9-909"}).status_code == 422
    assert bob.post(reverse("occasion_note"), noted).status_code == 303
    row = Occasion.objects.get()
    tables = {t.title: t for t in bob.get(reverse("duty_list")).context["tables"]}
    assert [r.cells[1].words for r in tables["还没了结的事由"].rows] == [cast.unit.code]
    assert charlie.post(reverse("occasion_close", args=[row.pk])).status_code == 404
    assert bob.post(reverse("occasion_close", args=[row.pk])).status_code == 303
    assert Duty.objects.get(clause="key.back").state == "met"


def test_an_excuse_takes_the_right_and_a_reason(cast: Cast) -> None:
    alice, bob, charlie = as_(cast, cast.alice), as_(cast, cast.bob), as_(cast, cast.charlie)
    bob.post(reverse("occasion_note"), {"kind": "major_issue"})
    duty = Duty.objects.get(clause="major.report")
    url = reverse("duty_excuse", args=[duty.pk])
    assert bob.post(url, {"words": "误报"}).status_code == 403
    assert charlie.post(url, {"words": "误报"}).status_code == 404
    assert alice.post(url, {}).status_code == 422
    assert alice.post(url, {"words": "误报"}).status_code == 303
    duty.refresh_from_db()
    assert duty.state == "excused"
