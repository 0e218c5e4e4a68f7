"""The pages of e-mail: the mailbox and its test, wordings with a preview, what went out, one's own way."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shouwen.kernel import clock
from shouwen.notices import letters
from shouwen.notices.models import Letter, Mailbox, Way, Wording
from shouwen.people.models import Grant
from tests.cast import Cast, cast
from tests.notices.mailroom import mail_server, mailbox, mute_server

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
BOX = {
    "host": "mail.test", "port": "25", "security": "none", "username": "", "password": "", "active": "on",
    "sender": "desk@shouwen.test", "sender_name": "客服中心", "quiet_from": "21:00", "quiet_to": "07:30", "digest_at": "08:00",
}  # fmt: skip


@pytest.fixture
def alice(cast: Cast) -> Client:
    """She supervises every community there is."""
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    client = Client()
    client.force_login(cast.alice)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_mailbox_is_set_up_and_changed_by_one_at_a_time(alice: Client) -> None:
    assert "还没有设发信邮箱" in text_of(alice.get(reverse("mail")))
    page = alice.get(reverse("mail_edit"))
    version = str(page.context["version"])
    assert alice.post(reverse("mail_edit"), BOX | {"version": version}).status_code == 303
    assert Mailbox.objects.get().quiet_from
    stale = alice.post(reverse("mail_edit"), BOX | {"version": version, "host": "other.test"})
    assert stale.status_code == 409
    assert "other.test" in text_of(stale)
    assert "mail.test" in text_of(alice.get(reverse("mail")))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"port": "70000"}, "端口在 1 到 65535 之间"),
        ({"sender": "客服@shouwen.test"}, "发信地址"),
        ({"sender": "nobody"}, "有效"),
        ({"quiet_to": ""}, "都填"),
        ({"digest_at": "25:00"}, "有效"),
    ],
)
def test_bad_input_keeps_what_was_typed(alice: Client, typed: dict[str, str], words: str) -> None:
    answer = alice.post(reverse("mail_edit"), BOX | typed)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "客服中心" in text_of(answer)
    assert not Mailbox.objects.exists()


def test_a_test_letter_arrives_or_the_server_is_quoted(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("mail_test")
    assert "先设好发信邮箱" in text_of(alice.post(url, {"to": "x@shouwen.test"}))
    with mail_server() as (postman, port):
        mailbox(port)
        assert alice.post(url, {"to": "x@shouwen.test"}).status_code == 303
        postman.rcpt = ["550 unknown"]
        assert "550 unknown" in text_of(alice.post(url, {"to": "x@shouwen.test"}))
    assert [m["To"] for m in postman.taken] == ["x@shouwen.test"]
    monkeypatch.setattr("shouwen.notices.mail_actions.TEST_PATIENCE", 0.2)
    with mute_server() as port:
        mailbox(port)
        assert "没有回音" in text_of(alice.post(url, {"to": "x@shouwen.test"}))
    assert "太频繁" in text_of(alice.post(url, {"to": "x@shouwen.test"}))


def test_a_wording_is_looked_at_before_it_is_saved(alice: Client) -> None:
    url = reverse("wording", args=["duty.late"])
    typed = {"subject": "请看 {place}", "body": "{name}您好：\n{what}\n{lines}\n没有占位"}
    shown = text_of(alice.post(url, typed | {"preview": "1"}))
    assert "请看 5-2-0803" in shown
    assert "请看 {place}" in shown, "what was typed stays in the form"
    assert not Wording.objects.exists()
    assert "{nonsense}" in text_of(alice.post(url, typed | {"body": "{nonsense}"}))
    assert alice.post(url, typed).status_code == 303
    assert letters.filled(letters.wordings()["duty.late"], letters.example()).subject == "请看 5-2-0803"
    assert alice.post(reverse("wording_drop", args=["duty.late"])).status_code == 303
    assert not Wording.objects.exists()
    assert alice.get(reverse("wording", args=["duty.never"])).status_code == 404


def test_a_line_without_facts_falls_away() -> None:
    words = letters.Words("{what}：{place} {title}", "A\n期限：{due}\n\n\n\n{place}·{due}\n{0} {__class__}")
    filled = letters.filled(words, {"what": "催办", "place": "3-1"})
    assert (filled.subject, filled.body) == ("催办：3-1", "A\n\n3-1·\n")
    assert letters.unknown(words.body, "duty.late") == ["0", "__class__"]


def test_the_list_shows_why_and_tries_again(cast: Cast, alice: Client) -> None:
    mailbox(1)
    given = {
        "carrier": "email",
        "code": "duty.late",
        "matter_kind": "case",
        "at": clock.now(),
        "run_at": clock.now(),
    }
    for home, staff in ((cast.community, cast.bob), (cast.other, cast.charlie)):
        Letter.objects.create(
            community=home,
            staff=staff,
            once=staff.username,
            state="parked",
            error="550 no such user",
            **given,
        )
    Grant.objects.filter(staff=cast.alice, community=cast.other).delete()
    shown = text_of(alice.get(reverse("letter_list")))
    assert "550 no such user" in shown
    assert "查理" not in shown, "the other community's letters are not hers"
    alice.post(reverse("letters_retry"))
    assert list(Letter.objects.order_by("id").values_list("state", flat=True)) == ["waiting", "parked"]


def test_everybody_chooses_their_own_way(cast: Cast) -> None:
    wen = Client()
    wen.force_login(cast.wen)
    url = reverse("notice_ways")
    assert "现在发不出邮件" in text_of(wen.get(url))
    assert "先填自己的邮箱" in text_of(wen.post(url, {"email": "", "mail": "all"}))
    assert wen.post(url, {"email": "wen@shouwen.test", "mail": "digest"}).status_code == 303
    cast.wen.refresh_from_db()
    assert (cast.wen.email, Way.objects.get(staff=cast.wen).mail) == ("wen@shouwen.test", "digest")
    assert reverse("notice_ways") in text_of(wen.get(reverse("notice_list")))
