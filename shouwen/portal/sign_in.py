"""Signing in at the residents' door: by the slip that the desk printed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.estate.models import Occupancy, Unit
from shouwen.kernel.actors import System
from shouwen.kernel.refusals import NotFound
from shouwen.people.home_sign_in import issue_slip, slip_opens, use_slip
from shouwen.portal.doors import COOKIE, Answer, address, at_home, back, done, open_door, page, remember


@require_GET
@open_door
def sign_in(request: HttpRequest) -> Answer:
    """How one gets in: until a carrier of text messages is set, with a slip from the service centre."""
    if at_home(request):
        return redirect(back(request, reverse("portal:home")))
    return page(request, "sign_in.html", {"demo": demo_residents()})


def demo_residents() -> tuple[tuple[str, str, str, str], ...]:
    """Residents of the demo estate (unit, person, name, room), where it is loaded and only this machine reaches it."""
    path = settings.DATA_DIR / "demo-home.txt"
    if not path.exists():
        return ()
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return tuple((r[1], r[2], r[3], f"{r[4]} {Occupancy.Role(r[5]).label}") for r in rows if len(r) == 6)


@require_POST
@open_door
def demo(request: HttpRequest) -> Answer:
    """A slip for one of the demo's residents, as the desk would print it."""
    wanted = (request.POST.get("unit", ""), request.POST.get("person", ""))
    if wanted not in {(unit, person) for unit, person, _name, _what in demo_residents()}:
        raise NotFound("portal.nowhere")
    unit = Unit.objects.get(pk=wanted[0])
    _row, secret = issue_slip(unit.pk, actor=System.of(unit.community_id), person_id=int(wanted[1]))
    return redirect("portal:slip", secret=secret)


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
