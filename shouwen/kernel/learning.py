"""A small classifier of short texts: a linear model over characters, pairs of characters, and words that mean the same.

Nothing is downloaded: reading the sentences that a room wrote takes about a second, and the same sentences give the
same answers on every machine. What the labels mean is the room's business.
"""

from __future__ import annotations

import math
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from shouwen.kernel.text import fold, grams

Features = dict[str, int]
Word = tuple[str, ...]
Unit = list[tuple[str, float]]

_CLAUSE: Final = re.compile(r"[\W_]+")
_SENTENCE: Final = re.compile(r"[。!?;\n]+")
# A word weighs more than a pair of characters, and the second word of a line still says something.
_WORD, _MOST_WORDS = 2, 2
_NEAR: Final = 14
# How much of the counts is believed, by how much a label must lead, and how often the sentences are read.
_TRUST, _LEAD, _PASSES = 0.1, 1.0, 2


class Words:
    """Lines of words that mean the same: ``name: word word part+part``. Parts stand near each other in one sentence."""

    def __init__(self, source: str) -> None:
        """Read the lines of a file; blank lines and those that begin with ``#`` say nothing."""
        self._lines: dict[str, list[tuple[str, Word]]] = defaultdict(list)
        self._parts: dict[str, list[str]] = defaultdict(list)
        for line in source.splitlines():
            if line.strip() and line[0] != "#":
                name, words = line.split(":", 1)
                for word in fold(words).split():
                    self._add(name, tuple(word.split("+")))

    def _add(self, name: str, word: Word) -> None:
        self._lines[word[0]].append((name, word))
        for part in word:
            if part not in self._parts[part[:2]]:
                self._parts[part[:2]].append(part)

    def heard(self, text: str) -> dict[str, list[Word]]:
        """The words of each line that the (folded) text says; lines of which it says none are left out."""
        said = dict.fromkeys(
            part
            for at in range(len(text))
            for start in dict.fromkeys((text[at], text[at : at + 2]))
            for part in self._parts.get(start, ())
            if text.startswith(part, at)
        )
        found: dict[str, list[Word]] = {}
        for name, word in (pair for part in said for pair in self._lines.get(part, ())):
            if len(word) == 1 or (said.keys() >= set(word) and near(text, word)):
                found.setdefault(name, []).append(word)
        return found


def near(text: str, parts: Word) -> bool:
    """Whether all parts begin within a few characters of each other in one sentence."""
    for sentence in _SENTENCE.split(text):
        places = [sentence.find(part) for part in parts]
        if min(places) >= 0 and max(places) - min(places) <= _NEAR:
            return True
    return False


def features(text: str, words: Words) -> Features:
    """What the classifier sees of a text: its characters and pairs within clauses, and the names of heard words."""
    folded = fold(text)
    clauses = _CLAUSE.split(folded)
    found: Features = dict.fromkeys(_characters(clauses), 1)
    for name, heard in words.heard(folded).items():
        found[f"@{name}"] = _WORD * min(len(heard), _MOST_WORDS)
    if "?" in folded:
        found["@?"] = _WORD
    return found


def _characters(clauses: Iterable[str]) -> Iterable[str]:
    for clause in clauses:
        yield from clause
        yield from (gram for gram in grams(clause) if len(gram) == 2)


class Counts:
    """Naive Bayes: how often each feature was seen under each label, as log odds of the label against all others."""

    def __init__(self, samples: Iterable[tuple[str, Features]]) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._all: Counter[str] = Counter()
        for label, seen in samples:
            self._counts[label].update(seen)
            self._all.update(seen)
        self.labels = tuple(sorted(self._counts))
        self._rows: dict[str, tuple[float, ...]] = {}
        kinds, total = len(self._all), self._all.total()
        mine = [self._counts[label].total() for label in self.labels]
        self._base = tuple(math.log((total - n + kinds) / (n + kinds)) for n in mine)

    def row(self, feature: str) -> tuple[float, ...]:
        """The weights of a feature for all labels, add-one smoothed; a feature never seen says nothing."""
        known = self._rows.get(feature)
        if known is None:
            known = self._rows[feature] = self._weighed(feature) if feature in self._all else ()
        return known

    def _weighed(self, feature: str) -> tuple[float, ...]:
        total = self._all[feature] + 1
        times = (self._counts[label][feature] for label in self.labels)
        return tuple(
            math.log((n + 1) / (total - n)) + base for n, base in zip(times, self._base, strict=True)
        )

    def sums(self, seen: Features) -> list[float]:
        """The log odds of every label, in the order of ``labels``."""
        sums = [0.0] * len(self.labels)
        for feature, times in seen.items():
            for place, weight in enumerate(self.row(feature)):
                sums[place] += times * weight
        return sums


