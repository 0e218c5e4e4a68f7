"""The staff door: who looks, at which community, how a page is drawn and how an action is pressed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.choices import flatten_choices
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.frame import frame_of
from shouwen.kernel import clock
from shouwen.kernel.doors import MoveForm, Words
from shouwen.kernel.refusals import NotAllowed, Refused, Stale
from shouwen.people.models import Staff
from shouwen.people.viewers import StaffActor

P = ParamSpec("P")
Answer = HttpResponse | StreamingHttpResponse
POCKET = "X-Pocket"
"""The header of a telephone that sends what it kept, with the account whose it is: two people may share one."""
PLACE = "act"
"""The id of the element in which the form of a move opens."""
WHOLE = (("HX-Retarget", "#main"), ("HX-Reselect", "#main"), ("HX-Reswap", "outerHTML"))
_ANY = UUID(int=0)
View = Callable[Concatenate[HttpRequest, P], Answer]


class NoCommunity(Refused):
    """A staff member without any grant has nothing to see."""

    status = 403


def viewer(request: HttpRequest) -> StaffActor:
    """The signed-in staff member with the rights of their grants; read once per request."""
    if not hasattr(request, "shouwen_viewer"):
        request.shouwen_viewer = StaffActor.of(cast(Staff, request.user))  # type: ignore[attr-defined]
    return cast(StaffActor, request.shouwen_viewer)  # type: ignore[attr-defined]


def community(request: HttpRequest) -> Community:
    """The community that the viewer works in now: chosen in the top bar, else the first of theirs."""
    if not hasattr(request, "shouwen_community"):
        key = community_key(request)
        request.shouwen_community = Community.objects.get(pk=key)  # type: ignore[attr-defined]
    return cast(Community, request.shouwen_community)  # type: ignore[attr-defined]


def community_key(request: HttpRequest) -> int:
    """The community that the viewer works in now, without a question to the database."""
    mine, chosen = viewer(request).communities, request.session.get("community")
    if not mine:
        raise NoCommunity("front.no_grant")
    return chosen if chosen in mine else min(mine)


def may(request: HttpRequest, right: str) -> bool:
    """Whether the viewer holds ``right`` in the current community."""
    return viewer(request).may(right, community_key(request))


def staff_door(right: str = "") -> Callable[[View[P]], View[P]]:
    """Let signed-in staff through who hold ``right`` (``a|b``: one of them) in the current community; others get 403,
    strangers sign in.
    """

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Answer:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if unfinished := unfinished_sign_in(request):
                return redirect(unfinished)
            if right and not any(may(request, one) for one in right.split("|")):
                raise NotAllowed("front.no_right")
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return cast(View[P], guarded)

    return decorate


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a stranger to the sign-in page and back afterwards; a part of a page reloads the whole.

    A telephone that empties its pocket is only told: it keeps what it has and asks its owner to sign in.
    """
    if POCKET in request.headers:
        return HttpResponse(status=401)
    url = f"{reverse('sign_in')}?next={request.get_full_path() if request.method == 'GET' else '/'}"
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return redirect(url)


def unfinished_sign_in(request: HttpRequest) -> str:
    """Where somebody must go first: a new password, or the one-time code that their post asks for."""
    staff = cast(Staff, request.user)
    if staff.must_change:
        return reverse("change_password")
    if not request.session.get("totp_ok", True):
        return reverse("totp")
    return ""


def addresses(name: str) -> Callable[[UUID], str]:
    """The addresses of many rows at once: the pattern is looked up for the first, the others' keys are put in."""
    head, tail = reverse(name, args=[_ANY]).split(str(_ANY))
    return lambda key: f"{head}{key}{tail}"


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Draw a whole page with the frame around it, or only its part when htmx asks for one.

    The place of forms takes parts alone: a button that turns out to lead to a whole page opens that page.

    What is fetched for a part of the page, or again by itself, leaves what happened to the page that somebody looks at:
    told once, it is gone.
    """
    context = dict(context or {})
    whole = "/parts/" not in template and request.headers.get("HX-Target") == PLACE
    if "X-Live" in request.headers or (getattr(request, "htmx", False) and not whole):
        context["messages"] = ()
    if whole and request.method == "GET":
        return HttpResponse(headers={"HX-Redirect": request.get_full_path()})
    if request.user.is_authenticated and "frame" not in context:
        context["frame"] = frame_of(request, viewer(request), community(request))
    response = render(request, template, context, status=status)
    if whole:  # shown this once, by a press: it takes the place of what was looked at
        for name, value in WHOLE:
            response[name] = value
    return response


def back(request: HttpRequest, default: str) -> str:
    """The page to return to: ``next`` of the form when it is one of ours, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else default


