"""Records: what may be written, what is refused, and what the journal says of it."""

from datetime import date, time
from decimal import Decimal

import pytest

from shouwen.estate import actions, hours, lineage, persons_actions
from shouwen.estate.models import Community, Contact, Lineage, Occupancy, Unit, Vehicle
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Stale
from tests.cast import PHONE, make_owner, make_person, make_unit


def verbs() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def test_a_unit_is_added_and_changed_on_record(cast):
    bob = cast.actor(cast.bob)
    unit = actions.add_unit(cast.building.pk, actor=bob, code="3-1-1202", floor=12, door="1202")
    unit = actions.edit_unit(unit.pk, actor=bob, version=1, remark="家有幼儿", status="occupied")
    assert (unit.version, unit.remark) == (2, "家有幼儿")
    assert verbs() == ["unit:added", "unit:changed"]
    assert Entry.objects.get(verb="unit:changed").data == {"fields": "remark,status"}


def test_nothing_changed_leaves_no_fact(cast):
    actions.edit_unit(cast.unit.pk, actor=cast.actor(cast.bob), remark="")
    assert verbs() == []


def test_a_stale_form_is_refused_with_the_newest_row(cast):
    bob = cast.actor(cast.bob)
    actions.edit_unit(cast.unit.pk, actor=bob, version=1, remark="甲")
    with pytest.raises(Stale) as refusal:
        actions.edit_unit(cast.unit.pk, actor=bob, version=1, remark="乙")
    assert refusal.value.row.remark == "甲"


def test_the_same_room_number_twice_is_refused_in_a_sentence(cast):
    with pytest.raises(Refused, match="这个项目已有同号的房屋"):
        actions.add_unit(cast.building.pk, actor=cast.actor(cast.bob), code="3-1-1201")


def test_areas_are_checked_by_the_database(cast):
    with pytest.raises(Refused, match="套内面积不能大于建筑面积"):
        actions.edit_unit(
            cast.unit.pk, actor=cast.actor(cast.bob), inner_area=Decimal(100), built_area=Decimal(90)
        )


def test_charlie_sees_nothing_and_wen_may_not(cast):
    with pytest.raises(NotFound):
        actions.edit_unit(cast.unit.pk, actor=cast.actor(cast.charlie), remark="x")
    with pytest.raises(NotAllowed):
        actions.edit_unit(cast.unit.pk, actor=cast.actor(cast.wen), remark="x")
    with pytest.raises(NotAllowed):
        actions.add_building(cast.community.pk, actor=cast.actor(cast.charlie), code="9")


def test_text_that_is_too_long_is_refused(cast):
    with pytest.raises(Refused, match="服务提示"):
        actions.edit_unit(cast.unit.pk, actor=cast.actor(cast.bob), remark="长" * 500)


def test_a_person_is_found_by_every_reading_and_kept_sealed(cast):
    row = persons_actions.add_person(
        cast.community.pk, actor=cast.actor(cast.bob), name="乐晓", phone="139 0000 7788"
    )
    assert {"yx", "lx"} <= set(row.forms.split())
    contact = row.contacts.get()
    assert (contact.number, contact.primary) == ("13900007788", True)
    assert verbs() == ["person:added", "contact:added"]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("110101199003071234", "校验"),
        ("11010519491231002", "17 位"),
        ("1101051949123100", "16 位"),
        ("1101051949123100211", "19 位"),
        ("12", "太短"),
    ],
)
def test_a_wrong_identity_number_is_refused(cast, number, why):
    with pytest.raises(Refused, match=why):
        persons_actions.add_person(
            cast.community.pk, actor=cast.actor(cast.bob), name="王一", id_number=number
        )


@pytest.mark.parametrize(
    "number",
    ["11010519491231002x", "110105491231002", "E12345678", "H1234567890", "91110000600037341L", "01234567"],
)
def test_papers_of_every_kind_are_taken(cast, number):
    row = persons_actions.add_person(
        cast.community.pk, actor=cast.actor(cast.bob), name="王一", id_number=number
    )
    assert row.id_number == number.upper()


def test_a_telephone_that_is_none_is_refused_and_the_same_one_twice_too(cast):
    bob = cast.actor(cast.bob)
    with pytest.raises(Refused, match="应为 11 位"):
        persons_actions.add_contact(cast.mei.pk, actor=bob, number="12345")
    with pytest.raises(Refused, match="这个人已有这个号码"):
        persons_actions.add_contact(cast.mei.pk, actor=bob, number=PHONE)


