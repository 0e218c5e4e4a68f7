"""A colleague who is away, on their page: noted with days and substitute, ended when they are back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.front.notices import sentence
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver
from shouwen.notices.models import Notice
from shouwen.people import absences
from shouwen.people.models import Absence
from tests.cast import Cast, make_staff
from tests.front.settings import signed_in, text

pytestmark = pytest.mark.django_db


def test_an_absence_is_noted_shown_and_ended(cast: Cast, alice: Client) -> None:
    today = clock.today()
    typed = {"since": today, "until": today + timedelta(days=3), "substitute_id": cast.wen.pk}
    url = reverse("absence_new", args=[cast.bob.pk])
    assert str(cast.bob.pk) not in [
        str(k) for k, _n in alice.get(url).context["form"].fields["substitute_id"].choices
    ]
    assert alice.post(url, typed).status_code == 303
    page = text(alice.get(reverse("staff", args=[cast.bob.pk])))
    assert f"{today} – {today + timedelta(days=3)}" in page
    assert "登记了请假" in page
    assert "文师傅" in page
    again = alice.post(url, typed)
    assert again.status_code == 422
    assert "这几天已经登记过请假" in text(again)
    row = Absence.objects.get()
    assert alice.post(reverse("absence_end", args=[row.pk])).status_code == 303
    assert alice.post(reverse("absence_end", args=[row.pk])).status_code == 404


def test_only_who_manages_staff_notes_absences(cast: Cast) -> None:
    bob = signed_in(cast.bob)
    assert bob.get(reverse("absence_new", args=[cast.bob.pk])).status_code == 403
    charlie = signed_in(cast.charlie)
    assert charlie.get(reverse("absence_new", args=[cast.bob.pk])).status_code in (403, 404)


def test_a_colleague_hands_in_their_own_and_everybody_concerned_hears(cast: Cast, alice: Client) -> None:
    today = clock.today()
    bob = signed_in(cast.bob)
    typed = {"since": today, "until": today + timedelta(days=3), "substitute_id": cast.wen.pk}
    assert bob.post(reverse("my_absence_new"), typed | {"substitute_id": cast.bob.pk}).status_code == 422
    assert bob.post(reverse("my_absence_new"), typed).status_code == 303
    assert "文师傅" in text(bob.get(reverse("my_absences")))
    assert "鲍勃" in text(signed_in(cast.wen).get(reverse("my_absences")))
    deliver()
    told = {n.staff_id: sentence(n) for n in Notice.objects.all()}
    days = f"{today} 到 {today + timedelta(days=3)}"
    assert told[cast.wen.pk] == f"鲍勃 {days} 请假，由你代理：提醒发给你，应办由你办"
    assert told[cast.alice.pk] == f"鲍勃 登记了自己的请假：{days}"
    assert cast.bob.pk not in told
    assert "今天请假" in text(alice.get(reverse("staff_list")))


def test_a_manager_changes_and_withdraws_what_was_handed_in(cast: Cast, alice: Client) -> None:
    today = clock.today()
    dora = make_staff("dora", "多拉", "front_desk", cast.community)
    bob = signed_in(cast.bob)
    typed = {"since": today, "until": today + timedelta(days=3), "substitute_id": cast.wen.pk}
    bob.post(reverse("my_absence_new"), typed)
    old = Absence.objects.get()
    form = alice.get(reverse("absence_edit", args=[old.pk])).context["form"]
    assert form["until"].value() == today + timedelta(days=3)
    wrong = alice.post(reverse("absence_edit", args=[old.pk]), typed | {"until": today - timedelta(days=1)})
    assert wrong.status_code == 422
    assert Absence.objects.get().ended_at is None  # a refused change leaves what was noted
    shorter = {"since": today, "until": today, "substitute_id": dora.pk}
    assert alice.post(reverse("absence_edit", args=[old.pk]), shorter).status_code == 303
    assert absences.standing_in() == {cast.bob.pk: dora.pk}
    deliver()
    told = {(n.staff_id, n.code) for n in Notice.objects.all()}
    assert {(cast.wen.pk, "staff.back"), (dora.pk, "staff.stand_in")} <= told
    assert bob.get(reverse("my_absence_edit", args=[old.pk])).status_code == 404  # it has ended
    row = Absence.objects.get(ended_at=None)
    assert alice.post(reverse("absence_end", args=[row.pk])).status_code == 303
    assert absences.standing_in() == {}


def test_nobody_touches_another_ones_absence_at_their_own_door(cast: Cast) -> None:
    today = clock.today()
    row = Absence.objects.create(staff=cast.bob, substitute=cast.wen, since=today, until=today)
    wen = signed_in(cast.wen)
    for name in ("my_absence_edit", "my_absence_end", "absence_edit", "absence_end"):
        assert wen.post(reverse(name, args=[row.pk]), {}).status_code in (403, 404), name
    assert signed_in(cast.bob).post(reverse("my_absence_end", args=[row.pk])).status_code == 303
    row.refresh_from_db()
    assert row.ended_at is not None
