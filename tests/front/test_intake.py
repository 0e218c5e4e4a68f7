"""Taking a request: whoever lives alone in a home is most likely the one who calls."""

from __future__ import annotations

from datetime import time, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from shouwen.cases.models import Case
from shouwen.estate.models import Occupancy
from shouwen.kernel import clock
from shouwen.people.models import Post
from tests.cast import Cast, make_owner, make_person, make_staff, make_unit
from tests.house.world import picture

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
        url, typed | {"key": "once-1", "switch": "4", "urgent": "on", "preferred_at": "2099-11-30T14:30"}
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
        "preferred_at": "2099-11-30T14:30",
    }  # fmt: skip
    assert 'value="2099-11-30T14:30"' in page.content.decode()
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


def test_who_is_complained_of_stays_while_another_kind_is_looked_at(cast: Cast, desk: Client) -> None:
    url = f"{reverse('intake')}?unit={cast.unit.pk}&kind="
    typed = {
        "channel": "desk",
        "title": "态度不好",
        "key": "k-1",
        "about_id": str(cast.wen.pk),
        "switch": "1",
    }
    repair = desk.post(f"{url}repair", typed).context["form"]
    assert repair["about_id"].is_hidden
    typed["about_id"] = str(repair["about_id"].value())
    complaint = desk.post(f"{url}complaint", typed).context["form"]
    assert (complaint["about_id"].is_hidden, complaint["about_id"].value()) == (False, str(cast.wen.pk))
    case = written(desk, f"{url}repair", about_id=typed["about_id"])
    assert (case.kind, case.about_id) == ("repair", None), "a repair is about nobody"


def test_another_home_gets_all_that_was_typed(cast: Cast, desk: Client) -> None:
    """By plain posts: the form, the search with what was typed, a hit, and the form of that home."""
    son, home = make_person(cast.community, "宋之问", "13800009999"), make_unit(cast.community, "5-2-0803")
    make_owner(home, son)
    first = desk.get(f"{reverse('intake')}?kind=complaint&unit={cast.unit.pk}")
    begins = clock.local(clock.at(clock.today() + timedelta(days=1), time(9)))
    typed = {
        "channel": "hotline", "category": "attitude", "title": "态度不好", "words": "说话难听", "asker": "梅若兰",
        "phone": "13700001111", "about_id": str(cast.wen.pk), "key": "k-2", "switch": "place",
        "preferred_at": f"{begins:%Y-%m-%dT%H:%M}", "preferred_until": "12:00",
    }  # fmt: skip
    moving = desk.post(first.context["change_url"], typed | {"photos": [picture()]})
    kept = dict(moving.context["keep"])
    assert kept.keys() == typed.keys() - {"asker", "switch"}, "the name of the old home stays there"
    (photo,) = moving.context["kept"]
    stay = moving.context["stay"]
    assert (stay.words, f"unit={cast.unit.pk}" in stay.url) == ("不换了，还是 3-1-1201", True)
    found = desk.post(first.context["change_url"], kept | {"kept": photo.id, "q": "szw"})
    (hit,) = found.context["hit_groups"][0].hits
    assert f'formaction="{escape(hit.url)}"' in found.content.decode()
    page = desk.post(hit.url, dict(found.context["keep"]) | {"kept": photo.id, "switch": "place"})
    form = page.context["form"]
    assert {n: form[n].value() for n in kept if n != "key"} == {n: v for n, v in kept.items() if n != "key"}
    assert (form["asker"].value(), page.context["key"]) == ("宋之问", "k-2")
    assert f'name="kept" value="{photo.id}" checked' in page.content.decode()
    case = written(desk, hit.url, **kept, asker="宋之问", kept=photo.id)
    assert (case.unit, case.person, case.about, case.photos.count()) == (home, son, cast.wen, 1)


def test_a_refused_form_keeps_its_photos_and_nobody_takes_those_of_another(cast: Cast, desk: Client) -> None:
    url = f"{reverse('intake')}?kind=repair&unit={cast.unit.pk}"
    refused = desk.post(url, {"channel": "desk", "title": "", "key": "k-3", "photos": [picture()]})
    assert refused.status_code == 422
    (photo,) = refused.context["kept"]
    assert written(desk, url, kept=photo.id).photos.count() == 1
    desk.force_login(cast.alice)
    assert written(desk, url, kept=[photo.id, "x", str(uuid4())]).photos.count() == 0
    wrong = desk.post(
        url, {"channel": "desk", "title": "漏", "key": "k-4", "photos": [BytesIO(b"no picture")]}
    )
    assert (wrong.status_code, wrong.context["kept"]) == (422, ())


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
