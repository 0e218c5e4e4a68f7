import pytest

from shouwen.plant import keys
from shouwen.plant.trouble import Trouble


@pytest.fixture
def own_key_file(tmp_path, monkeypatch):
    monkeypatch.delenv("SHOUWEN_KEY", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var" / "key"


def test_the_first_call_makes_a_private_key_file(own_key_file):
    first = keys.current()
    assert keys.current() == first
    assert own_key_file.stat().st_mode & 0o777 == 0o600


def test_a_purpose_has_its_own_key():
    assert keys.derive("a") != keys.derive("b")
    assert len(keys.derive("a")) == 32


def test_rotation_puts_the_new_key_first_and_keeps_the_old(own_key_file):
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
