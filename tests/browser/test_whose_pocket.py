"""Whose pocket it is: a session that expired, two technicians on one telephone, a page of one in the session of another."""

from __future__ import annotations

import pytest

from shouwen.kernel.models import Entry
from shouwen.people.models import Staff
from shouwen.works.models import Order
from tests.browser.steps import MINE, arrive, before, crowd, opened, order, told
from tests.browser.telephone import Signal, Telephone, signal, telephone
from tests.cast import Cast, make_staff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
__all__ = ["crowd", "order", "signal", "telephone"]


def test_a_session_that_expired_in_the_cellar_loses_nothing(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    page = opened(telephone, crowd, order)
    signal.cut()
    arrive(page)
    before(page)
    telephone.until(lambda: len(telephone.pocket()) == 2, "two actions")
    telephone.sign_out()
    signal.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    bar = page.locator("#pocket-bar")
    bar.get_by_text("登录已过期 2 条已存本机").wait_for()
    bar.get_by_role("link", name="重新登录").click()
    page.locator("[name=username]").fill("wen")
    page.locator("[name=password]").fill("correct-horse-battery")
    page.locator("[name=password]").press("Enter")
    page.locator(".phone-page").wait_for()
    telephone.empty()
    assert told(order) == ["order:arrived", "case:photographed"]


def test_two_technicians_on_one_telephone_have_a_pocket_each(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    page = opened(telephone, crowd, order)
    signal.cut()
    arrive(page)
    telephone.until(lambda: len(telephone.pocket()) == 1, "one action")
    sun = make_staff("sun", "孙志强", "engineering", crowd.community)
    telephone.sign_in(sun)
    signal.mend()
    telephone.go(MINE)
    telephone.page.locator("#pocket-bar").get_by_text("1 条已存本机").wait_for()
    telephone.page.locator("#pocket-bar").get_by_role("button", name="查看").click()
    panel = telephone.page.locator("#pocket")
    panel.get_by_text("文师傅还有 1 条没有送出").wait_for()
    assert "到场" not in panel.inner_text(), "of another's work nothing is shown"
    telephone.page.wait_for_timeout(500)
    assert told(order) == []
    signal.cut()
    telephone.restart(MINE)
    assert "3-1-1201" not in telephone.page.content(), "no page of another is opened without a line"
    signal.mend()
    telephone.sign_in(crowd.wen)
    telephone.go(MINE)
    telephone.empty()
    fact = Entry.objects.get(matter_id=order.case_id, verb="order:arrived")
    assert (fact.actor_id, Staff.objects.get(pk=sun.pk).is_active) == (crowd.wen.pk, True)


def test_the_page_of_one_account_in_the_session_of_another_sends_nothing(
    crowd: Cast, order: Order, signal: Signal, telephone: Telephone
) -> None:
    page = opened(telephone, crowd, order)
    sun = make_staff("sun", "孙志强", "engineering", crowd.community)
    telephone.sign_in(sun)  # in another window, while this page stays open
    arrive(page)
    page.locator("#pocket-bar").get_by_text("1 条已存本机").wait_for()
    page.locator("body[data-owner=孙志强]").wait_for()
    assert told(order) == []
