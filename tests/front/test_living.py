"""Rows that open screens fetch again: who may see one is asked each time, how it looks is drawn once after each fact."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shouwen.cases.models import Case
from shouwen.people.models import Staff
from tests.cases.test_actions import take
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LISTS = [reverse("case_list"), reverse("desk", args=["received"])]
Ask = Callable[..., str]


@pytest.fixture
def ask() -> Ask:
    cache.clear()

    def rows(who: Staff, path: str, case: Case, fact: object = "") -> str:
        browser = Client()
        browser.force_login(who)
        return browser.get(path, headers={"X-Live-Rows": f"{case.pk}@{fact}"}).content.decode()

    return rows


@pytest.mark.parametrize("path", LISTS)
def test_after_one_fact_a_row_is_drawn_once(cast: Cast, ask: Ask, path: str) -> None:
    case, fact = take(cast, cast.alice), uuid4()
    first = ask(cast.alice, path, case, fact)
    assert f'id="row-{case.pk}"' in first
    Case.objects.filter(pk=case.pk).update(title="三楼漏水")
    with CaptureQueriesContext(connection) as asked:
        assert ask(cast.bob, path, case, fact) == first
    assert not [q for q in asked.captured_queries if "duties_duty" in q["sql"]], "nothing was drawn again"
    assert "三楼漏水" in ask(cast.bob, path, case, uuid4()), "a later fact has a drawing of its own"
    assert "三楼漏水" in ask(cast.bob, path, case), "who heard of no fact is told what stands now"


@pytest.mark.parametrize("path", LISTS)
def test_a_row_drawn_for_others_is_not_told_to_who_may_not_see_it(cast: Cast, ask: Ask, path: str) -> None:
    about_bob = take(
        cast, cast.alice, kind="complaint", category="attitude", title="态度", about_id=cast.bob.pk
    )
    fact = uuid4()
    assert str(about_bob.pk) in ask(cast.alice, path, about_bob, fact)
    assert str(about_bob.pk) not in ask(cast.bob, path, about_bob, fact)


def test_the_row_that_is_open_beside_the_list_is_not_drawn_for_others(cast: Cast, ask: Ask) -> None:
    case, fact = take(cast, cast.alice), uuid4()
    path = reverse("desk", args=["received"])
    assert "aria-current" in ask(cast.alice, f"{path}?case={case.pk}", case, fact)
    assert "aria-current" not in ask(cast.bob, path, case, fact)


@pytest.mark.parametrize("told", ["x", "@", "0" * 40, ",,,", "'; drop table", "\u00e9"])
def test_nonsense_in_the_header_is_no_question(cast: Cast, told: str) -> None:
    browser = Client()
    browser.force_login(cast.bob)
    assert 'id="table"' in browser.get(LISTS[0], headers={"X-Live-Rows": told}).content.decode()


@pytest.mark.parametrize("path", LISTS)
def test_a_page_that_fetches_itself_again_does_not_swallow_what_happened(cast: Cast, path: str) -> None:
    """Between a press and its page there is time for another screen's event."""
    case = take(cast, cast.alice)
    browser = Client()
    browser.force_login(cast.alice)
    browser.post(reverse("case_move", args=[case.pk, "note"]), {"words": "住户在家"})
    assert [*browser.get(path, headers={"X-Live": "1"}).context["messages"]] == []
    assert '<div class="toast success">' in browser.get(path).content.decode().partition("<template")[0]


def test_a_part_that_was_asked_for_does_not_swallow_what_happened(cast: Cast) -> None:
    """The question for duplicates that a changed field asked is still out when the matter is registered."""
    case = take(cast, cast.alice)
    browser = Client()
    browser.force_login(cast.alice)
    browser.post(reverse("case_move", args=[case.pk, "note"]), {"words": "住户在家"})
    asked = browser.get(reverse("intake"), headers={"HX-Request": "true", "HX-Target": "duplicates"})
    assert (asked.status_code, [*asked.context["messages"]]) == (200, [])
    assert (
        '<div class="toast success">'
        in browser.get(reverse("intake")).content.decode().partition("<template")[0]
    )
