"""Whom the house would send."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.people.models import Skill, Trade
from shouwen.works import actions
from shouwen.works.suggest import candidates
from tests.cast import Cast, make_staff
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


def test_who_has_refused_an_order_stands_last_and_it_is_said(cast: Cast) -> None:
    li = make_staff("li", "李师傅", "engineering", cast.community)
    Skill.objects.create(staff=li, trade=Trade.PLUMBING)
    order = leak(cast)
    first = candidates(order)[0].staff
    desk = cast.actor(cast.bob)
    actions.assign(order.pk, actor=desk, technician_id=first.pk)
    order = actions.refuse(order.pk, actor=cast.actor(first), words="没带工具")
    found = candidates(order)
    assert [c.refused for c in found] == [False, True]
    assert found[-1].staff == first
    assert not any(c.refused for c in candidates(leak(cast, category="lamp"))), (
        "another order is another matter"
    )


def test_the_desk_reads_what_the_household_confirmed(cast: Cast) -> None:
    order, wen = leak(cast), cast.actor(cast.wen)
    actions.claim(order.pk, actor=wen)
    actions.arrive(order.pk, actor=wen)
    actions.finish(order.pk, actor=wen, result="换了垫圈", minutes=20, unconfirmed_why="住户出门了")
    browser = Client()
    browser.force_login(cast.bob)
    page = browser.get(reverse("case", args=[order.case_id])).content.decode()
    assert "完工没有确认：住户出门了" in page
