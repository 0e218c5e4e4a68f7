"""A new key: what was sealed opens, what was found is found, and the old key is needed no longer."""

import threading
import time

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from shouwen.estate import persons_actions, resealing
from shouwen.estate.models import Contact, ImportRun
from shouwen.estate.resealing import Sealed, keep_keys, reseal_everything, sealed_values
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


@pytest.mark.django_db(transaction=True)
def test_an_import_and_the_sealing_wait_for_each_other_and_say_so(own_keys, cast, capsys):
    """An import that looks numbers up holds the sealing off; one that comes while it goes on begins when it is over."""
    looking, sealed = threading.Event(), threading.Event()
    order: list[str] = []

    def importing() -> None:
        with transaction.atomic():
            keep_keys(lambda: order.append("the first import waits"))
            looking.set()
            time.sleep(0.3)
            order.append("looked up")
        connection.close()

    def second() -> None:
        sealed.wait(10)
        with transaction.atomic():
            keep_keys(lambda: order.append("the second import waits"))
            order.append("begun")
        connection.close()

    first, next_ = threading.Thread(target=importing), threading.Thread(target=second)
    first.start()
    looking.wait(10)
    keys.rotate()
    next_.start()

    def sealing(model, field):
        if "sealing" not in order:
            order.append("sealing")
            sealed.set()
            while "the second import waits" not in order:
                time.sleep(0.01)
        return resealing_column(model, field)

    resealing_column, resealing._column = resealing._column, sealing
    try:
        call_command("reseal")
    finally:
        resealing._column = resealing_column
    first.join()
    next_.join()
    assert order == ["looked up", "sealing", "the second import waits", "begun"]
    said = capsys.readouterr().out
    assert "有导入正在进行" in said
    assert "个事务" not in said, "an import that waits for the sealing is not waited for"


@pytest.mark.django_db(transaction=True)
def test_an_import_that_waits_for_the_keys_says_so_on_its_page(own_keys, cast):
    words: list[str] = []

    def watch() -> None:
        until = time.monotonic() + 10
        while not words and time.monotonic() < until:
            words.extend(ImportRun.objects.exclude(words="").values_list("words", flat=True))
        released.set()
        connection.close()

    released = threading.Event()
    watcher = threading.Thread(target=watch)
    holder = connection.copy()
    holder.inc_thread_sharing()
    with holder.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [resealing._LOCK])
        watcher.start()
        threading.Thread(target=lambda: (released.wait(10), holder.close())).start()
        run = take(cast, book(HEADS, ROWS))
    watcher.join()
    assert words == ["密钥正在更换，等换好后自动继续。"]
    run.refresh_from_db()
    assert (run.state, run.words) == ("done", "")
