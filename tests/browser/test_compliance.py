"""The compliance board under the fingers: arrows walk the cells, Enter opens, Escape closes, B and G press; 390 and dark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from shouwen.kernel import clock
from shouwen.people.models import SignIn
from tests.browser.steps import press
from tests.browser.test_board import opened
from tests.browser.test_pages import AXE, Walk
from tests.cast import make_cast
from tests.reports.test_compliance import owe

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
FOCUSED = "document.activeElement.id"


def test_a_manager_walks_from_cell_to_cell_to_its_duties(live_server: Any, chromium: Any) -> None:
    if not AXE.exists():
        pytest.skip("没有安装 axe-core / no axe-core: npm ci")
    cast = make_cast()
    SignIn.objects.create(staff=cast.alice, session_key="s" * 32, at=clock.now())
    today = clock.start_of_day(clock.today()) - timedelta(minutes=1)
    for back, state in ((0, "late"), (1, "met"), (2, "breached")):
        owe(cast.community, state, today - timedelta(days=back), owner_id=cast.bob.pk, unit_id=cast.unit.pk)
    owe(cast.community, "excused", today - timedelta(days=1), clause="log.review")
    walk = Walk(opened(chromium, live_server.url, cast.alice), live_server.url, set())
    page, at = walk.page, reverse("compliance")
    walk.look(f"{at}?period=day")
    days = [f"{clock.today() - timedelta(days=n):%m%d}" for n in range(4)]
    page.locator(f"[id='follow_up-{days[1]}']").focus()
    press(page, "ArrowLeft")
    assert page.evaluate(FOCUSED) == f"follow_up-{days[2]}"
    press(page, "ArrowUp")  # over the heading of a chapter
    assert page.evaluate(FOCUSED) == f"log.review-{days[2]}"
    press(page, "ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#behind").wait_for()
    assert page.locator("#behind h2").inner_text() == "回访"
    assert page.evaluate(FOCUSED) == f"follow_up-{days[2]}"
    walk.inspect("pane")
    press(page, "Escape")
    page.locator("#behind").wait_for(state="detached")
    assert page.evaluate(FOCUSED) == f"follow_up-{days[2]}"
    press(page, "B")
    page.wait_for_url("**wrong=1**")
    page.locator("[data-grid] a.o-excused").wait_for(state="detached")
    page.locator("[data-grid] a.o-breached").click()
    press(page, "G")
    page.wait_for_url("**/tasks/new/**")
    assert page.locator("[name=words]").input_value().startswith("整改：回访")
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": live_server.url}])
    for query in ("?period=day", f"?period=day&clause=follow_up&at={clock.today() - timedelta(days=1)}"):
        walk.look(at + query, mode="390 dark")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)
