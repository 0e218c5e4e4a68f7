"""What a case says of people: who answers for it, who is complained of, whom to call; and what comes before all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.cases import actions as cases
from shouwen.cases.intake import register
from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.kernel.models import Entry
from shouwen.people.models import Post
from tests.api.conftest import Machine, make_token
from tests.cases.test_residents import report
from tests.cast import PHONE, Cast, make_intake, make_staff
from tests.works.test_actions import finished, leak

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def shown(desk: Client, key: object) -> Any:
    return desk.get(reverse("case", args=[key])).context["case"]


def told(case: Any, line: int = 0) -> str:
    return "".join(part.text for part in case.timeline[line].sentence)


def complain(cast: Cast, about: int | None, by: Any = None) -> Case:
    wanted = make_intake(cast, kind="complaint", category="attitude", title="态度不好", about_id=about)
    return register(wanted, actor=cast.actor(by or cast.bob))


def test_who_may_see_the_complaint_sees_whom_it_is_about(cast: Cast, desk: Client) -> None:
    case = complain(cast, cast.wen.pk)
    assert "被投诉 文师傅" in [fact.text for fact in shown(desk, case.pk).facts]
    assert not any("被投诉" in f.text for f in shown(desk, complain(cast, None).pk).facts)


def test_the_employee_complained_of_and_who_may_not_see_complaints_see_nothing(
    cast: Cast, client: Client
) -> None:
    case = complain(cast, cast.bob.pk, by=cast.alice)
    lobby = make_staff("lobby", "大堂", "lobby_receptionist", cast.community)
    assert "complaint.see" not in Post.objects.get(code="lobby_receptionist").rights
    for staff in (cast.bob, lobby):
        client.force_login(staff)
        assert client.get(reverse("case", args=[case.pk])).status_code == 404
    client.force_login(cast.alice)
    assert "被投诉 鲍勃" in client.get(reverse("case", args=[case.pk])).content.decode()


def test_the_timeline_names_the_true_first_responder(cast: Cast, desk: Client) -> None:
    own = register(make_intake(cast), actor=cast.actor(cast.bob))
    assert told(shown(desk, own.pk)) == "鲍勃 登记咨询，成为首问责任人"
    theirs = report(cast, cast.mei, first_responder_id=cast.alice.pk)
    assert told(shown(desk, theirs.pk)) == "住户梅** 登记报修，首问责任人是艾丽丝"
    machine = Machine(make_token(cast.community, cast.bob))
    body = {"kind": "inquiry", "category": "fee", "title": "停车怎么收费", "unit_id": cast.unit.pk}
    key = machine.post("/cases", body | {"first_responder_id": cast.alice.pk}).json()["id"]
    assert told(shown(desk, key)) == "接口 登记咨询，首问责任人是艾丽丝"
    (line,) = machine.get(f"/cases/{key}/timeline").json()
    assert line["sentence"] == "接口 登记咨询，首问责任人是艾丽丝"


def test_a_complaint_that_went_to_somebody_else_at_once_is_still_his_who_took_it(
    cast: Cast, desk: Client
) -> None:
    case = complain(cast, cast.bob.pk)
    client = Client()
    client.force_login(cast.alice)
    assert case.handler_id != cast.bob.pk
    assert told(shown(client, case.pk)) == "鲍勃 登记投诉，成为首问责任人"


def test_the_step_that_classified_says_when(cast: Cast, desk: Client) -> None:
    case = complain(cast, None)
    with clock.standing_at(clock.now() + timedelta(minutes=7)):
        cases.classify(case.pk, actor=cast.actor(cast.alice), level=1, severity="minor")
        at = f"{clock.local(clock.now()):%H:%M}"
    step = next(s for s in shown(desk, case.pk).steps if s.name == "定级")
    assert (step.state, step.moment) == ("passed", at)


def test_the_supervisor_confirms_a_back_entry_before_all_else(cast: Cast, client: Client) -> None:
    case = register(
        make_intake(cast, happened_at=clock.now() - timedelta(hours=3)), actor=cast.actor(cast.bob)
    )
    client.force_login(cast.alice)
    first, *others = shown(client, case.pk).actions
    assert (first.name, first.primary) == ("confirm_back_entry", True)
    assert not any(action.primary for action in others)
    client.force_login(cast.bob)
    assert shown(client, case.pk).actions[0].name == "answer"


# --- whom to call ---------------------------------------------------------------------------------------------------


def follow_up_of(cast: Cast, desk: Client, **changes: object) -> tuple[Case, Any]:
    order = finished(cast, leak(cast, **changes))
    form = desk.get(reverse("case_move", args=[order.case_id, "follow_up"]), headers=HTMX)
    return Case.objects.get(pk=order.case_id), form


def test_the_follow_up_form_shows_the_number_on_record(cast: Cast, desk: Client) -> None:
    case, form = follow_up_of(cast, desk, person_id=cast.mei.pk)
    callee = form.context["callee"]
    assert (callee.who, callee.number) == ("梅若兰", "139****1201")
    assert PHONE not in form.content.decode()
    answer = desk.post(callee.url, headers=HTMX)
    assert f"tel:{PHONE}" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    seen = Entry.objects.filter(verb__in=["case:phone_shown", "contact:revealed"]).order_by("id")
    assert [(e.verb, e.actor_id, e.data["purpose"]) for e in seen] == [
        ("case:phone_shown", cast.bob.pk, "follow_up"), ("contact:revealed", cast.bob.pk, "follow_up"),
    ]  # fmt: skip
    assert PHONE not in str(list(seen.values()))
    assert told(shown(desk, case.pk), -1) == "鲍勃 查看了住户电话"


def test_the_number_left_with_the_matter_comes_first_and_without_script(cast: Cast, desk: Client) -> None:
    case, form = follow_up_of(cast, desk, phone="13700009999", asker="王叔")
    assert (form.context["callee"].who, form.context["callee"].number) == ("王叔", "137****9999")
    answer = desk.post(reverse("case_call", args=[case.pk]))
    assert "13700009999" in answer.content.decode()
    assert answer.context["back"].url == reverse("case", args=[case.pk])


def test_who_may_not_see_numbers_gets_no_button_and_no_number(cast: Cast, client: Client) -> None:
    case = register(make_intake(cast, phone="13700009999"), actor=cast.actor(cast.bob))
    client.force_login(make_staff("lobby", "大堂", "lobby_receptionist", cast.community))
    form = client.get(reverse("case_move", args=[case.pk, "answer"]), headers=HTMX)
    assert (form.context["callee"].number, form.context["callee"].url) == ("137****9999", "")
    assert client.post(reverse("case_call", args=[case.pk])).status_code == 403
    assert not Entry.objects.filter(verb="case:phone_shown").exists()
