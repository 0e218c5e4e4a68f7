"""Refusing aloud: one class of refusal with a code, whose sentence stands in the room's ``words.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

Sentence = str | Promise

_SENTENCES: dict[str, Sentence] = {}


def register_refusals(sentences: Mapping[str, Sentence]) -> None:
    """Add a room's refusal sentences; a code is registered once in the whole house."""
    for code, sentence in sentences.items():
        if code in _SENTENCES and str(_SENTENCES[code]) != str(sentence):
            raise ValueError(f"refusal {code} has two sentences")
        _SENTENCES[code] = sentence


def refusal_codes() -> frozenset[str]:
    return frozenset(_SENTENCES)


class Refused(Exception):
    """An action that the rules do not allow now. ``str()`` is the sentence for the person who asked."""

    status = 422

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        sentence = str(_SENTENCES.get(self.code, self.code))
        return sentence.format(**self.facts) if self.facts else sentence


class NotAllowed(Refused):
    """The actor sees the row but lacks the right."""

    status = 403


class NotFound(Refused):
    """The row does not exist for this actor: unknown and invisible look the same."""

    status = 404


class Stale(Refused):
    """Somebody changed the row since the form was opened; ``row`` is the newest version."""

    status = 409

    def __init__(self, row: Any, version: int) -> None:
        super().__init__("stale")
        self.row = row
        self.version = version


class Busy(Refused):
    """Another request holds what this one needs, and did not finish within the time allowed."""

    status = 409
