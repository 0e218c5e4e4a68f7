"""The script `dev`: each step is done once, and again when its marker is missing or speaks of something else."""

import ast
import errno
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def dev(tmp_path, monkeypatch):
    loader = importlib.machinery.SourceFileLoader("dev_script", str(ROOT / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev_script", loader))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for name in ("base", "dev", "node"):
        (tmp_path / "requirements" / f"{name}.lock").write_text(name)
    for name, value in {"ROOT": tmp_path, "VENV": tmp_path / ".venv", "SIDE": tmp_path / ".side",
                        "PYTHON": tmp_path / ".venv" / "bin" / "python"}.items():  # fmt: skip
        monkeypatch.setattr(module, name, value)
    return module


@pytest.fixture
def done(dev, monkeypatch):
    """Steps that would take long leave a trace instead."""
    trace = []

    def make(place):
        trace.append("venv")
        (place / "bin").mkdir(parents=True)
        (place / "bin" / "python").symlink_to(sys.executable)

    def run(words, **_more):
        trace.append(Path(words[-1]).name)
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(dev, "make_venv", make)
    monkeypatch.setattr(dev.subprocess, "run", run)
    return trace


def test_a_second_start_does_nothing(dev, done):
    dev.base_environment()
    assert done == ["venv", "base.lock"]
    dev.base_environment()
    assert done == ["venv", "base.lock"]


def test_a_changed_lock_is_installed_again(dev, done):
    dev.base_environment()
    (dev.ROOT / "requirements" / "base.lock").write_text("newer")
    dev.base_environment()
    assert done == ["venv", "base.lock", "base.lock"]


def test_uv_is_told_of_the_mirror_that_was_set_for_pip(dev, monkeypatch):
    told = []

    def run(words, env=None, **_more):
        told.append((words[0], env and env.get("UV_DEFAULT_INDEX")))
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr(dev.subprocess, "run", run)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/there/uv" if name == "uv" else None)
    monkeypatch.setenv("PIP_INDEX_URL", "mirror of pip")
    dev.install("base", dev.VENV)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "own of uv")
    dev.install("node", dev.VENV)
    assert told == [("/there/uv", "mirror of pip"), ("/there/uv", "own of uv")]


def test_an_installation_that_was_killed_starts_from_nothing(dev, done, monkeypatch):
    def die(*_words, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dev.subprocess, "run", die)
        with pytest.raises(KeyboardInterrupt):
            dev.base_environment()
    (dev.VENV / "half-written").touch()
    dev.base_environment()
    assert done == ["venv", "venv", "base.lock"]
    assert not (dev.VENV / "half-written").exists()


def test_an_environment_whose_python_is_gone_is_made_again(dev, done):
    dev.base_environment()
    dev.PYTHON.unlink()
    dev.base_environment()
    assert done == ["venv", "base.lock"] * 2


def test_a_machine_without_ensurepip_uv_and_virtualenv_is_told_what_to_install(dev, monkeypatch):
    monkeypatch.setattr(dev.shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(dev.Trouble, match="apt install python3-venv"):
        dev.make_venv(dev.VENV)


def test_a_python_that_does_not_fit_is_told(dev, monkeypatch):
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setenv("SHOUWEN_TRIED_PYTHON", "1")
    with pytest.raises(dev.Trouble, match=r"3\.11"):
        dev.use_right_python()


@pytest.mark.parametrize(("system", "remedy"), [("darwin", "brew install python@"), ("linux", "apt install")])
def test_the_remedy_fits_the_system(dev, monkeypatch, system, remedy):
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 6, "final", 0))
    monkeypatch.setattr(dev.sys, "platform", system)
    monkeypatch.setattr(dev.shutil, "which", lambda _: None)
    with pytest.raises(dev.Trouble) as caught:
        dev.use_right_python()
    chinese, english = str(caught.value).splitlines()
    assert remedy in chinese
    assert remedy in english


def test_a_python_that_is_too_old_can_read_it_to_the_remedy():
    """Macs come with 3.9."""
    ast.parse((ROOT / "dev").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_shell_that_does_not_speak_utf_8_is_answered():
    words = [sys.executable, str(ROOT / "dev"), "help"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=environment)
    assert "set up and start everything" in done.stdout


def test_what_the_finder_leaves_changes_nothing(dev):
    folder = dev.ROOT / "assets"
    folder.mkdir()
    (folder / "site.css").write_text("a")
    before = dev.digest(folder)
    (folder / ".DS_Store").write_bytes(b"\0Bud1")
    assert dev.digest(folder) == before


def test_a_chrome_of_macos_is_found_where_it_lies(dev, monkeypatch):
    chrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    monkeypatch.setenv("CHROMIUM", "")
    monkeypatch.setattr(dev.shutil, "which", {chrome: chrome}.get)
    dev.find_chromium()
    assert dev.os.environ["CHROMIUM"] == chrome


def test_the_front_end_is_built_from_changed_sources_only(dev, monkeypatch):
    for name in ("package.json", "package-lock.json", "build.mjs"):
        (dev.ROOT / name).write_text(name)
    (dev.ROOT / "assets").mkdir()
    (dev.ROOT / "assets" / "site.css").write_text("a")
    calls = []
    monkeypatch.setattr(dev, "node", lambda: ("node", ["npm"]))
    monkeypatch.setattr(dev.subprocess, "call", lambda words, **_: calls.append(words[:2]) or 0)
    dev.front_end()
    dev.front_end()
    assert calls == [["npm", "ci"], ["node", "build.mjs"]]
    (dev.ROOT / "assets" / "site.css").write_text("b")
    dev.front_end()
    assert calls[2:] == [["node", "build.mjs"]]


def test_a_full_disk_is_named_and_the_network_not_blamed(dev, done, monkeypatch):
    monkeypatch.setattr(dev.subprocess, "run", lambda words, **_: subprocess.CompletedProcess(words, 1))
    with pytest.raises(dev.Trouble, match="PIP_INDEX_URL"):
        dev.base_environment()
    monkeypatch.setattr(dev.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 0))
    with pytest.raises(dev.Trouble, match=r"disk of .* is full"):
        dev.base_environment()


