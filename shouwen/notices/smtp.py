"""E-mail by SMTP. A server that hangs costs a pass its patience, never more; one that refuses is quoted."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from shouwen.kernel import clock
from shouwen.kernel.text import clean_line
from shouwen.notices.models import Mailbox, Quiet

EMAIL = "email"
PATIENCE = 10.0
"""Seconds that one answer may take; a whole letter may take three times as long."""
SYSTEM_ROOTS = Path("/etc/ssl/cert.pem")


class Bounced(Exception):
    """The provider will never take this letter: an address that does not exist, content that it refuses."""


class Unreachable(Exception):
    """The line is broken: nothing can be said about the letter."""


@dataclass(frozen=True)
class Message:
    """One letter as it leaves the house. ``key`` stays the same however often it is sent."""

    key: UUID
    to: str
    name: str
    subject: str
    body: str
    stop: str = ""
    """Where whoever reads it can say that they want no more."""


Post = Callable[[Message], None]


class Email:
    code = EMAIL
    name: str | Promise = lazy("电子邮件")

    def trouble(self) -> str:
        box = Mailbox.objects.first()
        if box is None:
            return _("还没有设发信邮箱")
        return "" if box.active else _("发信邮箱停用了")

    def quiet(self) -> Quiet:
        return Mailbox.objects.get()

    @contextmanager
    def line(self) -> Iterator[Post]:
        box = Mailbox.objects.get()
        held: list[smtplib.SMTP] = []

        def send(message: Message) -> None:
            if not held:
                held.append(connect(box))
            post(held[0], box, message)

        try:
            yield send
        finally:
            for connection in held:
                with suppress(smtplib.SMTPException, OSError), _deadline(connection, PATIENCE):
                    connection.quit()


def connect(box: Mailbox, patience: float = PATIENCE) -> smtplib.SMTP:
    """An open, signed-in connection; Unreachable with a sentence that says which step failed."""
    context = trusting()
    name = box.sender.rpartition("@")[2]  # not the machine's own name: asking for that may hang
    connection = (
        smtplib.SMTP_SSL(timeout=patience, local_hostname=name, context=context)
        if box.security == Mailbox.Security.TLS
        else smtplib.SMTP(timeout=patience, local_hostname=name)
    )
    connection._host = box.host  # type: ignore[attr-defined]  # what the certificate is checked against
    try:
        with _deadline(connection, 3 * patience):
            code, said = connection.connect(box.host, box.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            if box.security == Mailbox.Security.STARTTLS:
                connection.starttls(context=context)
            if box.username:
                connection.login(box.username, box.password or "")
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        connection.close()
        raise Unreachable(explained(error)) from error
    return connection


def trusting() -> ssl.SSLContext:
    """Whom the system trusts at the other end of a sealed line.

    A Python from python.org brings no authorities to a Mac until its own command was run: macOS has them in a file.
    Whoever named authorities by SSL_CERT_FILE or SSL_CERT_DIR means those and no others.
    """
    context = ssl.create_default_context()
    chosen = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
    if not chosen and not context.cert_store_stats()["x509_ca"] and SYSTEM_ROOTS.is_file():
        context.load_verify_locations(SYSTEM_ROOTS)
    return context


def post(connection: smtplib.SMTP, box: Mailbox, message: Message, patience: float = PATIENCE) -> None:
    """Send one letter; Bounced, Unreachable, or RuntimeError when the server asks to try again later."""
    try:
        with _deadline(connection, 3 * patience):
            connection.send_message(written(box, message), from_addr=box.sender, to_addrs=[message.to])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = error.recipients[message.to]
        _refused(code, said, error)
    except smtplib.SMTPResponseException as error:
        _refused(error.smtp_code, error.smtp_error, error)
    except (
        smtplib.SMTPNotSupportedError,
        ValueError,
    ) as error:  # an address that this server does not understand
        raise Bounced(str(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(explained(error)) from error


def _refused(code: int, said: bytes | str, error: Exception) -> None:
    """5xx is the server's last word on this letter; after 4xx it may be asked again, on a line that still stands."""
    words = f"{code} {_text(said)}"
    if 500 <= code < 600:
        raise Bounced(words) from error
    if code == 421:  # the server hangs up
        raise Unreachable(words) from error
    raise RuntimeError(words) from error


def written(box: Mailbox, message: Message) -> EmailMessage:
    """The letter by RFC 5322; its id is made of the key, so that the same letter is known for the same."""
    mail = EmailMessage()
    domain = box.sender.rpartition("@")[2]
    mail["From"] = Address(clean_line(box.sender_name), addr_spec=box.sender)
    mail["To"] = Address(clean_line(message.name), addr_spec=message.to)
    mail["Subject"] = clean_line(message.subject)[:200]
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.key}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.stop:
        mail["List-Unsubscribe"] = f"<{message.stop}>"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.body)
    return mail


@contextmanager
def _deadline(connection: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut the line when all of it takes too long: a server that sends a byte now and then never times out."""

    def cut() -> None:
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def explained(error: Exception) -> str:
    """What went wrong, in a sentence with the server's own words."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _("邮件服务器不认用户名或密码：%s") % _text(error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _("邮件服务器不支持所选的加密或登录方式：%s") % error
    if isinstance(error, smtplib.SMTPResponseException):
        return _("邮件服务器拒绝：%s") % f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, TimeoutError | smtplib.SMTPServerDisconnected):
        return _("邮件服务器没有回音，或中断了连接：%s") % error
    if isinstance(error, ssl.SSLError):
        return _("和邮件服务器谈不成加密：%s") % (error.reason or error)
    return _("连不上邮件服务器：%s") % error


def _text(said: bytes | str) -> str:
    return clean_line(said.decode(errors="replace") if isinstance(said, bytes) else said)[:300]
