"""Which category a text sounds like: words of the categories, counted. A proposal, never a decision.

``suggest`` is the one door to it: a better listener only has to answer the same question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shouwen.cases.models import Category
from shouwen.kernel.text import fold


@dataclass(frozen=True)
class Proposal:
    """What a text seems to be about, with the words of it that say so."""

    category: Category
    urgent: bool
    evidence: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.category.kind


def suggest(text: str) -> Proposal | None:
    """What these words are about, among all categories in use; None where nothing speaks for any."""
    guess = recognise(text, Category.objects.filter(active=True))
    return Proposal(guess.category, guess.category.urgent, guess.evidence) if guess else None


@dataclass(frozen=True)
class Guess:
    """A proposed category with the words of the text that speak for it."""

    category: Category
    evidence: tuple[str, ...]


def recognise(text: str, categories: Iterable[Category]) -> Guess | None:
    """The category with the most (and longest) words in ``text``; None when none of its words occurs."""
    heard = fold(text)
    best: Guess | None = None
    score = 0
    for category in categories:
        found = tuple(w for w in category.words.split() if fold(w) in heard)
        weight = sum(len(w) for w in found)
        if weight > score:
            best, score = Guess(category, found), weight
    return best


def other(kind: str, categories: Iterable[Category]) -> Category | None:
    """The catch-all of a kind: its last category, for what nothing else fits."""
    mine = [c for c in categories if c.kind == kind]
    return mine[-1] if mine else None
