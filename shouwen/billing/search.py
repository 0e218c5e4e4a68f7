"""What the search box asks of past payments: whose they are, what was paid for, who took it; each by an index.

Fee items and cashiers are few words that come again in every row: the words are listed by leaping from one to the next in
their index, and those that say what was typed are asked for by their whole value.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Final, LiteralString

from django.db import connection
from django.db.models import Q

from shouwen.estate.keys import plate_key, unit_key
from shouwen.estate.models import Unit, Vehicle
from shouwen.kernel.text import fold, query_words

MOST: Final = 500
"""So many different words, units or plates are followed by name; more of them say so little that a scan is as quick."""

_LEAP: LiteralString = """
with recursive words as (
  (select {column} as word from billing_pastpayment where community_id = %(here)s order by {column} limit 1)
  union all
  select (select p.{column} from billing_pastpayment p where p.community_id = %(here)s and p.{column} > w.word
          order by p.{column} limit 1)
  from words w where w.word is not null)
select word from words where word <> '' limit %(most)s
"""


def found(text: str, community_id: int) -> Q:
    """The payments of a community that ``text`` may mean: by unit, by plate, or each of its words by item or cashier."""
    said = [_said(word, community_id) for word in query_words(text)]
    return reduce(
        or_, (_of_units(text, community_id), _of_plates(text, community_id), reduce(and_, said, Q()))
    )


def _said(word: str, community_id: int) -> Q:
    return _in("item", word, community_id) | _in("cashier", word, community_id)


def _in(column: LiteralString, word: str, community_id: int) -> Q:
    with connection.cursor() as cursor:
        cursor.execute(_LEAP.format(column=column), {"here": community_id, "most": MOST + 1})
        known = [row[0] for row in cursor.fetchall()]
    if len(known) > MOST:
        return Q(**{f"{column}__contains": word})
    return Q(**{f"{column}__in": [value for value in known if fold(word) in fold(value)]})


def _of_units(text: str, community_id: int) -> Q:
    """Units whose number begins so, however it is written; also those that were split or merged since."""
    if not (key := unit_key(text)):
        return Q(pk__in=[])
    rows = Unit.objects.filter(community_id=community_id, key__startswith=key)
    known = list(rows.values_list("pk", flat=True)[: MOST + 1])
    return Q(unit__in=known if len(known) <= MOST else rows.values("pk"))


def _of_plates(text: str, community_id: int) -> Q:
    """Vehicles with these letters anywhere; of a vehicle that is gone, those with which its plate begins."""
    if not (key := plate_key(text)):
        return Q(pk__in=[])
    rows = Vehicle.objects.filter(community_id=community_id, plate__grams=key)  # type: ignore[misc]
    known = list(rows.values_list("plate", flat=True)[: MOST + 1])
    named = Q(plate__in=known if len(known) <= MOST else rows.values("plate")) | Q(plate__startswith=key)
    return named & ~Q(plate="")  # said aloud: without it the planner may not use the index of plates
