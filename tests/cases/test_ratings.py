"""Rating by a one-use link: once, for one matter, without a preset."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions, ratings
from shouwen.cases.models import Case, FollowUp, RatingLink
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from tests.cases.test_actions import take
from tests.cast import Cast, make_cast
from tests.threads import at_once

pytestmark = pytest.mark.django_db
ADDRESS = "10.1.2.3"


def answered(cast: Cast) -> Case:
    case = take(cast, cast.bob, person_id=cast.mei.pk)
    return actions.answer(case.pk, actor=cast.actor(cast.bob), words="按建筑面积")


def link(cast: Cast, case: Case) -> str:
    return ratings.make_link(case.pk, actor=cast.actor(cast.bob))[1]


def rate(secret: str, satisfied: bool = True) -> Case:
    return ratings.rate(secret, satisfied=satisfied, words="很好", address=ADDRESS)


def test_the_askers_answer_closes_the_matter(cast: Cast) -> None:
    case = answered(cast)
    closed = rate(link(cast, case))
    assert (closed.state, closed.satisfied) == ("satisfied", True)
    attempt = FollowUp.objects.get()
    assert (attempt.staff, attempt.words) == (None, "很好")
    entry = Entry.objects.get(verb="case:confirmed")
    assert (entry.actor_kind, entry.actor_id) == ("resident", cast.mei.pk)


def test_a_link_answers_once(cast: Cast) -> None:
    case = answered(cast)
    secret = link(cast, case)
    rate(secret, satisfied=False)
    assert Case.objects.get(pk=case.pk).reopened == 1
    with pytest.raises(Refused, match="用过"):
        rate(secret)


def test_a_newer_link_ends_the_older_and_time_ends_both(cast: Cast) -> None:
    case = answered(cast)
    old, new = link(cast, case), link(cast, case)
    assert ratings.opened(old, address=ADDRESS) is None
    assert ratings.opened(new, address=ADDRESS)
    with clock.standing_at(clock.now() + timedelta(days=15)):
        assert ratings.opened(new, address=ADDRESS) is None


def test_a_matter_that_was_called_about_needs_no_link(cast: Cast) -> None:
    case = answered(cast)
    secret = link(cast, case)
    actions.follow_up(case.pk, actor=cast.actor(cast.bob), outcome="reached", satisfied=True)
    with pytest.raises(Refused):
        rate(secret)
    with pytest.raises(Refused, match="等回访"):
        link(cast, case)


def test_only_who_follows_up_makes_links(cast: Cast) -> None:
    case = answered(cast)
    with pytest.raises(NotFound):
        ratings.make_link(case.pk, actor=cast.actor(cast.charlie))
    with pytest.raises((NotAllowed, NotFound)):
        ratings.make_link(case.pk, actor=cast.actor(cast.wen))


def test_the_page_asks_and_presets_nothing(cast: Cast) -> None:
    path = reverse("portal:rate", args=[link(cast, answered(cast))])
    telephone = Client()
    page = telephone.get(path).content.decode()
    assert "物业费怎么算" in page
    for hidden in ("梅若兰", "3-1-1201", "checked", "鲍勃"):
        assert hidden not in page
    assert telephone.post(path, {"words": "说一半"}).status_code == 422
    assert RatingLink.objects.get().used_at is None
    assert "谢谢" in telephone.post(path, {"satisfied": "yes"}).content.decode()
    assert telephone.get(path).status_code == 410


def test_the_desk_prints_the_link(cast: Cast, client: Client) -> None:
    case = answered(cast)
    client.force_login(cast.bob)
    url = reverse("rating_link", args=[case.pk])
    assert url in client.get(reverse("case", args=[case.pk]), follow=True).content.decode()
    assert client.get(url).status_code == 200
    assert not RatingLink.objects.exists()
    page = client.post(url).content.decode()
    assert "/my/rate/" in page
    assert re.search(r'<svg viewBox="0 0 (\d+) \1"', page), "drawn whole at any size"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_answer(transactional_db: None) -> None:
    cast = make_cast()
    secret = link(cast, answered(cast))
    outcomes = at_once(2, lambda _n: rate(secret))
    assert sorted(type(o).__name__ for o in outcomes) == ["Case", "Refused"]
    assert FollowUp.objects.count() == 1
