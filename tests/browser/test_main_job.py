"""The main job as its users press it: the desk by keyboard, the technician on a telephone, until the household is satisfied."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image

from shouwen.cases import actions as cases
from shouwen.cases.models import Case, FollowUp, Photo
from shouwen.cases.phrases.actions import add_phrase
from shouwen.kernel import clock
from shouwen.people.models import Draft, Staff
from shouwen.works.models import Order, State
from tests.browser.steps import press
from tests.browser.test_board import opened
from tests.cases.test_actions import take
from tests.cast import PASSWORD, Cast, make_cast, make_staff
from tests.works.test_actions import leak

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TELEPHONE = {"width": 390, "height": 844}
SETTLED = """document.addEventListener("htmx:afterSettle", () => {
  document.body.dataset.settled = document.querySelector("#found .current")?.id || "none";
})"""
"""Which hit is still marked when what came has settled: a hit of the same place gets its own attributes late."""


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


def picture() -> dict[str, Any]:
    out = BytesIO()
    Image.new("RGB", (600, 400), "#88aacc").save(out, "JPEG")
    return {"name": "site.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


class Desk:
    """A signed-in browser at the desk."""

    def __init__(self, chromium: Any, root: str, staff: Staff, start: str) -> None:
        self.page, self.root = opened(chromium, root, staff), root
        self.page.goto(root + start)

    def go(self, url: str) -> None:
        self.page.goto(self.root + url)

    def said(self, words: str) -> None:
        self.page.locator(".toast", has_text=words).wait_for()

    def close(self) -> None:
        self.page.context.close()


def signed_in(chromium: Any, root: str, username: str) -> Any:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
    page.goto(root)
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    press(page, "Enter")
    page.wait_for_url("**/desk/today/")
    return page


def finds_the_home_by_keyboard(page: Any) -> None:
    """Last four digits in the top bar; then I opens the intake, pinyin initials find Mei, arrows and Enter choose her."""
    press(page, "Control+K")
    page.keyboard.type("1201")
    page.locator("#found").get_by_text("梅若兰").first.wait_for()
    press(page, "Escape")
    press(page, "I")
    page.locator("#who").wait_for()
    page.wait_for_load_state("load")
    page.keyboard.type("mrl")
    page.locator("#picks a[data-row]", has_text="梅若兰").wait_for()
    page.locator("#picks a.ready", has_text="梅若兰").wait_for()
    press(page, "ArrowDown")
    assert "梅若兰" in page.evaluate("document.activeElement.textContent")
    press(page, "ArrowUp")
    assert page.evaluate("document.activeElement.id") == "who"
    press(page, "Enter")
    page.locator(".picked", has_text="3-1-1201").wait_for()


def registers(page: Any) -> Case:
    """Words and a photo stay when another kind is looked at; the button is pressed twice."""
    page.locator("#id_title").focus()
    page.keyboard.type("厨房水管滴水")
    press(page, "Tab")
    page.keyboard.type("水槽下面一直滴")
    page.locator("#photos").set_input_files(picture())
    page.locator("#intake-previews img").wait_for()
    page.get_by_role("button", name="投诉").click()
    page.locator("#id_about_id").wait_for()
    assert "kind=complaint" in page.url
    assert page.locator("#intake-previews img").count() == 1
    page.get_by_role("button", name="报修").click()
    page.locator("#id_about_id").wait_for(state="hidden")
    assert page.locator("#id_title").input_value() == "厨房水管滴水"
    page.locator("#id_category").select_option("leak")
    page.locator(".intake-form .btn.primary").dblclick()
    page.locator(".toast", has_text="你是首问责任人").wait_for()
    case = Case.objects.get()
    assert (case.title, case.words, case.asker) == ("厨房水管滴水", "水槽下面一直滴", "梅若兰")
    assert Photo.objects.filter(case=case).count() == 1
    return case


def on_the_telephone(page: Any, root: str, *, turn: int) -> None:
    """Wen takes the order, arrives, stops his clock once, goes on and finishes with the household's name."""
    page.goto(f"{root}{reverse('my_orders')}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out at 390 px"
    page.get_by_role("button", name="接单" if turn == 1 else "抢单").click()
    here = page.locator("#job .stand:visible")
    here.get_by_role("button", name="到场").click()
    if turn == 1:
        here.locator("[data-sheet=pause]").click()
        page.locator("#act").get_by_label("等备件").check()
        form, tabs = page.locator("#act form").bounding_box(), page.locator(".tabs").bounding_box()
        assert form["width"] > 340, "the form is as wide as the telephone"
        assert tabs["y"] + tabs["height"] == TELEPHONE["height"], "the way around stays at the foot"
        page.locator("#act .big-btn").click()
        here.get_by_role("button", name="继续").click()
    here.locator(".more summary").click()
    here.locator("[data-sheet=finish]").click()
    act = page.locator("#act")
    act.locator("[name=result]").fill("更换角阀，试水无渗漏")
    act.locator("[name=minutes]").fill("40")
    act.locator(".big-btn").click()
    assert act.locator("[name=result]").input_value() == "更换角阀，试水无渗漏", "nobody confirmed yet"
    act.locator("[name=confirmed_by]").fill("梅女士")
    act.locator(".big-btn").click()
    for _ in range(100):
        if Order.objects.get(turn=turn).state == State.CLOSED:
            break
        page.wait_for_timeout(100)
    assert Order.objects.get(turn=turn).state == State.CLOSED


def follows_up(page: Any, root: str, case: Case, *, satisfied: bool) -> None:
    page.goto(f"{root}{reverse('desk', args=['done'])}?case={case.pk}")
    press(page, "F")
    act = page.locator("#act")
    act.get_by_label("接通").check()
    act.get_by_label("满意，关闭" if satisfied else "不满意，重新办理", exact=True).check()
    act.locator("[name=words]").fill("修好了" if satisfied else "还在滴")
    press(page, "Control+Enter")
    page.locator(".toast", has_text="住户满意，已关闭" if satisfied else "住户不满意，已重新办理").wait_for()


def test_from_the_first_word_to_satisfied(crowd: Cast, live_server: Any, chromium: Any) -> None:
    root = live_server.url
    bob = signed_in(chromium, root, "bob")
    finds_the_home_by_keyboard(bob)
    case = registers(bob)
    assert case.first_responder == crowd.bob
    press(bob, "D")
    bob.locator("#act").get_by_label("文师傅").check()
    press(bob, "Control+Enter")
    bob.locator(".toast", has_text="已派给文师傅").wait_for()
    wen = opened(chromium, root, crowd.wen)
    wen.set_viewport_size(TELEPHONE)
    on_the_telephone(wen, root, turn=1)
    follows_up(bob, root, case, satisfied=False)
    case.refresh_from_db()
    assert (case.state, case.reopened) == ("received", 1)
    bob.goto(root + reverse("board"))
    bob.locator("#pool .pool-card", has_text="3-1-1201").wait_for()
    on_the_telephone(wen, root, turn=2)
    follows_up(bob, root, case, satisfied=True)
    case.refresh_from_db()
    assert (case.state, case.satisfied, case.first_responder) == ("satisfied", True, crowd.bob)
    assert FollowUp.objects.filter(case=case).count() == 2
    for page in (bob, wen):
        page.context.close()


def test_keys_walk_and_open_and_are_off_in_fields(crowd: Cast, live_server: Any, chromium: Any) -> None:
    first, second = leak(crowd, title="第一件").case, leak(crowd, title="第二件").case
    desk = Desk(chromium, live_server.url, crowd.bob, reverse("desk", args=["pool"]))
    page = desk.page
    focused = "document.activeElement.closest('[data-row]')?.textContent || ''"
    press(page, "J")
    above = page.evaluate(focused)
    press(page, "J")
    below = page.evaluate(focused)
    assert {"第一件" in above, "第一件" in below} == {True, False}
    press(page, "K")
    assert page.evaluate(focused) == above
    press(page, "J")
    press(page, "Enter")
    page.locator("#case-title").wait_for()
    chosen = first if "第一件" in below else second
    assert str(chosen.pk) in page.url
    composing = "new KeyboardEvent('keydown', {key: '?', isComposing: true, bubbles: true, cancelable: true})"
    page.evaluate(f"document.body.dispatchEvent({composing})")
    assert not page.locator("#keys").is_visible(), (
        "the letters of a word that is being composed press nothing"
    )
    press(page, "?")
    keys = page.locator("#keys")
    keys.get_by_text("写一条记录").wait_for()
    press(page, "Escape")
    press(page, "W")
    page.keyboard.type("jkd?n")
    assert page.locator("#note").input_value() == "jkd?n"
    assert not keys.is_visible()
    assert page.locator("#act").inner_text() == ""
    desk.close()


def test_a_stale_form_shows_both_versions_and_keeps_what_was_typed(
    crowd: Cast, live_server: Any, chromium: Any
) -> None:
    case = take(crowd, crowd.bob)
    desk = Desk(chromium, live_server.url, crowd.bob, reverse("case", args=[case.pk]))
    page = desk.page
    press(page, "T")
    act = page.locator("#act")
    act.locator("[name=preferred_at]").fill("2099-05-02T14:30")
    act.locator("[name=words]").fill("住户下午两点半在家")
    theirs = (clock.now() + timedelta(days=3)).replace(hour=2, minute=0, second=0, microsecond=0)
    cases.promise(case.pk, actor=crowd.actor(crowd.alice), preferred_at=theirs)
    act.locator("[name=words]").focus()
    with page.expect_response(lambda r: r.request.method == "POST") as answered:
        press(page, "Control+Enter")
    assert answered.value.status == 409
    shown = page.locator(".conflict")
    shown.get_by_text("住户下午两点半在家").wait_for()
    assert "2099-05-02" in shown.inner_text()
    assert f"{clock.local(theirs):%Y-%m-%d}" in shown.inner_text()
    assert "说明" in shown.inner_text(), "the labels are those of the form that was filled"
    shown.get_by_role("button", name="按我的再提交").click()
    desk.said("已约好 2099-05-02 14:30")
    case.refresh_from_db()
    assert f"{clock.local(case.preferred_at):%Y-%m-%d %H:%M}" == "2099-05-02 14:30"
    desk.close()


def test_a_draft_survives_a_reload_until_it_is_sent(crowd: Cast, live_server: Any, chromium: Any) -> None:
    case = take(crowd, crowd.bob)
    desk = Desk(chromium, live_server.url, crowd.bob, reverse("case", args=[case.pk]))
    page = desk.page
    press(page, "W")
    page.keyboard.type("住户说晚上七点以后")
    for _ in range(50):  # wait_for_function needs eval, which these pages forbid
        if page.evaluate("Object.keys(localStorage).some((key) => key.startsWith('draft:'))"):
            break
        page.wait_for_timeout(100)
    page.reload()
    assert page.locator("#note").input_value() == "住户说晚上七点以后"
    page.locator("#note").focus()
    page.locator(".composer input[type=file]").set_input_files(picture())
    press(page, "Control+Enter")
    desk.said("已记下")
    assert page.locator("#note").input_value() == ""
    page.reload()
    assert page.locator("#note").input_value() == ""
    assert case.notes.get().words == "住户说晚上七点以后"
    assert Photo.objects.filter(case=case).count() == 1, "a picture beside a note is kept with it"
    desk.close()


def test_the_list_of_another_browser_refreshes_by_itself(
    crowd: Cast, live_server: Any, chromium: Any
) -> None:
    """Without a stream the page asks every half minute; what somebody types meanwhile is left alone."""
    make_staff("chen", "陈静", "front_desk", crowd.community)
    desk = Desk(chromium, live_server.url, Staff.objects.get(username="chen"), "/sign-in/")
    desk.page.clock.install()
    desk.go(reverse("desk", args=["pool"]))
    page = desk.page
    page.locator("#q").focus()
    page.keyboard.type("12")
    assert page.locator("#list [data-row]").count() == 0
    leak(crowd, title="刚刚登记的")
    page.clock.fast_forward(32_000)
    page.clock.fast_forward(3_000)
    page.locator("#list [data-row]", has_text="刚刚登记的").wait_for()
    assert page.locator("#q").input_value() == "12"
    assert page.evaluate("document.activeElement.id") == "q"
    desk.close()


def test_the_box_presses_what_stands_as_a_button_and_opens_what_does_not(
    crowd: Cast, live_server: Any, chromium: Any
) -> None:
    case = take(crowd, crowd.bob)
    desk = Desk(chromium, live_server.url, crowd.bob, reverse("case", args=[case.pk]))
    page = desk.page
    press(page, "Control+K")
    page.get_by_role("option", name="转派").wait_for()
    page.evaluate(SETTLED)
    page.keyboard.type("zp")
    page.locator("[role=option][aria-selected=true].current", has_text="转派").wait_for()
    page.locator("body[data-settled=hit-1-1]").wait_for()
    assert page.locator("#q").get_attribute("aria-activedescendant") == "hit-1-1"
    press(page, "Enter")
    page.locator("#act h2", has_text="转派").wait_for()
    page.wait_for_function("document.getElementById('act').contains(document.activeElement)")
    assert page.locator("#found [role=option]").count() == 0
    press(page, "Control+K")
    page.keyboard.type("待派")
    page.locator("[role=option][aria-selected=true]", has_text="待派工").wait_for()
    press(page, "Enter")
    page.wait_for_url("**/desk/pool/")
    desk.close()


def test_a_slash_offers_common_sentences(crowd: Cast, live_server: Any, chromium: Any) -> None:
    alice = crowd.actor(crowd.alice)
    for name, words in (("等配件", "到货就装。"), ("约上门", "约好到 {房号} 上门。")):
        add_phrase(crowd.community.pk, actor=alice, name=name, words=words)
    desk = Desk(chromium, live_server.url, crowd.bob, reverse("case", args=[take(crowd, crowd.bob).pk]))
    page, note = desk.page, desk.page.locator("#note")
    press(page, "W")
    page.keyboard.type("3/4 已谈妥，/")
    page.get_by_role("option", name="等配件").wait_for()
    assert page.get_by_role("combobox", expanded=True).count() == 1
    press(page, "ArrowDown")
    press(page, "Enter")
    assert note.input_value() == "3/4 已谈妥，约好到 3-1-1201 上门。"
    page.keyboard.type(" /dpj")
    page.get_by_role("option", name="等配件").wait_for()
    press(page, "Escape")
    assert page.locator("#phrases").count() == 0
    assert note.input_value().endswith(" /dpj")
    desk.close()


def test_a_draft_is_on_the_next_computer_and_can_be_had_back_after_discarding(
    crowd: Cast, live_server: Any, chromium: Any
) -> None:
    url = reverse("case", args=[take(crowd, crowd.bob).pk])
    desk = Desk(chromium, live_server.url, crowd.bob, url)
    press(desk.page, "W")
    with desk.page.expect_response("**/drafts/"):
        desk.page.keyboard.type("住户说晚上七点以后")
    intake = f"{reverse('intake')}?kind=repair&unit={crowd.unit.pk}"
    desk.go(intake)
    with desk.page.expect_response("**/drafts/"):
        desk.page.locator("#id_category").select_option("leak")
        desk.page.locator("#id_urgent").check()
    desk.close()
    second = Desk(chromium, live_server.url, crowd.bob, intake)
    second.page.locator("[data-draft-note]:visible").wait_for()
    assert second.page.locator("#id_category").input_value() == "leak"
    assert second.page.locator("#id_urgent").is_checked()
    second.go(url)
    page, note = second.page, second.page.locator("#note")
    with page.expect_response("**/drafts/?form=*"):
        press(page, "W")
    drop = page.get_by_role("button", name="丢弃草稿")
    drop.wait_for()
    assert note.input_value() == "住户说晚上七点以后"
    with page.expect_response("**/drafts/"):
        drop.click()
    assert note.input_value() == ""
    with page.expect_response("**/drafts/"):
        page.locator("[data-undo]").click()
    assert note.input_value() == "住户说晚上七点以后"
    assert {d.form[:5] for d in Draft.objects.all()} == {"note-", "intak"}
    second.close()
