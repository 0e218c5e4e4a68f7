"""What the scripts add where an answer is lost, and where a choice is one of many."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from shouwen.cases.models import Case
from shouwen.front import errors
from tests.browser.steps import press
from tests.browser.test_board import opened
from tests.cases.test_actions import take
from tests.cast import Cast, make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


def test_a_lost_answer_is_said_and_the_form_stays(
    crowd: Cast, live_server: Any, chromium: Any, rf: Any
) -> None:
    """First the house says that its database was cut off, then nothing answers; the third press is made."""
    case = take(crowd, crowd.bob)
    page = opened(chromium, live_server.url, crowd.bob)
    page.goto(f"{live_server.url}{reverse('case', args=[case.pk])}")
    press(page, "U")
    words = page.locator("#act textarea")
    words.fill("又来问了一次")
    broken = errors.page(rf.post("/", headers={"HX-Request": "true"}), 503, "和数据库的连接断了")
    answers = iter(
        (lambda route: route.fulfill(status=503, body=broken.content), lambda route: route.abort())
    )

    def answer(route: Any) -> None:
        next(answers, lambda one: one.continue_())(route)

    page.route(re.compile("/urge/"), answer)
    said = page.locator("#messages [data-failed]")
    for told in ("和数据库的连接断了", "没有连上服务器"):
        page.locator("#act .btn.primary").click()
        said.filter(has_text=told).wait_for()
        assert (said.count(), words.input_value()) == (1, "又来问了一次")
    page.locator("#act .btn.primary").click()
    page.locator(".toast", has_text="催办").wait_for()
    assert Case.objects.get().urges == 1
    page.context.close()


def test_a_post_is_found_by_words_pinyin_and_initials(crowd: Cast, live_server: Any, chromium: Any) -> None:
    page = opened(chromium, live_server.url, crowd.alice)
    page.goto(f"{live_server.url}{reverse('staff_new')}")
    box, choice = page.locator("input.find"), page.locator("select[name=post]")
    shown = "select => [...select.options].filter((one) => one.value).map((one) => one.text)"
    box.wait_for()
    every = choice.evaluate(shown)
    for typed, found in (
        ("bao", ["保安部", "保安门岗", "保洁", "报修投诉热线"]),
        ("gcjg", ["工程技工"]),
        ("gongchengbu", ["工程部主管"]),
        ("热线", ["报修投诉热线"]),
        ("qq", []),
    ):
        box.fill(typed)
        assert sorted(choice.evaluate(shown)) == sorted(found)
        assert bool(choice.input_value()) == (len(found) == 1), "nothing is chosen by chance"
    box.fill("")
    assert choice.evaluate(shown) == every
    assert page.locator("select[name=post] optgroup").count() > 5
    page.context.close()
