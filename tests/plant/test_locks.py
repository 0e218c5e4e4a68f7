"""What comes from outside comes by hash, and no file names a registry."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_no_address(lock):
    text = lock.read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
    for entry in re.split(r"\n(?=[a-zA-Z])", text.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def _pins(path):
    return dict(re.findall(r"^([\w.-]+)==(\S+) \\$", path.read_text(), re.MULTILINE))


def test_the_dev_lock_agrees_with_the_base_lock():
    base, dev = (_pins(ROOT / "requirements" / name) for name in ("base.lock", "dev.lock"))
    shared = base.keys() & dev.keys()
    assert "django" in shared
    assert {name: dev[name] for name in shared} == {name: base[name] for name in shared}


def test_the_front_end_lock_has_integrity_and_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert not name or "integrity" in entry or entry.get("link"), name