def done(request: HttpRequest, url: str, sentence: str = "", undo: str = "") -> HttpResponse:
    """After a change: say what happened to whom, and go where the work goes on."""
    if sentence:
        messages.success(request, sentence, extra_tags=f"undo:{undo}" if undo else "")
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url, status=303)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page of a refusal: its sentence and status; for a stale write both versions, side by side."""
    if POCKET in request.headers:
        return JsonResponse({"code": refusal.code, "sentence": str(refusal)}, status=refusal.status)
    if isinstance(refusal, Stale):
        return conflict(request, refusal)
    context: dict[str, Any] = {
        "code": refusal.status,
        "title": str(refusal),
        "words": _("什么也没有改动。"),
        "home": look.Link(_("回到首页"), "/"),
    }
    if isinstance(refusal, NoCommunity):
        context["frame"] = None
    template = "front/parts/error_body.html" if getattr(request, "htmx", False) else "front/error.html"
    return page(request, template, context, status=refusal.status)


def conflict(request: HttpRequest, stale: Stale, form: MoveForm | None = None) -> HttpResponse:
    """Somebody was faster: what was typed beside what stands now; nothing typed is lost.

    With the ``form`` of a move its own labels and choices speak, and its words stand beside no field of the row.
    """
    hidden = {"csrfmiddlewaretoken", "version", "next", "once", "key"}
    typed = {name: str(value) for name, value in request.POST.items() if name not in hidden and value}
    kept = (("version", str(stale.row.version)), ("next", request.POST.get("next", "")))
    context = {
        "title": str(stale),
        "differences": differences(stale.row, typed, form),
        "keep": look.Action(
            "keep",
            _("按我的再提交"),
            request.path,
            icon="check",
            primary=True,
            post=True,
            hidden=(*typed.items(), *((name, value) for name, value in kept if value)),
        ),
        "drop": look.Link(_("不改了，看最新"), back(request, request.path), "x"),
    }
    template = "front/parts/conflict_body.html" if getattr(request, "htmx", False) else "front/conflict.html"
    return page(request, template, context, status=409)


def differences(row: Any, typed: dict[str, str], form: MoveForm | None) -> tuple[look.Difference, ...]:
    """What was typed beside what the newest row says, by the labels of the form or of the row."""
    labels = {f.name: str(f.verbose_name) for f in row._meta.concrete_fields}
    rows = []
    for name, value in typed.items():
        field = form.fields.get(name) if form else None
        choices = dict(flatten_choices(getattr(field, "choices", ())))
        said = {str(key): str(words) for key, words in choices.items()}
        label = str(field.label) if field is not None and field.label else labels.get(name, name)
        theirs = (
            ""
            if isinstance(field, Words)
            else said.get(str(getattr(row, name, "")), _shown(row, name, field))
        )
        mine = said.get(value, value)
        rows.append(look.Difference(label, mine, theirs or "—", bool(theirs) and mine != theirs))
    if form is not None:
        rows.append(look.Difference(_("状态"), "—", _shown(row, "state"), differs=False))
    return tuple(rows)


def _shown(row: Any, name: str, field: forms.Field | None = None) -> str:
    """A field of the newest row in words, a moment as the ``field`` of the form writes it."""
    shown = getattr(row, f"get_{name}_display", None)
    value = shown() if shown else getattr(row, name, "")
    if isinstance(value, datetime):
        form = getattr(field and field.widget, "format", None) or "%Y-%m-%dT%H:%M"
        return clock.local(value).strftime(form)
    return "" if value is None else str(value)


class Refusals:
    """Middleware: a refusal that no view caught becomes its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return refused(request, error)
        return None
