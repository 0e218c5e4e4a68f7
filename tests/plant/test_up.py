"""`shouwen up` and its parts."""

import atexit
import multiprocessing
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from shouwen.plant import up
from shouwen.plant.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]


def test_a_shell_that_allows_few_files_is_no_limit():
    told = "import resource; up.allow_files(); print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    words = [sys.executable, "-c", f"from shouwen.plant import up; {told}"]
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -Sn 256 && exec "$@"', "sh", *words],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    soft, hard = map(int, done.stdout.split())
    assert soft == (up.FILES if hard == resource.RLIM_INFINITY else min(up.FILES, hard)) > 256


def _work_and_leave():
    atexit.register(print, "taken down", flush=True)
    up.leave_with_parent()
    print("worked", flush=True)


def test_a_spawned_worker_is_not_taken_down_around_the_threads_of_the_server(capfd):
    worker = multiprocessing.get_context("spawn").Process(target=_work_and_leave)
    worker.start()
    worker.join(30)
    assert worker.exitcode == 0
    assert capfd.readouterr().out == "worked\n"


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
