import pytest
from django.core.exceptions import FieldError
from hypothesis import given
from hypothesis import strategies as st

from shouwen.kernel import vault
from shouwen.kernel.files import StoredFile

OLD, NEW = b"old-" + b"o" * 32, b"new-" + b"n" * 32


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.SHOUWEN_KEYS = [OLD]


def test_a_sealed_text_opens_again_and_does_not_show():
    blob = vault.seal("身份证 11010519491231002X", "person.id")
    assert b"11010519491231002X" not in blob
    assert vault.open(blob, "person.id") == "身份证 11010519491231002X"
    assert vault.open(memoryview(blob), "person.id") == "身份证 11010519491231002X"


def test_the_same_text_never_seals_twice_alike_but_digests_alike():
    assert vault.seal("a", "x") != vault.seal("a", "x")
    assert vault.digest("a", "x") == vault.digest("a", "x")
    assert len(vault.digest("a", "x")) == vault.DIGEST_SIZE


def test_a_blob_of_another_purpose_does_not_open():
    with pytest.raises(vault.Unreadable):
        vault.open(vault.seal("a", "x"), "y")
    assert vault.digest("a", "x") != vault.digest("a", "y")


@pytest.mark.parametrize("place", [0, 1, 4, 5, 16, 17, 20, -1])
def test_a_blob_with_any_changed_byte_does_not_open(place):
    blob = bytearray(vault.seal("楼道漏水", "x"))
    blob[place] ^= 1
    with pytest.raises(vault.Unreadable):
        vault.open(blob, "x")


@pytest.mark.parametrize("blob", [b"", b"\x01", b"plain text that never was sealed"])
def test_what_was_never_sealed_does_not_open(blob):
    with pytest.raises(vault.Unreadable):
        vault.open(blob, "x")


def test_rotation_opens_with_the_old_key_and_seals_with_the_new(settings):
    old, print_ = vault.seal("a", "x"), vault.digest("a", "x")
    assert not vault.needs_rotation(old)
    settings.SHOUWEN_KEYS = [NEW, OLD]
    assert vault.open(old, "x") == "a"
    assert vault.needs_rotation(old)
    assert print_ in vault.digests("a", "x")
    assert vault.digest("a", "x") != print_
    fresh = vault.reseal(old, "x")
    settings.SHOUWEN_KEYS = [NEW]
    assert vault.open(fresh, "x") == "a"
    with pytest.raises(vault.Unreadable):
        vault.open(old, "x")


def test_erasing_the_key_of_a_person_erases_what_it_sealed():
    key, other = vault.new_person_key(), vault.new_person_key()
    blob = vault.seal_for(key, "梅若云 13812346021")
    assert vault.open_for(key, blob) == "梅若云 13812346021"
    with pytest.raises(vault.Unreadable):
        vault.open_for(other, blob)
    for gone in (None, b""):
        with pytest.raises(vault.Erased):
            vault.open_for(gone, blob)
        with pytest.raises(vault.Erased):
            vault.seal_for(gone, "new")


def test_a_rewrapped_person_key_still_opens_after_the_old_house_key_is_gone(settings):
    key = vault.new_person_key()
    blob = vault.seal_for(key, "a")
    settings.SHOUWEN_KEYS = [NEW, OLD]
    assert vault.needs_rotation(key)
    key = vault.rewrap(key)
    settings.SHOUWEN_KEYS = [NEW]
    assert vault.open_for(key, blob) == "a"


def test_an_opened_text_hides_in_reprs():
    secret = vault.open(vault.seal("13812346021", "x"), "x")
    assert "138" not in f"{secret!r} {[secret]} { ({'phone': secret}) }"
    assert f"{secret}" == "13812346021"


@given(st.text(), st.text(max_size=20))
def test_every_text_comes_back(text, purpose):
    assert vault.open(vault.seal(text, purpose), purpose) == text


def test_a_sealed_field_keeps_ciphertext_shows_text_and_hides_it_in_reprs(db, django_assert_num_queries):
    from django.db import connection

    from shouwen.kernel import clock

    row = StoredFile(
        sha256="0" * 64,
        name="a.jpg",
        mime="image/jpeg",
        size=1,
        position="30.27,120.15",
        created_at=clock.now(),
        created_by_kind="system",
    )
    assert "30.27" not in repr(vars(row))
    row.save()
    with connection.cursor() as cursor:
        cursor.execute("select position from kernel_storedfile")
        kept = bytes(cursor.fetchone()[0])
    assert b"30.27" not in kept
    fresh = StoredFile.objects.get()
    assert fresh.position == "30.27,120.15"
    assert "30.27" not in repr(vars(fresh))
    deferred = StoredFile.objects.defer("position").get()
    with django_assert_num_queries(1):
        assert deferred.position == "30.27,120.15"
    StoredFile.objects.update(position="1.0,2.0")
    fresh.refresh_from_db()
    assert fresh.position == "1.0,2.0"
    fresh.position = None
    fresh.save()
    assert StoredFile.objects.filter(position__isnull=True).exists()


def test_what_was_never_given_is_nothing_and_not_a_word_about_it():
    assert StoredFile().position is None


def test_a_sealed_field_refuses_to_be_compared(db):
    with pytest.raises(FieldError):
        StoredFile.objects.filter(position="30.27,120.15").exists()


def test_a_sealed_field_is_rebuilt_by_a_migration_with_its_purpose():
    field = StoredFile._meta.get_field("position")
    assert field.clone().purpose == "file.position"
