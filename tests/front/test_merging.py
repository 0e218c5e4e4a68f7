"""Joining two matters at the desk: at the intake, on the case, and what the addresses of both lead to."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases.models import Case, Photo, State
from shouwen.kernel import files
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cases.test_actions import take
from tests.cases.test_merging import repair
from tests.cast import Cast, make_unit
from tests.house.world import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def test_one_press_on_the_later_case_leads_to_the_kept_one(cast: Cast, desk: Client) -> None:
    kept = repair(cast)
    given = {"unit_id": make_unit(cast.community, "3-1-1301").pk, "asker": "周敏", "words": "按了没反应"}
    bob = cast.actor(cast.bob)
    shot = files.accept(picture(), frozenset({files.IMAGE}), actor=bob, community_id=cast.community.pk)
    twice = repair(cast, photos=(shot.pk,), **given)
    shown = desk.get(reverse("case", args=[twice.pk])).context["case"].similar
    assert [one.row.id for one in shown] == [str(kept.pk)]
    assert shown[0].join.label == "并入这一件"
    from_kept = desk.get(reverse("case", args=[kept.pk])).context["case"].similar
    assert from_kept[0].join.url == shown[0].join.url
    answer = desk.post(shown[0].join.url, dict(shown[0].join.hidden), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("case", args=[kept.pk])
    case = answer.context["case"]
    assert f"并入 {twice.number} 3-1-1301 周敏" in [fact.text for fact in case.facts]
    assert any("按了没反应" in item.quote and item.photos for item in case.timeline)
    assert desk.get(reverse("photo", args=[Photo.objects.get(case=twice).pk, "thumb"])).status_code == 200
    assert desk.get(reverse("case", args=[twice.pk])).url == reverse("case", args=[kept.pk])
    assert desk.get(f"/desk/pool/?case={twice.pk}").url == f"/desk/pool/?case={kept.pk}"
    hits = desk.get(reverse("search"), {"q": twice.number}).context["hit_groups"]
    assert [hit.url for group in hits for hit in group.hits] == [reverse("case", args=[twice.pk])]


def test_a_running_order_greys_the_press_and_says_why(cast: Cast, desk: Client) -> None:
    repair(cast)
    twice = repair(cast)
    works.assign(Order.objects.get(case=twice).pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
    page = desk.get(reverse("case", args=[twice.pk]))
    assert page.context["case"].similar[0].join.refused == "派工单已经派出，先撤回或办完，再并入。"
    assert "派工单已经派出，先撤回或办完，再并入。" in page.content.decode()


def test_a_number_that_nobody_knows_keeps_what_was_typed(cast: Cast, desk: Client) -> None:
    case = repair(cast)
    answer = desk.post(reverse("case_move", args=[case.pk, "merge"]), {"number": "000000-009"})
    assert answer.status_code == 422
    assert "没有单号是“000000-009”的事项，或你看不到它。" in answer.content.decode()
    assert answer.context["form"]["number"].value() == "000000-009"


def test_the_intake_joins_in_one_press_and_a_second_press_changes_nothing(cast: Cast, desk: Client) -> None:
    kept = repair(cast)
    url = f"{reverse('intake')}?kind=repair&unit={cast.unit.pk}"
    typed = {"channel": "hotline", "title": "电梯又停了", "category": "lamp", "key": "k1"}
    found = desk.get(f"{url}&title=电梯又停了&category=lamp")
    assert [row.id for row in found.context["duplicates"]] == [str(kept.pk)]
    for _press in range(2):
        answer = desk.post(url, typed | {"join": str(kept.pk)})
        assert answer.url == reverse("case", args=[kept.pk])
    (twice,) = kept.merged.all()
    assert (twice.title, twice.state) == ("电梯又停了", State.MERGED)
    assert Case.objects.count() == 2


def test_an_intake_that_may_not_join_is_registered_all_the_same(cast: Cast, desk: Client) -> None:
    other = take(cast, cast.bob)
    url = f"{reverse('intake')}?kind=repair&unit={cast.unit.pk}"
    typed = {"channel": "desk", "title": "灯不亮", "category": "lamp", "join": str(other.pk)}
    page = desk.post(url, typed, follow=True).content.decode()
    case = Case.objects.get(title="灯不亮")
    assert case.state == State.RECEIVED
    assert f"{case.number} 已登记，没有并入：{other.number} 是咨询，只能并入同一类型的事项。" in page
