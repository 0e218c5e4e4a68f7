"""What open screens fetch again after an event: just the rows that it named, and the counts of the rail."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.frame import frame_of

MOST = 50
MEMORY = 3
"""Seconds that a drawn row is kept for the next screen that asks for it."""
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def wanted(request: HttpRequest, own: Callable[[str], bool] = lambda _key: False) -> dict[UUID, str]:
    """The rows that a screen asks for again, each with the fact that it heard of (``key@fact``), which may be missing.

    Then the same list answers with these alone, if they still belong to it. A row that looks different to this viewer
    is its ``own`` and not drawn for others.
    """
    told = request.headers.get("X-Live-Rows", "")
    pairs = (one.partition("@")[::2] for one in told.split(",")[:MOST])
    return {
        UUID(key): fact if _KEY.fullmatch(fact) and not own(key) else ""
        for key, fact in pairs
        if _KEY.fullmatch(key)
    }


def again(
    request: HttpRequest,
    rows: QuerySet[Any],
    asked: Mapping[UUID, str],
    draw: Callable[[list[Any]], Iterable[str]],
    look: str = "",
) -> dict[UUID, str]:
    """Those of the rows asked for that the viewer still has in this list, as HTML.

    Who may see a row is asked each time. How it looks is the same for everybody who reads the same language and gets the
    same ``look``, so after one fact it is drawn once a process: a fact's key can't be guessed before it is told, and a
    later one has its own.
    """
    mine = dict.fromkeys(rows.filter(pk__in=asked).order_by().values_list("pk", flat=True))
    names = {key: f"{request.path}:{get_language()}:{look}:{key}:{asked[key]}" for key in mine if asked[key]}
    kept = cache.get_many(list(names.values()))
    drawn = {key: kept[name] for key, name in names.items() if name in kept}
    if missing := mine.keys() - drawn.keys():
        fresh = list(rows.filter(pk__in=missing))
        drawn |= {row.pk: str(html) for row, html in zip(fresh, draw(fresh), strict=True)}
        cache.set_many({names[row.pk]: drawn[row.pk] for row in fresh if row.pk in names}, MEMORY)
    return drawn


def answer(rows: Iterable[str], around: str = "%s") -> HttpResponse:
    """Rows without the page around them."""
    given = HttpResponse(around % "".join(rows))
    given["Cache-Control"] = "no-store"
    return given


@require_GET
@never_cache
@staff_door()
def rail(request: HttpRequest) -> HttpResponse:
    """Rail and bell as they stand on the page ``?at=``: the counts, without the list beside them."""
    shown = copy.copy(request)
    shown.path = request.GET.get("at", "/")[:200]
    return render(
        request, "front/live_rail.html", {"frame": frame_of(shown, viewer(request), community(request))}
    )
