"""Text messages through a real gateway: what is posted, what its answers mean, and where it must never be posted."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from shouwen.kernel.refusals import NotAllowed, Refused
from shouwen.notices import gateway as line
from shouwen.notices import sms_actions
from shouwen.notices.models import Gateway
from shouwen.notices.smtp import Bounced, Message, Unreachable
from shouwen.people.models import Grant
from tests.cast import Cast
from tests.notices.mailroom import mute_server
from tests.notices.smsroom import gateway, sms_server

pytestmark = pytest.mark.django_db
NUMBER = "13900001201"
MESSAGE = Message(uuid4(), NUMBER, "", "", "单号 260722-014 办好了。")
GIVEN: dict[str, Any] = {
    "url": "https://sms.test/send", "form": "json", "phone_field": "phone", "text_field": "text", "header": "",
    "secret": "", "success": "", "signature": "", "inside": False, "homes": False, "active": True,
    "quiet_from": None, "quiet_to": None,
}  # fmt: skip


# --- what is posted ---------------------------------------------------------------------------------------------------


def test_json_with_the_names_and_the_secret_of_the_house(db: None) -> None:
    with sms_server() as (room, port):
        line.post(
            gateway(
                port, phone_field="mobile", text_field="content", header="Authorization", secret="Bearer s3", signature="翠湖花园"
            ),
            MESSAGE,
        )  # fmt: skip
    (posted,) = room.posted
    assert posted.path == "/send?account=house"
    assert json.loads(posted.body) == {"mobile": NUMBER, "content": "【翠湖花园】单号 260722-014 办好了。"}
    assert posted.headers["Authorization"] == "Bearer s3"
    assert posted.headers["Idempotency-Key"] == str(MESSAGE.key)
    assert posted.headers["Content-Type"].startswith("application/json")


def test_a_form_without_a_secret(db: None) -> None:
    with sms_server() as (room, port):
        line.post(gateway(port, form="form"), MESSAGE)
    (posted,) = room.posted
    assert parse_qs(posted.body.decode()) == {"phone": [NUMBER], "text": ["单号 260722-014 办好了。"]}
    assert "Authorization" not in posted.headers


# --- what the answers mean --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "more", "raised"),
    [
        (400, {}, Bounced),
        (422, {}, Bounced),
        (401, {}, Unreachable),
        (429, {}, Unreachable),
        (500, {}, Unreachable),
        (503, {}, Unreachable),
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, Unreachable),
    ],
)
def test_a_refusal_is_quoted(status: int, more: dict[str, str], raised: type[Exception]) -> None:
    with sms_server() as (room, port):
        room.answers = [(status, "no such account", more)]
        with pytest.raises(raised, match=f"{status} no such account"):
            line.post(gateway(port), MESSAGE)
    assert len(room.posted) == 1, "nothing is followed and nothing is posted twice"


def test_a_gateway_that_fails_with_200_is_known_by_its_words(db: None) -> None:
    with sms_server() as (room, port):
        row = gateway(port, success='"code":0')
        line.post(row, MESSAGE)
        room.answers = [(200, '{"code":17,"msg":"余额不足"}', {})]
        with pytest.raises(Bounced, match="余额不足"):
            line.post(row, MESSAGE)


@pytest.mark.parametrize("drips", [False, True])
def test_a_gateway_that_hangs_is_left(drips: bool) -> None:
    begun = monotonic()
    with mute_server(drips=drips) as port, pytest.raises(Unreachable, match=r"没有回音|连不上"):
        line.post(gateway(port), MESSAGE, 0.3)
    assert monotonic() - begun < 2


def test_nobody_listens_there(db: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable, match="连不上"):
        line.post(gateway(port), MESSAGE, 1)


# --- where it must not go ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "scheme", "inside", "good"),
    [
        ("93.184.216.34", "https", False, True),
        ("93.184.216.34", "http", False, False),
        ("93.184.216.34", "http", True, False),
        ("127.0.0.1", "https", False, False),
        ("127.0.0.1", "http", True, True),
        ("10.1.2.3", "http", True, True),
        ("10.1.2.3", "https", False, False),
        ("::1", "http", True, True),
        ("::ffff:10.1.2.3", "https", False, False),
        ("169.254.169.254", "http", True, False),
        ("fe80::1", "http", True, False),
        ("0.0.0.0", "http", True, False),
        ("224.0.0.1", "https", True, False),
    ],
)
def test_which_addresses_are_reached(number: str, scheme: str, inside: bool, good: bool) -> None:
    host = f"[{number}]" if ":" in number else number
    goal = line.goal_of(f"{scheme}://{host}/send")
    if good:
        assert line.reached(goal, inside=inside) == number
    else:
        with pytest.raises(ValueError, match=r"地址|https"):
            line.reached(goal, inside=inside)


def test_a_name_is_judged_by_all_it_points_to_and_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers otherwise the second time leads nowhere: what was judged is connected to."""
    asked: list[str] = []

    def resolver(*numbers: str) -> Callable[..., list[Any]]:
        def find(host: str, port: int, **_more: Any) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (n, port)) for n in numbers]

        return find

    with sms_server() as (room, port):
        monkeypatch.setattr(line.socket, "getaddrinfo", resolver("127.0.0.1", "93.184.216.34"))
        row = gateway(port, url=f"http://sms.test:{port}/send")
        with pytest.raises(Unreachable, match="https"):
            line.post(row, MESSAGE)
        assert (room.posted, asked) == ([], ["sms.test"])


