"""Signing in at the residents' door: by the slip that the desk printed."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.kernel.refusals import NotFound
from shouwen.people.home_sign_in import slip_opens, use_slip
from shouwen.portal.doors import COOKIE, Answer, address, at_home, back, done, open_door, page, remember


@require_GET
@open_door
def sign_in(request: HttpRequest) -> Answer:
    """How one gets in: until a carrier of text messages is set, with a slip from the service centre."""
    if at_home(request):
        return redirect(back(request, reverse("portal:home")))
    return page(request, "sign_in.html")


@require_http_methods(["GET", "POST"])
@open_door
def slip(request: HttpRequest, secret: str) -> Answer:
    """The link of a slip. Looking uses nothing up (a messenger's preview looks too); the press does."""
    if request.method == "GET":
        opens = slip_opens(secret, address=address(request))
        return page(request, "slip.html", {"opens": opens}, status=200 if opens else 410)
    _row, cookie = use_slip(secret, address=address(request), agent=request.headers.get("User-Agent", ""))
    answer = done(reverse("portal:home"), "welcome")
    remember(answer, COOKIE, cookie)
    return answer


@open_door
def nowhere(request: HttpRequest, rest: str) -> Answer:
    """An address below this door that leads nowhere is told so in this door's words."""
    raise NotFound("portal.nowhere")
