"""What a household's live stream may tell of: what its page may show, and of nobody else's."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.urls import reverse
from psycopg.types.range import DateRange

from shouwen.cases import actions
from shouwen.cases.intake import Intake, register
from shouwen.cases.merging.actions import merge
from shouwen.cases.models import Case
from shouwen.estate.models import Occupancy
from shouwen.kernel import journal
from shouwen.portal.cards import cards, mark
from tests.cases.test_merging import repair
from tests.cast import Cast, make_owner, make_person, make_unit
from tests.house.residents import tie
from tests.portal.conftest import Browser

pytestmark = pytest.mark.django_db
GRANT = "portal:events_grant"


def complaint(cast: Cast) -> Case:
    asked = Intake(
        cast.community.pk, "complaint", "noise", "楼上太吵", unit_id=cast.unit.pk, person_id=cast.mei.pk
    )
    return register(asked, actor=cast.actor(cast.bob))


def test_each_hears_of_what_they_may_see(cast: Cast, browser: Browser) -> None:
    broken, loud = repair(cast, person_id=cast.mei.pk), complaint(cast)
    next_door, neighbour = make_unit(cast.community, "3-1-1202"), make_person(cast.community, "邻居甲")
    make_owner(next_door, neighbour)
    family, shop = tie(cast.unit, "家人丁", "family"), tie(cast.unit, "店员戊", "employee")

    def told(*who: object) -> tuple[list[int], set[str]]:
        answer = browser(*who).get(reverse(GRANT)).json()
        return answer["units"], set(answer["matters"])

    assert told() == ([cast.unit.pk], {str(broken.pk), str(loud.pk)})
    assert told(cast.unit, family) == ([cast.unit.pk], {str(broken.pk)})
    assert told(cast.unit, shop) == ([cast.unit.pk], set())
    assert told(next_door, neighbour) == ([next_door.pk], set())


def test_who_moved_out_is_granted_nothing(cast: Cast, browser: Browser) -> None:
    client = browser()
    assert client.get(reverse(GRANT)).status_code == 200
    Occupancy.objects.filter(unit=cast.unit).update(during=DateRange(date(2020, 5, 1), date(2021, 1, 1)))
    assert client.get(reverse(GRANT)).status_code == 302


def test_what_was_joined_by_another_household_is_told_apart(cast: Cast) -> None:
    """The one fact of a household's own matter that is another's doing."""
    kept, twice = repair(cast, person_id=cast.mei.pk), repair(cast)
    facts: list[journal.Fact] = []
    with journal.frame(cast.actor(cast.bob)) as frame:
        merge(twice.pk, actor=cast.actor(cast.bob), into=kept.pk)
        facts += frame.facts
    (_sql, (payloads,)) = journal._announcement(facts)[0]
    told = {event["id"]: event for event in map(json.loads, payloads) if event["kind"] == "case"}
    assert (told[str(kept.pk)]["apart"], told[str(twice.pk)]["apart"]) == (True, False)
    assert {event["unit"] for event in told.values()} == {cast.unit.pk}


def test_a_list_has_another_mark_once_one_of_its_matters_moves(cast: Cast) -> None:
    case = repair(cast, person_id=cast.mei.pk)
    first = mark(cards([case]))
    assert first == mark(cards([case])), "nothing moved"
    late = repair(cast, person_id=cast.mei.pk)
    assert first != mark(cards([case, late]))
    actions.cancel(case.pk, actor=cast.actor(cast.bob), by="resident", words="不用修了")
    assert first != mark(cards([Case.objects.select_related("first_responder").get(pk=case.pk)]))
