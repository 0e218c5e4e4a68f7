"""Letters to residents, through the real outbox: what they hear, once, where they want it, and nobody else."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from psycopg.types.range import DateRange

from shouwen.cases import actions
from shouwen.cases.intake import Intake, register
from shouwen.cases.merging.actions import merge
from shouwen.cases.models import Case, RatingLink
from shouwen.estate.models import Contact, Occupancy, Person
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver, fact_of
from shouwen.kernel.models import Delivery, Entry
from shouwen.notices import outbox
from shouwen.notices.models import Gateway, Letter, Mailbox
from shouwen.portal import letters
from shouwen.works import actions as works
from shouwen.works.models import Order
from tests.cast import PHONE, Cast, make_owner, make_person, make_unit
from tests.notices.mailroom import mail_server, mailbox
from tests.notices.smsroom import gateway, sms_server

pytestmark = pytest.mark.django_db
ADDRESS = "mei@home.test"
SITE = "https://shouwen.test"


@pytest.fixture(autouse=True)
def home(cast: Cast, settings: Any) -> None:
    settings.SITE_URL = SITE
    cast.mei.email = ADDRESS
    cast.mei.save()


def repair(cast: Cast, person: Person | None = None, **more: Any) -> Case:
    asked = Intake(
        cast.community.pk, "repair", "leak", "厨房漏水", unit_id=cast.unit.pk, person_id=(person or cast.mei).pk, **more
    )  # fmt: skip
    return register(asked, actor=cast.actor(cast.bob))


def answered(cast: Cast) -> Case:
    asked = Intake(
        cast.community.pk, "inquiry", "fee", "物业费怎么算", unit_id=cast.unit.pk, person_id=cast.mei.pk
    )
    case = register(asked, actor=cast.actor(cast.bob))
    return actions.answer(case.pk, actor=cast.actor(cast.bob), words="按建筑面积")


def told() -> list[tuple[str, str]]:
    """Code and state of every letter to a resident, in order."""
    return list(Letter.objects.filter(person__isnull=False).order_by("id").values_list("code", "state"))


def codes() -> list[str]:
    return [code for code, _state in told()]


def out(postman: Any) -> list[str]:
    """Read the facts, empty the outbox; the subjects that residents got."""
    deliver()
    outbox.send()
    return [m["Subject"] for m in postman.taken if ADDRESS in m["To"]]


# --- what they hear ---------------------------------------------------------------------------------------------------


def test_a_repair_from_received_to_closed(cast: Cast) -> None:
    bob, wen = cast.actor(cast.bob), cast.actor(cast.wen)
    with mail_server() as (postman, port):
        mailbox(port)
        case = repair(cast)
        assert "已受理" in out(postman)[-1]
        first = postman.taken[-1].get_content()
        assert f"对这件事负责到底：{cast.bob.name}" in first
        assert case.number in first
        assert f"{SITE}/my/matters/{case.pk}/" in first
        order = Order.objects.get(case=case)
        works.claim(order.pk, actor=wen)
        assert "师傅会上门来修" in out(postman)[-1]
        works.arrive(order.pk, actor=wen)
        works.pause(order.pk, actor=wen, reason="parts", words="缺垫片")
        works.resume(order.pk, actor=wen)
        assert len(out(postman)) == 2, "what happens on site stays at the door"
        works.finish(order.pk, actor=wen, result="换了垫片", confirmed_by="梅")
        assert "修好了，请您确认" in out(postman)[-1]
        actions.follow_up(case.pk, actor=bob, outcome="reached", satisfied=False, words="还在滴")
        assert "重新给您办" in out(postman)[-1]
        actions.cancel(case.pk, actor=bob, by="resident", words="自己修了")
        assert "已取消" in out(postman)[-1]
    assert len(postman.taken) == 5
    assert all("{" not in m.get_content() for m in postman.taken)


def test_what_waited_for_an_older_release_goes_out_as_a_letter(cast: Cast) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        answered(cast)
        Delivery.objects.filter(reader="homes").update(reader="ratings")
        (renaming,) = import_module("shouwen.notices.migrations.0005_old_readers").Migration.operations
        with connection.cursor() as cursor:
            cursor.execute(renaming.sql)
        assert len(out(postman)) == 1


def test_the_link_in_the_letter_rates_once(cast: Cast) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        case = answered(cast)
        assert codes() == []
        out(postman)
        found = re.search(rf"{SITE}(/my/rate/\w+/)", postman.taken[-1].get_content())
        assert found
        assert Client().post(found[1], {"satisfied": "yes"}).status_code == 200
        assert Case.objects.get(pk=case.pk).state == "satisfied"
        assert Client().post(found[1], {"satisfied": "no"}).status_code == 410
        before = len(postman.taken)
        assert len(out(postman)) == before, "nobody is told of their own press"


def test_a_visit_that_was_agreed_and_then_put_off(cast: Cast) -> None:
    tomorrow = clock.at(clock.today() + timedelta(1), time(10))
    with mail_server() as (postman, port):
        mailbox(port)
        case = repair(cast)
        actions.promise(case.pk, actor=cast.actor(cast.bob), preferred_at=tomorrow)
        assert "约好 明天 10:00 上门" in " ".join(out(postman))
        order = Order.objects.get(case=case)
        works.assign(order.pk, actor=cast.actor(cast.bob), technician_id=cast.wen.pk)
        before = len(out(postman))
        works.accept(order.pk, actor=cast.actor(cast.wen))
        assert "师傅会在 明天 10:00 上门" in out(postman)[before]
        day = clock.today() + timedelta(3)
        works.carry(order.pk, actor=cast.actor(cast.wen), on=day, words="等配件")
        assert f"改到 {day:%m-%d} 上门" in out(postman)[-1]


def test_what_was_reported_twice_is_told_when_it_is_merged_and_when_it_is_done(cast: Cast) -> None:
    upstairs = make_person(cast.community, "周敏", "13900001301")
    make_owner(make_unit(cast.community, "3-1-1301"), upstairs)
    upstairs.email = "zhou@home.test"
    upstairs.save()
    with mail_server() as (postman, port):
        mailbox(port)
        kept = repair(cast)
        asked = Intake(
            cast.community.pk, "repair", "leak", "楼道漏水", space_id=cast.space.pk, person_id=upstairs.pk
        )
        twice = register(asked, actor=cast.actor(cast.bob))
        merge(twice.pk, actor=cast.actor(cast.bob), into=kept.pk)
        out(postman)
        order = Order.objects.get(case=kept)
        works.claim(order.pk, actor=cast.actor(cast.wen))
        works.arrive(order.pk, actor=cast.actor(cast.wen))
        works.finish(order.pk, actor=cast.actor(cast.wen), result="好了", confirmed_by="梅")
        out(postman)
    hers = [m for m in postman.taken if "zhou@home.test" in m["To"]]
    assert [m["Subject"].partition("：")[0] for m in hers] == [
        "和别人报的同一件事，正在一起办", "和别人报的同一件事，办好了",
    ]  # fmt: skip
    for mail in hers:
        text = mail.get_content()
        assert twice.number in text
        assert kept.number not in text
        assert "厨房" not in text
        assert "梅若兰" not in text
        assert "/rate/" not in text


def test_what_came_in_a_file_or_was_settled_at_the_counter_is_not_told(cast: Cast) -> None:
    mailbox(1)
    case = repair(cast, channel="import")
    deliver()
    assert codes() == []
    asked = Intake(
        cast.community.pk, "inquiry", "fee", "几点下班", unit_id=cast.unit.pk, person_id=cast.mei.pk
    )
    with mail_server() as (postman, port):
        mailbox(port)
        here = register(asked, actor=cast.actor(cast.bob))
        actions.answer(here.pk, actor=cast.actor(cast.bob), words="六点", on_the_spot=True)
        assert out(postman) == []
    assert case.pk != here.pk


# --- once, together, and to nobody else -------------------------------------------------------------------------------


def test_a_fact_read_twice_is_told_once(cast: Cast) -> None:
    mailbox(1)
    case = repair(cast)
    fact = fact_of(Entry.objects.get(matter_id=case.pk, verb="case:registered").pk)
    assert fact
    letters.write(fact)
    letters.write(fact)
    deliver()
    assert codes() == ["home.received"]


def test_a_letter_goes_to_a_colleague_or_to_a_resident(cast: Cast) -> None:
    given = {"community": cast.community, "carrier": "email", "code": "home.received", "matter_kind": "case",
             "at": clock.now(), "run_at": clock.now()}  # fmt: skip
    for n, whom in enumerate(({}, {"staff": cast.bob, "person": cast.mei})):
        with pytest.raises(IntegrityError, match="letter_recipient"), transaction.atomic():
            Letter.objects.create(once=f"{n}", **given, **whom)


def test_only_who_brought_it_hears_of_it_and_only_while_they_live_there(cast: Cast) -> None:
    husband = make_person(cast.community, "梅先生", "13900001209")
    husband.email = "he@home.test"
    husband.save()
    Occupancy.objects.create(
        community=cast.community, unit=cast.unit, person=husband, role="family", during=DateRange(date(2020, 1, 1), None)
    )  # fmt: skip
    with mail_server() as (postman, port):
        mailbox(port)
        repair(cast)
        deliver()
        Occupancy.objects.filter(person=cast.mei).update(during=DateRange(date(2020, 5, 1), clock.today()))
        assert outbox.send() == outbox.Outcome(void=1)
    assert postman.taken == []
    assert told() == [("home.received", "void")]


def test_a_letter_about_anothers_matter_tells_nothing(cast: Cast) -> None:
    """Should a row ever name the wrong person, the look before sending holds it back."""
    stranger = make_person(cast.community, "路人甲", "13900001555")
    make_owner(make_unit(cast.community, "5-1-0101"), stranger)
    stranger.email = "stranger@home.test"
    stranger.save()
    with mail_server() as (postman, port):
        mailbox(port)
        repair(cast)
        deliver()
        Letter.objects.update(person=stranger)
        assert outbox.send() == outbox.Outcome(void=1)
    assert postman.taken == []


def test_a_later_letter_of_the_same_kind_takes_the_place_of_one_that_waits(cast: Cast) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        case = repair(cast)
        out(postman)
        for hour in (10, 14):
            when = clock.at(clock.today() + timedelta(1), time(hour))
            actions.promise(case.pk, actor=cast.actor(cast.bob), preferred_at=when)
        assert [s for s in out(postman) if "上门" in s] == [
            f"约好 明天 14:00 上门：厨房漏水（{case.number}）"
        ]
    assert told()[1:] == [("home.coming", "void"), ("home.coming", "sent")]


def test_nothing_is_written_without_a_mailbox_or_an_address(cast: Cast) -> None:
    repair(cast)
    deliver()
    mailbox(1)
    daughter = make_person(cast.community, "梅小满")
    make_owner(make_unit(cast.community, "3-1-1202"), daughter)
    repair(cast, daughter)
    deliver()
    assert codes() == []


def test_a_server_that_quotes_the_address_spells_it_into_no_record(cast: Cast) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        postman.rcpt = [f"550 <{ADDRESS}> no such user"]
        repair(cast)
        deliver()
        outbox.send()
    row = Letter.objects.get(person=cast.mei)
    assert (row.state, row.error) == ("parked", "550 <…> no such user")
    with connection.cursor() as cursor:
        cursor.execute("select email from estate_person where id = %s", [cast.mei.pk])
        assert ADDRESS.encode() not in bytes(cursor.fetchone()[0]), "sealed"


# --- quiet hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["email", "sms"])
def test_every_carrier_keeps_its_quiet_hours_but_for_what_is_urgent(cast: Cast, way: str) -> None:
    here: datetime = clock.local(clock.now())
    quiet = {"quiet_from": (here - timedelta(hours=1)).time(), "quiet_to": (here + timedelta(hours=1)).time()}
    with mail_server() as (postman, port), sms_server() as (room, door):
        if way == "email":
            mailbox(port, **quiet)
        else:
            gateway(door, homes=True, **quiet)
            Person.objects.update(email=None)
        case = answered(cast)
        deliver()
        assert outbox.send().sent == 0
        assert (postman.taken, room.posted) == ([], [])
        assert RatingLink.objects.count() == 0, "the link is made when the letter leaves"
        Case.objects.filter(pk=case.pk).update(urgent=True)
        Letter.objects.update(run_at=clock.now())
        assert outbox.send().sent == 1
        assert len(postman.taken) + len(room.posted) == 1


# --- text messages ----------------------------------------------------------------------------------------------------


def test_who_has_no_address_gets_a_text_message_that_tells_a_number_and_no_more(cast: Cast) -> None:
    Person.objects.update(email=None)
    with sms_server() as (room, port):
        gateway(port, homes=False)
        repair(cast)
        deliver()
        assert codes() == [], "the house did not choose so"
        Gateway.objects.update(homes=True)
        case = answered(cast)
        deliver()
        assert outbox.send() == outbox.Outcome(sent=1, void=1), "answered meanwhile: one message, not two"
    (text,) = room.texts()
    assert PHONE in text
    assert case.number in text
    assert f"{SITE}/my/rate/" in text
    for private in ("梅若兰", "物业费", "3-1-1201", "鲍勃", "翠湖花园"):
        assert private not in text


def test_no_text_message_goes_to_a_doubtful_number(cast: Cast) -> None:
    Person.objects.update(email=None)
    old = make_unit(cast.community, "3-1-1202")
    Occupancy.objects.create(
        community=cast.community, unit=old, person=cast.mei, role="tenant", during=DateRange(date(2018, 1, 1), date(2019, 1, 1))
    )  # fmt: skip
    Contact.objects.update(confirmed_at=None)
    with sms_server() as (room, port):
        gateway(port, homes=True)
        answered(cast)
        deliver()
        assert outbox.send().sent == 0
    assert (room.posted, RatingLink.objects.count()) == ([], 0)


def test_a_gateway_that_refuses_one_parks_it_and_one_that_is_gone_ends_the_pass(cast: Cast) -> None:
    Person.objects.update(email=None)
    with sms_server() as (room, port):
        gateway(port, homes=True)
        first, second = answered(cast), answered(cast)
        deliver()
        Letter.objects.filter(code="home.received").delete()
        room.answers = [(400, f"{PHONE} is blocked", {}), (500, "busy", {})]
        assert outbox.send() == outbox.Outcome(failed=2)
        rows = list(Letter.objects.order_by("id"))
    assert [(row.state, row.attempts) for row in rows] == [("parked", 1), ("waiting", 1)]
    assert PHONE not in rows[0].error
    assert {row.matter_id for row in rows} == {first.pk, second.pk}
    assert not Mailbox.objects.exists(), "text messages need no mailbox"