Weights = dict[str, dict[int, float]]


class Classifier:
    """Counts, and what two passes over the sentences correct in them: a linear model of unit-length texts.

    A pass is passive-aggressive: a sentence whose label does not lead by one moves the weights just as far as it takes,
    and the weights of all moments are averaged. Among thousands of features that knows which ones to doubt.
    """

    def __init__(self, samples: Iterable[tuple[str, Features]]) -> None:
        taught = list(samples)
        self._counts = Counts(taught)
        self.labels = self._counts.labels
        place = {label: n for n, label in enumerate(self.labels)}
        ready = [(place[label], self._from_counts(seen), _unit(seen)) for label, seen in taught]
        self._learned = _corrections(ready)

    def scores(self, seen: Features) -> dict[str, float]:
        """The score of every label; more is likelier."""
        sums = self._from_counts(seen)
        _add(sums, self._learned, _unit(seen))
        return dict(zip(self.labels, sums, strict=True))

    def weight(self, label: str, feature: str) -> float:
        """How much a feature speaks for a label; below zero against it."""
        place, row = self.labels.index(label), self._counts.row(feature)
        return (_TRUST * row[place] if row else 0.0) + self._learned.get(feature, {}).get(place, 0.0)

    def _from_counts(self, seen: Features) -> list[float]:
        length = _length(seen)
        return [_TRUST * value / length for value in self._counts.sums(seen)]


def _corrections(taught: Sequence[tuple[int, list[float], Unit]]) -> Weights:
    """What must be added to the counts, averaged over all steps; the same order of sentences everywhere."""
    weights: Weights = defaultdict(dict)
    late: Weights = defaultdict(dict)
    order, step = list(range(len(taught))), 1
    chance = random.Random(1)
    for _pass in range(_PASSES):
        chance.shuffle(order)
        for at in order:
            true, counted, unit = taught[at]
            sums = counted.copy()
            _add(sums, weights, unit)
            lead = sums[true]
            sums[true] = -math.inf
            rival = max(range(len(sums)), key=sums.__getitem__)
            if (missing := _LEAD - lead + sums[rival]) > 0:
                _move(weights, unit, true, rival, min(1.0, missing / 2))
                _move(late, unit, true, rival, step * min(1.0, missing / 2))
            step += 1
    return {f: {n: w - late[f][n] / step for n, w in row.items()} for f, row in weights.items()}


def _add(sums: list[float], weights: Weights, unit: Unit) -> None:
    for feature, value in unit:
        for place, weight in weights.get(feature, {}).items():
            sums[place] += value * weight


def _move(weights: Weights, unit: Unit, true: int, rival: int, far: float) -> None:
    for feature, value in unit:
        row = weights[feature]
        row[true] = row.get(true, 0.0) + far * value
        row[rival] = row.get(rival, 0.0) - far * value


def _unit(seen: Features) -> Unit:
    """The features as a vector of length one: a long text does not shout."""
    length = _length(seen)
    return [(feature, times / length) for feature, times in seen.items()]


def _length(seen: Features) -> float:
    return math.sqrt(sum(times * times for times in seen.values())) or 1.0


def shares(scores: Mapping[str, float], warmth: float) -> dict[str, float]:
    """Scores as shares of one: the larger ``warmth`` (in score), the less sure."""
    top = max(scores.values())
    weights = {label: math.exp((score - top) / warmth) for label, score in scores.items()}
    total = sum(weights.values())
    return {label: weight / total for label, weight in weights.items()}


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """The mean over all labels of F1, from pairs (true, said)."""
    right = Counter(true for true, said in pairs if true == said)
    true, said = Counter(t for t, _ in pairs), Counter(s for _, s in pairs)
    return sum(2 * right[x] / (true[x] + said[x]) for x in {*true, *said}) / len({*true, *said})
