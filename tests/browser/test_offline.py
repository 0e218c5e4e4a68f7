"""The technician without a line: cut at every step, the browser killed in between, nothing lost, nothing doubled."""

from __future__ import annotations

import pytest

from shouwen.kernel.models import Entry
from shouwen.works import actions as works
from shouwen.works.codes import code_of
from shouwen.works.models import Order, State
from tests.browser.steps import (
    MINE,
    STEPS,
    VERBS,
    arrive,
    arrived,
    before,
    crowd,
    done_once,
    finish,
    material,
    opened,
    order,
    resume,
    shot,
    told,
)
from tests.browser.telephone import Signal, Telephone, signal, telephone
from tests.cast import Cast, make_staff, make_unit
from tests.works.test_actions import leak

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
__all__ = ["crowd", "order", "signal", "telephone"]


@pytest.mark.slow
def test_a_whole_job_in_a_cellar_with_the_browser_killed_after_every_step(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    page = opened(telephone, crowd, order)
    signal.cut()
    for n, step in enumerate(STEPS, 1):
        step(telephone.page)
        telephone.until(lambda n=n: len(telephone.pocket()) == n, f"{n} actions in the pocket")
        telephone.restart(MINE)
        page = telephone.page
        assert len(telephone.pocket()) == n, "what was pressed is on the disk"
        page.locator("#pocket-bar").get_by_text(f"{n} 条已存本机").wait_for()
    page.locator(".stand.over").wait_for()
    assert told(order) == []
    signal.mend()
    telephone.empty()
    done_once(order)
    happened = [e.at for e in Entry.objects.filter(matter_id=order.case_id, verb__in=VERBS).order_by("id")]
    assert happened == sorted(happened)


@pytest.mark.slow
def test_the_answer_is_lost_at_every_step_and_everything_is_done_once(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    """The house does it, the telephone does not hear so, and dies. It asks again, under the same key."""
    opened(telephone, crowd, order)
    for n, step in enumerate(STEPS, 1):
        signal.deafen()
        step(telephone.page)
        telephone.until(lambda n=n: len(told(order)) == n, f"{step.__name__} in the journal")
        assert len(telephone.pocket()) == 1, "without an answer it stays"
        telephone.restart()
        signal.mend()
        telephone.go(MINE)
        telephone.empty()
        assert told(order) == VERBS[:n]
        if step is not finish:
            telephone.page.locator(".stand:visible .big-btn").first.wait_for()
    done_once(order)


def test_the_line_is_cut_in_the_middle_of_a_photo(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    page = opened(telephone, crowd, order)
    signal.limit(60_000)
    page.locator("#photo-before").set_input_files(shot(size=(1800, 1400), noise=True))
    telephone.until(lambda: not signal.up, "a cut in the middle of the upload")
    assert len(telephone.pocket()) == 1
    telephone.restart()
    signal.mend()
    telephone.go(MINE)
    telephone.empty()
    assert order.case.photos.count() == 1


def test_a_kept_page_that_is_older_than_what_was_acknowledged_goes_on_from_there(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    """The house took it, and the line went before the page was drawn again."""
    page = opened(telephone, crowd, order)
    page.evaluate(
        """() => { const real = window.fetch; window.fetch = (url, given) =>
        given?.method === "POST" ? real(url, given) : Promise.reject(new TypeError("no line")); }"""
    )
    arrived(telephone, order)
    before(page)
    telephone.until(lambda: order.case.photos.count() == 1, "the photo")
    telephone.empty()
    signal.cut()
    telephone.restart(MINE)
    page = telephone.page
    page.locator(".stand:visible").get_by_text("拍修后照片").wait_for()
    page.locator(".waits img").wait_for()
    page.locator("#job .waiting").wait_for(state="hidden")
    material(page)
    telephone.until(lambda: len(telephone.pocket()) == 1, "the parts")
    signal.mend()
    telephone.go(MINE)
    telephone.empty()
    order.refresh_from_db()
    assert (order.materials, told(order)) == ("角阀 1 个", VERBS[:1] + VERBS[5:6] + VERBS[2:3])


def test_the_kept_page_of_an_order_learns_what_was_acknowledged(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    """Arrived with a line, a look at the list, and down into the cellar: the order's own page knows that one is there."""
    opened(telephone, crowd, order)
    page, url = telephone.page, f"/orders/{order.pk}"
    telephone.context.add_init_script(
        f"""const real = window.fetch; window.fetch = (to, given) => new URL(to, location.href).pathname === "{url}"
        ? Promise.reject(new TypeError("no line")) : real(to, given);"""
    )
    telephone.go(url)
    arrived(telephone, order)
    telephone.go(MINE)
    page.locator(".stand:visible").get_by_text("拍修前照片").wait_for()
    signal.cut()
    telephone.go(url)
    page.locator(".stand:visible").get_by_text("拍修前照片").wait_for()
    assert not page.locator(".stand:visible").get_by_role("button", name="到场").count()


def test_without_a_network_it_says_so_and_claiming_waits_for_one(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    other = leak(crowd, unit_id=make_unit(crowd.community, "3-1-0702").pk, title="面盆下水漏")
    page = opened(telephone, crowd, order)
    bar = page.locator("#pocket-bar")
    telephone.context.set_offline(True)
    bar.get_by_text("没有网络 照常办").wait_for()
    page.locator(".next-job").get_by_role("button", name="抢单").click()
    bar.get_by_text("这一步要联网才能办").wait_for()
    assert Order.objects.get(pk=other.pk).state == State.POOL
    arrive(page)
    bar.get_by_text("1 条已存本机").wait_for()
    bar.get_by_role("button", name="查看").click()
    page.locator("#pocket").get_by_text("3-1-1201 到场").wait_for()
    page.locator("#pocket [data-pocket-close]").click()
    telephone.context.set_offline(False)
    telephone.empty()
    bar.get_by_text("都送到了").wait_for()
    assert told(order) == ["order:arrived"]


def test_an_order_that_comes_next_opens_in_the_cellar_and_goes_on(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    second = leak(crowd, unit_id=make_unit(crowd.community, "3-1-0702").pk, title="面盆下水漏")
    works.assign(second.pk, actor=crowd.actor(crowd.bob), technician_id=crowd.wen.pk)
    page = opened(telephone, crowd, order)
    signal.cut()
    row = page.locator(".next-job", has_text="3-1-0702")
    row.get_by_role("button", name="接单").click()
    row.get_by_role("link", name="去处理").click()
    page.locator("#job-title", has_text="3-1-0702").wait_for()
    arrive(page)
    before(page)
    telephone.until(lambda: len(telephone.pocket()) == 3, "three actions")
    page.locator(".stand:visible").get_by_text("拍修后照片").wait_for()
    page.locator(".waits img").wait_for()  # one, or it is refused
    page.goto(f"{signal.url}/orders/00000000-0000-7000-8000-000000000000")
    page.get_by_text("这一页在手机里没有存过").wait_for()
    signal.mend()
    telephone.go(MINE)
    telephone.empty()
    second.refresh_from_db()
    assert (second.state, second.case.photos.get().stage) == (State.ON_SITE, "before")


def test_a_press_during_an_acknowledgement_goes_on_from_it(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    """The signature is still being drawn up when the house takes the action before it: it is no stale one."""
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    works.pause(order.pk, actor=crowd.actor(crowd.wen), reason="parts")
    page = opened(telephone, crowd, order)
    signal.cut()
    resume(page)
    page.evaluate(
        """() => { const real = HTMLCanvasElement.prototype.toBlob; const ready = new Promise((go) => { window.ready = go; });
        HTMLCanvasElement.prototype.toBlob = function (...given) { ready.then(() => real.apply(this, given)); }; }"""
    )
    page.locator(".stand:visible .more summary").click()
    finish(page, ".stand:visible [data-sheet=finish]")
    signal.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    telephone.until(lambda: told(order)[-1] == "order:resumed", "the clock runs again")
    telephone.empty()
    page.evaluate("window.ready()")
    telephone.until(lambda: told(order)[-1] == "order:finished", "the end")
    telephone.empty()


def test_a_refused_action_shows_both_versions_and_loses_nothing(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    wen, page = crowd.actor(crowd.wen), opened(telephone, crowd, order)
    arrived(telephone, order)
    signal.cut()
    material(page)
    before(page)
    telephone.until(lambda: len(telephone.pocket()) == 2, "two actions")
    works.pause(order.pk, actor=wen, reason="parts")  # meanwhile, from another telephone
    telephone.restart()
    signal.mend()
    telephone.go(MINE)
    page = telephone.page
    bar = page.locator("#pocket-bar")
    bar.get_by_text("1 条要看一看").wait_for()
    assert not order.case.photos.exists(), "what stands behind it waits"
    bar.get_by_role("button", name="查看").click()
    panel = page.locator("#pocket")
    refused = panel.locator(".refused")
    refused.get_by_text("角阀 1 个").wait_for()
    assert "停表" in refused.inner_text()
    panel.get_by_text("等前一条办好").wait_for()
    telephone.restart(MINE)
    page = telephone.page
    page.locator("#pocket-bar").get_by_role("button", name="查看").click()
    page.locator("#pocket").get_by_role("button", name="按我的再送").click()
    telephone.empty()
    order.refresh_from_db()
    assert (order.materials, order.case.photos.count()) == ("角阀 1 个", 1)


def test_an_order_that_went_to_somebody_else_keeps_the_photo_until_it_is_thrown_away(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    page = opened(telephone, crowd, order)
    arrived(telephone, order)
    signal.cut()
    before(page)
    telephone.until(lambda: len(telephone.pocket()) == 1, "the photo")
    sun = make_staff("sun", "孙志强", "engineering", crowd.community)
    Order.objects.filter(pk=order.pk).update(technician=sun)
    signal.mend()
    telephone.go(MINE)
    page.locator("#pocket-bar").get_by_text("1 条要看一看").wait_for()
    page.locator("#pocket-bar").get_by_role("button", name="查看").click()
    item = page.locator("#pocket .refused")
    assert "这张单派给了别人" in item.inner_text()
    assert "孙志强" in item.inner_text()
    item.locator("img").wait_for()
    item.get_by_role("button", name="不要了").click()
    assert len(telephone.pocket()) == 1, "one press is not enough"
    item.get_by_role("button", name="再按一次就删掉").click()
    telephone.empty()


def test_a_wrong_code_comes_back_to_be_mended(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    page = opened(telephone, crowd, order)
    signal.cut()
    page.locator(".stand:visible .more summary").click()
    page.locator(".stand:visible [data-sheet=finish]").click()
    sheet = page.locator("#act")
    sheet.locator("[name=result]").fill("换了角阀")
    sheet.locator(".big-btn").click()
    assert not telephone.pocket(), "without a confirmation it is not pressed"
    right = code_of(order)
    sheet.locator("[name=code]").fill(f"{(int(right) + 1) % 1_000_000:06d}")
    sheet.locator(".big-btn").click()
    page.locator(".stand.over").wait_for()
    signal.mend()
    telephone.go(MINE)
    page.locator("#pocket-bar").get_by_text("1 条要看一看").wait_for()
    page.locator("#pocket-bar").get_by_role("button", name="查看").click()
    assert "确认码不对" in page.locator("#pocket .refused").inner_text()
    page.locator("#pocket").get_by_role("button", name="改一改").click()
    assert sheet.locator("[name=result]").input_value() == "换了角阀"
    sheet.locator("[name=code]").fill(right)
    sheet.locator(".big-btn").click()
    telephone.empty()
    order.refresh_from_db()
    assert (order.state, order.confirmed_how) == (State.CLOSED, "code")


def test_a_portal_that_answers_everything_is_not_believed(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    page = opened(telephone, crowd, order)
    signal.answer_everything()
    arrive(page)
    telephone.until(lambda: len(telephone.pocket()) == 1, "one action")
    page.locator("#pocket-bar").get_by_text("1 条已存本机").wait_for()
    signal.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    telephone.empty()
    assert told(order) == ["order:arrived"]


def test_words_typed_and_not_pressed_survive_the_browser(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    works.arrive(order.pk, actor=crowd.actor(crowd.wen))
    page = opened(telephone, crowd, order)
    signal.cut()
    page.locator(".stand:visible .more summary").click()
    page.locator(".stand:visible [data-sheet=finish]").click()
    page.locator("#act [name=result]").fill("角阀锈死，换了新的")
    page.wait_for_timeout(600)
    telephone.restart(MINE)
    page = telephone.page
    page.locator(".stand:visible .more summary").click()
    page.locator(".stand:visible [data-sheet=finish]").click()
    page.locator("#act [data-draft-note]").wait_for()
    assert page.locator("#act [name=result]").input_value() == "角阀锈死，换了新的"


def test_it_goes_out_by_itself_with_every_page_closed(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    """Where the browser wakes the worker when the line is back (background sync)."""
    page = opened(telephone, crowd, order)
    signal.cut()
    arrive(page)
    telephone.until(lambda: len(telephone.pocket()) == 1, "one action")
    signal.mend()
    session = telephone.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda e: found.extend(r["registrationId"] for r in e["registrations"]),
    )
    session.send("ServiceWorker.enable")
    telephone.until(lambda: bool(found), "the registration")
    page.goto("about:blank")
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": signal.url, "registrationId": found[0], "tag": "pocket", "lastChance": False},
    )
    telephone.until(lambda: told(order) == ["order:arrived"], "the arrival in the journal")
