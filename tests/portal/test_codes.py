"""Signing in by telephone and code, with a carrier that only remembers what it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg.types.range import DateRange

from shouwen.estate.models import Occupancy
from shouwen.kernel import clock
from shouwen.notices import carriers
from shouwen.notices.models import Gateway, Quiet
from shouwen.notices.smtp import Message, Post
from shouwen.people import home_codes
from shouwen.people.models import HomeCode, HomeSignIn
from shouwen.portal import texts
from shouwen.portal.doors import COOKIE
from tests.cast import PHONE, Cast, make_owner, make_person, make_unit
from tests.notices.smsroom import gateway, sms_server

pytestmark = pytest.mark.django_db
UNKNOWN = "13977778888"


class Pigeon:
    """A carrier of text messages that keeps them."""

    code = "sms"
    name = "信鸽"

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def trouble(self) -> str:
        return ""

    def quiet(self) -> Quiet:
        return Gateway()

    @contextmanager
    def line(self) -> Iterator[Post]:
        yield self.sent.append


@pytest.fixture
def pigeon(monkeypatch: pytest.MonkeyPatch) -> Pigeon:
    bird = Pigeon()
    monkeypatch.setitem(carriers.CARRIERS, "sms", bird)
    return bird


def ask(telephone: Client, number: str = PHONE) -> Any:
    answer = telephone.post(reverse("portal:number"), {"number": number})
    if row := HomeCode.objects.order_by("-pk").first():
        texts.send_code(row.pk)  # what the job does
    return answer


def told(pigeon: Pigeon) -> str:
    found = re.search(r"\d{6}", pigeon.sent[-1].body)
    assert found
    return found[0]


def enter(telephone: Client, code: str) -> Any:
    return telephone.post(reverse("portal:code"), {"code": code})


def test_number_code_home(cast: Cast, pigeon: Pigeon) -> None:
    second = make_unit(cast.community, "3-1-1202")
    make_owner(second, cast.mei)
    telephone = Client()
    assert ask(telephone, "139 0000-1201")["Location"] == reverse("portal:code")
    assert pigeon.sent[-1].to == PHONE
    answer = enter(telephone, told(pigeon))
    assert answer["Location"] == "/my/?said=welcome"
    page = telephone.get("/my/").content.decode()
    assert "3-1-1201" in page
    assert "3-1-1202" in page, "a code opens all homes"
    row = HomeSignIn.objects.get()
    assert (row.by, row.unit) == ("code", None)
    assert not HomeCode.objects.exists()


def test_the_code_is_kept_as_a_keyed_digest(cast: Cast, pigeon: Pigeon) -> None:
    ask(Client())
    row = HomeCode.objects.get()
    assert row.code
    assert told(pigeon).encode() not in bytes(row.code)
    with connection.cursor() as cursor:
        cursor.execute("select number from people_homecode")
        assert PHONE.encode() not in bytes(cursor.fetchone()[0])


def test_known_and_unknown_numbers_get_the_same_answer_for_the_same_work(cast: Cast, pigeon: Pigeon) -> None:
    answers, work = [], []
    for number in (PHONE, UNKNOWN):
        telephone = Client()
        with CaptureQueriesContext(connection) as queries:
            answer = telephone.post(reverse("portal:number"), {"number": number})
        answers.append((answer.status_code, answer["Location"], answer.content))
        work.append([re.sub(r"'[^']*'|\d+", "?", q["sql"])[:60] for q in queries])
    assert answers[0] == answers[1]
    assert work[0] == work[1]
    assert ProcrastinateJob.objects.filter(task_name__endswith="send_code").count() == 2
    for row in HomeCode.objects.all():
        texts.send_code(row.pk)
    assert [m.to for m in pigeon.sent] == [PHONE]
    wrong = [enter(t, "000000").content for t in (Client(), Client())]
    assert re.sub(rb'value="\w+"', b"", wrong[0]) == re.sub(rb'value="\w+"', b"", wrong[1])


def test_a_code_is_bound_to_the_browser_that_asked(cast: Cast, pigeon: Pigeon) -> None:
    telephone = Client()
    ask(telephone)
    assert enter(Client(), told(pigeon)).status_code == 422
    assert enter(telephone, told(pigeon)).status_code == 303


def test_five_tries(cast: Cast, pigeon: Pigeon) -> None:
    telephone = Client()
    ask(telephone)
    right = told(pigeon)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert enter(telephone, wrong).status_code == 422
    assert enter(telephone, right).status_code == 422, "the sixth try is one too many, right or wrong"
    assert not HomeSignIn.objects.exists()


def test_ten_minutes(cast: Cast, pigeon: Pigeon) -> None:
    telephone = Client()
    ask(telephone)
    with clock.standing_at(clock.now() + timedelta(minutes=10, seconds=1)):
        assert enter(telephone, told(pigeon)).status_code == 422


def test_a_code_works_once(cast: Cast, pigeon: Pigeon) -> None:
    telephone = Client()
    ask(telephone)
    browser = telephone.cookies["home_try"].value
    enter(telephone, told(pigeon))
    again = Client()
    again.cookies["home_try"] = browser
    assert enter(again, told(pigeon)).status_code == 422
    assert again.get(reverse("portal:choose"))["Location"] == reverse("portal:sign_in")


def test_a_number_has_its_limit_whoever_asks(cast: Cast, pigeon: Pigeon) -> None:
    assert [ask(Client()).status_code for _ in range(4)] == [303, 303, 303, 422]
    assert [ask(Client(), UNKNOWN).status_code for _ in range(4)] == [303, 303, 303, 422]


def test_an_address_and_a_community_have_theirs(
    cast: Cast, pigeon: Pigeon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_codes, "BY_COMMUNITY", (1, timedelta(hours=1)))
    ask(Client())
    ask(Client())
    assert len(pigeon.sent) == 1
    monkeypatch.setattr(home_codes, "BY_ADDRESS", (2, timedelta(hours=2)))
    found = [ask(Client(), f"1396666000{n}").status_code for n in range(3)]
    assert found == [303, 303, 422]


def test_a_number_whose_occupancy_ended_gets_no_code(cast: Cast, pigeon: Pigeon) -> None:
    old = make_unit(cast.community, "3-1-1202")
    make_owner(old, cast.mei, since=date(2018, 1, 1))
    Occupancy.objects.filter(unit=old).update(during=DateRange(date(2018, 1, 1), date(2019, 1, 1)))
    answer = ask(Client())
    assert (answer.status_code, pigeon.sent) == (303, [])


def test_who_shares_a_number_says_who_they_are(cast: Cast, pigeon: Pigeon) -> None:
    son = make_person(cast.community, "梅小满", PHONE)
    make_owner(make_unit(cast.community, "3-1-1202"), son)
    stranger = make_person(cast.community, "路人甲", UNKNOWN)
    make_owner(make_unit(cast.community, "3-1-1203"), stranger)
    telephone = Client()
    ask(telephone)
    assert enter(telephone, told(pigeon))["Location"] == reverse("portal:choose")
    page = telephone.get(reverse("portal:choose")).content.decode()
    assert page.count("梅**") == 2
    assert "路人" not in page
    assert telephone.post(reverse("portal:choose"), {"person": stranger.pk}).status_code == 422
    assert telephone.post(reverse("portal:choose"), {"person": son.pk}).status_code == 303
    assert HomeSignIn.objects.get().person == son


def test_what_is_no_number_is_said(cast: Cast, pigeon: Pigeon) -> None:
    answer = Client().post(reverse("portal:number"), {"number": "12ab"})
    assert answer.status_code == 422
    assert "12ab" in answer.content.decode()
    assert not HomeCode.objects.exists()


def test_without_a_carrier_there_is_no_such_form(cast: Cast) -> None:
    assert Client().post(reverse("portal:number"), {"number": PHONE}).status_code == 404
    assert Client().get(reverse("portal:code")).status_code == 404
    assert not HomeCode.objects.exists()


def test_old_codes_are_forgotten(cast: Cast, pigeon: Pigeon) -> None:
    ask(Client())
    with clock.standing_at(clock.now() + timedelta(days=2)):
        home_codes.forget_old()
    assert not HomeCode.objects.exists()


def test_a_code_goes_through_the_gateway_of_the_house(cast: Cast) -> None:
    """And what the gateway says of it is nobody's business at the door."""
    telephone = Client()
    assert "还没有开通短信" in telephone.get(reverse("portal:sign_in")).content.decode()
    with sms_server() as (room, port):
        gateway(port, signature="翠湖花园", quiet_from="00:00", quiet_to="23:59")
        assert "验证码发到服务中心登记的手机号" in telephone.get(reverse("portal:sign_in")).content.decode()
        ask(telephone)
        (text,) = room.texts()
        assert PHONE in text
        code = re.search(r"验证码 (\d{6})", text)
        assert code
        assert enter(telephone, code[1])["Location"] == "/my/?said=welcome"
        room.answers = [(500, "busy", {})]
        refused = ask(Client())
        assert refused["Location"] == reverse("portal:code"), "the same answer whatever became of it"


def test_the_cookie_of_a_try_is_no_sign_in(cast: Cast, pigeon: Pigeon) -> None:
    telephone = Client()
    ask(telephone)
    telephone.cookies[COOKIE] = telephone.cookies["home_try"].value
    assert telephone.get("/my/").status_code == 302
