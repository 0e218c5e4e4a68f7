"""Sealing what must not be read from a stolen copy of the database, and finding it again by keyed digests.

A sealed blob is ``version(1) | key id(4) | nonce(12) | AES-256-GCM ciphertext and tag``. Every purpose has
its own derived key and is bound as associated data, so that a blob moved to another column doesn't open. Keys
come from ``settings.SHOUWEN_KEYS``: the first seals, all open; it is looked at each time, so a new key counts at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

_VERSION = b"\x01"
_ID, _NONCE, _HEAD = 4, 12, 17
_PERSON = "person-key"
DIGEST_SIZE = 16

Blob = bytes | bytearray | memoryview


class Unreadable(ValueError):
    """A blob that no known key opens: wrong key, wrong purpose, or changed bytes."""


class Erased(Unreadable):
    """The person's key was destroyed: what it sealed is gone for good."""


class Secret(str):
    """An opened text. It is a plain `str` to work with, but its repr (logs, tracebacks) hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'•••'"


def seal(text: str, purpose: str) -> bytes:
    """Encrypt a text with the current key, for this purpose alone."""
    return _seal(text.encode(), _keys()[0], purpose)


def open(blob: Blob, purpose: str) -> Secret:  # noqa: A001 - vault.open and vault.seal are a pair
    """Decrypt with whichever known key sealed it; raises `Unreadable`."""
    return Secret(_open(bytes(blob), purpose).decode())


def needs_rotation(blob: Blob) -> bool:
    """True if another key than the current one sealed this blob."""
    return bytes(blob)[1 : 1 + _ID] != _key_id(_keys()[0])


def key_ids() -> set[bytes]:
    """The marks of all known keys, as they stand in every sealed blob (`SEALED_BY`)."""
    return {_key_id(key) for key in _keys()} if settings.SHOUWEN_KEYS else set()


# SQL: the mark of the key that sealed a column.
SEALED_BY = f'substr("{{column}}", 2, {_ID})'


def reseal(blob: Blob, purpose: str) -> bytes:
    """The same text under the current key."""
    return seal(open(blob, purpose), purpose)


def digest(text: str, purpose: str) -> bytes:
    """A keyed fingerprint (16 bytes) under the current key: kept beside a sealed text to find it again."""
    return _digest(text, _keys()[0], purpose)


def digests(text: str, purpose: str) -> list[bytes]:
    """The fingerprints under every known key, for `column__in=`: lookups work during a rotation."""
    return [_digest(text, key, purpose) for key in _keys()]


def new_person_key() -> bytes:
    """A fresh key for one person, wrapped by the house key, kept in the person's row until erasure."""
    return _seal(secrets.token_bytes(32), _keys()[0], _PERSON)


def rewrap(person_key: Blob) -> bytes:
    """The same person's key, wrapped by the current house key: rotation needs not touch what it sealed."""
    return _seal(_open(bytes(person_key), _PERSON), _keys()[0], _PERSON)


def seal_for(person_key: Blob | None, text: str) -> bytes:
    """Encrypt a text so that it can be read only as long as this person's key exists."""
    return _seal(text.encode(), _unwrap(person_key), _PERSON)


def open_for(person_key: Blob | None, blob: Blob) -> Secret:
    """Decrypt what `seal_for` sealed; raises `Erased` once the person's key is gone."""
    return Secret(_decrypt(bytes(blob), [_unwrap(person_key)], _PERSON).decode())


def _keys() -> list[bytes]:
    keys = list(settings.SHOUWEN_KEYS)
    if not keys:
        raise Unreadable(_("没有密钥，加密资料无法读写"))
    return keys


def _unwrap(person_key: Blob | None) -> bytes:
    if not person_key:
        raise Erased(_("此人的个人资料已按要求清除"))
    return _open(bytes(person_key), _PERSON)


def _seal(plain: bytes, key: bytes, purpose: str) -> bytes:
    head = _VERSION + _key_id(key) + secrets.token_bytes(_NONCE)
    return head + _cipher(key, purpose).encrypt(head[1 + _ID :], plain, _bound(head, purpose))


def _open(blob: bytes, purpose: str) -> bytes:
    return _decrypt(blob, _keys(), purpose)


def _decrypt(blob: bytes, keys: list[bytes], purpose: str) -> bytes:
    head, cipher = blob[:_HEAD], blob[_HEAD:]
    if len(head) < _HEAD or head[:1] != _VERSION:
        raise Unreadable(_("加密资料的格式不对"))
    for key in keys:
        if _key_id(key) == head[1 : 1 + _ID]:
            try:
                return _cipher(key, purpose).decrypt(head[1 + _ID :], cipher, _bound(head, purpose))
            except InvalidTag:
                break
    raise Unreadable(_("加密资料无法解开：密钥不对，或内容被改动"))


def _bound(head: bytes, purpose: str) -> bytes:
    return head[: 1 + _ID] + purpose.encode()


def _digest(text: str, key: bytes, purpose: str) -> bytes:
    return hmac.new(_derive(key, f"digest/{purpose}"), text.encode(), hashlib.sha256).digest()[:DIGEST_SIZE]


@lru_cache(maxsize=256)
def _derive(key: bytes, purpose: str) -> bytes:
    info = f"shouwen/vault/{purpose}".encode()
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key)


@lru_cache(maxsize=256)
def _cipher(key: bytes, purpose: str) -> AESGCM:
    # One-off keys of persons come through here too: the bound keeps no more than 256 of them in memory.
    return AESGCM(_derive(key, f"seal/{purpose}"))


def _key_id(key: bytes) -> bytes:
    return _derive(key, "key-id")[:_ID]


class _Wrapped(DeferredAttribute):
    """Keeps every text that is put on the instance in a `Secret`."""

    def __set__(self, instance: models.Model, value: str | None) -> None:
        instance.__dict__[self.field.attname] = None if value is None else Secret(value)


if TYPE_CHECKING:
    _Base = models.BinaryField[str | None, Secret | None]
else:
    _Base = models.BinaryField


class SealedField(_Base):
    """A text column kept sealed in the database, text in Python; can't be searched, only found empty.

    To find rows by the text, keep a `BinaryField` with `digest()` beside it. ``found_by`` gives these columns for a
    text: whoever writes the text writes them, and a new key makes them anew.
    """

    descriptor_class = _Wrapped
    empty_strings_allowed = True

    def __init__(
        self,
        *args: Any,
        purpose: str,
        found_by: Callable[[str], dict[str, bytes]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.purpose, self.found_by = purpose, found_by
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def from_db_value(self, value: Blob | None, *_args: object) -> Secret | None:
        return None if value is None else open(value, self.purpose)

    def get_db_prep_value(
        self,
        value: Any,
        connection: BaseDatabaseWrapper,
        prepared: bool = False,  # noqa: FBT002 - Django's signature
    ) -> Any:
        blob = seal(value, self.purpose) if isinstance(value, str) else value
        return super().get_db_prep_value(blob, connection, prepared)

    def get_default(self) -> Any:
        # `NOT_PROVIDED` is a class, and as such can be called: asked first, or its words would be sealed as a text.
        if not self.has_default():
            return None
        return self.default() if callable(self.default) else self.default

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.attname} is sealed and is not serialised")

    def get_lookup(self, lookup_name: str) -> Any:
        # Every seal differs, so a comparison would silently find nothing: it must fail loudly instead.
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
