"""`shouwen up` as a whole: one command starts everything, heals what is killed, and Ctrl-C leaves nothing behind."""

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "SHOUWEN_TESTING", "SHOUWEN_KEY", "HOST", "PORT", "SITE_URL")


def certificate(place):
    """A pair of PEM files that signs itself, as an office without a name of its own would make."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (place / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (place / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    return {"TLS_CERT": str(place / "cert.pem"), "TLS_KEY": str(place / "key.pem")}


@contextlib.contextmanager
def running(data, **environment):
    """`shouwen up` over `data` in a shell that allows few files, as one of macOS; yields the process and what it says."""
    given = {k: v for k, v in os.environ.items() if k not in OURS}
    given |= {
        "DATA_DIR": str(data),
        "SHOUWEN_DEMO": "no",
        "PYTHONUNBUFFERED": "1",
        "WORKERS": "1",
        **environment,
    }
    up = subprocess.Popen(
        ["/bin/sh", "-c", 'ulimit -Sn 256 && exec "$@"', "sh", sys.executable, "-m", "shouwen", "up"],
        cwd=ROOT, env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = []
    reader = threading.Thread(target=lambda: said.extend(iter(up.stdout.readline, "")), daemon=True)
    reader.start()
    try:
        yield up, said
    finally:
        if up.poll() is None:
            up.send_signal(signal.SIGINT)
        up.wait(60)
        reader.join(10)
        up.stdout.close()


def until(true, said):
    for _ in range(600):
        if found := true():
            return found
        time.sleep(0.1)
    raise AssertionError("".join(said))


def address(said):
    found = re.search(r"Shouwen +→ +(\S+)", "".join(said))
    return found and found[1]


def ready(url):
    with contextlib.suppress(OSError):
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(f"{url}readyz", timeout=5, context=context) as answer:
            return json.load(answer)["ready"]
    return False


def kept(data):
    with psycopg.connect((data / "postgres" / "url").read_text().strip()) as connection:
        return connection.execute("select count(*) from people_post where code = 'of-ours'").fetchone()[0]


def _words(process):
    """What it was called with; nothing for one that has just died."""
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def child(up, word):
    """A process of ours; none while it stands between two lives, as the jobs do when their database went away."""
    return next((p for p in psutil.Process(up.pid).children() if _words(p)[-1:] == [word]), None)


@pytest.mark.slow
def test_one_command_starts_heals_stops_and_keeps_the_data(data):
    tls = certificate(data)
    with running(data, **tls) as (up, said):
        url = until(lambda: address(said), said)
        assert url.startswith("https://localhost:")
        assert until(lambda: ready(url), said)
        assert "./dev shouwen setup" in "".join(said), "an empty house says what comes next"
        with psycopg.connect((data / "postgres" / "url").read_text().strip()) as connection:
            connection.execute(
                "insert into people_post (code, name, rights, totp, sort, department, active)"
                " values ('of-ours', '我们的', '{}', false, 1, '', true)"
            )

        postmaster = next(data.rglob("postmaster.pid"), None)
        moved = data / "postgres" / "moved-to"
        postmaster = postmaster or Path(moved.read_text().strip()) / "data" / "postmaster.pid"
        psutil.Process(int(postmaster.read_text().split()[0])).kill()
        until(lambda: "The database stopped by itself" in "".join(said), said)
        assert until(lambda: ready(url), said), "the web finds the database again"

        jobs = until(lambda: child(up, "work"), said)
        if sys.platform == "linux":
            assert jobs.rlimit(psutil.RLIMIT_NOFILE)[0] > 256
        jobs.kill()
        until(lambda: (again := child(up, "work")) and again.pid != jobs.pid, said)

        family = psutil.Process(up.pid).children(recursive=True)
        server = psutil.Process(int(postmaster.read_text().split()[0]))
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
    assert "the data is kept" in said[-1]
    _gone, left = psutil.wait_procs([*family, server], timeout=10)
    assert not left, "nothing of ours runs on"
    assert not ready(url)

    with running(data) as (_up, again):
        url = until(lambda: address(again), again)
        assert url.startswith("http://localhost:")
        assert until(lambda: ready(url), again)
        assert kept(data) == 1
        there = ("127.0.0.1", urlsplit(url).port)
        with contextlib.ExitStack() as screens:
            for _ in range(300):
                screens.enter_context(socket.create_connection(there, timeout=5))
            assert ready(url), "three hundred screens leave room for one more"
        assert "Preparing the database" not in "".join(again)