def test_the_certificate_must_be_the_hosts(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        row = gateway(listener.getsockname()[1])
        row.url = row.url.replace("http://", "https://")
        with pytest.raises(Unreachable) as caught:
            line.post(row, MESSAGE, 0.3)
    assert isinstance(caught.value.__cause__, ssl.SSLError | OSError)


# --- who sets it ------------------------------------------------------------------------------------------------------


@pytest.fixture
def alice(cast: Cast) -> Client:
    """She supervises every community there is."""
    Grant.objects.create(staff=cast.alice, post_id="cs_supervisor", community=cast.other)
    client = Client()
    client.force_login(cast.alice)
    return client


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "http://sms.test/send"}, "只能用 https"),
        ({"url": "ftp://sms.test/send"}, "https://"),
        ({"url": "https://desk:pass@sms.test/"}, "用户名"),
        ({"url": "https://sms.test:99999/"}, "网关地址不对"),
        ({"url": "https://sms.test/短信"}, "英文字母"),
        ({"header": "Content-Length", "secret": "x"}, "请求头"),
        ({"header": "A: b", "secret": "x"}, "请求头"),
        ({"quiet_from": "21:00"}, "都填"),
    ],
)
def test_what_can_not_be_a_gateway_is_refused(
    cast: Cast, alice: Client, wrong: dict[str, Any], words: str
) -> None:
    typed = {name: value for name, value in (GIVEN | wrong).items() if value not in (None, False)}
    answer = alice.post(reverse("sms_edit"), typed)
    assert (answer.status_code, Gateway.objects.count()) == (422, 0)
    assert words in answer.content.decode()
    assert (wrong.get("url") or GIVEN["url"]) in answer.content.decode(), "what was typed stays"


def test_the_secret_is_sealed_and_goes_to_no_other_address(cast: Cast, alice: Client) -> None:
    with pytest.raises(NotAllowed):
        sms_actions.set_gateway(actor=cast.actor(cast.charlie), **GIVEN)
    me = cast.actor(cast.alice)
    sms_actions.set_gateway(actor=me, **GIVEN | {"header": "X-Key", "secret": "s3cret"})
    with connection.cursor() as cursor:
        cursor.execute("select secret from notices_gateway")
        assert b"s3cret" not in bytes(cursor.fetchone()[0])
    sms_actions.set_gateway(actor=me, **GIVEN | {"header": "X-Key", "homes": True})
    assert Gateway.objects.get().secret == "s3cret", "kept"
    with pytest.raises(Refused, match="重新填密钥"):
        sms_actions.set_gateway(actor=me, **GIVEN | {"header": "X-Key", "url": "https://else.test/"})
    assert "s3cret" not in alice.get(reverse("sms_edit")).content.decode()
    assert "sms.test" in alice.get(reverse("mail")).content.decode()


def test_one_message_to_ones_own_telephone(
    cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.alice.phone = NUMBER
    cast.alice.save()
    url = reverse("sms_test")
    assert "先设好短信网关" in alice.post(url, {"to": NUMBER}).content.decode()
    assert NUMBER in alice.get(url).content.decode()
    with sms_server() as (room, port):
        gateway(port)
        assert "12ab" in alice.post(url, {"to": "12ab"}).content.decode()
        assert alice.post(url, {"to": NUMBER}).status_code == 303
        room.answers = [(400, f"bad number {NUMBER}", {})]
        said = alice.post(url, {"to": NUMBER}).content.decode()
        assert "bad number …" in said
    monkeypatch.setattr(sms_actions, "TEST_PATIENCE", 0.3)
    with mute_server() as port:
        gateway(port)
        assert "没有回音" in alice.post(url, {"to": NUMBER}).content.decode()
    assert "太频繁" in alice.post(url, {"to": NUMBER}).content.decode()
    assert len(room.posted) == 2
