"""A matter that was merged, at the door of whoever brought it: how far it is, and nothing of another household."""

from __future__ import annotations

import pytest
from django.urls import reverse

from shouwen.cases.merging.actions import merge
from shouwen.estate.models import Person, Unit
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cases.test_merging import repair
from tests.cast import Cast, make_owner, make_person, make_unit
from tests.portal.conftest import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def neighbour(cast: Cast) -> tuple[Unit, Person]:
    """Upstairs, in the same building."""
    unit, person = make_unit(cast.community, "3-1-1301"), make_person(cast.community, "周敏", "13900001301")
    make_owner(unit, person)
    return unit, person


def test_the_neighbour_follows_the_kept_case_and_reads_nothing_else_of_it(
    cast: Cast,
    neighbour: tuple[Unit, Person],
    browser: Browser,
) -> None:
    kept = repair(cast, "主卧电梯口的灯", words="我家老人摔了一跤", asker="梅若兰")
    twice = repair(cast, unit_id=neighbour[0].pk, person_id=neighbour[1].pk)
    merge(twice.pk, actor=cast.actor(cast.bob), into=kept.pk)
    telephone = browser(*neighbour)
    home = telephone.get(reverse("portal:home")).content.decode()
    assert "和别人报的同一件事，正在一起办" in home
    page = telephone.get(reverse("portal:matter", args=[twice.pk])).content.decode()
    assert "同一件事已经有人报过，并在一起办" in page
    assert "摔了一跤" not in page
    assert "梅若兰" not in page
    assert telephone.get(reverse("portal:matter", args=[kept.pk])).status_code == 404
    order = Order.objects.get(case=kept)
    works.claim(order.pk, actor=cast.actor(cast.wen))
    works.arrive(order.pk, actor=cast.actor(cast.wen))
    assert "confirm-code" not in telephone.get(reverse("portal:matter", args=[twice.pk])).content.decode()
    works.finish(order.pk, actor=cast.actor(cast.wen), result="换了灯", confirmed_by="梅")
    page = telephone.get(reverse("portal:matter", args=[twice.pk])).content.decode()
    assert "和别人报的同一件事，办好了" in page
    assert "您这边也好了吗？" in page
    again = f"{reverse('portal:report')}?again={twice.pk}"
    assert again in page
    form = telephone.get(again).content.decode()
    assert f"{twice.title}。{twice.number} 办好了，我家还没好</textarea>" in form
    assert "摔了一跤" not in form
    assert kept.number not in form
    for not_theirs in (kept.pk, "x", ""):
        blank = telephone.get(f"{reverse('portal:report')}?again={not_theirs}")
        assert "还没好" not in blank.content.decode()


def test_the_same_household_sees_one_matter(cast: Cast, browser: Browser) -> None:
    kept, twice = repair(cast, person_id=cast.mei.pk), repair(cast, person_id=cast.mei.pk)
    merge(twice.pk, actor=cast.actor(cast.bob), into=kept.pk)
    telephone = browser()
    assert [c.case for c in telephone.get(reverse("portal:matters")).context["cards"]] == [kept]
    answer = telephone.get(reverse("portal:matter", args=[twice.pk]))
    assert answer.url == reverse("portal:matter", args=[kept.pk])
