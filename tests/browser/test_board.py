"""The board by keyboard and mouse in a real browser: a digit sends, Z takes back, a drag sends."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from shouwen.works.models import Order, State
from tests.browser.steps import press
from tests.cast import Cast, make_cast, make_staff
from tests.works.test_actions import leak

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


def opened(chromium: Any, url: str, staff: Any, *, javascript: bool = True) -> Any:
    """A page of the signed-in staff member."""
    client = Client()
    client.force_login(staff)
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", java_script_enabled=javascript
    )
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    return context.new_page()


def test_digit_undo_and_drag(crowd: Cast, live_server: Any, chromium: Any) -> None:
    order = leak(crowd)
    make_staff("gao", "高翔", "engineering", crowd.community)
    page = opened(chromium, live_server.url, crowd.bob)
    page.goto(f"{live_server.url}/orders/board")
    press(page, "1")
    page.get_by_text("3-1-1201 已派给文师傅").wait_for()
    order.refresh_from_db()
    assert (order.state, order.technician_id) == (State.OFFERED, crowd.wen.pk)
    press(page, "Z")
    page.locator("#pool .pool-card").wait_for()
    assert Order.objects.get(pk=order.pk).state == State.POOL
    page.locator("#pool .pool-card").drag_to(page.locator("tr[data-drop]", has_text="高翔"))
    page.get_by_text("3-1-1201 已派给高翔").wait_for()
    assert Order.objects.get(pk=order.pk).state == State.OFFERED
    page.context.close()


def test_many_are_ticked_and_sent_with_the_keyboard_alone(
    crowd: Cast, live_server: Any, chromium: Any
) -> None:
    for n in range(3):
        leak(crowd, title=f"漏水 {n}")
    page = opened(chromium, live_server.url, crowd.bob)
    page.goto(f"{live_server.url}/orders/board")
    bar = page.locator(".pool .bulk")
    assert not bar.is_visible()
    for key in ("j", "x", "j", "x"):
        press(page, key)
    page.locator(".bulk [data-chosen]", has_text="2").wait_for()
    press(page, "x")
    press(page, "x")
    press(page, "d")
    page.get_by_label(crowd.wen.name).check()
    page.locator(".form .btn.primary").click()
    page.get_by_text("派工：2 件都办好了").wait_for()
    assert Order.objects.filter(state=State.OFFERED, technician=crowd.wen).count() == 2
    assert page.url.startswith(f"{live_server.url}/orders/board")
    page.context.close()
