"""Where the script keeps what is being typed, so that another computer of the same person shows it."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shouwen.front.doors import staff_door, viewer
from shouwen.kernel import limits
from shouwen.kernel.refusals import Refused
from shouwen.people import drafts

KEY, FIELDS, CHOSEN = 500, 40, 60


@require_http_methods(["GET", "POST"])
@never_cache
@staff_door()
def draft(request: HttpRequest) -> HttpResponse:
    """GET ``?form=``: what I left there, 204 if nothing. POST ``form`` and ``value``: keep it; an empty value drops it."""
    me = viewer(request).id
    if request.method == "GET":
        found = drafts.kept(me, request.GET.get("form", "")[:KEY])
        return (
            JsonResponse({"at": _stamp(found[0]), "value": found[1]}) if found else HttpResponse(status=204)
        )
    form, value = _sent(request)
    if not value:
        drafts.drop(me, [form])
        return HttpResponse(status=204)
    return JsonResponse({"at": _stamp(drafts.keep(me, form, value))})


def _stamp(moment: Any) -> int:
    return int(moment.timestamp() * 1000)


def _sent(request: HttpRequest) -> tuple[str, drafts.Values]:
    """The form's key and its fields; anything else is no draft of ours."""
    try:
        body = json.loads(request.body.decode())
        form, value = body["form"], body.get("value") or {}
        fits = isinstance(form, str) and 0 < len(form) <= KEY and "\0" not in request.body.decode()
        parts = [v if isinstance(v, list) else [v] for v in value.values()]
        pairs = all(isinstance(part, str) for part in [*value, *(p for some in parts for p in some)])
        small = len(value) <= FIELDS and all(len(some) <= CHOSEN for some in parts)
        small = small and sum(len(part) for some in parts for part in some) <= 2 * limits.TEXT
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused("front.draft") from None
    if not (fits and pairs and small) or "\\u0000" in request.body.decode():
        raise Refused("front.draft")
    return form, value
