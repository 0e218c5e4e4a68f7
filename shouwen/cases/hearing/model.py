"""The model that hears which category and kind a text sounds like, and the words of the text that say so.

It reads the sentences in ``train.txt`` once per process (about a second), and is the same everywhere. The
sentences of ``held_out.txt`` are for measuring only.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from shouwen.kernel.learning import Classifier, Features, Words, features
from shouwen.kernel.text import fold, to_simplified

_HERE: Final = Path(__file__).parent

# Found by five-fold cross-validation over the sentences that the model reads; ``shouwen bench suggest`` repeats it.
KIND_WEIGHT: Final = 0.5
WARMTH: Final = 0.17
QUOTED: Final = 3
READ: Final = 600


@dataclass(frozen=True)
class Sentence:
    """A sentence that we wrote, with what it is."""

    category: str
    urgent: bool
    text: str


def read(name: str) -> Iterator[Sentence]:
    """The sentences of ``train`` or ``held_out``."""
    category = ""
    for line in (_HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            category = line.strip("[]")
        elif line and not line.startswith("#"):
            yield Sentence(category, line.startswith("!"), line.lstrip("! "))


@dataclass(frozen=True)
class Model:
    """Two classifiers of one text: which category, and which kind."""

    categories: Classifier
    kinds: Classifier

    @classmethod
    def of(cls, sentences: Sequence[Sentence]) -> Model:
        heard = [(s.category, hear(s.text)) for s in sentences]
        return cls(Classifier(heard), Classifier((seeds()[code].kind, seen) for code, seen in heard))

    def scores(self, seen: Features) -> dict[str, float]:
        """The score of every category that the model has read of; a difference of ``WARMTH`` is a share of e to 1."""
        by_kind = self.kinds.scores(seen)
        return {
            code: score + KIND_WEIGHT * by_kind[seeds()[code].kind]
            for code, score in self.categories.scores(seen).items()
        }

    def weight(self, feature: str, category: str, kind: str) -> float:
        """How much a feature speaks for a category of a kind."""
        own = self.categories.weight(category, feature) if category in seeds() else 0.0
        return own + KIND_WEIGHT * self.kinds.weight(kind, feature)

    def evidence(self, text: str, category: str, kind: str) -> tuple[str, ...]:
        """The pieces of the text that speak most for the category, as they stand there; whole words where it has any."""
        text = text[:READ]
        plain, seen = fold(to_simplified(text)), hear(text)
        weights = {f: w for f in seen if (w := self.weight(f, category, kind)) > 0}
        order = sorted(weights, key=lambda f: (-weights[f], f))
        heard = words().heard(plain)
        spoken = [part for f in order for word in heard.get(f[1:], ()) for part in word if f[0] == "@"]
        pieces = [p for p in spoken if len(p) > 1] or spoken or [f for f in order if len(f) == 2]
        quoted: list[str] = []
        for piece in pieces:
            if not any(piece in other or other in piece for other in quoted):
                quoted.append(piece)
        return tuple(_as_written(text, plain, piece) for piece in quoted[:QUOTED])


def _as_written(text: str, plain: str, piece: str) -> str:
    """The piece in the characters of the text, where folding left every character in its place."""
    at = plain.find(piece)
    return text[at : at + len(piece)] if len(plain) == len(text) else piece


def hear(text: str) -> Features:
    """What the model sees of a text, in whichever characters it is written: its beginning says what it is about."""
    return features(to_simplified(text[:READ]), words())


@cache
def model() -> Model:
    return Model.of(tuple(read("train")))


@cache
def words() -> Words:
    return Words((_HERE / "words.txt").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Seed:
    """A category that every house starts with: its kind, and the words that it comes with."""

    kind: str
    words: frozenset[str]


@cache
def seeds() -> Mapping[str, Seed]:
    """The categories that every house starts with, by code."""
    file = tomllib.loads((_HERE.parent / "categories.toml").read_text(encoding="utf-8"))
    return {
        code: Seed(kind, frozenset(row[2].split()))
        for kind, rows in file.items()
        for code, row in rows.items()
    }


def cross_validated(sentences: Sequence[Sentence], folds: int = 5) -> list[tuple[str, str]]:
    """Pairs (true, heard) of every sentence, each heard by a model that read only the other folds."""
    pairs = []
    for fold_ in range(folds):
        rest = [s for n, s in enumerate(sentences) if n % folds != fold_]
        made = Model.of(rest)
        pairs += [(s.category, best(made.scores(hear(s.text)))) for s in sentences[fold_::folds]]
    return pairs


def best(scores: Mapping[str, float]) -> str:
    """The label with the highest score; of equals the first by name."""
    return min(scores, key=lambda label: (-scores[label], label))


def kinds_of(shares: Mapping[str, float], kind: Mapping[str, str]) -> dict[str, float]:
    """The shares of categories added up by kind."""
    sums: dict[str, float] = defaultdict(float)
    for code, share in shares.items():
        sums[kind[code]] += share
    return dict(sums)
