"""Money: whole fen inside, `Decimal` yuan with two places at the door, never a float."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext_lazy as _

MOST_FEN: Final = 10**15  # ten trillion yuan: far beyond any account, well within a bigint
_CENT: Final = Decimal("0.01")
_AMOUNT: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("仟", "佰", "拾", "")


def to_fen(amount: Decimal | str) -> int:
    """Yuan to fen, rounded half up (away from zero); ValueError with a sentence for what is no amount.

    Takes what people type: "1,234.5", "¥12". A float or an int is a mistake of the caller: TypeError.
    """
    if isinstance(amount, str):
        amount = _parse(amount)
    if not isinstance(amount, Decimal):
        raise TypeError(f"an amount in yuan is a Decimal or a str, not {type(amount).__name__}")
    if not amount.is_finite() or abs(amount) * 100 > MOST_FEN:
        raise ValueError(_("金额超出范围"))
    return int(amount.quantize(_CENT, ROUND_HALF_UP) * 100)


def to_yuan(fen: int) -> Decimal:
    """Fen to yuan with exactly two places."""
    return Decimal(_whole(fen)).scaleb(-2)


def show(fen: int) -> str:
    """1,234.56"""
    return f"{to_yuan(fen):,.2f}"


def share(fen: int, rate: Decimal) -> int:
    """A rate (0.05 of, 12.5 times) of an amount, rounded half up once."""
    return int((Decimal(_whole(fen)) * rate).quantize(Decimal(1), ROUND_HALF_UP))


def split(fen: int, weights: Sequence[int | Decimal]) -> list[int]:
    """Divide an amount by weights, the parts summing up exactly (largest remainder; ties go to the earlier).

    A negative amount splits as its positive one. ValueError if a weight is negative or all are zero.
    """
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact)
    if not total or min(exact) < 0:
        raise ValueError(_("分摊的权数不能为负，也不能全为零"))
    shares = [abs(_whole(fen)) * weight / total for weight in exact]
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for i in by_remainder[: abs(fen) - sum(parts)]:
        parts[i] += 1
    return parts if fen >= 0 else [-part for part in parts]


def capital(fen: int, prefix: str = "人民币") -> str:
    """The amount in words as banks write it: 人民币壹仟贰佰叁拾肆元伍角陆分, 壹佰万零壹仟元整, 叁角整.

    Chinese by law, so never translated.
    """
    yuan, cents = divmod(abs(_whole(fen)), 100)
    jiao, rest = divmod(cents, 10)
    words = f"{_number(yuan)}元" if yuan or not cents else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif rest and yuan:
        words += "零"
    words += f"{_DIGITS[rest]}分" if rest else "整"
    return prefix + ("负" if fen < 0 else "") + words


def _number(value: int) -> str:
    """Words of a whole number below 10**16."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if value >= unit:
            high, low = divmod(value, unit)
            # One zero stands for any gap: low too short for its places, or high ending in a zero.
            gap = "零" if low and (low < unit // 10 or high % 10 == 0) else ""
            return _number(high) + name + gap + (_number(low) if low else "")
    return _section(value) or _DIGITS[0]


def _section(value: int) -> str:
    """Words of 1 to 9999; nothing for 0."""
    words, gap = "", False
    for digit, place in zip(f"{value:04d}", _PLACES, strict=True):
        if digit == "0":
            gap = bool(words)
        else:
            words += ("零" if gap else "") + _DIGITS[int(digit)] + place
            gap = False
    return words


def _parse(typed: str) -> Decimal:
    plain = typed.strip().replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()
    if not _AMOUNT.fullmatch(plain):  # Decimal also reads NaN, Infinity, 1e5 and digits of every script
        raise ValueError(_("“%(text)s”不是金额") % {"text": typed})
    return Decimal(plain)


def _whole(fen: int) -> int:
    if isinstance(fen, bool) or not isinstance(fen, int):
        raise TypeError(f"an amount in fen is an int, not {type(fen).__name__}")
    return fen
