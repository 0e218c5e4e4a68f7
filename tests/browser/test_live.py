"""Screens that move by themselves: one stream a browser, rows that change, who is here, a line that is cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.people import actions as people
from shouwen.people.models import Grant, Staff
from shouwen.people.viewers import ResidentActor
from shouwen.portal.doors import COOKIE, ROOT
from tests.browser.line import Line, product_line
from tests.browser.steps import press
from tests.browser.telephone import TELEPHONE
from tests.browser.test_board import opened
from tests.cases.test_actions import take
from tests.cast import Cast, make_cast, make_staff, make_unit
from tests.house.world import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def crowd(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def line(crowd: Cast) -> Iterator[Line]:
    with product_line() as line:
        yield line


def until(true: Callable[[], Any], seconds: float = 8) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def at(chromium: Any, line: Line, staff: Staff, url: str) -> Any:
    """A signed-in browser at an address, with its stream open."""
    page = opened(chromium, line.url, staff)
    before = len(line.streams)
    page.goto(line.url + url)
    assert until(lambda: len(line.streams) > before), "the stream opens"
    page.evaluate("window.stayed = true")
    return page


def asked_about_fees(cast: Cast, **more: Any) -> Any:
    return take(cast, cast.bob, kind="inquiry", category="fee", title="物业费怎么算", **more)


QUEUE = "/desk/received/"


def test_a_change_of_one_is_on_the_screen_of_the_other(crowd: Cast, line: Line, chromium: Any) -> None:
    """Alice answers in her browser; Bob's row and counts change, and a new case appears, without a reload."""
    case = asked_about_fees(crowd)
    bob = at(chromium, line, crowd.bob, QUEUE)
    alice = at(chromium, line, crowd.alice, f"{QUEUE}?case={case.pk}")
    row = bob.locator(f"#row-{case.pk}")
    alice.goto(f"{line.url}{reverse('case_move', args=[case.pk, 'answer'])}")
    alice.locator("[name=words]").fill("按建筑面积，每平方米两元")
    alice.locator(".form .btn.primary").click()
    row.wait_for(state="detached")
    late = asked_about_fees(crowd, place="东门")
    bob.locator(f"#row-{late.pk}").wait_for()
    bob.locator("#rail a", has_text="待受理").locator(".count", has_text="1").wait_for()
    assert bob.evaluate("window.stayed"), "never reloaded"
    for page in (bob, alice):
        page.context.close()


def test_a_row_alone_is_fetched_again(crowd: Cast, line: Line, chromium: Any) -> None:
    case, other = asked_about_fees(crowd), asked_about_fees(crowd, place="东门")
    bob = at(chromium, line, crowd.bob, reverse("case_list"))
    named: list[str] = []

    def asked(request: Any) -> None:
        if "/cases/" in request.url:
            named.append(request.headers.get("x-live-rows", "the whole page"))

    bob.on("request", asked)
    cases.answer(case.pk, actor=crowd.actor(crowd.alice), words="按建筑面积")
    bob.locator(f"#row-{case.pk}", has_text="待回访").wait_for()
    assert [one.partition("@")[0] for one in named] == [str(case.pk)], "one request, for one row"
    assert bob.locator(f"#row-{other.pk}").is_visible()
    for key, wanted in (
        ("j", other),
        ("j", case),
        ("k", other),
    ):  # beside its list, by keys from case to case
        press(bob, key)
        press(bob, "Enter")
        bob.locator(f"#list #row-{wanted.pk}[aria-current]").wait_for()
        assert bob.locator(f"#case[data-live='case:{wanted.pk}']").is_visible()
    press(bob, "Escape")
    bob.locator("table.table").wait_for()
    bob.context.close()


def test_two_tabs_share_one_stream(crowd: Cast, line: Line, chromium: Any) -> None:
    case = asked_about_fees(crowd)
    first = at(chromium, line, crowd.bob, QUEUE)
    second = first.context.new_page()
    second.goto(line.url + QUEUE)
    second.locator(f"#row-{case.pk}").wait_for()
    time.sleep(1)
    assert len(line.streams) == 1
    late = asked_about_fees(crowd, place="东门")
    for page in (first, second):
        page.bring_to_front()
        page.locator(f"#row-{late.pk}").wait_for()
    first.close()
    later = asked_about_fees(crowd, place="西门")
    second.locator(f"#row-{later.pk}").wait_for()
    assert len(line.streams) == 1
    second.context.close()


