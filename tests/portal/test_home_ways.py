"""What residents decide about letters: where to, whether at all, in which language; and what the desk may read of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from shouwen.estate.models import Person
from shouwen.estate.persons_actions import merge_persons
from shouwen.kernel import clock
from shouwen.kernel.deliveries import deliver
from shouwen.kernel.models import Entry
from shouwen.notices import outbox
from shouwen.notices.home_actions import ask_email
from shouwen.notices.models import HomeWay
from shouwen.people.viewers import ResidentActor
from shouwen.portal import texts
from tests.cast import Cast, make_person
from tests.notices.mailroom import mail_server, mailbox
from tests.portal.conftest import Browser
from tests.portal.test_letters import ADDRESS, SITE, codes, home, out, repair

__all__ = ["home"]
pytestmark = pytest.mark.django_db


def test_the_link_at_the_foot_stops_them_and_looking_stops_nothing(cast: Cast, browser: Browser) -> None:
    with mail_server() as (postman, port):
        mailbox(port)
        repair(cast)
        out(postman)
        (mail,) = (m for m in postman.taken if ADDRESS in m["To"])
        found = re.search(rf"{SITE}(/my/stop/\S+)", mail.get_content())
        assert found
        assert mail["List-Unsubscribe"].strip() == f"<{SITE}{found[1]}>"
        assert Client().get(found[1]).status_code == 200
        assert not HomeWay.objects.exists()
        other = found[1].replace(f"/{cast.mei.pk}/", f"/{cast.mei.pk + 1}/")
        assert Client().post(other).status_code == 410
        repair(cast)
        deliver()
        assert Client().post(found[1]).status_code == 200
        assert outbox.send() == outbox.Outcome(void=1), "what waits is not sent either"
        repair(cast)
        deliver()
        assert len(codes()) == 2
        assert Entry.objects.filter(verb="home_way:chosen").count() == 1
        browser().post(reverse("portal:letters"), {"letters": "yes", "email": ADDRESS})
        repair(cast)
        deliver()
        assert len(codes()) == 3


def test_one_chooses_at_ones_own_page_in_the_language_of_that_page(cast: Cast, browser: Browser) -> None:
    telephone = browser()
    assert "有进展时告诉我" not in telephone.get(reverse("portal:me")).content.decode(), "no way, no form"
    with mail_server() as (postman, port):
        mailbox(port)
        assert ADDRESS in telephone.get(reverse("portal:me")).content.decode()
        wrong = telephone.post(reverse("portal:letters"), {"letters": "yes", "email": "mei@"})
        assert wrong.status_code == 422
        assert "“mei@”不是邮箱" in wrong.content.decode()
        telephone.cookies["django_language"] = "en"
        given = telephone.post(reverse("portal:letters"), {"letters": "yes", "email": "new@home.test"})
        assert given["Location"].endswith("said=proof")
        job = ProcrastinateJob.objects.get(task_name__endswith="send_proof")
        assert "new@home.test" not in str(job.args)
        texts.send_proof(**job.args)
        (proof,) = postman.taken
        assert (proof["To"], proof["Subject"]) == ("梅若兰 <new@home.test>", "Please confirm your address")
        link = re.search(rf"{SITE}(/my/prove/\S+)", proof.get_content())
        assert link
        assert Client().get(link[1]).status_code == 200
        assert Person.objects.get(pk=cast.mei.pk).email == ADDRESS, "looking proves nothing"
        assert Client().post(link[1]).status_code == 200
        assert Person.objects.get(pk=cast.mei.pk).email == "new@home.test"
        repair(cast)
        deliver()
        outbox.send()
    assert "No more of these" in postman.taken[-1].get_content()


def test_an_address_is_proven_within_a_day_and_asked_for_a_few_times(cast: Cast, browser: Browser) -> None:
    mailbox(9)
    telephone, me = browser(), ResidentActor.of(cast.mei)
    token = ask_email("new@home.test", actor=me)
    with clock.standing_at(clock.now() + timedelta(days=1, seconds=1)):
        assert Client().post(reverse("portal:prove", args=[token])).status_code == 410
    assert Client().post(reverse("portal:prove", args=[token[:-4] + "AAAA"])).status_code == 410
    typed = {"letters": "yes", "email": "other@home.test"}
    codes = [telephone.post(reverse("portal:letters"), typed).status_code for _ in range(5)]
    assert codes == [303, 303, 303, 303, 422]
    assert telephone.post(reverse("portal:letters"), {"letters": "yes", "email": ""}).status_code == 303
    assert Person.objects.get(pk=cast.mei.pk).email is None, "emptied it is forgotten at once"


def test_the_desk_writes_an_address_down_and_never_reads_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.alice)
    page = client.get(reverse("person", args=[cast.mei.pk])).content.decode()
    assert "m***@home.test" in page
    form = client.get(reverse("person_edit", args=[cast.mei.pk]))
    assert ADDRESS not in form.content.decode()
    typed = {"kind": "person", "name": "梅若兰", "version": form.context["version"]}
    client.post(reverse("person_edit", args=[cast.mei.pk]), typed)
    assert Person.objects.get(pk=cast.mei.pk).email == ADDRESS, "left empty it stays"
    form = client.get(reverse("person_edit", args=[cast.mei.pk]))
    client.post(
        reverse("person_edit", args=[cast.mei.pk]),
        typed | {"version": form.context["version"], "drop_email": "on"},
    )
    assert Person.objects.get(pk=cast.mei.pk).email is None


def test_who_opted_out_has_opted_out_under_every_name(cast: Cast, browser: Browser) -> None:
    """Two rows turn out to be one person: address and choice stay with them."""
    twice = make_person(cast.community, "梅若兰")
    twice.email = ADDRESS
    twice.save()
    HomeWay.objects.create(person=twice, letters=False)
    cast.mei.email = None
    cast.mei.save()
    merge_persons(cast.mei.pk, actor=cast.actor(cast.alice), other_id=twice.pk)
    assert Person.objects.get(pk=cast.mei.pk).email == ADDRESS
    with mail_server() as (postman, port):
        mailbox(port)
        repair(cast)
        assert out(postman) == []
        browser().post(reverse("portal:letters"), {"letters": "yes", "email": ADDRESS})
        repair(cast)
        assert len(out(postman)) == 1
