"""The page of notices."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases.intake import Intake, register
from shouwen.notices import actions
from shouwen.notices.models import Notice
from tests.cast import Cast, cast

__all__ = ["cast"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.bob, backend="django.contrib.auth.backends.ModelBackend")
    return client


def tell(cast: Cast, staff, code: str = "case.urged", matter=None, **data: object) -> Notice:
    once = f"{code}:{matter}:{Notice.objects.count()}"
    actions.tell(cast.community.pk, [staff.pk], code, data=data, matter=matter, once=once)  # type: ignore[arg-type]
    return Notice.objects.latest("id")


def test_the_page_shows_my_notices_and_nobody_elses(cast: Cast, bob: Client) -> None:
    intake = Intake(cast.community.pk, "inquiry", "fee", "物业费怎么算", unit_id=cast.unit.pk)
    case = register(intake, actor=cast.actor(cast.bob))
    tell(cast, cast.bob, matter=case.pk)
    tell(cast, cast.bob, "duty.late", matter=case.pk, clause="inquiry.answer", rung=2)
    tell(cast, cast.alice, "case.handed")
    tell(cast, cast.bob, "of.another.version")
    text = bob.get(reverse("notice_list")).content.decode()
    assert "住户催办" in text
    assert "「咨询答复」已到期" in text
    assert "3-1-1201 物业费怎么算" in text
    assert "转给你办理" not in text
    assert "of.another.version" in text


def test_opening_a_notice_reads_it_and_leads_to_the_case(cast: Cast, bob: Client) -> None:
    intake = Intake(cast.community.pk, "inquiry", "fee", "物业费怎么算", unit_id=cast.unit.pk)
    case = register(intake, actor=cast.actor(cast.bob))
    row = tell(cast, cast.bob, matter=case.pk)
    response = bob.get(reverse("notice", args=[row.pk]))
    assert (response.status_code, response["Location"]) == (302, reverse("case", args=[case.pk]))
    row.refresh_from_db()
    assert row.read_at is not None
    assert bob.get(reverse("notice", args=[tell(cast, cast.alice).pk])).status_code == 404


def test_all_are_read_at_once_but_not_what_came_since(cast: Cast, bob: Client) -> None:
    first = tell(cast, cast.bob)
    bob.post(reverse("notices_read"), {"until": first.at.isoformat()})
    tell(cast, cast.bob)
    assert Notice.objects.filter(read_at=None).count() == 1
    bob.post(reverse("notices_read"), {"until": "nonsense"})
    assert not Notice.objects.filter(read_at=None).exists()
    assert bob.get(reverse("notices_read")).status_code == 405


def test_the_list_asks_as_much_for_fifty_as_for_one(
    cast: Cast, bob: Client, django_assert_max_num_queries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    tell(cast, cast.bob)
    bob.get(reverse("notice_list"))
    with CaptureQueriesContext(connection) as one:
        bob.get(reverse("notice_list"))
    for _ in range(49):
        tell(cast, cast.bob)
    with CaptureQueriesContext(connection) as fifty:
        bob.get(reverse("notice_list"))
    assert len(one) == len(fifty)
