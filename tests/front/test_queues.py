"""Queues: what the rail counts is what the list shows, for everybody."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions
from shouwen.front import queues
from shouwen.kernel import clock
from shouwen.people.models import Post
from shouwen.works import actions as works
from tests.cases.test_actions import take
from tests.cast import Cast
from tests.works.test_actions import leak

pytestmark = pytest.mark.django_db


def a_busy_desk(cast: Cast) -> None:
    """At least one case in nearly every queue, one of them a complaint about Wen."""
    bob, wen = cast.actor(cast.bob), cast.actor(cast.wen)
    actions.answer(take(cast, cast.bob).pk, actor=bob, words="好")
    take(cast, cast.alice)
    take(cast, cast.bob, kind="complaint", category="noise", title="吵")
    take(cast, cast.alice, kind="complaint", category="attitude", title="态度", about_id=cast.bob.pk)
    take(cast, cast.bob, happened_at=clock.now() - timedelta(hours=3))
    order = leak(cast)
    works.claim(order.pk, actor=wen)
    works.pause(order.pk, actor=wen, reason="parts")
    leak(cast, category="lamp")


@pytest.mark.parametrize("who", ["alice", "bob", "wen", "charlie"])
@pytest.mark.parametrize("without", ["", "complaint.see"])
def test_the_rail_counts_what_the_list_shows(cast: Cast, who: str, without: str) -> None:
    a_busy_desk(cast)
    for post in Post.objects.all():
        post.rights = [r for r in post.rights if r != without]
        post.save()
    viewer, here = cast.actor(getattr(cast, who)), cast.community.pk
    shown = {
        q.code: queues.ordered(q, viewer, here).count() for q in queues.QUEUES if viewer.may(q.right, here)
    }
    assert queues.counts(viewer, here) == shown


def test_a_busy_desk_fills_the_queues(cast: Cast) -> None:
    """Else the test above would compare nothing with nothing. In the morning, when most is still due today."""
    with clock.standing_at(clock.at(date(2026, 7, 22), time(9))):
        a_busy_desk(cast)
        counted = queues.counts(cast.actor(cast.alice), cast.community.pk)
    assert {code for code, n in counted.items() if n} >= {
        "today",
        "first",
        "received",
        "pool",
        "working",
        "done",
        "confirm",
    }
    assert counted["received"] == 4
    assert queues.counts(cast.actor(cast.bob), cast.community.pk)["received"] == 3


@pytest.mark.parametrize("code", [queue.code for queue in queues.QUEUES])
def test_an_empty_queue_says_so(cast: Cast, client: Client, code: str) -> None:
    client.force_login(cast.alice)
    shown = client.get(reverse("desk", args=[code]))
    said = "今天的都办完了。" if code == "today" else "这里没有事项。"
    assert said in shown.content.decode()
