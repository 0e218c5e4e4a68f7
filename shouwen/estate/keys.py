"""How rows of the estate are found: keys of unit codes, of names as people type them, of telephones and identities."""

from __future__ import annotations

import re
from typing import Final

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import CharField, F, Func, TextField, Value
from django.db.models.functions import Upper

from shouwen.kernel import text, vault

# What stands between the parts of a door's address, in PostgreSQL's and Python's dialect alike.
_BETWEEN: Final = "(号楼|单元|栋|幢|座|楼|室|号|[^0-9A-Za-z一-鿿])+"
_ZEROS: Final = "(^|-)0+(?=[0-9])"
_EDGES: Final = "^-|-$"
_IDENTITY: Final = "person.id_number"


def code_key(code: F) -> Func:
    """SQL twin of `unit_key`: the parts of a code, upper case, without leading zeros, a dash between them."""
    plain: models.Expression = Upper(code)
    for pattern, put in ((_BETWEEN, "-"), (_EDGES, ""), (_ZEROS, r"\1")):
        plain = Func(
            plain, Value(pattern), Value(put), Value("g"), function="regexp_replace", output_field=CharField()
        )
    assert isinstance(plain, Func)
    return plain


def without_dashes(key: Func) -> Func:
    return Func(key, Value("-"), Value(""), function="replace", output_field=CharField())


def natural(key: models.Expression | F) -> Func:
    """SQL twin of `natural_sort`: a key in which every number has eight digits, so that 101 comes before 1001."""
    for pattern, put in (("([0-9]+)", r"0000000\1"), ("0{0,7}([0-9]{8,})", r"\1")):
        key = Func(
            key, Value(pattern), Value(put), Value("g"), function="regexp_replace", output_field=TextField()
        )
    assert isinstance(key, Func)
    return key


def unit_key(code: str) -> str:
    """``03栋1单元1201`` and ``3-1-1201`` both become ``3-1-1201``."""
    key = re.sub(_BETWEEN, "-", text.full_width_to_half(code).upper())
    return re.sub(_ZEROS, r"\1", re.sub(_EDGES, "", key))


def typed_forms() -> Func:
    """The lexemes of ``forms``, for prefix search over initials and whole pinyin of every reading."""
    parts = Func(F("forms"), Value(" "), function="string_to_array")
    return Func(parts, function="array_to_tsvector", output_field=SearchVectorField())


def name_keys(name: str) -> dict[str, str]:
    """``pinyin`` and ``initials`` of a name, as a staff member and a person keep them."""
    syllables = text.pinyin_key(name).split()
    return {"pinyin": "".join(syllables)[:120], "initials": "".join(s[0] for s in syllables)[:40]}


def person_keys(name: str) -> dict[str, str]:
    """All keys of a person's name: to sort by, and every form in which somebody may type it."""
    return {**name_keys(name), "forms": " ".join(text.pinyin_forms(name))}


def identity(number: str) -> str:
    """An identity number as it is compared: upper case, half width, no blanks."""
    return re.sub(r"\s+", "", text.full_width_to_half(number)).upper()


def identity_digest(number: str) -> bytes:
    return vault.digest(identity(number), _IDENTITY)


def identity_columns(number: str) -> dict[str, bytes]:
    """The column by which a person is found by this identity number."""
    return {"id_digest": identity_digest(number)}


def identity_digests(number: str) -> list[bytes]:
    """For lookups, while a key rotation is under way too."""
    return vault.digests(identity(number), _IDENTITY)


def plate_key(plate: str) -> str:
    """A number plate as it is kept: ``沪 A·12345`` becomes ``沪A12345``."""
    return re.sub(r"[\s·.\-•]+", "", text.full_width_to_half(text.clean_line(plate))).upper()


def natural_sort(code: str) -> str:
    """Sorts 2 before 10."""
    return re.sub(r"\d+", lambda found: found[0].zfill(6), code)[:40]
