from concurrent.futures import ThreadPoolExecutor

import pytest

from shouwen.plant import keys
from shouwen.plant.trouble import Trouble


@pytest.fixture
def own_key_file(tmp_path, monkeypatch):
    monkeypatch.delenv("SHOUWEN_KEY", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var" / "key"


def test_a_key_file_is_private_and_made_only_when_asked(own_key_file):
    with pytest.raises(Trouble, match="缺少密钥"):
        keys.current()
    assert not list(keys.Ring())
    assert not own_key_file.exists()
    keys.make()
    first = keys.current()
    keys.make()
    assert keys.current() == first
    assert own_key_file.stat().st_mode & 0o777 == 0o600


def test_a_purpose_has_its_own_key():
    assert keys.derive("a") != keys.derive("b")
    assert len(keys.derive("a")) == 32


def test_rotation_puts_the_new_key_first_and_keeps_the_old(own_key_file):
    keys.make()
    old = keys.derive("x")
    keys.rotate()
    assert keys.derive_all("x")[1] == old
    assert keys.derive("x") != old


def test_a_short_key_is_refused(monkeypatch):
    monkeypatch.setenv("SHOUWEN_KEY", "short")
    with pytest.raises(Trouble, match="32"):
        keys.current()


def test_keys_in_the_environment_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("SHOUWEN_KEY", f"{'n' * 40},{'o' * 40}")
    assert keys.all() == [b"n" * 40, b"o" * 40]


def test_a_running_process_takes_a_new_key_at_once_and_keeps_its_keys_when_the_file_is_spoilt(own_key_file):
    keys.make()
    ring = keys.Ring()
    old = list(ring)
    fresh = keys.rotate().encode()
    assert list(ring) == [fresh, *old]
    own_key_file.write_text("short\n")
    assert list(ring) == [fresh, *old]
    own_key_file.unlink()
    assert ring[0] == fresh


def test_of_two_rotations_at_once_no_key_is_lost(own_key_file):
    keys.make()
    with ThreadPoolExecutor(4) as hands:
        made = {key.encode() for key in hands.map(lambda _: keys.rotate(), range(8))}
    assert made <= set(keys.all())
    assert len(keys.all()) == 9


def test_a_lost_key_is_not_rotated(own_key_file):
    with pytest.raises(Trouble, match="缺少密钥"):
        keys.rotate()
    assert not own_key_file.exists()
