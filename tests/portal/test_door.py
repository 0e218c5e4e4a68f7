"""Coming in at the residents' door: the desk prints a slip, a telephone reads it, and what it shows from then on."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from psycopg.types.range import DateRange

from shouwen.estate.models import Occupancy
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.people.models import HomeSignIn, HomeSlip
from shouwen.portal.doors import COOKIE
from tests.cast import Cast, make_owner, make_person, make_unit
from tests.portal.conftest import Browser

HOME = "/my/"


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def printed(desk: Client, cast: Cast) -> str:
    """The path of the link on a slip for Mei."""
    response = desk.post(reverse("home_slip", args=[cast.unit.pk, cast.mei.pk]))
    assert response.status_code == 200
    assert re.search(r'<svg viewBox="0 0 (\d+) \1"', response.content.decode()), "drawn whole at any size"
    found = re.search(r"https?://[^/]+(/my/slip/[\w-]+/)", response.content.decode())
    assert found
    return found[1]


def test_from_the_counter_to_the_telephone(cast: Cast, desk: Client) -> None:
    path = printed(desk, cast)
    telephone = Client()
    seen = telephone.get(path)
    assert seen.status_code == 200
    assert "梅若兰" not in seen.content.decode()
    assert cast.unit.code not in seen.content.decode()
    assert not HomeSignIn.objects.exists(), "looking uses nothing up"
    entered = telephone.post(path)
    assert (entered.status_code, entered["Location"]) == (303, "/my/?said=welcome")
    cookie = telephone.cookies[COOKIE]
    assert cookie["path"] == HOME
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "翠湖花园 3-1-1201" in telephone.get(HOME).content.decode()
    assert telephone.get(path).status_code == 410
    assert Client().post(path).status_code == 422


def test_a_slip_is_printed_for_the_eye_once(cast: Cast, desk: Client) -> None:
    path = printed(desk, cast)
    page = desk.get(reverse("home_door", args=[cast.unit.pk])).content.decode()
    assert path not in page
    assert "等着用" in page
    desk.post(reverse("home_slip_void", args=[HomeSlip.objects.get().pk]))
    assert "已作废" in desk.get(reverse("home_door", args=[cast.unit.pk])).content.decode()
    assert Client().get(path).status_code == 410


def test_a_slip_says_until_when_and_for_whom(cast: Cast, desk: Client) -> None:
    page = desk.post(reverse("home_slip", args=[cast.unit.pk, cast.mei.pk]))
    said = page.content.decode()
    until = f"{clock.local(HomeSlip.objects.get().expires_at):%H:%M}"
    for words in ("住户登录条", "梅若兰", "3-1-1201", f"今天 {until} 前有效", "<svg", "data-print"):
        assert words in said
    assert "no-store" in page["Cache-Control"]


def test_without_a_carrier_the_page_says_how_to_come_in(db: None, client: Client) -> None:
    said = client.get(reverse("portal:sign_in")).content.decode()
    assert "登录条" in said
    assert "没有开通短信" in said
    assert "<input" not in said.replace('<input type="hidden"', "")


def test_the_desk_ends_a_telephone_that_was_lost(cast: Cast, desk: Client, browser: Browser) -> None:
    telephone = browser()
    assert telephone.get(HOME).status_code == 200
    desk.post(reverse("home_sign_in_end", args=[HomeSignIn.objects.get().pk]))
    assert telephone.get(HOME)["Location"].startswith(reverse("portal:sign_in"))


def test_who_moves_out_is_out(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    Occupancy.objects.filter(person=cast.mei).update(during=DateRange(date(2020, 5, 1), clock.today()))
    assert telephone.get(HOME)["Location"].startswith(reverse("portal:sign_in"))
    assert Client().get(reverse("portal:sign_in")).status_code == 200


def test_leaving_ends_the_sign_in(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    secret = telephone.cookies[COOKIE].value
    left = telephone.post(reverse("portal:leave"), follow=True).content.decode()
    assert 'data-draft-forget="home:"' in left, "what was typed at this telephone goes too"
    again = Client()
    again.cookies[COOKIE] = secret
    assert again.get(HOME).status_code == 302
    assert Entry.objects.filter(verb="resident:signed_out", actor_kind="resident").count() == 1


def test_a_slip_that_leads_to_the_desk_alone_warns_the_desk(cast: Cast, desk: Client, settings: Any) -> None:
    address = reverse("home_slip", args=[cast.unit.pk, cast.mei.pk])
    warning = "住户的手机打不开这个地址"
    assert warning in desk.post(address, HTTP_HOST="localhost:8000").content.decode()
    assert warning in desk.post(address, HTTP_HOST="127.0.0.1").content.decode()
    assert warning not in desk.post(address, HTTP_HOST="192.168.1.20:8000").content.decode()
    settings.SITE_URL = "https://wuye.example"
    assert warning not in desk.post(address, HTTP_HOST="localhost:8000").content.decode()


def test_a_slip_reaches_its_home_alone(cast: Cast, browser: Browser) -> None:
    other = make_unit(cast.community, "3-1-1202")
    make_owner(other, cast.mei)
    telephone = browser()
    assert "3-1-1202" not in telephone.get(HOME).content.decode()
    assert telephone.post(reverse("portal:switch", args=[other.pk])).status_code == 404


def test_family_is_named_by_half(cast: Cast, browser: Browser) -> None:
    son = make_person(cast.community, "梅小满")
    since = clock.today() - timedelta(days=9)
    Occupancy.objects.create(
        community=cast.community, unit=cast.unit, person=son, role="family", during=DateRange(since, None)
    )
    said = browser().get(reverse("portal:me")).content.decode()
    assert "梅**" in said
    assert "梅小满" not in said


def test_large_letters_stay(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    assert 'class="elder' not in telephone.get(HOME).content.decode()
    telephone.post(reverse("portal:mode"), {"mode": "elder", "next": "/my/me/"})
    assert 'class="elder' in telephone.get(HOME).content.decode()
    telephone.post(reverse("portal:mode"), {"mode": ""})
    assert 'class="elder' not in telephone.get(HOME).content.decode()


def test_next_leads_nowhere_else(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    for goal in ("https://elsewhere.invalid/my/", "//elsewhere.invalid", "/cases/", "/my/../cases/"):
        answer = telephone.post(reverse("portal:mode"), {"mode": "elder", "next": goal})
        assert answer["Location"] == HOME
