"""The residents' door: who looks, at which home, how a page is drawn. A sign-in of its own, apart from the staff's."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, cast
from uuid import uuid4

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.estate.models import Community, Person, Unit
from shouwen.kernel.actors import Stay
from shouwen.kernel.doors import in_wechat
from shouwen.kernel.refusals import Refused
from shouwen.people.home_sign_in import STAYS_SIGNED_IN, signed_in
from shouwen.people.models import HomeSignIn
from shouwen.people.viewers import ResidentActor
from shouwen.portal.typed import typed
from shouwen.portal.words import LEFT, SAID, SENT

COOKIE, UNIT, MODE, TRY = "shouwen_home", "home_unit", "home_mode", "home_try"
ROOT = "/my/"
"""Everything of a signed-in resident lies below; the cookies are sent nowhere else."""

P = ParamSpec("P")
Answer = HttpResponse | StreamingHttpResponse


@dataclass(frozen=True)
class Here:
    """A resident at home: this browser's sign-in, what they may do, and the home they look at."""

    sign_in: HomeSignIn
    actor: ResidentActor
    units: tuple[Unit, ...]
    unit: Unit

    @property
    def person(self) -> Person:
        return self.sign_in.person

    @property
    def community(self) -> Community:
        return self.sign_in.person.community

    @property
    def stay(self) -> Stay:
        return next(s for s in self.actor.stays if s.unit_id == self.unit.pk)


View = Callable[Concatenate[HttpRequest, Here, P], Answer]
Guarded = Callable[Concatenate[HttpRequest, P], Answer]


def at_home(request: HttpRequest) -> Here | None:
    """Whoever is signed in with this browser and has a home today; None for everybody else."""
    row = signed_in(request.COOKIES.get(COOKIE, ""))
    if row is None:
        return None
    actor = ResidentActor.of(row.person, row.unit_id)
    units = tuple(Unit.objects.filter(pk__in=[s.unit_id for s in actor.stays]).order_by("code"))
    if not units:
        return None
    chosen = request.COOKIES.get(UNIT, "")
    return Here(row, actor, units, next((u for u in units if str(u.pk) == chosen), units[0]))


def resident_door(view: View[P]) -> Guarded[P]:
    """Let signed-in residents through, with the home they look at; everybody else signs in first."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Answer:
        here = at_home(request)
        if here is None:
            return _private(_sign_in_first(request))
        try:
            answer = view(request, here, *args, **kwargs)
        except Refused as refusal:
            answer = refused(request, refusal, here)
        return _private(answer)

    guarded.resident = True  # type: ignore[attr-defined]
    return cast(Guarded[P], guarded)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in, and from there on; who was signed out while writing still sees their words."""
    if kept := typed(request):
        return page(request, "signed_out.html", {"typed": kept}, status=403)
    goal = request.get_full_path() if request.method == "GET" else ""
    return redirect(reverse("portal:sign_in") + ("?" + urlencode({"next": goal}) if goal else ""))


def open_door(view: Callable[Concatenate[HttpRequest, P], Answer]) -> Guarded[P]:
    """A page of this door for anybody: a refusal is a page of ours, nothing is kept on the way."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            answer = view(request, *args, **kwargs)
        except Refused as refusal:
            answer = refused(request, refusal, None)
        return _private(answer)

    guarded.resident = False  # type: ignore[attr-defined]
    return cast(Guarded[P], guarded)


def press(leads_to: str) -> Callable[[Guarded[P]], Guarded[P]]:
    """An address that is only pressed: who comes back to it, by a reload or a link passed on, goes where it leads."""

    def decorate(view: Guarded[P]) -> Guarded[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Answer:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method not in ("GET", "HEAD"):
                return HttpResponseNotAllowed(["POST"])
            return redirect(leads_to, *([kwargs["key"]] if leads_to == "portal:matter" else []))

        return cast(Guarded[P], guarded)

    return decorate


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    here: Here | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw a page with the bar and the tabs of the home around it."""
    said = request.GET.get("said", "")
    around = {
        "here": here,
        "elder": request.COOKIES.get(MODE) == "elder",
        "wechat": in_wechat(request),
        "said": SAID.get(said),
        "drafted": here and said in SENT,
        "left": here is None and said == LEFT,
        "tabs": _tabs(request) if here else (),
        "press_key": uuid4().hex,
    }
    return render(request, f"portal/{template}", around | (context or {}), status=status)


@dataclass(frozen=True)
class Tab:
    words: str
    url: str
    icon: str
    current: bool


def _tabs(request: HttpRequest) -> tuple[Tab, ...]:
    wanted = (
        ("portal:home", _("首页"), "home"),
        ("portal:report", pgettext("tab", "报修"), "tool"),
        ("portal:matters", pgettext("tab", "事项"), "list-details"),
        ("portal:me", pgettext("tab", "我的"), "user"),
    )
    return tuple(Tab(words, url := reverse(name), icon, request.path == url) for name, words, icon in wanted)


def done(url: str, said: str = "") -> HttpResponse:
    """After a change: go where the matter goes on, and say there what happened."""
    return HttpResponseRedirect(f"{url}?said={said}" if said else url, status=303)


def back(request: HttpRequest, default: str) -> str:
    """``next`` of the form when it lies behind this door, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = (
        wanted.startswith(ROOT)
        and ".." not in wanted
        and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    )
    return wanted if ours else default


def refused(request: HttpRequest, refusal: Refused, here: Here | None) -> HttpResponse:
    """The page of a refusal: its sentence and status."""
    return page(request, "error.html", {"title": str(refusal)}, here, status=refusal.status)


def remember(answer: HttpResponse, name: str, value: str) -> None:
    """A cookie of this door alone, out of reach of scripts."""
    answer.set_cookie(
        name,
        value,
        max_age=int(STAYS_SIGNED_IN.total_seconds()),
        path=ROOT,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def address(request: HttpRequest) -> str:
    """The address of whoever asks, as the gate passed it on."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _private(answer: Answer) -> Answer:
    """A home's pages are kept by nobody on the way, nor in a telephone that is passed on."""
    if not answer.has_header("Cache-Control"):
        answer["Cache-Control"] = "no-store, private"
    return answer
