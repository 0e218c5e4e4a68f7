"""The number to call about a case: masked beside the form of the call, whole after a press that goes on record."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shouwen.cases.calling.numbers import callee, may_call, reveal
from shouwen.cases.models import Case
from shouwen.front import desk, look
from shouwen.front.doors import back, page, staff_door, viewer
from shouwen.kernel.actors import Actor

CALLING = ("follow_up", "answer", "reply", "promise")
"""Moves for which somebody of the household is called."""


def offer(case: Case, name: str, viewer: Actor) -> look.Callee | None:
    """Whom to call for this move; None where no call belongs to it."""
    if name not in CALLING:
        return None
    found = callee(case)
    if found is None:
        return look.Callee(_("没有留电话"))
    who = " ".join(filter(None, (found.name, found.role)))
    url = reverse("case_call", args=[case.pk]) if may_call(case, viewer) else ""
    return look.Callee(who, found.masked, url)


@require_POST
@staff_door("case.see")
def case_call(request: HttpRequest, key: UUID) -> HttpResponse:
    """The whole number in place of the masked one, for who may call; a page of its own where there is no script."""
    case = desk.fetch(request, key)
    number = reveal(case.pk, actor=viewer(request))
    if getattr(request, "htmx", False):
        response = page(request, "front/parts/callee.html", {"callee": look.Callee("", number, shown=True)})
    else:
        home = back(request, reverse("case", args=[case.pk]))
        words = {"title": _("%s 的电话") % case.place, "number": number, "back": look.Link(case.number, home)}
        response = page(request, "front/records/revealed.html", words)
    response["Cache-Control"] = "no-store"
    return response
