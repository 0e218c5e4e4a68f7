"""The doors of the settings: who may open them, the fallback owner, and what their lists cost."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.cases.models import Category
from shouwen.estate.models import CalendarDay
from shouwen.people import actions
from shouwen.people.models import Area, Fallback, Grant, Post, SignIn, Token, TotpReset
from tests.cast import Cast, make_staff
from tests.front.settings import PEOPLE, SERVICE, about, clerk_of, signed_in, text, version

pytestmark = pytest.mark.django_db


# --- who may open what ------------------------------------------------------------------------------------------------


def test_every_page_opens_for_the_supervisor(cast: Cast, alice: Client) -> None:
    urls = [reverse(n) for n in ("settings", *PEOPLE, *SERVICE)] + about(cast.bob)
    urls += [reverse("post", args=["front_desk"]), reverse("category", args=["leak"])]
    for url in urls:
        assert alice.get(url).status_code == 200, url


def test_the_desk_may_open_none(cast: Cast) -> None:
    bob = signed_in(cast.bob)
    for url in [reverse(n) for n in ("settings", *PEOPLE, *SERVICE)] + about(cast.wen):
        assert bob.get(url).status_code == 403, url
        assert bob.post(url).status_code in (403, 405), url


def test_the_index_shows_what_one_may_set(cast: Cast) -> None:
    shown = text(signed_in(clerk_of(cast)).get(reverse("settings")))
    assert reverse("staff_list") in shown
    assert reverse("hours") not in shown


def test_charlie_finds_nothing_of_another_community(cast: Cast, alice: Client) -> None:
    token, _secret = actions.issue_token(
        cast.community.pk,
        actor=cast.actor(cast.alice),
        staff_id=cast.bob.pk,
        name="门户",
        rights=["case.see"],
    )
    session = SignIn.objects.create(staff=cast.bob, session_key="k", at="2026-01-01T00:00Z")
    reset = TotpReset.objects.create(staff=cast.bob, asked_by=cast.alice, asked_at="2026-01-01T00:00Z")
    day = CalendarDay.objects.create(community=cast.community, on=date(2030, 1, 1), kind="holiday")
    keys = (
        ("grant_end", Grant.objects.get(staff=cast.bob).pk), ("staff_session_end", session.pk),
        ("totp_approve", reset.pk), ("token_end", token.pk), ("hours_day_end", day.pk),
    )  # fmt: skip
    charlie = signed_in(cast.charlie)
    for url in [*about(cast.bob), *(reverse(name, args=[key]) for name, key in keys)]:
        assert charlie.get(url).status_code == 404, url
        assert charlie.post(url).status_code in (404, 405), url
    for name in ("staff", "grant_end", "staff_session_end", "totp_approve", "token_end", "hours_day_end"):
        assert alice.get(reverse(name, args=[10**15])).status_code == 404
    assert alice.get(reverse("post", args=["nobody"])).status_code == 404
    assert alice.get(reverse("category", args=["nothing"])).status_code == 404


# --- the fallback owner, tokens ---------------------------------------------------------------------------------------


def test_a_missing_fallback_owner_is_said_aloud(cast: Cast, alice: Client) -> None:
    Fallback.objects.filter(pk=cast.community.pk).delete()
    for name in ("settings", "fallback"):
        assert "还没有兜底负责人" in text(alice.get(reverse(name)))
    assert alice.post(reverse("fallback"), {"staff": cast.charlie.pk}).status_code == 422
    assert alice.post(reverse("fallback"), {"staff": cast.bob.pk}).status_code == 303
    assert Fallback.objects.get(pk=cast.community.pk).staff == cast.bob
    assert "还没有兜底负责人" not in text(alice.get(reverse("settings")))


def test_two_who_name_a_fallback_owner_see_each_other(cast: Cast, alice: Client) -> None:
    drawn = version(alice, reverse("fallback"))
    actions.set_fallback(cast.community.pk, actor=cast.actor(cast.alice), staff_id=cast.wen.pk)
    answer = alice.post(reverse("fallback"), {"staff": cast.bob.pk, "version": drawn})
    assert answer.status_code == 409
    (difference,) = answer.context["differences"]
    assert difference.theirs.startswith("文师傅")


# --- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["staff_list", "post_list", "token_list", "category_list"])
def test_a_list_costs_the_same_at_one_and_at_fifty(cast: Cast, alice: Client, name: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert alice.get(reverse(name)).status_code == 200
        return len(queries)

    token = {
        "community": cast.community,
        "staff": cast.bob,
        "rights": ["case.see"],
        "created_at": "2026-01-01T00:00Z",
    }
    Token.objects.create(name="一", digest=b"0", **token)
    cost()
    few = cost()
    for n in range(50):
        staff = make_staff(f"s{n}", f"员工{n}", "engineering", cast.community)
        staff.skills.create(trade="lift")
        Area.objects.create(community=cast.community, staff=staff, building=cast.building)
        Token.objects.create(name=f"令牌{n}", digest=f"d{n}".encode(), **token)
        Category.objects.create(code=f"c{n}", name=f"类{n}", kind="repair")
        Post.objects.create(code=f"p{n}", name=f"岗{n}", reports_to_id="cs_supervisor")
    assert cost() == few


def test_a_form_asked_for_by_the_page_comes_as_a_part(cast: Cast, alice: Client) -> None:
    url = reverse("staff_password", args=[cast.bob.pk])
    part = alice.get(url, headers={"HX-Request": "true"})
    assert "<html" not in text(part)
    shown = alice.post(url, headers={"HX-Request": "true"})
    assert "<html" not in text(shown)
    assert dict(shown.context["shown"])["登录名"] == "bob"
