"""The technician's telephone itself: its camera, its memory, its size, plain http, no script, an application of its own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image

from shouwen.cases.models import Photo
from shouwen.kernel.models import Entry
from shouwen.works import actions as works
from shouwen.works.models import Order, State
from tests.browser.steps import MINE, arrive, arrived, before, crowd, material, opened, order, shot, told
from tests.browser.telephone import Signal, Telephone, signal, telephone
from tests.browser.test_board import opened as plain_page
from tests.browser.test_pages import AXE, LEVELS, LOOK, WATCH
from tests.cast import Cast, make_unit
from tests.works.test_actions import leak

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
__all__ = ["crowd", "order", "signal", "telephone"]
TARGET = 60


def test_twelve_megapixels_are_made_small_before_they_are_kept(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    page = opened(telephone, crowd, order)
    photo = shot(size=(4000, 3000), noise=True)
    assert len(photo["buffer"]) > 3_000_000
    signal.cut()
    page.locator("#photo-before").set_input_files(photo)
    telephone.until(lambda: len(telephone.pocket()) == 1, "the photo", 40)
    assert telephone.pocket()[0]["sizes"][0] < len(photo["buffer"]) / 2
    signal.mend()
    telephone.go(MINE)
    telephone.empty()
    kept = Photo.objects.get().file
    assert (kept.width, kept.height) == (2048, 1536)


def test_a_photo_that_this_browser_can_not_read_goes_as_it_is(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    """HEIC of an iPhone."""
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    page = opened(telephone, crowd, order)
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.effect_noise((1600, 1200), 80).convert("RGB")).save(out, quality=95)
    assert len(out.getvalue()) > 300_000
    heic = {"name": "IMG_0042.HEIC", "mimeType": "image/heic", "buffer": out.getvalue()}
    page.locator("#photo-before").set_input_files(heic)
    telephone.until(Photo.objects.exists, "the photo")
    telephone.empty()
    kept = Photo.objects.get().file
    assert (kept.mime, kept.width, kept.height) == ("image/jpeg", 1600, 1200)


def test_what_is_no_photo_is_refused_and_can_be_thrown_away(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    page = opened(telephone, crowd, order)
    page.locator("#photo-before").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"GIF89a not a photo"}
    )
    page.locator("#pocket-bar").get_by_text("1 条要看一看").wait_for()
    page.locator("#pocket-bar").get_by_role("button", name="查看").click()
    assert "没有办成" in page.locator("#pocket .refused").inner_text()
    assert not Photo.objects.exists()


def test_a_full_telephone_says_so_and_with_a_line_sends_at_once(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    page = opened(telephone, crowd, order)
    telephone.fill_up()
    signal.cut()
    before(page)
    bar = page.locator("#pocket-bar")
    bar.get_by_text("手机存满了").wait_for()
    bar.get_by_text("刚才这一条没有存下").wait_for()
    signal.mend()
    page.locator("#photo-before").set_input_files(shot("#aa8866"))
    telephone.until(Photo.objects.exists, "the photo, sent without being kept")


def test_over_plain_http_it_says_what_is_missing_and_still_works(
    crowd: Cast, order: Order, signal: Signal, chromium: Any, tmp_path: Path
) -> None:
    lan = f"http://house.lan:{signal.port}"
    telephone = Telephone(
        chromium.browser_type, tmp_path / "lan", lan, "--host-resolver-rules=MAP house.lan 127.0.0.1"
    )
    telephone.sign_in(crowd.wen)
    telephone.go(MINE)
    page = telephone.page
    assert page.evaluate("isSecureContext") is False
    page.get_by_text("没有网络时打不开这一页").wait_for()
    arrive(page)
    telephone.until(lambda: told(order) == ["order:arrived"], "the arrival")
    page.locator(".stand:visible").get_by_text("拍修前照片").wait_for()
    signal.cut()
    material(page)
    before(page)
    page.locator("#pocket-bar").get_by_text("2 条已存本机").wait_for()
    signal.mend()
    telephone.empty()
    assert told(order) == ["order:arrived", "order:materials", "case:photographed"]
    telephone.kill()


def test_without_a_script_the_forms_do_it(crowd: Cast, order: Order, live_server: Any, chromium: Any) -> None:
    page = plain_page(chromium, live_server.url, crowd.wen, javascript=False)
    page.goto(live_server.url + MINE)
    assert page.locator("#insecure").is_hidden()
    page.locator(".stand:visible").get_by_role("button", name="到场").click()
    page.locator("#photo-before").set_input_files(shot())
    page.locator(".shot:visible").get_by_role("button", name="上传").click()
    page.get_by_text("收下 1 张照片").wait_for()
    page.locator(".stand:visible .more summary").click()
    page.locator(".stand:visible [data-sheet=finish]").click()
    page.locator("[name=result]").fill("换了角阀")
    page.locator("[name=signature]").set_input_files(shot(kind="PNG"))
    page.locator("form.form .btn.primary").click()
    page.wait_for_url("**/orders/mine")
    order.refresh_from_db()
    assert (order.state, order.confirmed_how) == (State.CLOSED, "signature")
    page.context.close()


def test_the_household_is_called_by_one_press_and_that_is_on_record(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    page = opened(telephone, crowd, order)
    signal.cut()
    page.locator("[data-dial] button").click()
    page.locator("#pocket-bar").get_by_text("这一步要联网才能办").wait_for()
    signal.mend()
    page.evaluate(
        "addEventListener('click', (event) => { window.dialled ||= event.target.href || ''; }, true)"
    )
    page.locator("[data-dial] button").click()
    page.locator("a.soft[data-dialled]").wait_for()
    assert page.evaluate("window.dialled").startswith("tel:")
    assert Entry.objects.filter(verb="order:phone_shown", matter_id=order.case_id).count() == 1


def test_it_can_be_put_on_the_home_screen(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    telephone.context.add_init_script(WATCH)
    page = opened(telephone, crowd, order)
    session = telephone.context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    assert '"display": "standalone"' in found["data"]
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    assert page.evaluate("window.blocked") == []
    worker = page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.scope)")
    assert worker == f"{signal.url}/orders/", "the desk's pages are none of its business"


def small(page: Any) -> list[str]:
    """What can be pressed in the work and is lower or narrower than 60 pixels."""
    wanted = (
        ".job .big-btn, .job .btn, .job .soft, .next-job .btn, .add-photo, .pocket .btn, #act input:not(.sr), #act textarea, "
        "#act label:has(input)"
    )
    return page.evaluate(
        """([wanted, least]) => [...document.querySelectorAll(wanted)].filter((e) => e.checkVisibility() &&
        !(e.type === "radio")).map((e) => [e, e.getBoundingClientRect()]).filter(([e, box]) => box.height < least
        || box.width < least).map(([e, box]) => `${e.className || e.name || e.textContent} ${box.width}×${box.height}`)""",
        [wanted, TARGET],
    )  # fmt: skip


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_press_is_sixty_pixels_and_axe_has_nothing_to_say(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone, mode: str
) -> None:
    if not AXE.exists():
        pytest.skip("没有安装 axe-core / no axe-core: npm ci")
    second = leak(crowd, unit_id=make_unit(crowd.community, "3-1-0702").pk, title="面盆下水漏")
    works.assign(second.pk, actor=crowd.actor(crowd.bob), technician_id=crowd.wen.pk)
    telephone.context.add_init_script(path=AXE)
    telephone.page.emulate_media(color_scheme=mode, reduced_motion="reduce")
    page = opened(telephone, crowd, order)

    def clean(where: str) -> None:
        assert small(page) == [], where
        assert page.evaluate(LOOK, LEVELS) == [], where
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{where} scrolls sideways"

    clean("accepted")
    arrived(telephone, order)
    signal.cut()
    before(page)
    telephone.until(lambda: len(telephone.pocket()) == 1, "the photo")
    clean("with a photo that waits")
    for name in ("pause", "absent", "material"):
        page.locator(f".stand:visible [data-sheet={name}]").click()
        page.locator("#act form").wait_for()
        clean(f"the form of {name}")
    page.locator(".stand:visible .more summary").click()
    page.locator(".stand:visible [data-sheet=finish]").click()
    page.locator("#act .pad").wait_for()
    clean("the form of finish")
    page.locator("#act [data-sheet-close]").click()
    Order.objects.filter(pk=order.pk).update(version=99)
    material(page)
    signal.mend()
    telephone.go(MINE)
    page.locator("#pocket-bar").get_by_text("1 条要看一看").wait_for()
    page.locator("#pocket-bar").get_by_role("button", name="查看").click()
    page.locator("#pocket .refused").wait_for()
    clean("the list of what waits")
