"""Units and rows of persons that were merged: what was brought before is still theirs, to follow and to confirm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from psycopg.types.range import DateRange

from shouwen.cases import actions as cases
from shouwen.cases.calling.numbers import callee
from shouwen.cases.models import Case
from shouwen.estate.household import became
from shouwen.estate.lineage import Part, merge_units, split_unit
from shouwen.estate.models import Occupancy, Unit
from shouwen.estate.persons_actions import merge_persons
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver
from shouwen.notices import outbox
from shouwen.people.viewers import ResidentActor
from tests.cases.test_actions import take
from tests.cases.test_residents import finished, report
from tests.cast import PHONE, Cast, make_owner, make_person, make_unit
from tests.notices.mailroom import mail_server, mailbox
from tests.portal.conftest import Browser

pytestmark = pytest.mark.django_db


def answered(cast: Cast, **changes: object) -> Case:
    """An inquiry that waits for its asker's word."""
    case = take(cast, cast.bob, **changes)
    return cases.answer(case.pk, actor=cast.actor(cast.bob), words="按面积算")


def says_yes(telephone: Client, case: Case) -> str:
    telephone.post(reverse("portal:act", args=[case.pk, "confirm"]), {"satisfied": "yes"})
    return Case.objects.get(pk=case.pk).state


def test_whose_rows_were_made_one_confirms_what_was_brought_under_the_other(
    cast: Cast, browser: Browser
) -> None:
    twice = make_person(cast.community, "梅若蘭")
    case = answered(cast, person_id=twice.pk)
    telephone = browser()
    assert telephone.get(reverse("portal:matter", args=[case.pk])).status_code == 404
    merge_persons(cast.mei.pk, actor=cast.actor(cast.alice), other_id=twice.pk)
    case = Case.objects.get(pk=case.pk)
    called = callee(case)
    assert called is not None
    assert (called.name, called.masked) == ("梅若兰", "139****1201"), "and who calls back finds a number"
    assert says_yes(telephone, case) == "satisfied"


def test_letters_go_to_the_row_that_is_still_theirs_also_those_that_waited(cast: Cast, settings: Any) -> None:
    settings.SITE_URL = "https://shouwen.test"
    twice, bob = make_person(cast.community, "梅若蘭"), cast.actor(cast.bob)
    twice.email, cast.mei.email = "old@home.test", "mei@home.test"
    twice.save()
    cast.mei.save()
    with mail_server() as (postman, port):
        mailbox(port)
        case = take(cast, cast.bob, person_id=twice.pk)
        deliver()
        merge_persons(cast.mei.pk, actor=cast.actor(cast.alice), other_id=twice.pk)
        outbox.send()
        cases.answer(case.pk, actor=bob, words="按面积算")
        deliver()
        outbox.send()
        assert [m["To"] for m in postman.taken] == ["梅若兰 <mei@home.test>"] * 2


def test_the_people_of_merged_units_confirm_what_each_brought_from_their_own(
    cast: Cast, browser: Browser
) -> None:
    """Once in two steps: merged with the neighbour's, then divided. Nobody sees what the other brought before."""
    other, zhou = make_unit(cast.community, "3-1-1202"), make_person(cast.community, "周敏", "13900001202")
    make_owner(other, zhou)
    mine, theirs = (
        report(cast, person, unit_id=unit.pk) for unit, person in ((cast.unit, cast.mei), (other, zhou))
    )
    mine = finished(cast, mine)
    alice = cast.actor(cast.alice)
    both = merge_units([cast.unit.pk, other.pk], actor=alice, part=Part("3-1-1203"))
    parts = split_unit(both.pk, actor=alice, parts=[Part("3-1-1204"), Part("3-1-1205")])
    seen = {p: set(Case.objects.visible_to(ResidentActor.of(p))) for p in (cast.mei, zhou)}
    assert seen == {cast.mei: {mine}, zhou: {theirs}}
    assert became(Unit.objects.get(pk=cast.unit.pk)) == parts
    case = Case.objects.select_related("unit").get(pk=mine.pk)
    case.person = None
    called = callee(case)
    assert called is not None
    assert called.masked == f"{PHONE[:3]}****{PHONE[-4:]}"
    assert says_yes(browser(parts[0]), mine) == "satisfied"


def test_who_had_moved_out_before_gets_nothing_back_with_the_new_unit(cast: Cast) -> None:
    case = report(cast, cast.mei)
    today = clock.today()
    cast.mei.occupancies.update(during=(cast.mei.occupancies.get().during.lower, today - timedelta(days=9)))
    make_owner(cast.unit, make_person(cast.community, "新业主"), today - timedelta(days=9))
    other = make_unit(cast.community, "3-1-1202")
    both = merge_units([cast.unit.pk, other.pk], actor=cast.actor(cast.alice), part=Part("3-1-1203"))
    Occupancy.objects.create(
        community=cast.community, unit=both, person=cast.mei, role="co_owner", during=DateRange(today, None)
    )
    assert case not in Case.objects.visible_to(ResidentActor.of(cast.mei))
