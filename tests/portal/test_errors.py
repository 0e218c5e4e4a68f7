"""What goes wrong below ``/my/`` is told by the residents' own door, in its letters, with the words that were typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client
from django.urls import reverse
from psycopg import OperationalError

from shouwen.cases.models import Case, Note
from shouwen.people.models import HomeSignIn
from shouwen.portal import matters
from shouwen.portal.doors import MODE, ROOT
from tests.cases.test_merging import repair
from tests.cast import Cast
from tests.portal.conftest import Browser

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "http://testserver"}
REPORT = "portal:report"


def elder(client: Client) -> Client:
    client.cookies[MODE] = "elder"
    client.cookies[MODE]["path"] = ROOT
    return client


def raising(fault: Exception) -> Any:
    def broken(*_args: object, **_named: object) -> None:
        raise fault

    return broken


def told(answer: Any, code: int) -> str:
    """The page, which is of this door and of this door only."""
    page: str = answer.content.decode()
    assert answer.status_code == code
    assert "portal.css" in page
    assert "app.css" not in page
    assert "Ctrl+K" not in page
    return page


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (RuntimeError("boom"), 500, "系统出了点问题，刚才的没有生效"),
        (OSError(28, "full"), 507, "系统的磁盘满了"),
        (OperationalError("gone"), 503, "系统的连接断了"),
        (PermissionDenied(), 403, "这里不能办这件事"),
        (Http404(), 404, "没有这一页"),
        (SuspiciousOperation(), 400, "这个链接不完整"),
    ],
)
def test_a_fault_has_this_door_s_look_and_letters(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, fault: Exception, code: int, words: str
) -> None:
    monkeypatch.setattr(matters, "matters_of", raising(fault))
    client = browser()
    client.raise_request_exception = False
    page = told(client.get(reverse("portal:matters")), code)
    assert words in page
    assert 'class="bare' in page or "tabs" in page
    assert 'class="elder' in told(elder(client).get(reverse("portal:matters")), code)
    assert "没有生效" not in page or "错误编号" in page
    client.cookies["django_language"] = "en"
    assert "回首页" not in told(client.get(reverse("portal:matters")), code)


def test_the_page_of_a_fault_asks_the_database_nothing(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    client = browser()
    client.raise_request_exception = False
    monkeypatch.setattr("shouwen.portal.doors.signed_in", raising(RuntimeError()))
    with django_assert_num_queries(0):
        told(client.get(reverse("portal:home")), 500)


def test_words_that_were_not_taken_stand_on_the_page_and_can_be_sent_again(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, case = browser(), repair(cast, person_id=cast.mei.pk)
    client.raise_request_exception = False
    url = reverse("portal:act", args=[case.pk, "say"])
    with monkeypatch.context() as broken:
        broken.setattr("shouwen.portal.acts.actions.say", raising(ZeroDivisionError()))
        page = told(client.post(url, {"words": "晚上七点 <以后>"}, **OURS), 500)
    assert "晚上七点 &lt;以后&gt;</textarea>" in page
    assert f'action="{url}"' in page
    with monkeypatch.context() as cut:
        cut.setattr("shouwen.portal.acts.actions.say", raising(OperationalError("gone")))
        page = told(client.post(url, {"words": "晚上七点"}, **OURS), 503)
    assert "晚上七点</textarea>" in page
    assert 'action="' not in page.partition("晚上七点")[0].rpartition("<h1>")[2], (
        "perhaps it was sent: look first"
    )
    assert client.post(url, {"words": "晚上七点以后"}).status_code == 303
    assert Note.objects.filter(case=case).count() == 1


def test_a_stale_form_keeps_its_words_and_choices(cast: Cast, browser: Browser) -> None:
    signed_in = browser()
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in.cookies
    typed = {
        "kind": "repair",
        "text": "厨房漏水",
        "category": "leak",
        "when": "",
        "place": "home",
        "send": "1",
    }
    page = told(elder(client).post(reverse(REPORT), typed, **OURS), 403)
    assert "厨房漏水</textarea>" in page
    assert 'name="category" value="leak"' in page
    assert 'class="elder' in page
    assert 'name="send"' not in page, "a look before it goes out"
    assert "tabs" in page, "still at home"
    token = client.cookies["csrftoken"].value
    again = client.post(reverse(REPORT), typed | {"csrfmiddlewaretoken": token})
    assert again.status_code == 303
    assert Case.objects.get().title == "厨房漏水"


def test_words_of_another_site_are_not_offered_to_be_sent(browser: Browser) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = browser().cookies
    for origin in ({}, {"HTTP_ORIGIN": "https://evil.example"}, {"HTTP_ORIGIN": "null"}):
        page = told(client.post(reverse(REPORT), {"text": "转账"}, **origin), 403)
        assert "转账" not in page


def test_who_is_signed_out_while_writing_still_sees_the_words(cast: Cast, browser: Browser) -> None:
    client, case = browser(), repair(cast, person_id=cast.mei.pk)
    HomeSignIn.objects.all().delete()
    page = told(
        client.post(reverse("portal:act", args=[case.pk, "say"]), {"words": "晚上七点以后"}, **OURS), 403
    )
    assert "您已退出登录" in page
    assert "晚上七点以后</textarea>" in page
    assert case.title not in page
    assert reverse("portal:sign_in") in page
    assert client.post(reverse("portal:act", args=[case.pk, "urge"])).status_code == 302


def test_an_address_that_is_only_pressed_leads_back_to_its_page(cast: Cast, browser: Browser) -> None:
    case = repair(cast, person_id=cast.mei.pk)
    matter = reverse("portal:matter", args=[case.pk])
    for name, kwargs, goal in (
        ("act", {"key": case.pk, "name": "say"}, matter),
        ("mode", {}, reverse("portal:me")),
        ("number", {}, reverse("portal:sign_in")),
    ):
        answer = browser().get(reverse(f"portal:{name}", kwargs=kwargs))
        assert (answer.status_code, answer["Location"]) == (302, goal)
    assert browser().put(reverse("portal:mode")).status_code == 405


def test_a_missing_slash_is_forgiven_and_a_wrong_address_told_at_home(browser: Browser) -> None:
    client = browser()
    answer = client.get("/my/matters")
    assert (answer.status_code, answer["Location"]) == (302, "/my/matters/")
    assert "tabs" in told(client.get("/my/nothing"), 404)


def test_the_staff_s_faults_keep_the_staff_s_look(client: Client) -> None:
    page = client.get("/nothing/").content.decode()
    assert "portal.css" not in page
