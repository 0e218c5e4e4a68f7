"""What the search box asks of cases: the number or the place from its beginning, who brought it, or what was said."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from shouwen.cases.models import Case, Haystack
from shouwen.estate.persons import as_one
from shouwen.estate.search import SEE, persons_found
from shouwen.kernel import phones
from shouwen.kernel.actors import Actor
from shouwen.kernel.lists import Told
from shouwen.kernel.text import all_han

# Reading 3,000 rows takes 1 ms; where every text must be folded first, 300 rows do.
FAR, NEAR = 3000, 300
PEOPLE = 50
"""So many persons are followed to their cases; of more, those whose whole name is nearest to what was typed."""


def told(text: str, community_id: int, viewer: Actor) -> Told:
    """The cases of a community that ``text`` may mean to this viewer; the rows it narrows are the viewer's own."""
    ways = _ways(text, community_id, viewer)
    begins = reduce(or_, ways)

    def scan(rows: QuerySet[Any]) -> QuerySet[Any]:
        said: QuerySet[Any] = rows.alias(haystack=Haystack())
        return said.filter(begins | Q(haystack__says=text))

    def index(rows: QuerySet[Any]) -> QuerySet[Any]:
        here = Case.objects.filter(community_id=community_id).order_by()
        if not here.filter(begins).exists():
            alone: QuerySet[Any] = rows.alias(haystack=Haystack())
            return alone.filter(haystack__grams=text)
        return rows.filter(pk__in=_union(text, community_id, ways))

    return Told(index, scan, FAR if all_han(text) else NEAR)


def found_by(text: str, community_id: int, viewer: Actor) -> QuerySet[Any]:
    """The keys of the cases that ``text`` may mean, for rows that hang on a case."""
    return _union(text, community_id, _ways(text, community_id, viewer))


def _union(text: str, community_id: int, ways: list[Q]) -> QuerySet[Any]:
    """A union of index scans: an OR of the same conditions would be answered by reading the whole table."""
    here = Case.objects.filter(community_id=community_id).order_by()
    words, *others = (rows.values("pk") for rows in (here.saying(text), *(here.filter(way) for way in ways)))
    return words.union(*others, all=True)


def _ways(text: str, community_id: int, viewer: Actor) -> list[Q]:
    """Number, with its dash or without, and place; who asked and the telephone they left, for whoever may look residents up."""
    ways = [Q(number__startswith=text), Q(place__startswith=text)]
    if undashed := re.fullmatch(r"(\d{6})(\d{1,5})", text):
        ways.append(Q(number__startswith="-".join(undashed.groups())))
    if len(text) > 1 and community_id in viewer.where(SEE):
        ways.append(Q(asker__startswith=text))
        if number := phones.sought(text):
            ways.append(Q(**{f"phone_{number.column}__in": number.digests}))
        nearest = persons_found([community_id], text).order_by(Length("name"), "pk")
        if people := list(nearest.values_list("pk", flat=True)[:PEOPLE]):
            ways.append(Q(person_id__in=as_one(people)))
    return ways
