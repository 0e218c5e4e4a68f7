"""Text messages through a gateway: one POST a message, to the address that the house set, and to no other.

The address is looked up, judged and then connected to by its number, so that a name which points elsewhere a moment
later leads nowhere; what redirects is not followed. The house's own network is reached only where it said so.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Timer
from urllib.parse import urlencode, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from shouwen.kernel.text import clean_line
from shouwen.notices.models import Gateway, Quiet
from shouwen.notices.smtp import Bounced, Message, Post, Unreachable, trusting

SMS = "sms"
PATIENCE = 10.0
"""Seconds for all of one message, once its name is found: line, encryption, answer."""
_ANSWER = 2000
# The message is as good as any other: the secret is wrong, or the gateway wants to be asked later.
_NOT_THE_MESSAGE = frozenset({401, 403, 407, 408, 425, 429})


class Sms:
    code = SMS
    name: str | Promise = lazy("短信")

    def trouble(self) -> str:
        row = Gateway.objects.first()
        if row is None:
            return _("还没有设短信网关")
        return "" if row.active else _("短信网关停用了")

    def quiet(self) -> Quiet:
        return Gateway.objects.get()

    @contextmanager
    def line(self) -> Iterator[Post]:
        row = Gateway.objects.get()

        def send(message: Message) -> None:
            post(row, message)

        yield send


@dataclass(frozen=True)
class Goal:
    """A gateway's address in parts."""

    tls: bool
    host: str
    port: int
    path: str


def goal_of(url: str) -> Goal:
    """The parts of an address; ValueError with a sentence for one that can't be a gateway's."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(_("要以 https:// 开头，后面是主机名"))
    if parts.username or parts.password or parts.fragment:
        raise ValueError(_("里面不能有用户名、密码和 #"))
    if not url.isascii() or any(c <= " " or c == "\x7f" for c in url):
        raise ValueError(_("里面只能有英文字母、数字和符号，不能有空格"))
    tls = parts.scheme == "https"
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Goal(tls, parts.hostname, parts.port or (443 if tls else 80), path)


def reached(goal: Goal, *, inside: bool) -> str:
    """The number to connect to; ValueError where it must not be: all numbers of a name have to be good."""
    found = socket.getaddrinfo(goal.host, goal.port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(one[4][0]) for one in found))
    for number in numbers:
        _judge(number.partition("%")[0], tls=goal.tls, inside=inside)
    return numbers[0]


def _judge(number: str, *, tls: bool, inside: bool) -> None:
    address = ip_address(number)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_global and not address.is_multicast:
        if not tls:
            raise ValueError(_("外网的网关只能用 https"))
        return
    private = address.is_private and not (
        address.is_link_local or address.is_unspecified or address.is_multicast
    )
    if not private:
        raise ValueError(_("这个地址不能用"))
    if not inside:
        raise ValueError(_("这是本机或内网的地址，要选“网关在本机或内网”才能用"))


class _Line(http.client.HTTPConnection):
    """A connection to one number under the name of its host; ``held`` can be cut at any moment."""

    def __init__(self, goal: Goal, number: str, patience: float) -> None:
        super().__init__(goal.host, goal.port, timeout=patience)
        self.goal, self.number = goal, number
        self.default_port = 443 if goal.tls else 80
        self.held: socket.socket | None = None

    def connect(self) -> None:
        self.sock = self.held = socket.create_connection((self.number, self.goal.port), self.timeout)
        if self.goal.tls:
            context = trusting()
            sealed = context.wrap_socket(
                self.sock, server_hostname=self.goal.host, do_handshake_on_connect=False
            )
            self.sock = self.held = sealed
            sealed.do_handshake()

    def cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.held.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def post(row: Gateway, message: Message, patience: float = PATIENCE) -> None:
    """Send one text message; Bounced for one that the gateway will never take, Unreachable for anything else."""
    try:
        status, said = _exchange(row, message, patience)
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        raise Unreachable(explained(error)) from error
    words = f"{status} {clean_line(said)[:300]}"
    if 200 <= status < 300:
        if row.success and row.success not in said:
            raise Bounced(_("短信网关没有说成功：%s") % words)
        return
    if 300 <= status < 400:
        raise Unreachable(_("短信网关要转到别处，没有跟过去：%s") % words)
    if status < 500 and status not in _NOT_THE_MESSAGE:
        raise Bounced(_("短信网关拒绝：%s") % words)
    raise Unreachable(_("短信网关拒绝：%s") % words)


def _exchange(row: Gateway, message: Message, patience: float) -> tuple[int, str]:
    goal = goal_of(row.url)
    line = _Line(goal, reached(goal, inside=row.inside), patience)
    timer = Timer(patience, line.cut)
    timer.daemon = True
    timer.start()
    try:
        line.request("POST", goal.path, written(row, message), _headers(row, message))
        answer = line.getresponse()
        return answer.status, answer.read(_ANSWER).decode(errors="replace")
    finally:
        timer.cancel()
        line.close()


def written(row: Gateway, message: Message) -> bytes:
    """The body: the two fields, as the gateway wants them."""
    text = f"【{row.signature}】{message.body}" if row.signature else message.body
    fields = {row.phone_field: message.to, row.text_field: text}
    if row.form == Gateway.Form.FORM:
        return urlencode(fields).encode()
    return json.dumps(fields, ensure_ascii=False).encode()


def _headers(row: Gateway, message: Message) -> dict[str, str]:
    """With the letter's own key: sent twice it can be known for the same."""
    kind = "application/x-www-form-urlencoded" if row.form == Gateway.Form.FORM else "application/json"
    given = {"Content-Type": f"{kind}; charset=utf-8", "Idempotency-Key": str(message.key)}
    if row.header and row.secret:
        given[row.header] = str(row.secret)
    return given | {"Connection": "close", "Accept": "*/*"}


def explained(error: Exception) -> str:
    """What went wrong, in a sentence."""
    if isinstance(error, TimeoutError | http.client.RemoteDisconnected):
        return _("短信网关没有回音，或中断了连接：%s") % error
    if isinstance(error, ssl.SSLError):
        return _("和短信网关谈不成加密：%s") % (error.reason or error)
    return _("连不上短信网关：%s") % error
