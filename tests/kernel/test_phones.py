import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.kernel import phones


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.SHOUWEN_KEYS = [b"k" * 32]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13812346021", "13812346021"),
        (" 138 1234 6021 ", "13812346021"),
        ("138-1234-6021", "13812346021"),
        ("１３８１２３４６０２１", "13812346021"),
        ("+86 138 1234 6021", "13812346021"),
        ("0086-13812346021", "13812346021"),
        ("(+86)13812346021", "13812346021"),
        ("8613812346021", "13812346021"),
        ("013812346021", "13812346021"),
        ("\u202d138\u202c12346021", "13812346021"),
        ("19912346021", "19912346021"),
        ("0571-87654321", "0571-87654321"),
        ("0571 8765 4321", "0571-87654321"),
        ("（0571）87654321", "0571-87654321"),
        ("057187654321", "0571-87654321"),
        ("+86 571 8765 4321", "0571-87654321"),
        ("+86-0571-87654321", "0571-87654321"),
        ("+86 10 6552 9988", "010-65529988"),
        ("010—65529988", "010-65529988"),
        ("02365529988", "023-65529988"),
        ("0755-8765432", "0755-8765432"),
        ("0571-87654321-8012", "0571-87654321-8012"),
        ("0571-87654321转8012", "0571-87654321-8012"),
        ("0571-87654321 转 8012", "0571-87654321-8012"),
        ("0571-87654321 ext. 12", "0571-87654321-12"),
        ("057187654321分机:12", "0571-87654321-12"),
        ("+86 571 8765 4321-12", "0571-87654321-12"),
        ("400-123-4567", "4001234567"),
        ("+86 400 123 4567", "4001234567"),
        ("+852 9123 4567", "+85291234567"),
        ("0085291234567", "+85291234567"),
    ],
)
def test_what_people_type_becomes_one_canonical_number(typed, kept):
    assert phones.normalise(typed) == kept
    assert phones.normalise(kept) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "请填写"),
        ("   ", "请填写"),
        ("87654321", "缺少区号"),
        ("1381234602", "11 位"),
        ("138123460211", "11 位"),
        ("12812346021", "11 位"),
        ("1381234602a", "不认识"),
        ("无", "不认识"),
        ("13812346021/13812346022", "不是有效|11 位"),
        ("13812346021转12", "不能带分机"),
        ("0571-07654321", "不是有效"),
        ("110", "11 位"),
        ("+852", "境外"),
        ("+1 234 567 890 123 456 7", "境外"),
        ("١٣٨١٢٣٤٦٠٢١", "不认识"),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence(typed, sentence):
    with pytest.raises(ValueError, match=sentence):
        phones.normalise(typed)


def test_a_landline_without_area_code_takes_the_one_of_the_community():
    assert phones.normalise("87654321", area="0571") == "0571-87654321"
    assert phones.normalise("8765432-12", area="0571") == "0571-8765432-12"
    assert phones.normalise("13812346021", area="0571") == "13812346021"


@given(st.text(alphabet="0123456789+-转 ()x#", max_size=24))
def test_any_text_is_either_refused_or_stable(text):
    try:
        kept = phones.normalise(text)
    except ValueError:
        return
    assert phones.normalise(kept) == kept


def test_a_number_is_found_by_the_whole_the_last_eight_and_the_last_four():
    kept = phones.digests("13812346021")
    for typed, column in (("138-1234-6021", "whole"), ("12346021", "last8"), ("６０２１", "last4")):
        sought = phones.sought(typed)
        assert sought is not None
        assert sought.column == column
        assert getattr(kept, column) in sought.digests
    assert len(set(kept)) == 3


def test_a_landline_is_found_without_its_extension():
    kept = phones.digests("0571-87654321-8012")
    sought = phones.sought("057187654321")
    assert sought is not None
    assert kept.whole in sought.digests
    assert kept == phones.digests("0571-87654321")


@pytest.mark.parametrize("typed", ["梅若云", "3幢1201", "123", ""])
def test_what_is_no_number_is_not_sought(typed):
    assert phones.sought(typed) is None


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812346021", "138****6021"),
        ("0571-87654321-8012", "0571-****4321"),
        ("010-65529988", "010-****9988"),
        ("4001234567", "400***4567"),
        ("+85291234567", "+852****4567"),
    ],
)
def test_a_masked_number_shows_its_kind_and_its_end(phone, shown):
    assert phones.masked(phone) == shown


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("8001", "8001"),
        ("６６８ ８０１", "668801"),
        ("13812346021", "13812346021"),
        ("021-55500000", "021-55500000"),
    ],
)
def test_a_work_telephone_may_be_a_short_number_of_the_office(typed, kept):
    assert phones.work(typed) == kept


@pytest.mark.parametrize("typed", ["12", "012", "1", "1234567890", "前台", "13812346021a"])
def test_what_is_no_work_telephone_is_said(typed):
    with pytest.raises(ValueError, match="内部短号"):
        phones.work(typed)
