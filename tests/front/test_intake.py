"""Taking a request: whoever lives alone in a home is most likely the one who calls."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases.models import Case
from shouwen.estate.models import Occupancy
from shouwen.kernel import clock
from shouwen.people.models import Post
from tests.cast import Cast, make_person, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def asker(desk: Client, url: str) -> str:
    return str(desk.get(url).context["form"]["asker"].value() or "")


def written(desk: Client, url: str, **typed: Any) -> Case:
    more = {"channel": "desk", "category": "leak", "title": "漏水", "key": uuid4().hex} | typed
    assert desk.post(url, more).status_code == 303
    return Case.objects.latest("pk")


def test_the_only_resident_is_put_down_and_may_be_changed(cast: Cast, desk: Client) -> None:
    url = f"{reverse('intake')}?unit={cast.unit.pk}"
    assert asker(desk, url) == "梅若兰"
    assert written(desk, url, asker="梅若兰").person == cast.mei
    other = written(desk, url, asker="装修工人")
    assert (other.person, other.asker) == (None, "装修工人")


def test_with_several_residents_or_none_nobody_is_guessed(cast: Cast, desk: Client) -> None:
    url = f"{reverse('intake')}?unit={cast.unit.pk}"
    son = make_person(cast.community, "梅小宝")
    during = Occupancy.objects.get().during
    Occupancy.objects.create(
        community=cast.community, unit=cast.unit, person=son, role="family", during=during
    )
    assert asker(desk, url) == ""
    assert asker(desk, f"{url}&person={son.pk}") == "梅小宝"
    Occupancy.objects.all().delete()
    assert asker(desk, url) == ""


def test_another_kind_keeps_what_was_typed(cast: Cast, desk: Client) -> None:
    """Without a script too: the buttons of the kinds post the form, and nothing is registered or found wrong."""
    url = f"{reverse('intake')}?kind=suggestion&unit={cast.unit.pk}"
    typed = {
        "channel": "phone",
        "category": "leak",
        "title": "",
        "words": "楼道灯太暗",
        "asker": "梅女士",
        "phone": "021",
    }
    page = desk.post(
        url, typed | {"key": "once-1", "switch": "4", "urgent": "on", "preferred_at": "2026-11-30T14:30"}
    )
    assert (page.status_code, Case.objects.count()) == (200, 0)
    form = page.context["form"]
    assert not form.is_bound
    assert form.kind == "suggestion"
    shown = {
        name: form[name].value() for name in ("channel", "words", "asker", "phone", "urgent", "preferred_at")
    }
    assert shown == {
        "channel": "phone", "words": "楼道灯太暗", "asker": "梅女士", "phone": "021", "urgent": "on",
        "preferred_at": "2026-11-30T14:30",
    }  # fmt: skip
    assert 'value="2026-11-30T14:30"' in page.content.decode()
    assert 'name="key" value="once-1"' in page.content.decode(), "still the same press"
    repair = desk.get(f"{reverse('intake')}?kind=repair&unit={cast.unit.pk}").context["draft"]
    assert page.context["draft"] == repair, "one draft for all kinds"


def test_hours_are_agreed_at_the_intake(cast: Cast, desk: Client) -> None:
    url = f"{reverse('intake')}?unit={cast.unit.pk}"
    begins = clock.at(clock.today() + timedelta(days=1), time(9))
    window = {"preferred_at": f"{clock.local(begins):%Y-%m-%dT%H:%M}", "preferred_until": "12:00"}
    case = written(desk, url, **window)
    assert (case.preferred_at, case.preferred_until) == (begins, begins + timedelta(hours=3))
    line = desk.get(f"{reverse('case_list')}?export=csv")
    day = f"{clock.local(begins):%Y-%m-%d}"
    assert f"{day} 09:00:00,{day} 12:00:00" in line.getvalue().decode("utf-8-sig")
    for wrong in ({**window, "preferred_until": "08:00"}, {"preferred_until": "12:00"}):
        page = desk.post(
            url, {"channel": "desk", "category": "leak", "title": "漏水", "key": uuid4().hex} | wrong
        )
        assert (page.status_code, "同一天" in page.content.decode()) == (422, True)
        assert f'value="{wrong["preferred_until"]}"' in page.content.decode()


def test_a_name_is_not_shown_to_whoever_may_not_see_the_estate(cast: Cast, desk: Client) -> None:
    post = Post.objects.get(pk="front_desk")
    post.rights = [r for r in post.rights if not r.startswith(("estate", "person"))]
    post.save()
    page = desk.get(f"{reverse('intake')}?unit={cast.unit.pk}")
    assert "梅若兰" not in page.content.decode()


def test_a_complaint_may_be_about_anybody_who_holds_a_post(cast: Cast, desk: Client) -> None:
    """Also about the guard, whose post sees no orders; about nobody of another community."""
    guard = make_staff("guard", "门岗老郑", "gate_guard", cast.community)
    url = f"{reverse('intake')}?kind=complaint&unit={cast.unit.pk}"
    offered = {key for key, _name in desk.get(url).context["form"].fields["about_id"].choices}
    assert {guard.pk, cast.wen.pk} <= offered
    assert cast.charlie.pk not in offered
    case = written(desk, url, category="attitude", title="门岗态度差", about_id=guard.pk)
    assert case.about == guard
    assert case not in Case.objects.visible_to(cast.actor(guard))


def test_a_place_that_is_demanded_is_not_marked_as_optional(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    page = client.get(reverse("intake"), {"elsewhere": "1"})
    assert page.context["form"].fields["place"].required
    answer = client.post(f"{reverse('intake')}?elsewhere=1", {"title": "灯不亮", "place": ""})
    assert (answer.status_code, answer.context["form"].errors["place"]) == (
        422,
        ["请选择房号、公共区域，或写明地点。"],
    )
