"""What the search box asks of cases: the number or the place from its beginning, or what was said anywhere."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from shouwen.cases.models import Case, Haystack
from shouwen.kernel.lists import Told
from shouwen.kernel.text import all_han

# Reading 3,000 rows takes 1 ms; where every text must be folded first, 300 rows do.
FAR, NEAR = 3000, 300


def told(text: str, community_id: int) -> Told:
    """The cases of a community that ``text`` may mean."""
    begins = Q(number__startswith=text) | Q(place__startswith=text)

    def scan(rows: QuerySet[Any]) -> QuerySet[Any]:
        said: QuerySet[Any] = rows.alias(haystack=Haystack())
        return said.filter(begins | Q(haystack__says=text))

    def index(rows: QuerySet[Any]) -> QuerySet[Any]:
        here = Case.objects.filter(community_id=community_id).order_by()
        if not here.filter(begins).exists():
            alone: QuerySet[Any] = rows.alias(haystack=Haystack())
            return alone.filter(haystack__grams=text)
        return rows.filter(pk__in=found_by(text, community_id))

    return Told(index, scan, FAR if all_han(text) else NEAR)


def found_by(text: str, community_id: int) -> QuerySet[Any]:
    """The keys of the cases that ``text`` may mean, for rows that hang on a case.

    A union of index scans: an OR of the same conditions would be answered by reading the whole table.
    """
    here = Case.objects.filter(community_id=community_id).order_by()
    ways = here.filter(number__startswith=text), here.filter(place__startswith=text), here.saying(text)
    numbers, places, words = (way.values("pk") for way in ways)
    return numbers.union(places, words, all=True)
