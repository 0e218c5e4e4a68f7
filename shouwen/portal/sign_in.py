"""Signing in at the residents' door: by the slip that the desk printed, or by a code to one's telephone."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate.models import Occupancy, Unit
from shouwen.kernel.actors import System
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import mask_name
from shouwen.people import home_codes
from shouwen.people.home_sign_in import issue_slip, slip_opens, use_slip
from shouwen.portal import jobs
from shouwen.portal.doors import (
    COOKIE,
    ROOT,
    TRY,
    Answer,
    address,
    at_home,
    back,
    done,
    open_door,
    page,
    press,
    refused,
    remember,
)
from shouwen.portal.texts import can_text


@require_GET
@open_door
def sign_in(request: HttpRequest) -> Answer:
    """How one gets in: until a carrier of text messages is set, with a slip from the service centre."""
    if at_home(request):
        return redirect(back(request, reverse("portal:home")))
    return _door(request)


def _door(request: HttpRequest, refused: str = "", status: int = 200) -> Answer:
    """The first page: a number, where a carrier can send it a code; a slip in any case."""
    context = {
        "demo": demo_residents(),
        "texts": can_text(),
        "refused": refused,
        "number": request.POST.get("number", ""),
    }
    return page(request, "sign_in.html", context, status=status)


@sensitive_post_parameters("number")
@press("portal:sign_in")
@open_door
def number(request: HttpRequest) -> Answer:
    """Ask for a code. A known and an unknown number get the same answer after the same work."""
    if not can_text():
        raise NotFound("portal.nowhere")
    browser = request.COOKIES.get(TRY) or secrets.token_urlsafe(32)
    try:
        row = home_codes.ask(request.POST.get("number", "")[:40], browser=browser, address=address(request))
    except Refused as refusal:
        return _door(request, str(refusal), status=422)
    jobs.send_code.defer(row_id=row.pk)
    answer = done(reverse("portal:code"))
    remember(answer, TRY, browser)
    return answer


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@open_door
def code(request: HttpRequest) -> Answer:
    """Type the code; whoever shares the number with others then says who they are."""
    if not can_text():
        raise NotFound("portal.nowhere")
    if request.method == "GET":
        return page(request, "code.html")
    browser = request.COOKIES.get(TRY, "")
    try:
        home_codes.check(request.POST.get("code", "")[:20], browser=browser)
    except Refused as refusal:
        return page(request, "code.html", {"refused": str(refusal)}, status=422)
    found = home_codes.candidates(browser)
    return _enter(request, found[0].pk) if len(found) == 1 else done(reverse("portal:choose"))


@require_http_methods(["GET", "POST"])
@open_door
def choose(request: HttpRequest) -> Answer:
    """One number, several people: which of them is it?"""
    typed = request.POST.get("person", "")
    if request.method == "POST" and typed.isdecimal() and len(typed) < 19:
        return _enter(request, int(typed))
    found = home_codes.candidates(request.COOKIES.get(TRY, ""))
    people = [(p.pk, mask_name(p.name), p.community.name) for p in found]
    if not people:
        return done(reverse("portal:sign_in"))
    return page(request, "choose.html", {"people": people}, status=422 if request.method == "POST" else 200)


def _enter(request: HttpRequest, person_id: int) -> Answer:
    agent, browser = request.headers.get("User-Agent", ""), request.COOKIES.get(TRY, "")
    _row, cookie = home_codes.enter(person_id, browser=browser, address=address(request), agent=agent)
    answer = done(reverse("portal:home"), "welcome")
    remember(answer, COOKIE, cookie)
    answer.delete_cookie(TRY, path=ROOT)
    return answer


def demo_residents() -> tuple[tuple[str, str, str, str], ...]:
    """Residents of the demo estate (unit, person, name, room), where it is loaded and only this machine reaches it."""
    path = settings.DATA_DIR / "demo-home.txt"
    if not path.exists():
        return ()
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return tuple((r[1], r[2], r[3], f"{r[4]} {Occupancy.Role(r[5]).label}") for r in rows if len(r) == 6)


@press("portal:sign_in")
@open_door
def demo(request: HttpRequest) -> Answer:
    """A slip for one of the demo's residents, as the desk would print it."""
    wanted = (request.POST.get("unit", ""), request.POST.get("person", ""))
    if wanted not in {(unit, person) for unit, person, _name, _what in demo_residents()}:
        raise NotFound("portal.nowhere")
    unit = Unit.objects.get(pk=wanted[0])
    _row, token = issue_slip(unit.pk, actor=System.of(unit.community_id), person_id=int(wanted[1]))
    return redirect("portal:slip", secret=token)


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
    """An address below this door that leads nowhere is told so in this door's words; a missing slash is forgiven."""
    if not rest.endswith("/") and resolve(f"{request.path}/").func is not nowhere:
        return redirect(f"{request.path}/")
    return refused(request, NotFound("portal.nowhere"), at_home(request))
