"""What a text sounds like: category, kind and urgency, with the words that speak for them.

A proposal, never a decision. ``suggest`` is the one door to it: a better listener only has to answer the same question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shouwen.cases.hearing.danger import danger
from shouwen.cases.hearing.model import QUOTED, WARMTH, best, hear, kinds_of, model, seeds
from shouwen.cases.models import Category
from shouwen.kernel.learning import shares
from shouwen.kernel.text import fold

# Shares of one below which nothing is proposed: of the kind among kinds, of the category among all.
KIND_SURE, CATEGORY_SURE = 0.6, 0.4
_OWN_WORD: Final = 6.0


@dataclass(frozen=True)
class Proposal:
    """What a text seems to be about, with the words of it that say so, a word of danger first.

    ``danger`` are all of those; ``confidence`` is the share (0 to 1) of its kind.
    """

    category: Category
    urgent: bool
    evidence: tuple[str, ...]
    danger: tuple[str, ...] = ()
    confidence: float = 1.0

    @property
    def kind(self) -> str:
        return self.category.kind


def suggest(text: str, among: Iterable[Category] | None = None) -> Proposal | None:
    """The likeliest of these categories, by default of all in use; None when unsure and no danger was heard."""
    known = {c.code: c for c in (Category.objects.filter(active=True) if among is None else among)}
    own = {code: heard for code, c in known.items() if (heard := _own_words(c, text))}
    scores = _scores(text, known, own)
    if not scores:
        return None
    share = shares(scores, WARMTH)
    chosen = known[best(scores)]
    sure, said = kinds_of(share, {c.code: c.kind for c in known.values()})[chosen.kind], danger(text)
    if not said and (sure < KIND_SURE or share[chosen.code] < CATEGORY_SURE):
        return None
    heard = (*said[:1], *own.get(chosen.code, ()), *model().evidence(text, chosen.code, chosen.kind))
    return Proposal(chosen, bool(said) or chosen.urgent, tuple(dict.fromkeys(heard))[:QUOTED], said, sure)


def other(kind: str, categories: Iterable[Category]) -> Category | None:
    """The catch-all of a kind: its last category, for what nothing else fits."""
    mine = [c for c in categories if c.kind == kind]
    return mine[-1] if mine else None


def _own_words(category: Category, text: str) -> tuple[str, ...]:
    """The words that the house gave to a category beyond those that it came with, as far as the text says them."""
    seed, heard = seeds().get(category.code), fold(text)
    given = frozenset(category.words.split()) - (seed.words if seed else frozenset())
    return tuple(sorted(word for word in given if fold(word) in heard))


def _scores(text: str, known: dict[str, Category], own: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """The scores of these categories. One that the house made itself is heard by its own words alone."""
    read = model().scores(hear(text))
    scores = {code: read[code] for code in known if code in read}
    middle = sorted(scores.values())[len(scores) // 2] if scores else 0.0
    for code, heard in own.items():
        scores[code] = scores.get(code, middle) + _OWN_WORD * sum(map(len, heard))
    return scores
