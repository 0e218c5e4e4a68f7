"""The line to the mail server: encrypted against a certificate that holds, and in plain words when it does not."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shouwen.notices import smtp
from shouwen.notices.models import Mailbox
from tests.notices.mailroom import mail_server, mute_server

MESSAGE = smtp.Message(
    uuid4(), "bob@shouwen.test", "鲍勃\n的邮箱", "漏水\r\nBcc: all@shouwen.test", "正文\n.\n"
)


def box(at: int, **more: Any) -> Mailbox:
    given = {"host": "127.0.0.1", "port": at, "security": "none", "sender": "desk@shouwen.test"}
    return Mailbox(**given | more)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")]),
    )
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1)
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "mail.pem"
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return file


def test_nothing_that_was_typed_becomes_a_header() -> None:
    with mail_server() as (postman, port):
        mailbox = box(port)
        with smtp.connect(mailbox) as line:
            smtp.post(line, mailbox, MESSAGE)
    (mail,) = postman.taken
    assert mail["Bcc"] is None
    assert mail["Subject"] == "漏水 Bcc: all@shouwen.test"
    assert mail.get_content().split() == ["正文", "."]


@pytest.mark.parametrize("trusted", [True, False])
def test_starttls_holds_the_server_to_its_certificate(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(tls_context=context) as (postman, port):
        mailbox = box(port, security="starttls")
        if not trusted:
            with pytest.raises(smtp.Unreachable, match="加密"):
                smtp.connect(mailbox)
            return
        with smtp.connect(mailbox) as line:
            smtp.post(line, mailbox, MESSAGE)
    assert len(postman.taken) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"security": "starttls"}, "不支持所选的加密"),
        ({"security": "tls"}, "谈不成加密"),
        ({"username": "desk", "password": "x"}, "不支持所选的加密或登录方式"),
        ({"host": "no-such-host.invalid"}, "连不上"),
        ({"port": 1}, "连不上"),
    ],
)
def test_what_goes_wrong_is_said_in_a_sentence(more: dict[str, Any], words: str) -> None:
    with mail_server() as (_postman, port), pytest.raises(smtp.Unreachable, match=words):
        smtp.connect(box(port, **more))


def test_an_address_that_no_server_understands_bounces() -> None:
    with mail_server(enable_SMTPUTF8=False) as (_postman, port):
        mailbox = box(port)
        with smtp.connect(mailbox) as line, pytest.raises(smtp.Bounced):
            smtp.post(line, mailbox, smtp.Message(uuid4(), "bob@翠湖.test", "", "x", "y"))


@pytest.mark.parametrize("drips", [True, False])
def test_a_server_that_hangs_is_left(drips: bool) -> None:
    begun = time.monotonic()
    with mute_server(drips=drips) as port, pytest.raises(smtp.Unreachable):
        smtp.connect(box(port), 0.2)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(("named", "known"), [("", 1), ("/nowhere.pem", 0)])
def test_a_python_without_authorities_takes_those_of_the_system(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, named: str, known: int
) -> None:
    """As one from python.org on a Mac; but whoever named authorities gets no others."""
    monkeypatch.setattr(ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.setattr(smtp, "SYSTEM_ROOTS", certificate)
    monkeypatch.setenv("SSL_CERT_FILE", named)
    monkeypatch.setenv("SSL_CERT_DIR", "")
    assert smtp.trusting().cert_store_stats()["x509"] == known
