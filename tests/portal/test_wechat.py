"""WeChat's own browser, by its user agent: nothing is offered that it cannot do, pictures stand in the page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.people.home_sign_in import issue_slip
from shouwen.portal.doors import ROOT
from tests.cases.test_merging import repair
from tests.cast import Cast
from tests.house.residents import HOME_ROWS
from tests.portal.conftest import Browser
from tests.portal.test_matter import picture, press

pytestmark = pytest.mark.django_db
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/122.0 Mobile Safari/537.36 XWEB/1220 MMWEBSDK/2024 MicroMessenger/8.0.48"
WECHAT: dict[str, Any] = {"HTTP_USER_AGENT": AGENT}
HOW = "在浏览器打开"


def test_no_page_offers_a_download_or_another_window(cast: Cast, browser: Browser) -> None:
    telephone, case = browser(), repair(cast, person_id=cast.mei.pk)
    plain = [row.name for row in HOME_ROWS if row.get == 200 and not row.key and row.name != "events_grant"]
    urls = [reverse(f"portal:{name}") for name in sorted(set(plain))] + [
        reverse("portal:matter", args=[case.pk])
    ]
    assert len(urls) >= 5
    for url in urls:
        answer = telephone.get(url, **WECHAT)
        assert answer.status_code == 200
        assert "Content-Disposition" not in answer
        said = answer.content.decode()
        for offer in (" download", "target=", "manifest", "install"):
            assert offer not in said, url


def test_a_picture_is_shown_and_never_a_file_to_keep(cast: Cast, browser: Browser) -> None:
    telephone, case = browser(), repair(cast, person_id=cast.mei.pk)
    assert press(telephone, case, "say", words="照片", photos=[picture()])[0] == 303
    said = telephone.get(reverse("portal:matter", args=[case.pk]), **WECHAT).content.decode()
    (url,) = re.findall(r'<img src="(/my/photos/[^"]+)"', said)
    assert url.startswith(ROOT)
    answer = telephone.get(url, **WECHAT)
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Content-Type"].startswith("image/")


def test_a_slip_says_how_to_stay_in_the_browser(cast: Cast) -> None:
    _row, secret = issue_slip(cast.unit.pk, actor=cast.actor(cast.bob), person_id=cast.mei.pk)
    url = reverse("portal:slip", args=[secret])
    assert HOW in Client().get(url, **WECHAT).content.decode()
    assert HOW not in Client().get(url).content.decode()


def test_staff_read_how_to_take_a_list_out_and_how_to_install(cast: Cast, client: Client) -> None:
    repair(cast)
    client.force_login(cast.alice)
    for agent, offers in ((WECHAT, False), ({}, True)):
        said = client.get(reverse("case_list"), **agent).content.decode()
        assert (" download" in said, HOW in said) == (offers, not offers)
    client.force_login(cast.wen)
    for agent, offers in ((WECHAT, False), ({}, True)):
        said = client.get(reverse("my_orders"), **agent).content.decode()
        assert ('rel="manifest"' in said, HOW in said) == (offers, not offers)
