"""`shouwen up` and its parts."""

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from shouwen.plant import up
from shouwen.plant.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_the_default_port_taken_gives_the_next_free_one_and_says_so(taken, monkeypatch, capsys):
    monkeypatch.setattr(up, "FIRST_PORT", taken)
    assert up.free_port("127.0.0.1", None) > taken
    assert str(taken) in capsys.readouterr().out


def test_a_port_at_which_localhost_answers_is_not_ours(monkeypatch):
    """As on macOS, where 127.0.0.1 may be had beside another's `*` or `::1`, and a browser goes to the other."""
    with socket.socket(socket.AF_INET6) as other:
        try:
            other.bind(("::1", 0))
        except OSError:
            pytest.skip("没有 IPv6 / no IPv6")
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Trouble, match="PORT"):
            up.free_port("127.0.0.1", str(port))
        monkeypatch.setattr(up, "FIRST_PORT", port)
        assert up.free_port("0.0.0.0", None) > port


@pytest.mark.parametrize("given", ["{taken}", "0x50", "99999", "-1"])
def test_a_given_port_that_cannot_be_used_is_refused(taken, given):
    with pytest.raises(Trouble, match="PORT"):
        up.free_port("127.0.0.1", given.format(taken=taken))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.168.1.9", False)],
)
def test_what_is_loopback(host, loopback):
    assert up.is_loopback(host) is loopback


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_named(host):
    with pytest.raises(Trouble, match=f"HOST={host}"):
        up.free_port(host, None)


def test_a_shell_that_allows_few_files_is_no_limit():
    told = "import resource; up.allow_files(); print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    words = [sys.executable, "-c", f"from shouwen.plant import up; {told}"]
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -Sn 256 && exec "$@"', "sh", *words],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    soft, hard = map(int, done.stdout.split())
    assert soft == (up.FILES if hard == resource.RLIM_INFINITY else min(up.FILES, hard)) > 256


def test_half_a_certificate_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("TLS_CERT", str(tmp_path / "cert.pem"))
    monkeypatch.delenv("TLS_KEY", raising=False)
    with pytest.raises(Trouble, match="TLS_KEY"):
        up.check_tls()


def _shouwen(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "shouwen", *words],
        check=False, capture_output=True, text=True, timeout=120, cwd=ROOT, env={**os.environ, **environment},
    )  # fmt: skip


def test_help_names_every_verb():
    said = _shouwen("--help").stdout
    for verb in ("up", "serve", "work", "migrate", "demo", "setup", "import", "export", "user", "token", "key",
                 "bench", "backup", "restore", "doctor"):  # fmt: skip
        assert f" {verb} " in said, verb


def test_trouble_is_a_sentence_not_a_traceback(tmp_path):
    done = _shouwen("up", PORT="1x")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/x"),
        ("DATABASE_URL", "mysql://127.0.0.1/x"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, office"),
    ],
)
def test_a_wrong_word_in_the_environment_is_named(name, given):
    done = _shouwen("prepare", **{name: given})
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_new_key_is_long_enough():
    assert len(_shouwen("key", "new").stdout.strip()) >= 32
