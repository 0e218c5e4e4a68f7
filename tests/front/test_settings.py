"""The doors of the settings: who may open them, and that what is set holds."""

import pytest
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from shouwen.estate.hours import calendar_of
from shouwen.estate.models import CalendarDay, Community
from shouwen.people import sign_in
from shouwen.people.models import Fallback, Grant, Staff, Token, TotpReset
from tests.cast import make_staff

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = [
    "settings", "community_edit", "community_new", "hours", "hours_edit", "day_new", "fallback", "token_list", "token_new",
    "staff_list", "staff_new", "post_list", "post_new",
]  # fmt: skip


@pytest.fixture
def lead(cast, client):
    client.force_login(cast.alice, backend=BACKEND)
    return client


def text(response) -> str:
    return response.content.decode()


def about(staff: Staff) -> list[str]:
    return [reverse(n, args=[staff.pk]) for n in ("staff", "staff_edit", "staff_skills", "staff_areas", "grant_new")]


def test_every_page_opens_for_the_supervisor(cast, lead):
    for url in [*(reverse(name) for name in PAGES), *about(cast.bob), reverse("post", args=["front_desk"])]:
        assert lead.get(url).status_code == 200, url


def test_the_desk_may_open_none_and_charlie_finds_no_colleague(cast, client):
    client.force_login(cast.bob, backend=BACKEND)
    for url in [*(reverse(name) for name in PAGES), *about(cast.wen)]:
        assert client.get(url).status_code == 403, url
    client.force_login(cast.charlie, backend=BACKEND)
    for url in about(cast.bob):
        assert client.get(url).status_code == 404, url
    for name in ("staff_password", "staff_leave", "totp_ask"):
        assert client.post(reverse(name, args=[cast.bob.pk])).status_code == 404
    grant = Grant.objects.get(staff=cast.bob)
    assert client.post(reverse("grant_revoke", args=[grant.pk])).status_code == 404


def test_a_colleague_is_taken_on_and_the_password_is_shown_once(cast, lead):
    typed = {"username": "dan", "name": "丹", "phone": "", "post": "front_desk"}
    shown = text(lead.post(reverse("staff_new"), typed))
    dan = Staff.objects.get(username="dan")
    assert "只显示这一次" in shown
    assert any(dan.check_password(word) for word in shown.replace("<", " ").replace(">", " ").split())
    again = lead.post(reverse("staff_new"), typed)
    assert again.status_code == 422
    assert "已有员工用了这个登录名" in text(again)


def test_a_post_beyond_ones_own_rights_is_not_offered(cast, lead):
    from shouwen.people.models import Post

    Post.objects.filter(pk="deputy_gm").update(rights=["no.such.right"])
    assert 'value="deputy_gm"' not in text(lead.get(reverse("staff_new")))
    assert 'value="engineering"' in text(lead.get(reverse("staff_new")))


def test_trades_buildings_and_posts_are_set(cast, lead):
    lead.post(reverse("staff_skills", args=[cast.wen.pk]), {"trades": ["lift"]})
    assert list(cast.wen.skills.values_list("trade", flat=True)) == ["lift"]
    lead.post(reverse("staff_areas", args=[cast.wen.pk]), {"buildings": [cast.building.pk]})
    assert cast.wen.areas.count() == 1
    lead.post(reverse("grant_new", args=[cast.wen.pk]), {"post": "front_desk", "place": "community"})
    grant = Grant.objects.get(staff=cast.wen, post_id="front_desk")
    refused = lead.post(reverse("grant_new", args=[cast.wen.pk]), {"post": "back_office", "place": "company"})
    assert refused.status_code == 422
    lead.post(reverse("grant_revoke", args=[grant.pk]))
    assert Grant.objects.filter(staff=cast.wen).count() == 1


def test_service_hours_are_typed_as_people_say_them(cast, lead):
    typed = {f"day{n}": "8:30-12:00, 13:30–18:00" for n in range(7)} | {"day6": "", "calendar": 1}
    assert lead.post(reverse("hours_edit"), typed).status_code == 303
    calendar = calendar_of(Community.objects.get(pk=cast.community.pk))
    assert (len(calendar.week[0]), calendar.week[6]) == (2, ())
    assert "刚被别人改过" in text(lead.post(reverse("hours_edit"), typed))
    assert "写成" in text(lead.post(reverse("hours_edit"), typed | {"day0": "morning", "calendar": 2}))
    lead.post(reverse("day_new"), {"on": "2030-01-01", "kind": "workday"})
    assert CalendarDay.objects.get().kind == "workday"
    lead.post(reverse("day_new"), {"on": "2030-01-01", "kind": ""})
    assert not CalendarDay.objects.exists()


def test_a_missing_fallback_owner_is_said_aloud(cast, lead):
    Fallback.objects.all().delete()
    assert "缺兜底负责人" in text(lead.get(reverse("settings")))
    lead.post(reverse("fallback"), {"staff": cast.bob.pk})
    assert Fallback.objects.get(pk=cast.community.pk).staff == cast.bob
    assert "缺兜底负责人" not in text(lead.get(reverse("settings")))


def test_a_token_is_shown_once_and_ended(cast, lead):
    typed = {"name": "门户", "staff": cast.bob.pk, "rights": ["case.see"]}
    assert "sw_" in text(lead.post(reverse("token_new"), typed))
    assert "sw_" not in text(lead.get(reverse("token_list")))
    lead.post(reverse("token_end", args=[Token.objects.get().pk]))
    assert Token.objects.get().ended_at


def test_a_second_factor_is_reset_by_two_from_the_screen(cast, lead, client):
    TOTPDevice.objects.create(user=cast.bob, name="totp", confirmed=True)
    lead.post(reverse("totp_ask", args=[cast.bob.pk]))
    reset = TotpReset.objects.get()
    assert lead.post(reverse("totp_approve", args=[reset.pk])).status_code == 403
    second = make_staff("second", "副手", "cs_supervisor", cast.community)
    client.force_login(second, backend=BACKEND)
    assert client.post(reverse("totp_approve", args=[reset.pk])).status_code == 303
    assert not sign_in.enrolled(cast.bob)


def test_a_post_is_edited_within_ones_rights(cast, lead):
    typed = {"name": "前台", "reports_to": "cs_supervisor", "rights": ["case.see", "case.register"]}
    assert lead.post(reverse("post", args=["front_desk"]), typed).status_code == 303
    assert sorted(cast.actor(cast.bob).rights[cast.community.pk]) == ["case.register", "case.see"]