def test_who_looks_and_who_writes_stands_at_the_head_of_the_case_and_goes(
    crowd: Cast, line: Line, chromium: Any
) -> None:
    case = asked_about_fees(crowd)
    url = f"{QUEUE}?case={case.pk}"
    bob, alice = at(chromium, line, crowd.bob, url), at(chromium, line, crowd.alice, url)
    bob.locator(".watching", has_text="艾丽丝正在看").wait_for()
    alice.locator(".watching", has_text="鲍勃正在看").wait_for()
    assert "鲍勃" not in bob.locator(".watching").inner_text(), "not oneself"
    alice.locator("#note").fill("我在")
    bob.locator(".watching", has_text="艾丽丝正在回复").wait_for()
    cases.note(case.pk, actor=crowd.actor(crowd.bob), words="再补一句")
    bob.locator("#case", has_text="再补一句").wait_for()
    bob.locator(".watching", has_text="艾丽丝正在回复").wait_for()
    alice.goto(line.url + QUEUE)
    bob.locator(".watching", has_text="艾丽丝").wait_for(state="detached")
    for page in (bob, alice):
        page.context.close()


def test_a_cut_stream_catches_up_without_a_reload(crowd: Cast, line: Line, chromium: Any) -> None:
    bob = at(chromium, line, crowd.bob, QUEUE)
    line.cut()
    missed = asked_about_fees(crowd)
    time.sleep(2)
    assert bob.locator(f"#row-{missed.pk}").count() == 0
    line.mend()
    bob.locator(f"#row-{missed.pk}").wait_for(timeout=15_000)
    assert bob.evaluate("window.stayed")
    bob.context.close()


def test_who_loses_a_right_hears_nothing_more(crowd: Cast, line: Line, chromium: Any) -> None:
    """Bob keeps a post in another community: his stream stays, but of this one it tells nothing."""
    Grant.objects.create(staff=crowd.bob, post_id="front_desk", community=crowd.other)
    page = opened(chromium, line.url, crowd.bob)
    page.goto(line.url + QUEUE)
    heard = page.evaluate_handle("""() => {
        const heard = []; const source = new EventSource("/events");
        source.addEventListener("change", (event) => heard.push(JSON.parse(event.data).id));
        return new Promise((done, failed) => { source.onopen = () => done(heard); source.onerror = failed; });
    }""")
    before = take(crowd, crowd.alice, kind="inquiry", category="fee", title="物业费怎么算")
    assert until(lambda: str(before.pk) in heard.evaluate("(heard) => heard"))
    grant = Grant.objects.get(staff=crowd.bob, community=crowd.community)
    make_staff("gao", "高主管", "cs_supervisor", crowd.community)
    people.revoke(grant.pk, actor=crowd.actor(crowd.alice))
    after = take(crowd, crowd.alice, kind="inquiry", category="fee", title="停车费")
    time.sleep(2)
    assert str(after.pk) not in heard.evaluate("(heard) => heard")
    page.context.close()


def test_a_household_sees_its_matter_move_and_nothing_of_next_door(
    crowd: Cast, line: Line, chromium: Any
) -> None:
    """Family, on a telephone: a list and a matter move without a reload, a line that was cut catches up."""
    case = take(
        crowd, crowd.bob, kind="inquiry", category="fee", title="物业费怎么算", person_id=crowd.mei.pk
    )
    _row, secret = sign_in(crowd.unit, crowd.mei)
    home = chromium.new_context(viewport=TELEPHONE, locale="zh-CN")
    home.add_cookies([{"name": COOKIE, "value": secret, "url": line.url + ROOT}])
    page, asked = home.new_page(), list[str]()
    page.on(
        "request", lambda request: asked.append(request.url) if request.resource_type == "fetch" else None
    )
    page.goto(line.url + reverse("portal:matter", args=[case.pk]))
    assert until(lambda: len(line.streams) == 1), "the stream opens"
    page.evaluate("window.stayed = true")
    take(
        crowd,
        crowd.bob,
        kind="inquiry",
        category="fee",
        title="楼上的事",
        unit_id=make_unit(crowd.community, "3-1-1302").pk,
    )
    cases.answer(case.pk, actor=crowd.actor(crowd.bob), words="按建筑面积")
    page.locator(".story", has_text="按建筑面积").wait_for(timeout=5000)
    assert len(asked) == 1, "once, for the one of their own"
    assert page.locator("#moved").text_content() == page.locator("h1").text_content()
    line.cut()
    assert until(lambda: not line.streams)
    cases.note(case.pk, actor=crowd.actor(crowd.alice), words="只给同事看")
    cases.confirm(case.pk, actor=ResidentActor.of(crowd.mei), satisfied=True, words="")
    line.mend()
    page.locator("h1", has_text="办好了").wait_for(timeout=15_000)
    assert page.evaluate("window.stayed"), "never reloaded"
    home.close()
