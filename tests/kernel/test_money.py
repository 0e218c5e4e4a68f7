from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.kernel import money


@pytest.mark.parametrize(
    ("yuan", "fen"),
    [
        ("0", 0), ("1", 100), ("1.5", 150), ("1.005", 101), ("1.004", 100), ("-1.005", -101), ("1,234.56", 123456),
        ("¥12", 1200), ("￥12.30", 1230), ("12元", 1200), (" 0.01 ", 1), (".5", 50), ("1，234", 123400),
    ],
)  # fmt: skip
def test_yuan_become_fen_rounded_half_up(yuan, fen):
    assert money.to_fen(yuan) == fen


@pytest.mark.parametrize(
    "typed", ["", "abc", "NaN", "Infinity", "1e5", "1.2.3", "一百", "٣", "-", "sNaN", "1_000"]
)
def test_what_is_no_amount_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match="不是金额"):
        money.to_fen(typed)


def test_amounts_beyond_reason_are_refused():
    for amount in (Decimal("NaN"), Decimal("Infinity"), Decimal("1e20"), "9" * 30):
        with pytest.raises(ValueError, match="超出范围"):
            money.to_fen(amount)


@pytest.mark.parametrize("amount", [1.5, 1, True])
def test_floats_and_bare_ints_are_no_yuan(amount):
    with pytest.raises(TypeError):
        money.to_fen(amount)


@pytest.mark.parametrize("fen", [1.0, True, Decimal(1), "1"])
def test_only_ints_are_fen(fen):
    for act in (money.to_yuan, money.capital, money.show):
        with pytest.raises(TypeError):
            act(fen)


@given(st.integers(-money.MOST_FEN, money.MOST_FEN))
def test_fen_survive_the_way_through_yuan(fen):
    assert money.to_fen(money.to_yuan(fen)) == fen
    assert money.to_fen(money.show(fen)) == fen
    assert str(money.to_yuan(fen))[-3] == "."


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("1234.56", "壹仟贰佰叁拾肆元伍角陆分"),
        ("100200.30", "壹拾万零贰佰元叁角整"),
        ("1001000", "壹佰万零壹仟元整"),
        ("10000", "壹万元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.55", "伍角伍分"),
        ("0", "零元整"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("10.05", "壹拾元零伍分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("107000.53", "壹拾万零柒仟元伍角叁分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("120000000.01", "壹亿贰仟万元零壹分"),
        ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100000000", "壹亿元整"),
        ("1000000000", "壹拾亿元整"),
        ("10010001", "壹仟零壹万零壹元整"),
        ("20003000", "贰仟万零叁仟元整"),
        ("1000000000000", "壹万亿元整"),
        ("1000100000000", "壹万零壹亿元整"),
        ("1111111111111.11", "壹万壹仟壹佰壹拾壹亿壹仟壹佰壹拾壹万壹仟壹佰壹拾壹元壹角壹分"),
        ("-5.20", "负伍元贰角整"),
    ],
)
def test_amounts_in_words_as_banks_write_them(yuan, words):
    assert money.capital(money.to_fen(yuan)) == f"人民币{words}"
    assert money.capital(money.to_fen(yuan), prefix="") == words


def _read(words: str) -> int:
    """The way back, written independently: sum up place by place."""
    total = section = digit = fen = 0
    for letter in words.removeprefix("人民币"):
        if letter in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(letter)
        elif letter in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[letter]
            digit = 0
        elif letter == "万":
            total, section, digit = total + (section + digit) * 10_000, 0, 0
        elif letter == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        elif letter == "元":
            fen, total, section, digit = (total + section + digit) * 100, 0, 0, 0
        elif letter in "角分":
            fen, digit = fen + digit * {"角": 10, "分": 1}[letter], 0
    return fen


@given(st.integers(0, money.MOST_FEN))
def test_words_can_be_read_back_and_never_have_two_zeros(fen):
    words = money.capital(fen)
    assert _read(words) == fen
    assert "零零" not in words
    assert words.endswith(("整", "分"))


@pytest.mark.parametrize(
    ("fen", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (0, [3, 4], [0, 0]),
        (10, [0, 1], [0, 10]),
        (1000, [Decimal("88.5"), Decimal("111.5")], [443, 557]),
        (1, [1, 2, 2], [0, 1, 0]),
    ],
)
def test_an_amount_is_split_to_the_fen(fen, weights, parts):
    assert money.split(fen, weights) == parts


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=50).filter(any))
def test_parts_sum_up_and_miss_their_share_by_less_than_a_fen(fen, weights):
    parts = money.split(fen, weights)
    assert sum(parts) == fen
    assert all(
        abs(part * sum(weights) - fen * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 2]])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(ValueError, match="权数"):
        money.split(100, weights)


def test_a_share_is_rounded_half_up_once():
    assert money.share(1050, Decimal("0.05")) == 53
    assert money.share(-1050, Decimal("0.05")) == -53
