"""A new key: what was sealed opens, what was found is found, and the old key is needed no longer."""

from django.conf import settings
from django.core.management import call_command

from shouwen.estate import persons_actions
from shouwen.estate.search import search
from tests.cast import PHONE


def test_after_a_rotation_the_old_key_can_be_thrown_away(cast, monkeypatch, capsys):
    bob = cast.actor(cast.bob)
    persons_actions.edit_person(cast.mei.pk, actor=bob, id_number="11010519491231002X")
    new = b"n" * 32
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [new, *settings.SHOUWEN_KEYS])
    assert search(bob, PHONE).persons[0].phone == "139****1201"
    call_command("reseal")
    assert "estate_contact.number: 1" in capsys.readouterr().out
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [new])
    cast.mei.refresh_from_db()
    assert cast.mei.id_number == "11010519491231002X"
    assert search(bob, "1201").persons[0].phone == "139****1201"
    assert search(bob, "11010519491231002X").persons
    call_command("reseal")
    assert "estate_contact.number: 0" in capsys.readouterr().out
