"""The way in: password, first-use change, one-time code, sessions; and no way around them."""

import base64
import re

import pytest
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from shouwen.kernel.models import Entry
from shouwen.people import sign_in
from shouwen.people.models import SignIn, Staff
from tests.cast import PASSWORD

NEW = "brand-new-horse-7"


def enter(client, who="bob", password=PASSWORD, **more):
    return client.post(reverse("sign_in"), {"username": who, "password": password, **more})


def code_of(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key):06d}"


def test_the_right_password_opens_the_desk_on_record(cast, client):
    assert enter(client).url == reverse("home")
    assert client.get(reverse("home"), follow=True).status_code == 200
    fact = Entry.objects.get(verb="staff:signed_in")
    assert (fact.actor_id, fact.community_id) == (cast.bob.pk, 0)
    assert client.session.session_key not in str(fact.data)


def test_a_wrong_one_does_not_and_keeps_the_name(cast, client):
    response = enter(client, password="nope")
    assert response.status_code == 422
    page = response.content.decode()
    assert "登录名或密码不对" in page
    assert 'value="bob"' in page
    assert "nope" not in page
    assert client.get(reverse("unit_list")).status_code == 302


def test_too_many_wrong_ones_are_told_to_wait(cast, client):
    for _ in range(5):
        enter(client, password="nope")
    assert "分钟后再试" in enter(client).content.decode()


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(cast, client, goal):
    assert enter(client, next=goal).url == reverse("home")


def test_the_first_password_must_be_changed_before_anything_else(cast, client):
    Staff.objects.filter(pk=cast.bob.pk).update(must_change=True)
    enter(client)
    assert client.get(reverse("unit_list")).url == reverse("change_password")
    assert client.post(reverse("change_password"), {"new": NEW, "again": "other"}).status_code == 422
    assert client.post(reverse("change_password"), {"new": "bob", "again": "bob"}).status_code == 422
    assert client.post(reverse("change_password"), {"new": NEW, "again": NEW}).status_code == 302
    assert client.get(reverse("unit_list")).status_code == 200
    client.post(reverse("sign_out"))
    assert enter(client, password=NEW).url == reverse("home")


def test_a_second_factor_is_enrolled_and_then_asked_for(cast, client):
    enter(client, "alice")
    assert client.get(reverse("unit_list")).url == reverse("totp")
    shown = client.get(reverse("totp")).content.decode()
    assert "<svg" in shown
    assert "style=" not in shown
    device = TOTPDevice.objects.get(user=cast.alice)
    assert 'class="card"><' in shown.split("<svg")[0], "the code stands in the card"
    secret = base64.b32encode(device.bin_key).decode().rstrip("=")
    assert secret in re.search(r'class="typed-secret">.*?<b>(.*?)</b>', shown)[1].replace(" ", "")
    assert client.post(reverse("totp"), {"code": "123"}).status_code == 422
    device.refresh_from_db()
    device.throttle_reset()
    assert client.post(reverse("totp"), {"code": code_of(device)}).status_code == 302
    assert client.get(reverse("unit_list")).status_code == 200
    client.post(reverse("sign_out"))
    enter(client, "alice")
    assert client.get(reverse("unit_list")).url == reverse("totp")
    assert "<svg viewBox" not in client.get(reverse("totp")).content.decode()


def test_a_stolen_password_alone_changes_no_password(cast, client):
    TOTPDevice.objects.create(user=cast.alice, name="totp", confirmed=True)
    enter(client, "alice")
    response = client.post(reverse("change_password"), {"old": PASSWORD, "new": NEW, "again": NEW})
    assert response.url == reverse("totp")
    assert Staff.objects.get(pk=cast.alice.pk).check_password(PASSWORD)


def test_a_new_password_keeps_this_browser_as_one_session(cast, client):
    enter(client)
    client.post(reverse("change_password"), {"old": PASSWORD, "new": NEW, "again": NEW})
    assert client.get(reverse("unit_list")).status_code == 200
    assert SignIn.objects.get(ended_at=None).session_key == client.session.session_key


def test_a_session_that_ran_out_is_no_longer_listed(cast, client):
    enter(client)
    client.session.flush()
    assert sign_in.close_expired() == 1


def test_sessions_are_listed_and_ended(cast, client):
    from django.test import Client

    other = Client(headers={"User-Agent": "Telephone"})
    enter(client)
    enter(other)
    assert "Telephone" in client.get(reverse("sessions")).content.decode()
    there = SignIn.objects.get(agent="Telephone")
    client.post(reverse("session_end", args=[there.pk]))
    assert other.get(reverse("unit_list")).status_code == 302
    assert client.get(reverse("unit_list")).status_code == 200


def test_signing_out_ends_the_session(cast, client):
    enter(client)
    client.post(reverse("sign_out"))
    assert not SignIn.objects.filter(ended_at=None).exists()
    assert client.get(reverse("unit_list")).status_code == 302


def test_whoever_is_deactivated_is_out_at_once(cast, client):
    from shouwen.people import actions

    enter(client)
    actions.deactivate(cast.bob.pk, actor=cast.actor(cast.alice))
    assert client.get(reverse("unit_list")).status_code == 302
    assert enter(client).status_code == 422
    assert not sign_in.enrolled(cast.bob)
