"""The residents' door in a real browser: every page opens clean in light, dark and elder mode; three presses report."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from shouwen.cases import actions, ratings
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.notices.home_actions import ask_email
from shouwen.people.models import HomeSignIn
from shouwen.people.viewers import ResidentActor
from shouwen.portal.doors import COOKIE, ROOT
from shouwen.portal.letters import stop_url
from tests.browser.steps import shot
from tests.browser.test_pages import AXE, Walk
from tests.cast import Cast
from tests.house.world import World, build, sign_in
from tests.notices.mailroom import mailbox
from tests.notices.smsroom import gateway
from tests.portal.test_wechat import AGENT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture
def world(transactional_db: None) -> World:
    if not AXE.exists():
        pytest.skip("没有安装 axe-core / no axe-core: npm ci")
    made = build()
    Community.objects.filter(pk=made.cast.community.pk).update(phone="021-5550 0088")
    asked = Intake(
        made.cast.community.pk,
        "inquiry",
        "fee",
        "物业费怎么算",
        unit_id=made.cast.unit.pk,
        person_id=made.cast.mei.pk,
    )
    case = register(asked, actor=made.cast.actor(made.cast.bob))
    made.keys["asked"] = actions.answer(case.pk, actor=made.cast.actor(made.cast.bob), words="按建筑面积").pk
    mailbox(9)
    gateway(9, homes=True)
    return made


def telephone(chromium: Any, url: str, cast: Cast, **more: Any) -> Any:
    """Mei's telephone, signed in."""
    _row, secret = sign_in(cast.unit, cast.mei)
    context = chromium.new_context(viewport=TELEPHONE, locale="zh-CN", **more)
    context.add_cookies([{"name": COOKIE, "value": secret, "domain": "localhost", "path": ROOT}])
    return context.new_page()


@pytest.mark.parametrize("mode", ["light", "dark", "elder"])
def test_every_page_opens_clean(world: World, live_server: Any, chromium: Any, mode: str) -> None:
    walk = Walk(
        telephone(chromium, live_server.url, world.cast, color_scheme="dark" if mode == "dark" else "light"),
        live_server.url,
        set(),
    )
    if mode == "elder":
        walk.page.context.add_cookies(
            [{"name": "home_mode", "value": "elder", "domain": "localhost", "path": ROOT}]
        )
    for name in ("home", "matters", "me", "report"):
        walk.look(reverse(f"portal:{name}"), mode)
    walk.look(reverse("portal:report") + "?kind=complaint", mode)
    for key in ("case", "asked"):
        walk.look(reverse("portal:matter", args=[world.keys[key]]), mode)
    walk.look("/my/nowhere/", mode, status=404)
    walk.page.goto(live_server.url + reverse("portal:report"))
    walk.page.fill("#report-text", "水管漏水")
    walk.page.locator(".report .big").click()
    walk.page.locator(".check").wait_for()
    walk.at = f"{mode} check"
    walk.inspect(mode)
    walk.page.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)


def test_pages_before_signing_in_open_clean(world: World, live_server: Any, chromium: Any) -> None:
    cast = world.cast
    walk = Walk(chromium.new_context(viewport=TELEPHONE, locale="zh-CN").new_page(), live_server.url, set())
    walk.look(reverse("portal:sign_in"))
    walk.look(reverse("portal:slip", args=["x"]), status=410)
    _link, secret = ratings.make_link(world.keys["asked"], actor=cast.actor(cast.bob))
    walk.look(reverse("portal:rate", args=[secret]))
    token = ask_email("mei@home.test", actor=ResidentActor.of(cast.mei))
    walk.look(reverse("portal:prove", args=[token]))
    walk.look(stop_url(cast.mei.pk))
    walk.page.get_by_role("button", name="不再发给我").click()
    walk.page.get_by_role("heading", name="好，不再发了").wait_for()
    walk.inspect("light")
    walk.page.context.close()
    assert not walk.wrong, "\n".join(walk.wrong)


def test_three_presses_in_wechat_and_it_is_followed(world: World, live_server: Any, chromium: Any) -> None:
    """Words survive a sign-in that ended meanwhile. The picture that went along can be pressed long: nothing lies over it."""
    page = telephone(chromium, live_server.url, world.cast, user_agent=AGENT)
    page.goto(live_server.url + "/my/")
    page.fill("#report-text", "水管漏水")
    HomeSignIn.objects.update(ended_at=clock.now())
    page.locator(".report .big").click()
    assert page.locator("#typed").input_value() == "水管漏水"
    _row, secret = sign_in(world.cast.unit, world.cast.mei)
    page.context.add_cookies([{"name": COOKIE, "value": secret, "domain": "localhost", "path": ROOT}])
    page.goto(live_server.url + "/my/")
    page.locator("[data-draft-note]:visible").wait_for()
    assert page.locator("#report-text").input_value() == "水管漏水"
    page.locator(".chips label").first.click()
    page.locator(".report [name=photos]").set_input_files(shot())
    page.locator(".report .big").click()
    page.locator(".check .big").click()
    page.locator(".said").wait_for()
    assert Case.objects.filter(channel="portal").count() == 1
    assert page.locator(".steps .current").inner_text().strip() == "已受理"
    photo = page.locator(".photos img")
    photo.scroll_into_view_if_needed()
    at = photo.bounding_box()
    point = {"x": at["x"] + at["width"] / 2, "y": at["y"] + at["height"] / 2}
    assert page.evaluate("({x, y}) => document.elementFromPoint(x, y).tagName", point) == "IMG"
    assert photo.evaluate("(img) => img.decode().then(() => img.naturalWidth)") > 0
    assert not page.locator("link[rel=manifest], [download]").count()
    page.goto(live_server.url + "/my/")
    assert page.locator("#report-text").input_value() == "", "what was sent is kept no longer"
    page.context.close()


def test_elder_mode_says_one_sentence_aloud(world: World, live_server: Any, chromium: Any) -> None:
    page = telephone(chromium, live_server.url, world.cast)
    page.add_init_script(
        "window.said = []; Object.defineProperty(window, 'speechSynthesis', {value: {cancel() {}, speak(u) {said.push(u.text)}}})"
    )
    page.goto(live_server.url + "/my/")
    page.locator(".pill").click()
    page.locator("[data-say]").click()
    said = page.evaluate("window.said")
    assert len(said) == 1
    assert page.locator(".one-sentence h1").inner_text() in said[0]
    page.context.close()


def test_without_a_voice_the_button_stays_away(world: World, live_server: Any, chromium: Any) -> None:
    page = telephone(chromium, live_server.url, world.cast, java_script_enabled=False)
    page.context.add_cookies([{"name": "home_mode", "value": "elder", "domain": "localhost", "path": ROOT}])
    page.goto(live_server.url + "/my/")
    assert page.locator(".one-sentence h1").is_visible()
    assert not page.locator("[data-say]").is_visible()
    page.context.close()
