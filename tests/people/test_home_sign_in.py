"""Residents sign in by a slip from the desk: once, within minutes, into one home, on record."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from psycopg.types.range import DateRange

from shouwen.estate import persons_actions
from shouwen.estate.models import Contact, Occupancy
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people import home_sign_in
from shouwen.people.models import HomeSignIn, HomeSlip
from shouwen.people.viewers import ResidentActor
from tests.cast import PHONE, Cast, make_owner, make_person, make_unit
from tests.threads import at_once

ADDRESS = "10.1.2.3"


def slip(cast: Cast) -> tuple[HomeSlip, str]:
    return home_sign_in.issue_slip(cast.unit.pk, actor=cast.actor(cast.bob), person_id=cast.mei.pk)


def enter(secret: str) -> tuple[HomeSignIn, str]:
    return home_sign_in.use_slip(secret, address=ADDRESS, agent="微信")


def test_a_slip_signs_one_person_in_to_one_home(cast: Cast) -> None:
    second = make_unit(cast.community, "3-1-1202")
    make_owner(second, cast.mei)
    row, secret = slip(cast)
    signed, cookie = enter(secret)
    found = home_sign_in.signed_in(cookie)
    assert found == signed
    assert (found.person, found.unit_id, found.by) == (cast.mei, cast.unit.pk, "slip")
    assert [s.unit_id for s in ResidentActor.of(cast.mei, found.unit_id).stays] == [cast.unit.pk]
    assert secret.encode() not in bytes(row.digest)
    said = list(Entry.objects.order_by("id").values_list("verb", "actor_kind", "actor_id", "unit_id"))
    here, mei = cast.unit.pk, cast.mei.pk
    assert said == [
        ("home_slip:issued", "staff", cast.bob.pk, here),
        ("home_slip:used", "resident", mei, here),
        ("resident:signed_in", "resident", mei, here),
    ]


def test_a_slip_works_once(cast: Cast) -> None:
    _row, secret = slip(cast)
    enter(secret)
    with pytest.raises(Refused, match="用过"):
        enter(secret)
    assert HomeSignIn.objects.count() == 1


def test_a_slip_is_over_after_a_quarter_of_an_hour(cast: Cast) -> None:
    _row, secret = slip(cast)
    with (
        clock.standing_at(clock.now() + timedelta(minutes=15, seconds=1)),
        pytest.raises(Refused, match="过期"),
    ):
        enter(secret)


def test_a_new_slip_ends_the_one_before(cast: Cast) -> None:
    _first, old = slip(cast)
    _second, new = slip(cast)
    with pytest.raises(Refused):
        enter(old)
    enter(new)


def test_a_slip_that_was_taken_back_lets_nobody_in(cast: Cast) -> None:
    row, secret = slip(cast)
    home_sign_in.void_slip(row.pk, actor=cast.actor(cast.bob))
    with pytest.raises(Refused):
        enter(secret)
    assert Entry.objects.filter(verb="home_slip:voided").count() == 1


def test_a_slip_goes_to_those_who_live_there_now(cast: Cast) -> None:
    stranger = make_person(cast.community, "路人甲")
    with pytest.raises(Refused, match="今天"):
        home_sign_in.issue_slip(cast.unit.pk, actor=cast.actor(cast.bob), person_id=stranger.pk)


def test_only_who_may_change_records_hands_out_slips(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        home_sign_in.issue_slip(cast.unit.pk, actor=cast.actor(cast.wen), person_id=cast.mei.pk)
    with pytest.raises(NotFound):
        home_sign_in.issue_slip(cast.unit.pk, actor=cast.actor(cast.charlie), person_id=cast.mei.pk)


def test_a_slip_of_somebody_who_moved_out_meanwhile_is_over(cast: Cast) -> None:
    _row, secret = slip(cast)
    Occupancy.objects.filter(person=cast.mei).update(during=DateRange(date(2020, 5, 1), clock.today()))
    with pytest.raises(Refused):
        enter(secret)


def test_wrong_links_are_counted_by_address(cast: Cast) -> None:
    for _ in range(30):
        assert not home_sign_in.slip_opens("guess", address=ADDRESS)
    with pytest.raises(Refused, match="分钟"):
        home_sign_in.slip_opens("guess", address=ADDRESS)
    assert not home_sign_in.slip_opens("guess", address="10.9.9.9")


def test_a_sign_in_ends_where_it_is_ended(cast: Cast) -> None:
    _row, secret = slip(cast)
    signed, cookie = enter(secret)
    me = ResidentActor.of(cast.mei)
    other = ResidentActor.of(make_person(cast.community, "别人"))
    with pytest.raises(NotFound):
        home_sign_in.end_sign_in(signed.pk, actor=other)
    with pytest.raises(NotFound):
        home_sign_in.end_sign_in(signed.pk, actor=cast.actor(cast.charlie))
    with pytest.raises(NotAllowed):
        home_sign_in.end_sign_in(signed.pk, actor=cast.actor(cast.wen))
    home_sign_in.end_sign_in(signed.pk, actor=me)
    assert home_sign_in.signed_in(cookie) is None
    assert home_sign_in.end_sign_in(signed.pk, actor=cast.actor(cast.bob)).ended_at is not None


def test_a_sign_in_that_nobody_uses_runs_out(cast: Cast) -> None:
    _row, secret = slip(cast)
    _signed, cookie = enter(secret)
    start = clock.now()
    with clock.standing_at(start + timedelta(days=60)):
        assert home_sign_in.signed_in(cookie)
    with clock.standing_at(start + timedelta(days=149)):
        assert home_sign_in.signed_in(cookie)
    with clock.standing_at(start + timedelta(days=240)):
        assert home_sign_in.signed_in(cookie) is None


# --- whose number it is ---------------------------------------------------------------------------------------------


def test_a_number_signs_in_those_who_have_a_home(cast: Cast) -> None:
    make_person(cast.community, "没有房", "13911112222")
    assert home_sign_in.persons_by(PHONE) == [cast.mei]
    assert home_sign_in.persons_by("13911112222") == []
    assert home_sign_in.persons_by("13933334444") == []


def test_a_number_whose_occupancy_ended_signs_nobody_in_until_the_desk_confirms(cast: Cast) -> None:
    today = clock.today()
    old = make_unit(cast.community, "3-1-1202")
    gone = make_owner(old, cast.mei, since=date(2018, 1, 1))
    Occupancy.objects.filter(pk=gone.pk).update(
        during=DateRange(date(2018, 1, 1), today - timedelta(days=100))
    )
    assert home_sign_in.persons_by(PHONE) == []
    contact = Contact.objects.get(person=cast.mei)
    persons_actions.confirm_contact(contact.pk, actor=cast.actor(cast.bob))
    assert home_sign_in.persons_by(PHONE) == [cast.mei]
    assert Entry.objects.get(verb="contact:confirmed").data == {"person": cast.mei.pk}
    Occupancy.objects.filter(unit=cast.unit).update(during=DateRange(date(2020, 5, 1), today))
    assert home_sign_in.persons_by(PHONE) == []


def test_a_number_written_down_today_is_known_today(cast: Cast) -> None:
    Occupancy.objects.filter(person=cast.mei).update(during=DateRange(date(2020, 5, 1), clock.today()))
    again = make_unit(cast.community, "3-1-1202")
    make_owner(again, cast.mei, since=clock.today())
    assert home_sign_in.persons_by(PHONE) == []
    number = "13955556666"
    persons_actions.add_contact(cast.mei.pk, actor=cast.actor(cast.bob), number=number)
    assert home_sign_in.persons_by(number) == [cast.mei]


@pytest.mark.django_db(transaction=True)
def test_two_telephones_with_one_slip(transactional_db: None) -> None:
    from tests.cast import make_cast

    _row, secret = slip(make_cast())
    outcomes = at_once(2, lambda _n: enter(secret))
    assert sorted(type(o).__name__ for o in outcomes) == ["Refused", "tuple"]
    assert HomeSignIn.objects.count() == 1
