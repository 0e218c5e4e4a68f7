"""What a technician presses on a telephone, from arrival to the signature, and what the house must know of it once."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from shouwen.cases.models import Case, Photo
from shouwen.kernel.models import Entry
from shouwen.works import actions as works
from shouwen.works.models import Order, State
from tests.browser.telephone import Telephone
from tests.cast import Cast, make_cast
from tests.works.test_actions import leak

MINE = "/orders/mine"


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def order(crowd: Cast) -> Order:
    return works.claim(leak(crowd, person_id=crowd.mei.pk).pk, actor=crowd.actor(crowd.wen))


def shot(
    colour: str = "#88aacc", size: tuple[int, int] = (900, 600), *, noise: bool = False, kind: str = "JPEG"
) -> dict[str, Any]:
    """A photo for a file field; with ``noise`` as big as one from a camera."""
    out = BytesIO()
    made = Image.effect_noise(size, 60).convert("RGB") if noise else Image.new("RGB", size, colour)
    made.save(out, kind, quality=90)
    return {"name": "site.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def press(page: Any, key: str) -> None:
    """A key does nothing before the page's script runs; a link pressed before that opens a page of its own."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def arrive(page: Any) -> None:
    page.locator(".stand:visible").get_by_role("button", name="到场").click()


def arrived(telephone: Telephone, order: Order) -> None:
    """Press, and wait until the house knows: an empty pocket alone may not hold the press yet."""
    arrive(telephone.page)
    telephone.until(lambda: told(order) == ["order:arrived"], "the arrival")
    telephone.empty()


def before(page: Any) -> None:
    page.locator("#photo-before").set_input_files(shot("#aa8866"))


def material(page: Any) -> None:
    page.locator(".stand:visible [data-sheet=material]").click()
    page.locator("#act [name=materials]").fill("角阀 1 个")
    page.locator("#act .big-btn").click()


def pause(page: Any) -> None:
    page.locator(".stand:visible [data-sheet=pause]").click()
    page.locator("#act").get_by_label("等备件").check()
    page.locator("#act .big-btn").click()


def resume(page: Any) -> None:
    page.locator(".stand:visible").get_by_role("button", name="继续").click()


def after(page: Any) -> None:
    page.locator("#photo-after").set_input_files(shot("#66aa88"))


def finish(page: Any, button: str = ".stand:visible .big-btn[data-sheet=finish]") -> None:
    page.locator(button).click()
    sheet = page.locator("#act")
    sheet.locator("[name=result]").fill("换了角阀")
    sheet.locator("[name=minutes]").fill("40")
    sign(page)
    sheet.locator(".big-btn").click()


def sign(page: Any) -> None:
    pad = page.locator("#act .pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for n in range(12):
        page.mouse.move(box["x"] + 30 + 20 * n, box["y"] + 40 + 50 * (n % 2))
    page.mouse.up()


STEPS = (arrive, before, material, pause, resume, after, finish)
VERBS = [
    "order:arrived", "case:photographed", "order:materials", "order:paused", "order:resumed", "case:photographed",
    "order:finished",
]  # fmt: skip


def told(order: Order) -> list[str]:
    """What the technician did, as the journal has it."""
    wanted = {*VERBS}
    return [e.verb for e in Entry.objects.filter(matter_id=order.case_id).order_by("id") if e.verb in wanted]


def done_once(order: Order) -> None:
    assert told(order) == VERBS
    order.refresh_from_db()
    assert (order.state, order.result, order.minutes, order.materials, order.confirmed_how) == (
        State.CLOSED, "换了角阀", 40, "角阀 1 个", "signature",
    )  # fmt: skip
    assert [p.stage for p in Photo.objects.order_by("id")] == ["before", "after"]
    assert Case.objects.get(pk=order.case_id).state == "done"


def opened(telephone: Telephone, crowd: Cast, order: Order) -> Any:
    telephone.sign_in(crowd.wen)
    telephone.go(MINE)
    telephone.ready()
    telephone.page.locator(".stand:visible .big-btn").first.wait_for()
    return telephone.page
