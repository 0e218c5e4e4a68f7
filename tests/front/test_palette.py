"""Ctrl+K: the moves of the open case, a new matter, pages and views; by Chinese, by pinyin, in the reader's language."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.people.models import SavedView
from tests.cases.test_actions import take
from tests.cast import Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def commands(desk: Client, text: str, at: str = "/cases/", language: str = "zh-hans") -> dict[str, str]:
    """Words and addresses of what the box offers on the page ``at``."""
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{at}", "Accept-Language": language}
    groups = desk.get(reverse("search"), {"q": text}, headers=headers).context["hit_groups"]
    return {hit.words: hit.url for group in groups for hit in group.hits}


def test_the_moves_of_the_open_case_lead_where_its_buttons_lead(cast: Cast, desk: Client) -> None:
    case = take(cast, cast.bob)
    at = f"/desk/received/?case={case.pk}"
    page = desk.get(at).content.decode()
    for text in ("转派", "zp", "zhuanpai"):
        url = commands(desk, text, at)["转派"]
        assert url.replace("&", "&amp;") in page
    assert "转派" in commands(desk, "", reverse("case", args=[case.pk]))
    assert commands(desk, "Reassign", at, "en")["Reassign"] == url
    assert commands(desk, "zp", at, "en")["Reassign"] == url
    assert "轉派" in commands(desk, "轉", at, "zh-hant")


def test_a_move_that_is_refused_is_no_command(cast: Cast, desk: Client) -> None:
    order = leak(cast)
    at = reverse("case", args=[order.case_id])
    assert "派工" in commands(desk, "派工", at)
    assert "回访" not in commands(desk, "回访", at)
    desk.force_login(cast.wen)
    assert "派工" not in commands(desk, "派工", at)


def test_new_matters_pages_and_views_are_found(cast: Cast, desk: Client) -> None:
    SavedView.objects.create(staff=cast.bob, name="3 号楼渗漏", path="/cases/?q=渗漏")
    SavedView.objects.create(staff=cast.alice, name="3 号楼别人的", path="/cases/")
    assert commands(desk, "djts") == {"登记投诉": "/cases/new/?kind=complaint"}
    assert commands(desk, "待派") == {"待派工": "/desk/pool/"}
    assert commands(desk, "渗漏") == {"3 号楼渗漏": "/cases/?q=渗漏"}
    assert "All cases" in commands(desk, "qbsx", language="en")
    assert "设置" not in commands(desk, "设置")
    assert "今日应办" in commands(desk, "")


def test_strange_addresses_open_no_case(cast: Cast, desk: Client) -> None:
    case = take(cast, cast.bob)
    for at in ("/desk/today/?case=x", "/nowhere/", f"/cases/?case={case.pk}", "/"):
        assert "转派" not in commands(desk, "", at)
    desk.force_login(cast.charlie)
    assert "转派" not in commands(desk, "转派", reverse("case", args=[case.pk]))


def test_without_script_the_page_finds_as_ever(cast: Cast, desk: Client) -> None:
    page = desk.get(reverse("search"), {"q": "登记"})
    assert page.templates[0].name == "front/search.html"
    assert not page.context["hit_groups"]
