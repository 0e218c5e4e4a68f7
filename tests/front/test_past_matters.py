"""What a home and a person brought before: found from their pages, from the list of all, and beside the next case."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from shouwen.cases.models import Case
from shouwen.estate.models import Unit
from shouwen.front import households
from shouwen.kernel import clock
from tests.cast import PHONE, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


@pytest.fixture
def past(cast: Cast) -> list[Case]:
    """Twelve closed cases of Mei's home, the oldest first, and an open one of another place."""
    now = clock.now()

    def case(turn: int, **more: Any) -> Case:
        return Case(
            community=cast.community, number=f"260700-{turn:04d}", turn=turn, kind="repair", category_id="leak",
            title=f"漏水第{turn:02d}次", first_responder=cast.bob, happened_at=now, recorded_at=now, opened_at=now,
            **more,
        )  # fmt: skip

    home: dict[str, Any] = {"unit": cast.unit, "place": cast.unit.code, "person": cast.mei}
    rows = [case(turn, **home, state="satisfied", closed_at=now) for turn in range(1, 13)]
    return Case.objects.bulk_create([*rows, case(13, space=cast.space, place="楼道")])


@pytest.mark.parametrize("kind", ["unit", "person"])
def test_the_page_shows_the_newest_ten_and_leads_to_all(
    cast: Cast, desk: Client, past: list[Case], kind: str
) -> None:
    key = cast.unit.pk if kind == "unit" else cast.mei.pk
    shown = desk.get(f"/{kind}s/{key}/").content.decode()
    assert "历次事项" in shown
    assert "满意关闭" in shown
    assert [c.number in shown for c in past] == [False] * 2 + [True] * 10 + [False]
    assert f"/cases/?{kind}={key}" in shown
    everything = desk.get(f"/cases/?{kind}={key}").content.decode()
    assert [c.number in everything for c in past] == [True] * 12 + [False]
    assert f'type="hidden" name="{kind}" value="{key}"' in everything
    narrowed = desk.get(f"/cases/?{kind}={key}&q=第03次&state=satisfied").content.decode()
    assert [c.number for c in past if c.number in narrowed] == [past[2].number]


def test_a_stranger_gets_404_for_what_a_home_or_person_brought(cast: Cast, client: Client) -> None:
    client.force_login(cast.charlie)
    for question in (f"unit={cast.unit.pk}", f"person={cast.mei.pk}", f"unit={'9' * 30}"):
        assert client.get(f"/cases/?{question}").status_code == 404


def test_the_list_finds_a_closed_case_by_telephone_name_and_pinyin(
    cast: Cast, desk: Client, past: list[Case]
) -> None:
    for said in (PHONE, PHONE[-4:], cast.mei.name, cast.mei.initials, cast.mei.pinyin):
        shown = desk.get("/cases/", {"q": said}).content.decode()
        assert past[0].number in shown
        assert past[-1].number not in shown
        assert past[11].number in desk.get("/search/", {"q": said}).content.decode()


def test_the_panel_beside_a_case_shows_what_was_closed_with_as_many_questions(
    cast: Cast, desk: Client, past: list[Case], django_assert_max_num_queries: Any
) -> None:
    me, unit = cast.actor(cast.bob), Unit.objects.get(pk=cast.unit.pk)
    with django_assert_max_num_queries(12):
        household = households.panel(unit, me)
    (section,) = (s for s in household.sections if s.title == "历次事项")
    assert isinstance(section, households.look.Lines)
    assert [line.words for line in section.lines] == [c.title for c in past[11:6:-1]]
    assert "漏水第12次" in desk.get(f"/cases/{past[0].pk}/").content.decode()
