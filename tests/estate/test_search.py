"""One box: what is typed finds the unit, the person, the car; and never across the fence."""

from datetime import date

import pytest

from shouwen.estate import household as households
from shouwen.estate.models import Chronicle, Contact, Unit, Vehicle
from shouwen.estate.search import persons_found, search, units_found
from tests.cast import PHONE, make_owner, make_person, make_unit


@pytest.mark.parametrize(
    "typed", ["3-1-1201", "311201", "3栋1单元1201", "03-01-1201", "3-1-12", "1201", "3栋1201", "3-1201"]
)
def test_a_unit_is_found_however_its_code_is_typed(cast, typed):
    assert [u.code for u in search(cast.actor(cast.bob), typed).units] == ["3-1-1201"]


@pytest.mark.parametrize(
    "typed",
    ["梅若兰", "若兰", "梅", "mrl", "meiruolan", "mei", "MRL", PHONE, "139 0000 1201", "00001201", "1201"],
)
def test_a_person_is_found_by_name_pinyin_or_telephone(cast, typed):
    hit = search(cast.actor(cast.bob), typed).persons[0]
    assert (hit.name, hit.phone) == ("梅若兰", "139****1201")
    assert hit.units == ((cast.unit.pk, "3-1-1201", "业主"),)


@pytest.mark.parametrize("typed", ["沪A12345", "沪A·12345", "a12345", "2345"])
def test_a_vehicle_is_found_by_any_part_of_its_plate(cast, typed):
    Vehicle.objects.create(community=cast.community, unit=cast.unit, person=cast.mei, plate="沪A12345")
    assert search(cast.actor(cast.bob), typed).vehicles[0].person == "梅若兰"


def test_the_whole_code_comes_before_what_only_begins_so(cast):
    for code in ("3-1-12011", "12-1-0101", "3-11-201", "3-2-1201"):
        make_unit(cast.community, code)
    bob = cast.actor(cast.bob)
    assert search(bob, "3-1-1201").units[0].code == "3-1-1201"
    assert {u.code for u in search(bob, "3栋1201").units} == {"3-1-1201", "3-1-12011", "3-2-1201"}, (
        "either entrance"
    )


@pytest.mark.parametrize(
    "typed", ["3-1-1201", "梅若兰", "mrl", PHONE, "沪A12345", "", "%", "'", "'); drop", "：", "😀", "a" * 999]
)
def test_charlie_finds_nothing_and_nothing_breaks(cast, typed):
    Vehicle.objects.create(community=cast.community, plate="沪A12345")
    hits = search(cast.actor(cast.charlie), typed)
    assert (hits.units, hits.persons, hits.vehicles) == ([], [], [])
    search(cast.actor(cast.bob), typed)


@pytest.mark.parametrize("typed", ["a" * 20_000, "梅" * 20_000, "9" * 20_000, "a\0b"])
def test_what_nobody_types_is_no_fault_of_a_form_that_asks_for_a_person(cast, typed):
    assert [*persons_found([cast.community.pk], typed), *units_found([cast.community.pk], typed)] == []


def test_wen_who_may_not_see_the_estate_finds_nothing(cast):
    assert not search(cast.actor(cast.wen), "梅若兰").persons


def test_merged_persons_and_retired_units_are_not_found(cast):
    twin = make_person(cast.community, "梅若兰")
    twin.merged_into = cast.mei
    twin.save()
    Unit.objects.filter(pk=cast.unit.pk).update(retired_on=date(2026, 1, 1))
    hits = search(cast.actor(cast.bob), "梅若兰")
    assert [p.id for p in hits.persons] == [cast.mei.pk]
    assert not search(cast.actor(cast.bob), "3-1-1201").units


def test_search_asks_the_same_number_of_questions_however_much_it_finds(cast, django_assert_max_num_queries):
    for n in range(20):
        person = make_person(
            cast.community, f"梅{'一二三四五六七八九十'[n % 10]}{'甲乙'[n // 10]}", f"1390000{n:04d}"
        )
        make_owner(make_unit(cast.community, f"5-1-{n + 1:02d}01"), person)
    with django_assert_max_num_queries(5):
        search(cast.actor(cast.bob), "梅")


def test_the_household_shows_who_lives_there_masked(cast, django_assert_max_num_queries):
    lan = make_person(cast.community, "兰心")
    Contact.of(lan, "13900008888").save()
    upstairs = make_unit(cast.community, "3-1-1301")
    Chronicle.objects.create(
        community=cast.community, unit=cast.unit, on=date(2024, 5, 1), words="厨房漏水，已赔付"
    )
    bob = cast.actor(cast.bob)
    with django_assert_max_num_queries(4):
        home = households.household(cast.unit, bob)
    assert [(m.name, m.role_words, m.phones[0].masked) for m in home.members] == [
        ("梅若兰", "业主", "139****1201")
    ]
    assert households.neighbours(cast.unit) == households.Neighbours(
        (), (), above=households.Neighbour(upstairs.pk, "3-1-1301"), below=None
    )
    assert home.chronicle[0].words == "厨房漏水，已赔付"
    assert [m.name for m in households.household(cast.unit, cast.actor(cast.wen)).members] == ["梅**"]
