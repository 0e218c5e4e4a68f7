"""A new key: what was sealed opens, what was found is found, and the old key is needed no longer."""

import threading

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from shouwen.estate import persons_actions
from shouwen.estate.models import Contact
from shouwen.estate.resealing import Sealed, reseal_everything, sealed_values
from shouwen.estate.search import search
from shouwen.kernel import phones, vault
from shouwen.plant import keys
from tests.cast import PHONE
from tests.estate.test_imports import HEADS, ROWS, book, take


def test_after_a_rotation_the_old_key_can_be_thrown_away(cast, monkeypatch, capsys):
    bob = cast.actor(cast.bob)
    persons_actions.edit_person(cast.mei.pk, actor=bob, id_number="11010519491231002X")
    new = b"n" * 32
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [new, *settings.SHOUWEN_KEYS])
    assert search(bob, PHONE).persons[0].phone == "139****1201"
    call_command("reseal")
    assert "条加密资料已用当前密钥重新加密。" in capsys.readouterr().out
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [new])
    cast.mei.refresh_from_db()
    assert cast.mei.id_number == "11010519491231002X"
    assert search(bob, "1201").persons[0].phone == "139****1201"
    assert search(bob, "11010519491231002X").persons
    call_command("reseal")
    assert "没有需要重新加密的内容" in capsys.readouterr().out


@pytest.fixture
def own_keys(tmp_path, monkeypatch):
    """The keys of a house that runs on a key file, as its processes see them."""
    monkeypatch.delenv("SHOUWEN_KEY")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    keys.make()
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", keys.Ring())
    return tmp_path / "key"


@pytest.mark.django_db
def test_a_process_that_runs_reads_finds_and_imports_from_the_moment_of_a_rotation(own_keys, cast):
    assert take(cast, book(HEADS, ROWS)).outcomes["added"]
    numbers = Contact.objects.count()
    keys.rotate()
    for _time in ("before anything is sealed again", "after"):
        again = take(cast, book(HEADS, ROWS))
        assert {*again.outcomes} == {"same"}, again.outcomes
        assert Contact.objects.count() == numbers
        assert search(cast.actor(cast.alice), "13900000101").persons
        assert {str(contact.number) for contact in Contact.objects.all()} >= {"13900000101", "13900000102"}
        reseal_everything(patience=0)
    own_keys.write_text(own_keys.read_text().split()[0] + "\n")
    settings.SHOUWEN_KEYS = keys.Ring()
    assert "13900000101" in {str(contact.number) for contact in Contact.objects.all()}


@pytest.mark.django_db(transaction=True)
def test_what_an_open_transaction_sealed_with_the_old_key_is_sealed_again_too(own_keys, cast):
    written, rotated = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Contact.objects.create(
                community=cast.community,
                person=cast.mei,
                number="13900000777",
                **phones.columns("13900000777"),
            )
            written.set()
            rotated.wait(10)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    written.wait(10)
    keys.rotate()
    threading.Timer(0.3, rotated.set).start()
    _done, waiting = reseal_everything(patience=10)
    writer.join()
    assert waiting == 0
    with connection.cursor() as cursor:
        cursor.execute("select number from estate_contact")
        assert not any(vault.needs_rotation(number) for (number,) in cursor.fetchall())


@pytest.mark.django_db
def test_values_that_no_key_opens_are_counted_and_left_alone(own_keys, cast, monkeypatch, capsys):
    whole = sealed_values()
    assert whole.opens
    assert not whole.lost
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [b"x" * 32])
    assert sealed_values() == Sealed(0, whole.opens)
    call_command("reseal")
    assert "没有密钥能解开" in capsys.readouterr().out
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", [])
    assert sealed_values() == Sealed(0, whole.opens)
    monkeypatch.setattr(settings, "SHOUWEN_KEYS", keys.Ring())
    assert sealed_values() == whole