def test_a_number_is_revealed_for_a_purpose_on_record(cast):
    contact = cast.mei.contacts.get()
    assert persons_actions.reveal_phone(contact.pk, "call_back", actor=cast.actor(cast.bob)) == PHONE
    fact = Entry.objects.get()
    assert (fact.verb, fact.data["purpose"], fact.actor_id) == ("contact:revealed", "call_back", cast.bob.pk)
    assert PHONE not in str(fact.data)
    with pytest.raises(Refused):
        persons_actions.reveal_phone(contact.pk, "curious", actor=cast.actor(cast.bob))
    with pytest.raises(NotAllowed):
        persons_actions.reveal_phone(contact.pk, "call_back", actor=cast.actor(cast.wen))
    with pytest.raises(NotFound):
        persons_actions.reveal_phone(contact.pk, "call_back", actor=cast.actor(cast.charlie))


def test_moving_out_keeps_history_and_makes_room_for_the_next_owner(cast):
    bob = cast.actor(cast.bob)
    lan = make_person(cast.community, "兰心")
    with pytest.raises(Refused, match="已有业主"):
        persons_actions.move_in(
            cast.unit.pk, actor=bob, person_id=lan.pk, role="owner", since=date(2026, 1, 1)
        )
    mine = Occupancy.objects.get(person=cast.mei)
    persons_actions.move_out(mine.pk, actor=bob, on=date(2025, 12, 31))
    persons_actions.move_in(cast.unit.pk, actor=bob, person_id=lan.pk, role="owner", since=date(2026, 1, 1))
    assert Occupancy.objects.count() == 2
    assert [o.person_id for o in Occupancy.objects.current(date(2025, 12, 31))] == [cast.mei.pk]
    assert [o.person_id for o in Occupancy.objects.current(date(2026, 1, 1))] == [lan.pk]
    with pytest.raises(Refused, match="已经结束"):
        persons_actions.move_out(mine.pk, actor=bob, on=date(2025, 12, 30))


def test_nobody_moves_out_before_moving_in(cast):
    mine = Occupancy.objects.get(person=cast.mei)
    with pytest.raises(Refused, match="不能早于"):
        persons_actions.move_out(mine.pk, actor=cast.actor(cast.bob), on=date(2019, 1, 1))


def test_a_person_of_another_community_cannot_move_in(cast):
    stranger = make_person(cast.other, "外人")
    with pytest.raises(NotFound):
        persons_actions.move_in(
            cast.unit.pk,
            actor=cast.actor(cast.bob),
            person_id=stranger.pk,
            role="family",
            since=date(2026, 1, 1),
        )


def test_splitting_a_unit_carries_its_people_along(cast):
    bob = cast.actor(cast.bob)
    Vehicle.objects.create(community=cast.community, unit=cast.unit, person=cast.mei, plate="沪A12345")
    parts = [lineage.Part("3-1-1201A", "1201A"), lineage.Part("3-1-1201B", "1201B")]
    new = lineage.split_unit(cast.unit.pk, actor=bob, parts=parts, on=date(2026, 3, 1))
    old = Unit.objects.get(pk=cast.unit.pk)
    assert old.retired_on == date(2026, 3, 1)
    assert Lineage.objects.filter(before=old, kind="split").count() == 2
    ended = Occupancy.objects.get(unit=old)
    assert ended.during.upper == date(2026, 3, 1)
    for unit in new:
        begun = Occupancy.objects.get(unit=unit)
        assert (begun.person_id, begun.role, begun.during.lower) == (cast.mei.pk, "owner", date(2026, 3, 1))
    assert Vehicle.objects.get().unit == new[0]
    with pytest.raises(Refused, match="已拆分或合并"):
        actions.edit_unit(old.pk, actor=bob, remark="x")


def test_a_retired_room_number_can_be_used_again(cast):
    parts = [lineage.Part("3-1-1201"), lineage.Part("3-1-1201B")]
    new = lineage.split_unit(cast.unit.pk, actor=cast.actor(cast.bob), parts=parts, on=date(2026, 3, 1))
    assert new[0].code == "3-1-1201"


