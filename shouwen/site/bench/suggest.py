"""``suggest``: how well the house hears what a text is, on sentences that the model never read.

``suggest-kind`` and ``suggest-category`` are macro-F1 on our held-out sentences, ``-cv`` the same by five-fold
cross-validation over those it reads; ``suggest-urgent`` and ``suggest-false-alarm`` are shares of the held-out urgent and
of the other sentences. With ``--data orders.csv`` (a hotline's list: ``request_type``, ``title``, ``text``) four more:
``hotline-kind`` is the accuracy of the kind as it comes, over the rows that are an inquiry, a complaint or a suggestion;
``hotline-half`` that of the same classifier taught with the other half of the file, over all its types; and the share of
rows with a word of danger among those filed as urgent (``hotline-urgent``) and among the others (``hotline-false-alarm``).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from shouwen.cases.hearing.danger import danger
from shouwen.cases.hearing.model import best, cross_validated, hear, model, read, seeds
from shouwen.cases.models import Kind
from shouwen.kernel.learning import Classifier, macro_f1
from shouwen.site.bench import Figure

# What a hotline calls its kinds. It has no repairs: what is broken is filed as a complaint. For a message of its own
# departments (反馈) and for what is none of these (其他) we have no kind.
TYPES = {"咨询": Kind.INQUIRY, "投诉": Kind.COMPLAINT, "建议": Kind.SUGGESTION}
URGENT = "紧急"
TEN_LINES = 0.864
"""What ten lines of n-grams, taught with one half of such a file, reach on the other half."""

Pairs = Sequence[tuple[str, str]]


def measure(data: str = "") -> list[Figure]:
    """Our own held-out sentences, and a hotline's list where a path to one is given."""
    held, taught = tuple(read("held_out")), tuple(read("train"))
    pairs = [(s.category, best(model().scores(hear(s.text)))) for s in held]
    crossed = cross_validated(taught)
    heard = [(s.urgent, bool(danger(s.text))) for s in held]
    return [
        _figure("suggest-kind", macro_f1(_kinds(pairs)), 0.93, len(pairs)),
        _figure("suggest-category", macro_f1(pairs), 0.85, len(pairs)),
        _figure("suggest-kind-cv", macro_f1(_kinds(crossed)), 0.88, len(crossed), rounds=5),
        _figure("suggest-category-cv", macro_f1(crossed), 0.74, len(crossed), rounds=5),
        *_urgency("suggest", heard, (1.0, 0.02)),
        *(_hotline(Path(data)) if data else ()),
    ]


def _kinds(pairs: Pairs) -> list[tuple[str, str]]:
    return [(seeds()[true].kind, seeds()[said].kind) for true, said in pairs]


def _urgency(name: str, heard: Sequence[tuple[bool, bool]], bars: tuple[float, float]) -> list[Figure]:
    """How many of the urgent were heard, and how many of the others raised a false alarm."""
    urgent = [said for true, said in heard if true]
    calm = [said for true, said in heard if not true]
    missed, alarms = sum(urgent) / len(urgent), sum(calm) / len(calm)
    alarm = Figure(
        f"{name}-false-alarm", alarms, "share", None, None, bars[1], alarms <= bars[1], len(calm), 1
    )
    return [_figure(f"{name}-urgent", missed, bars[0], len(urgent), unit="recall"), alarm]


def _hotline(file: Path) -> list[Figure]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = [
            (row["request_type"].removesuffix("类"), f"{row['title']}\n{row['text']}")
            for row in csv.DictReader(lines)
        ]
    said = [(TYPES[kind], _theirs(text)) for kind, text in rows if kind in TYPES]
    taught = Classifier((kind, hear(text)) for kind, text in rows[::2])
    half = [(kind, best(taught.scores(hear(text)))) for kind, text in rows[1::2]]
    return [
        _figure("hotline-kind", _accuracy(said), 0.8, len(said), unit="accuracy"),
        _beside("hotline-half", _accuracy(half), TEN_LINES, len(half)),
        *_urgency("hotline", [(kind == URGENT, bool(danger(text))) for kind, text in rows], (0.15, 0.1)),
    ]


def _theirs(text: str) -> str:
    kind = best(model().kinds.scores(hear(text)))
    return Kind.COMPLAINT if kind == Kind.REPAIR else kind


def _accuracy(pairs: Iterable[tuple[str, str]]) -> float:
    right = [true == said for true, said in pairs]
    return sum(right) / len(right)


def _beside(name: str, value: float, limit: float, n: int) -> Figure:
    ratio = value / limit
    return Figure(name, value, "accuracy", limit, ratio, 1.0, ratio >= 1.0, n, 1)


def _figure(
    name: str, value: float, bar: float, n: int, *, unit: str = "macro-F1", rounds: int = 1
) -> Figure:
    return Figure(name, value, unit, None, None, bar, value >= bar, n, rounds)