def test_a_write_without_room_is_a_sentence(dev, monkeypatch, capsys):
    def full(*_words):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("DATA_DIR", str(dev.ROOT))
    monkeypatch.setattr(dev, "base_environment", full)
    (dev.ROOT / "dev").touch()
    assert dev.main(["run"]) == 1
    assert "is full" in capsys.readouterr().err


def test_node_comes_from_a_wheel_where_the_machine_has_none(dev, done, monkeypatch):
    monkeypatch.setattr(dev.shutil, "which", lambda _: None)
    place = dev.SIDE / "node" / "bin"
    assert dev.node() == (str(place / "node"), [str(place / "npm")])
    assert done == ["venv", "node.lock"]
    dev.node()
    assert done == ["venv", "node.lock"]


def test_two_set_ups_take_turns(dev, tmp_path):
    (tmp_path / "dev").write_text("")
    with dev.one_at_a_time():
        other = subprocess.run(
            [sys.executable, "-c", "import fcntl,sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)",
             str(tmp_path / "dev")], check=False, capture_output=True,
        )  # fmt: skip
    assert b"BlockingIOError" in other.stderr


@pytest.mark.skipif(not shutil.which("git"), reason="没有 git / no git")
def test_a_release_ships_the_front_end_built(dev, monkeypatch, capsys):
    """Unpacked somewhere else it asks for no Node."""
    root = dev.ROOT
    for name in ("build.mjs", "package.json", "package-lock.json", "assets/a.js", "static/dist/a.js"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "shouwen").mkdir()
    (root / "shouwen" / "__init__.py").write_text('__version__ = "1.2.3"\n')
    catalogue = root / "locale" / "en" / "LC_MESSAGES"
    catalogue.mkdir(parents=True)
    (catalogue / "django.mo").write_bytes(b"mo")
    sources = [root / "package.json", root / "package-lock.json", root / "build.mjs", root / "assets"]
    dev.write(root / "static" / "dist" / ".built", dev.digest(*sources))
    (root / ".gitignore").write_text("/static/dist/\n*.mo\n/secret\n")
    (root / "secret").write_text("x")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    monkeypatch.setattr(dev, "build", lambda _words: 0)
    assert dev.release([]) == 0
    shutil.unpack_archive(capsys.readouterr().out.strip(), root / "elsewhere", filter="data")
    there = root / "elsewhere" / "shouwen-1.2.3"
    assert (there / "static/dist/a.js").exists()
    assert (there / "locale/en/LC_MESSAGES/django.mo").exists()
    assert not (there / "secret").exists()
    monkeypatch.setattr(dev, "ROOT", there)
    monkeypatch.setattr(dev, "node", lambda: pytest.fail("a release needs no Node"))
    dev.front_end()
    (there / "assets" / "a.js").write_text("changed")
    with pytest.raises(pytest.fail.Exception):
        dev.front_end()


def test_a_check_keeps_away_from_the_data(dev, monkeypatch):
    """What `./dev run` left there, the residents of its demo, is nothing that tests of pages expect."""
    seen = []
    monkeypatch.setenv("DATA_DIR", str(dev.ROOT / "var"))
    monkeypatch.setattr(dev, "base_environment", lambda: None)
    monkeypatch.setattr(dev, "dev_environment", lambda: None)
    monkeypatch.setattr(
        dev.subprocess, "call", lambda _words, **_: seen.append("DATA_DIR" in os.environ) or 0
    )
    (dev.ROOT / "dev").touch()
    assert dev.check([]) == 0
    assert seen
    assert not any(seen)


def test_a_lock_without_wheels_for_a_promised_machine_is_refused(dev, monkeypatch):
    """As that of a package that builds no more for Macs with an Intel processor."""
    asked = []

    def lacks(words, env):
        asked.append((words[words.index("--python-platform") + 1], env["MACOSX_DEPLOYMENT_TARGET"]))
        return int("x86_64-apple-darwin" in words and "3.14" in words)

    monkeypatch.setattr(dev, "base_environment", lambda: None)
    monkeypatch.setattr(dev, "dev_environment", lambda: None)
    monkeypatch.setattr(dev.subprocess, "run", lambda *_words, **_more: None)
    monkeypatch.setattr(dev.subprocess, "call", lacks)
    (dev.ROOT / "dev").touch()
    with pytest.raises(dev.Trouble, match=r"base.lock has no wheels for x86_64-apple-darwin, Python 3\.14"):
        dev.lock([])
    assert set(asked) == {(system, dev.OLDEST_MACOS) for system in dev.PROMISED[:3]}


def test_why_no_browser_could_be_installed_is_said(dev, monkeypatch, capsys):
    monkeypatch.setattr(dev.shutil, "which", lambda _name: None)
    for name in ("CHROMIUM", "SHOUWEN_NO_BROWSER", "NO_CHROMIUM_WHY"):
        monkeypatch.setenv(name, "")  # so that what is set below is taken back as well
        monkeypatch.delenv(name)

    def fail(words, **_more):
        raise subprocess.CalledProcessError(1, words, stderr="Downloading\nno route to host\n")

    monkeypatch.setattr(dev.subprocess, "run", fail)
    dev.find_chromium()
    assert dev.os.environ["CHROMIUM"] == ""
    assert dev.os.environ["NO_CHROMIUM_WHY"] == "no route to host"
    assert "no route to host" in capsys.readouterr().out