def test_merging_units_makes_the_second_owner_a_co_owner(cast):
    lan = make_person(cast.community, "兰心")
    second = make_unit(cast.community, "3-1-1202")
    make_owner(second, lan)
    new = lineage.merge_units(
        [cast.unit.pk, second.pk],
        actor=cast.actor(cast.bob),
        part=lineage.Part("3-1-1201/1202"),
        on=date(2026, 3, 1),
    )
    roles = dict(Occupancy.objects.filter(unit=new).values_list("person__name", "role"))
    assert roles == {"梅若兰": "owner", "兰心": "co_owner"}
    assert Unit.objects.filter(retired_on__isnull=True, community=cast.community).count() == 1


def test_units_of_two_buildings_do_not_merge(cast):
    second = make_unit(cast.community, "4-1-1202")
    with pytest.raises(Refused, match="同一楼栋"):
        lineage.merge_units([cast.unit.pk, second.pk], actor=cast.actor(cast.bob), part=lineage.Part("x"))


def test_merging_persons_moves_what_they_have(cast):
    twin = make_person(cast.community, "梅若蘭", "13900001201")
    Contact.of(twin, "13900009999").save()
    second = make_unit(cast.community, "3-1-1202")
    make_owner(second, twin)
    Occupancy.objects.create(
        community=cast.community, unit=cast.unit, person=twin, role="family", during=(date(2021, 1, 1), None)
    )
    kept = persons_actions.merge_persons(cast.mei.pk, actor=cast.actor(cast.bob), other_id=twin.pk)
    assert sorted(str(c.number) for c in kept.contacts.all()) == ["13900001201", "13900009999"]
    assert kept.contacts.filter(primary=True).count() == 1
    assert kept.occupancies.count() == 3
    twin.refresh_from_db()
    assert twin.merged_into == kept
    with pytest.raises(Refused, match="已合并"):
        persons_actions.edit_person(twin.pk, actor=cast.actor(cast.bob), remark="x")


def test_merging_persons_joins_overlapping_occupancies(cast):
    twin = make_person(cast.community, "梅若蘭")
    Occupancy.objects.filter(person=cast.mei).update(role="family")
    Occupancy.objects.create(
        community=cast.community,
        unit=cast.unit,
        person=twin,
        role="family",
        during=(date(2018, 1, 1), date(2021, 1, 1)),
    )
    kept = persons_actions.merge_persons(cast.mei.pk, actor=cast.actor(cast.bob), other_id=twin.pk)
    joined = kept.occupancies.get()
    assert (joined.during.lower, joined.during.upper) == (date(2018, 1, 1), None)


def test_hours_are_versioned_and_say_when_they_overlap(cast):
    alice = cast.actor(cast.alice)
    before = hours.calendar_of(cast.community)
    week = (((time(8), time(12)), (time(14), time(22))),) * 7
    after = hours.set_hours(cast.community.pk, actor=alice, week=week, version=1)
    assert after.calendar_version == before.version + 1
    assert hours.calendar_of(after).week == week
    with pytest.raises(Refused, match="互相重叠"):
        hours.set_hours(
            cast.community.pk, actor=alice, week=(((time(8), time(12)), (time(11), time(13))),) * 7
        )
    with pytest.raises(Refused, match="互相重叠"):
        hours.set_hours(cast.community.pk, actor=alice, week=(((time(8), time(9)), (time(22), time(9))),) * 7)
    with pytest.raises(Refused, match="至少"):
        hours.set_hours(cast.community.pk, actor=alice, week=((),) * 7)
    with pytest.raises(NotAllowed):
        hours.set_hours(cast.community.pk, actor=cast.actor(cast.bob), week=week)


def test_a_day_kept_differently_changes_the_calendar(cast):
    day = date(2026, 7, 1)
    row = hours.set_day(cast.community.pk, actor=cast.actor(cast.alice), on=day, kind="holiday")
    assert not hours.calendar_of(row).is_open(day)
    row = hours.set_day(cast.community.pk, actor=cast.actor(cast.alice), on=day, kind=None)
    assert hours.calendar_of(row).is_open(day)
    assert Community.objects.get(pk=row.pk).calendar_version == 3


def test_the_key_of_a_unit_is_the_same_in_python_and_sql(cast):
    from shouwen.estate.keys import unit_key

    for n, code in enumerate(
        ["03栋1单元1201", "A座-0801", "B1-3-301", "地下车库 C012", "12号楼3单元602室", "3-1-1202"]
    ):
        unit = Unit.objects.create(community=cast.community, building=cast.building, code=code)
        unit.refresh_from_db()
        assert unit.key == unit_key(code), n
        assert unit.compact == unit_key(code).replace("-", "")
