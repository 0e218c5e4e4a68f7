"""What open screens fetch again after an event: just the rows that it named, and the counts of the rail."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.frame import frame_of

MOST = 50
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def wanted(request: HttpRequest) -> list[str]:
    """The rows that a screen asks for again: then the same list answers with these alone, if they still belong to it."""
    told = request.headers.get("X-Live-Rows", "")
    return [key for key in told.split(",")[:MOST] if _KEY.fullmatch(key)]


def answer(rows: Iterable[str]) -> HttpResponse:
    """Rows without the page around them."""
    given = HttpResponse("".join(rows))
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
