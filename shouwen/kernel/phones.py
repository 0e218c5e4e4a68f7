"""Telephone numbers as people write them: one canonical text, digests to find it, a mask to show it.

Canonical forms: mobile ``13812346021``, landline ``0571-87654321`` or with extension ``0571-87654321-8012``,
service line ``4001234567``, foreign ``+85291234567``.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from shouwen.kernel import text as texts
from shouwen.kernel import vault

_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_SERVICE: Final = re.compile(r"[48]00\d{7}")
_LANDLINE: Final = re.compile(r"(010|02\d|0[3-9]\d\d)([2-9]\d{6,7})")
_LOCAL: Final = re.compile(r"[2-9]\d{6,7}")
# "转", "分机", "ext" and "#" always open an extension; a hyphen does only behind a whole landline number.
_EXTENSION: Final = re.compile(r"(?:转|分机号?|ext\.?|#)\s*[::]?\s*(\d{1,6})$", re.IGNORECASE)
_HYPHENED: Final = re.compile(r"(.*\d)\s*-\s*(\d{1,6})$")
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣", "-"))
_SHORT: Final = re.compile(r"[1-9]\d{2,5}")
_SEPARATORS: Final = re.compile(r"[\s\-./()·]+")


class Digests(NamedTuple):
    """What is kept to find a number: by the whole, by the last eight, by the last four digits."""

    whole: bytes
    last8: bytes
    last4: bytes


def normalise(text: str, area: str = "") -> str:
    """The canonical form; `area` ("0571") completes a landline without code. ValueError with a sentence."""
    line = texts.full_width_to_half(texts.clean_line(text)).translate(_DASHES)
    if not line:
        raise ValueError(_("请填写电话号码"))
    number, extension = _split_extension(line)
    digits = _SEPARATORS.sub("", number)
    plus = digits.startswith(("+", "00"))
    digits = digits[1:] if digits.startswith("+") else digits.removeprefix("00")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(_("电话号码“%(text)s”含有不认识的字符") % {"text": text})
    if plus and not digits.startswith("86"):
        return _foreign(digits, text)
    return _chinese(_without_country(digits), extension, area, text)


def work(text: str) -> str:
    """A colleague's number: canonical, or an extension or short number of the office of three to six digits."""
    digits = _SEPARATORS.sub("", texts.full_width_to_half(texts.clean_line(text)))
    if _SHORT.fullmatch(digits):
        return digits
    try:
        return normalise(text)
    except ValueError as error:
        raise ValueError(_("%(why)s；也可以写 3 至 6 位的内部短号") % {"why": str(error)}) from error


def digests(phone: str) -> Digests:
    """The keyed digests of a canonical number; the extension isn't part of them."""
    digits = _main_digits(phone)
    return Digests(
        vault.digest(digits, "phone"),
        vault.digest(digits[-8:], "phone.last8"),
        vault.digest(digits[-4:], "phone.last4"),
    )


def wholes(phone: str) -> list[bytes]:
    """The digest of the whole number under every known key, the current one first: what it may be kept under."""
    return vault.digests(_main_digits(phone), "phone")


def columns(phone: str, prefix: str = "") -> dict[str, bytes]:
    """The digests of a canonical number under the names of the columns that keep them."""
    return {prefix + name: found for name, found in digests(phone)._asdict().items()}


class Sought(NamedTuple):
    """How to look a typed number up: filter `{column}__in=digests`, column being whole, last8 or last4."""

    column: str
    digests: list[bytes]


def sought(query: str) -> Sought | None:
    """Read a number in a search box: 4 or 8 digits are an end, a whole number itself; None if it is none."""
    digits = _SEPARATORS.sub("", texts.full_width_to_half(texts.clean_line(query)).translate(_DASHES))
    if digits.isascii() and digits.isdigit() and len(digits) in {4, 8}:
        column = f"last{len(digits)}"
        return Sought(column, vault.digests(digits, f"phone.{column}"))
    try:
        return Sought("whole", vault.digests(_main_digits(normalise(query)), "phone"))
    except ValueError:
        return None


def masked(phone: str) -> str:
    """138****6021, 0571-****4321, 400***4567, +852****4567: enough to recognise, too little to dial."""
    if phone.startswith("+"):
        return f"{phone[:4]}****{phone[-4:]}"
    area, hyphen, rest = phone.partition("-")
    if hyphen:
        return f"{area}-****{rest.partition('-')[0][-4:]}"
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def _split_extension(line: str) -> tuple[str, str]:
    if found := _EXTENSION.search(line):
        return line[: found.start()], found[1]
    found = _HYPHENED.match(line)
    if found and _is_landline(_SEPARATORS.sub("", found[1])):
        return found[1], found[2]
    return line, ""


def _is_landline(digits: str) -> bool:
    plain = _without_country(digits.removeprefix("+").removeprefix("00") if digits[:1] == "+" else digits)
    return bool(_LANDLINE.fullmatch(plain) or _LOCAL.fullmatch(plain))


def _without_country(digits: str) -> str:
    """Drop 86 and the long-distance 0 of a mobile; put back the 0 that +86 swallows before an area code."""
    bare = digits.removeprefix("0086")
    if bare == digits and len(digits) > 11:
        bare = digits.removeprefix("86")
    if bare.startswith("0") and _MOBILE.fullmatch(bare[1:]):
        return bare[1:]
    if bare != digits and not _MOBILE.fullmatch(bare) and not bare.startswith("0"):
        return bare if _SERVICE.fullmatch(bare) else f"0{bare}"
    return bare


def _chinese(digits: str, extension: str, area: str, text: str) -> str:
    if _MOBILE.fullmatch(digits) or _SERVICE.fullmatch(digits):
        if extension:
            raise ValueError(_("“%(text)s”不是固定电话，不能带分机号") % {"text": text})
        return digits
    if area and _LOCAL.fullmatch(digits):
        digits = area + digits
    if found := _LANDLINE.fullmatch(digits):
        return "-".join(part for part in (found[1], found[2], extension) if part)
    if _LOCAL.fullmatch(digits):
        raise ValueError(_("固定电话“%(text)s”缺少区号") % {"text": text})
    if digits.startswith("1"):
        raise ValueError(_("手机号“%(text)s”应为 11 位数字，以 13 至 19 开头") % {"text": text})
    raise ValueError(_("“%(text)s”不是有效的电话号码") % {"text": text})


def _foreign(digits: str, text: str) -> str:
    if not 7 <= len(digits) <= 15 or digits.startswith("0"):
        raise ValueError(_("“%(text)s”不是有效的境外电话号码") % {"text": text})
    return f"+{digits}"


def _main_digits(phone: str) -> str:
    """The digits that are dialled, without the extension; a foreign number keeps its country code."""
    area, hyphen, rest = phone.partition("-")
    return (area + rest.partition("-")[0] if hyphen else area).removeprefix("+")
