"""Which category a text sounds like: words of the categories, counted. A proposal, never a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shouwen.cases.models import Category
from shouwen.kernel.text import fold


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
