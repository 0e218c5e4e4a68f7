"""Writing the common sentences of a community: whoever may edit its settings."""

from __future__ import annotations

from typing import Final

from shouwen.cases.phrases.models import GAP, GAPS, Phrase
from shouwen.estate.saving import allow, fetch, put, save
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import clean, clean_line

RIGHT: Final = "setting.edit"


def add_phrase(community_id: int, *, actor: Actor, name: str, words: str) -> Phrase:
    """One sentence more."""
    with frame(actor):
        allow(actor, RIGHT, community_id)
        row = Phrase(community_id=community_id)
        _fill(row, name, words, True)
        save(row)
        record("phrase:added", row)
    return row


def edit_phrase(key: int, *, actor: Actor, name: str, words: str, active: bool = True) -> Phrase:
    """Another name, another wording, or out of use."""
    with frame(actor):
        row: Phrase = fetch(Phrase.objects, key, actor=actor, right=RIGHT)
        if fields := _fill(row, name, words, active):
            save(row)
            record("phrase:changed", row, fields=fields)
    return row


def _fill(row: Phrase, name: str, words: str, active: bool) -> str:
    unknown = next((gap for gap in GAP.findall(words) if gap not in GAPS), None)
    if unknown is not None:
        raise Refused("phrase.gap", gap=f"{{{unknown}}}", gaps=" ".join(f"{{{gap}}}" for gap in GAPS))
    return put(row, {"name": clean_line(name), "words": clean(words), "active": active})
