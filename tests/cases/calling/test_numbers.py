"""Who has the number at hand: by right always; without it while a duty of this very case is theirs, and no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.cases.calling.numbers import may_call, reveal
from shouwen.cases.models import Case
from shouwen.duties.models import Duty
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed
from shouwen.people.absences import add_absence
from shouwen.people.models import Post, Staff, Token
from shouwen.people.viewers import TokenActor
from tests.api.conftest import make_token
from tests.cases.test_actions import take
from tests.cast import PHONE, Cast, make_staff

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def lobby(cast: Cast) -> Staff:
    """Takes requests and calls back, and may not look numbers up."""
    assert "person.reveal" not in Post.objects.get(code="lobby_receptionist").rights
    return make_staff("lobby", "大堂", "lobby_receptionist", cast.community)


def answered(cast: Cast, by: Staff, **changes: object) -> Case:
    """An inquiry that ``by`` took and answered: the call back is theirs."""
    case = take(cast, by, person_id=cast.mei.pk, **changes)
    return cases.answer(case.pk, actor=cast.actor(by), words="按面积算")


def code_of(client: Client, staff: Staff, case: Case) -> int:
    client.force_login(staff)
    return client.post(reverse("case_call", args=[case.pk]), headers=HTMX).status_code


def test_who_owes_the_call_has_the_number_until_it_is_made(cast: Cast, client: Client, lobby: Staff) -> None:
    case = answered(cast, lobby)
    client.force_login(lobby)
    form = client.get(reverse("case_move", args=[case.pk, "follow_up"]), headers=HTMX)
    callee = form.context["callee"]
    assert (callee.number, PHONE in form.content.decode()) == ("139****1201", False)
    assert f"tel:{PHONE}" in client.post(callee.url, headers=HTMX).content.decode()
    seen = Entry.objects.filter(verb__in=["case:phone_shown", "contact:revealed"]).order_by("id")
    assert [(e.verb, e.actor_id, e.data["purpose"]) for e in seen] == [
        ("case:phone_shown", lobby.pk, "follow_up"), ("contact:revealed", lobby.pk, "follow_up"),
    ]  # fmt: skip
    cases.follow_up(case.pk, actor=cast.actor(lobby), outcome="reached", satisfied=True)
    assert client.post(callee.url, headers=HTMX).status_code == 403
    assert seen.count() == 2


def test_a_duty_shows_the_number_of_its_own_case_alone(cast: Cast, client: Client, lobby: Staff) -> None:
    """The table: who, whose case, and the answer of the door."""
    mine, other = answered(cast, lobby), answered(cast, cast.bob)
    butler = make_staff("butler", "管家", "building_butler", cast.community)
    guard = make_staff("guard", "门岗", "gate_guard", cast.community)
    table = [
        (lobby, mine, 200), (lobby, other, 403), (butler, mine, 403), (butler, other, 403), (guard, mine, 403),
        (cast.bob, mine, 200), (cast.bob, other, 200), (cast.charlie, mine, 404), (cast.wen, mine, 403),
    ]  # fmt: skip
    client.raise_request_exception = False
    assert [code_of(client, staff, case) for staff, case, _code in table] == [code for *_, code in table]
    contact = cast.mei.contacts.get()
    client.force_login(lobby)  # nor is it a right to look up the person
    assert client.get(reverse("phone_reveal", args=[contact.pk])).status_code == 403


def test_whoever_handles_or_stands_in_owes_the_call_and_nobody_complained_of(
    cast: Cast, lobby: Staff
) -> None:
    case = take(cast, cast.bob, person_id=cast.mei.pk)
    assert not may_call(case, cast.actor(lobby))
    today = clock.today()
    add_absence(
        cast.bob.pk, actor=cast.actor(cast.alice), substitute_id=lobby.pk, since=today, until=today + timedelta(days=1)
    )  # fmt: skip
    assert may_call(case, cast.actor(lobby))
    butler = make_staff("butler", "管家", "building_butler", cast.community)
    about = take(cast, cast.bob, kind="complaint", category="attitude", about_id=lobby.pk)
    cases.classify(about.pk, actor=cast.actor(cast.alice), level=1, severity="minor", handler_id=butler.pk)
    assert may_call(about, cast.actor(butler))
    assert not may_call(about, cast.actor(lobby))


def test_a_machine_in_the_name_of_who_owes_it_gets_no_number(cast: Cast, lobby: Staff) -> None:
    case = answered(cast, lobby)
    make_token(cast.community, lobby, ("case.see", "case.follow_up"))
    machine = TokenActor.of(Token.objects.get(staff=lobby))
    assert Duty.objects.open().filter(matter_id=case.pk, owner_id=lobby.pk).exists()
    with pytest.raises(NotAllowed):
        reveal(case.pk, actor=machine)
