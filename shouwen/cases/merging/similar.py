"""Similar open matters: what may be the same thing, reported a second time from the same house."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from shouwen.cases.models import Case
from shouwen.estate.models import Unit
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.text import grams

WITHIN: Final = timedelta(days=14)
READ, SHOWN, OPENING = 200, 5, 200
"""Cases looked at, cases shown, and how many characters of the words are compared."""

HERE, ELSEWHERE, ANYWHERE = 0.0, 0.2, 0.5
"""How much of the shorter text must occur in the other: same place and category; same category; neither."""


@dataclass(frozen=True)
class Likeness:
    """What is being looked for: where it is, what it is about, and in which words."""

    community_id: int
    kind: str
    category: str
    text: str
    unit_id: int | None = None
    space_id: int | None = None
    besides: UUID | None = None

    @classmethod
    def of(cls, case: Case) -> Likeness:
        text = f"{case.title}\n{case.words}"
        return cls(case.community_id, case.kind, case.category_id, text, case.unit_id, case.space_id, case.pk)


def similar(viewer: Actor, like: Likeness) -> list[Case]:
    """Open cases of the last days in the same building, or about public places, that may be the same; likest first.

    One statement on the index of open cases; what they say is compared here, over at most ``READ`` of them, and only
    those shown are read whole.
    """
    rows = Case.objects.visible_to(viewer).open().filter(community_id=like.community_id, kind=like.kind)
    rows = rows.filter(_near(like), closed_at=None, opened_at__gte=clock.now() - WITHIN)
    if like.besides is not None:
        rows = rows.exclude(pk=like.besides)
    said = _pairs(like.text)
    rows = rows.only("title", "words", "unit_id", "space_id", "category_id").order_by("-opened_at")
    scored = ((_score(like, said, case), case.pk) for case in rows[:READ])
    likely = sorted(((score, key) for score, key in scored if score), key=lambda pair: -pair[0])[:SHOWN]
    shown = Case.objects.select_related("category", "first_responder", "handler").in_bulk(
        [key for _score, key in likely]
    )
    return [shown[key] for _score, key in likely if key in shown]


def _near(like: Likeness) -> Q:
    """The same building, or no home at all. What is public may be reported from any home."""
    if like.unit_id is None:
        return Q()
    building = Unit.objects.filter(pk=like.unit_id).values("building")
    return Q(unit__building__in=building) | Q(unit__isnull=True)


def _score(like: Likeness, said: frozenset[str], case: Case) -> float:
    """0 for what is another matter, else the higher the likelier."""
    shared = _shared(said, _pairs(f"{case.title}\n{case.words}"))
    place = (like.unit_id, like.space_id)
    here = place != (None, None) and place == (case.unit_id, case.space_id)
    same = like.category == case.category_id
    least = HERE if here and same else ELSEWHERE if same or here else ANYWHERE
    return 1 + shared + here + same / 2 if shared >= least else 0


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the shorter text's pairs that occur in the other, 0 to 1."""
    least = min(len(one), len(other))
    return len(one & other) / least if least else 0


def _pairs(text: str) -> frozenset[str]:
    found: Iterable[str] = grams(text[:OPENING])
    return frozenset(pair for pair in found if len(pair) == 2 and pair.isalnum())
