"""A colleague who is away, on their page: noted with days and substitute, ended when they are back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.kernel import clock
from shouwen.people.models import Absence
from tests.cast import Cast
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
