"""A real mail server for tests, and servers that misbehave: one hangs, one drips, one refuses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from shouwen.notices.models import Mailbox


class Postman:
    """Takes letters, keeps them, and answers as it was told to, once for each answer."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.rcpt: list[str] = []
        self.data: list[str] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.rcpt:
            return self.rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data:
            return self.data.pop(0)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


def _known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    good = isinstance(given, LoginPassword) and given.password == b"right"
    return AuthResult(success=good, handled=good)


@contextmanager
def mail_server(**more: Any) -> Iterator[tuple[Postman, int]]:
    """A server on a free port; ``more`` as aiosmtpd's SMTP takes it."""
    postman = Postman()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(postman, hostname="127.0.0.1", port=port, **more)
    server.start()
    try:
        yield postman, port
    finally:
        server.stop()


def signing_in() -> dict[str, Any]:
    """A server that wants a name and a password."""
    return {"authenticator": _known, "auth_required": True, "auth_require_tls": False}


@contextmanager
def mute_server(*, drips: bool = False) -> Iterator[int]:
    """Takes the connection and never says a whole line; with ``drips`` a byte now and then."""
    stop, listener = threading.Event(), socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def serve() -> None:
        held: list[socket.socket] = []
        while not stop.wait(0.05):
            with suppress(TimeoutError):
                held.append(listener.accept()[0])
            for one in held if drips else ():
                with suppress(OSError):
                    one.send(b"2")
        for one in (*held, listener):
            one.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        thread.join()


def mailbox(port: int, **more: Any) -> Mailbox:
    """The house's mailbox at this server."""
    Mailbox.objects.all().delete()
    given = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "desk@shouwen.test"}
    return Mailbox.objects.create(**given | more)
