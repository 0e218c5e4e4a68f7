"""What must never be hidden: the button that sends a form, the moves of a case, anything under a toast."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from shouwen.cases.models import Case
from tests.browser.test_board import opened
from tests.cases.test_actions import take
from tests.cast import Cast, make_cast, make_staff
from tests.works.test_actions import leak

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
# A screen of 1366 × 768 leaves the page about 640 beneath the browser's own bars.
SIZES = ({"width": 1440, "height": 900}, {"width": 1366, "height": 640}, {"width": 1024, "height": 700})
TELEPHONE = {"width": 390, "height": 844}
# Which of the things that can be pressed lie under a toast, even by a pixel.
COVERED = """() => {
  const toast = document.querySelector(".toast").getBoundingClientRect();
  const pressed = [...document.querySelectorAll("a, button, input, textarea, select, summary, label")];
  return pressed.filter((one) => !one.closest(".toast") && one.checkVisibility()).filter((one) => {
    const box = one.getBoundingClientRect();
    const at = [(Math.max(box.left, toast.left) + Math.min(box.right, toast.right)) / 2,
                (Math.max(box.top, toast.top) + Math.min(box.bottom, toast.bottom)) / 2];
    const meets = box.left < toast.right && toast.left < box.right && box.top < toast.bottom && toast.top < box.bottom;
    if (!meets) return false;
    // What its pane has scrolled out of sight is not covered: it is clipped before it gets there.
    for (let pane = one.parentElement; pane; pane = pane.parentElement) {
      const clip = pane.getBoundingClientRect();
      const end = clip.bottom - parseFloat(getComputedStyle(pane).borderBottomWidth);
      if (getComputedStyle(pane).overflowY !== "visible" && at[1] > end) return false;
    }
    return true;
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
INSIDE = (
    """(box) => { const at = box.getBoundingClientRect(); return at.top >= 0 && at.bottom <= innerHeight; }"""
)


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


def many(cast: Cast) -> Case:
    """So many cases that the list is full to the last line."""
    for number in range(24):
        take(cast, cast.bob, kind="inquiry", category="fee", title=f"第 {number} 问", unit_id=cast.unit.pk)
    return Case.objects.order_by("turn")[0]


@pytest.mark.parametrize("size", [*SIZES, TELEPHONE], ids=lambda s: str(s["width"]))
def test_a_toast_covers_nothing_that_can_be_pressed(
    crowd: Cast, live_server: Any, chromium: Any, size: dict[str, int]
) -> None:
    case = many(crowd)
    page = opened(chromium, live_server.url, crowd.bob)
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}{reverse('desk', args=['received'])}?case={case.pk}")
    page.locator(".actions a", has_text="催办").click()
    page.locator("#act .primary").click()
    page.locator(".toast", has_text=f"{case.place} 已催办").wait_for()
    assert page.evaluate(COVERED) == []
    assert page.locator(".case-foot .actions").evaluate(INSIDE), "the moves are still there"
    if size == TELEPHONE:
        tabs, toast = page.locator(".tabs").bounding_box(), page.locator(".toast").bounding_box()
        assert toast["y"] + toast["height"] <= tabs["y"], "above the tab bar"
    else:
        assert page.locator(f"#row-{case.pk}").count(), "a move leads back to the list where it was made"
    page.context.close()


@pytest.mark.parametrize("size", [*SIZES, TELEPHONE], ids=lambda s: str(s["width"]))
def test_what_sends_a_move_never_leaves(
    crowd: Cast, live_server: Any, chromium: Any, size: dict[str, int]
) -> None:
    """Nine candidates are more than the pane has room for: they scroll, the buttons stay."""
    for number in range(9):
        make_staff(f"hand{number}", f"技工{number}", "engineering", crowd.community)
    order = leak(crowd)
    page = opened(chromium, live_server.url, crowd.bob)
    page.set_viewport_size(size)
    page.goto(f"{live_server.url}{reverse('desk', args=['pool'])}?case={order.case_id}")
    page.locator(".actions a", has_text="派工").click()
    page.locator("#act .primary").wait_for()
    assert page.locator("#act .primary").evaluate(INSIDE)
    assert page.locator(".case-foot .actions").evaluate(INSIDE)
    foot, pane = page.locator(".case-foot").bounding_box(), page.locator(".case").bounding_box()
    assert foot["y"] + foot["height"] <= pane["y"] + pane["height"] + 1
    page.context.close()


def test_a_long_form_keeps_its_button_in_sight(crowd: Cast, live_server: Any, chromium: Any) -> None:
    page = opened(chromium, live_server.url, crowd.bob)
    page.set_viewport_size(SIZES[1])
    page.goto(f"{live_server.url}{reverse('intake')}?kind=complaint&unit={crowd.unit.pk}")
    send = page.locator(".intake-form .buttons .primary")
    assert send.evaluate(INSIDE)
    page.locator("#id_happened_at").focus()
    field, bar = page.locator("#id_happened_at").bounding_box(), page.locator(".buttons").bounding_box()
    assert field["y"] + field["height"] <= bar["y"], "the field in hand is never under the bar"
    page.context.close()


def test_on_a_telephone_the_menu_changes_light_and_density(
    crowd: Cast, live_server: Any, chromium: Any
) -> None:
    page = opened(chromium, live_server.url, crowd.bob)
    page.set_viewport_size(TELEPHONE)
    page.goto(live_server.url + reverse("desk", args=["today"]))
    page.locator(".menu.user summary").click()
    page.get_by_role("button", name="深", exact=True).click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("button", name="紧凑").click()
    assert page.locator("html").get_attribute("data-density") == "tight"
    page.context.close()
