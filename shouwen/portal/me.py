"""One's own: which home, who else lives there, how large the letters are, where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.estate.household import members_of
from shouwen.estate.models import Person
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import joined, mask_name
from shouwen.notices import carriers
from shouwen.notices.home_actions import ask_email, choose_home_way, prove_email, proven, stop
from shouwen.notices.models import Gateway, HomeWay
from shouwen.people.home_sign_in import end_sign_in, reached_from, sign_out
from shouwen.people.rights import HOME, HOME_RIGHTS
from shouwen.people.sign_in import device
from shouwen.portal import jobs
from shouwen.portal.doors import (
    COOKIE,
    MODE,
    ROOT,
    UNIT,
    Answer,
    Here,
    back,
    done,
    open_door,
    page,
    press,
    remember,
    resident_door,
)
from shouwen.portal.letters import stops
from shouwen.portal.words import LEFT


@require_GET
@resident_door
def me(request: HttpRequest, here: Here) -> Answer:
    """Who I am here, what I may do, and where I am signed in."""
    return page(request, "me.html", _around(here), here)


def _around(here: Here) -> dict[str, Any]:
    members = members_of(here.unit)
    mine = [m for m in members if m.person_id == here.actor.id]
    sees = "home.people" in here.stay.rights
    return {
        "roles": joined(m.role_words for m in mine),
        "rights": [words for code, words in HOME_RIGHTS.items() if code in here.stay.rights],
        "family": [
            (mask_name(m.name), m.role_words, _may_help(m.role))
            for m in members
            if sees and m.person_id != here.actor.id
        ],
        "sign_ins": [
            (row, clock.said(row.at), device(row.agent))
            for row in reached_from(here.sign_in).order_by("-at")[:10]
        ],
        "letters": _letters(here.person),
    }


@dataclass(frozen=True)
class Letters:
    """What one chose to hear, and the ways there are: a form that leads nowhere is not shown."""

    wanted: bool
    email: str
    mails: bool
    texts: bool


def _letters(person: Person) -> Letters | None:
    mails, texts = carriers.ready(carriers.EMAIL), Gateway.objects.filter(active=True, homes=True).exists()
    way = HomeWay.objects.filter(pk=person.pk).first()
    shown = Letters(way is None or way.letters, str(person.email or ""), mails, texts)
    return shown if mails or texts else None


@press("portal:me")
@sensitive_post_parameters("email")
@resident_door
def letters(request: HttpRequest, here: Here) -> Answer:
    """Whether and where one wants to hear of one's matters; told in the language of this page from now on."""
    wanted, typed, token = bool(request.POST.get("letters")), request.POST.get("email"), ""
    language = get_language() or ""
    try:
        choose_home_way(actor=here.actor, letters=wanted, language=language)
        if typed is not None and carriers.ready(carriers.EMAIL):
            token = ask_email(typed, actor=here.actor)
    except Refused as refusal:
        around = _around(here)
        if around["letters"]:
            around["letters"] = replace(around["letters"], wanted=wanted, email=typed or "")
        return page(request, "me.html", around | {"refused": str(refusal)}, here, status=422)
    if token:
        url = (settings.SITE_URL or f"{request.scheme}://{request.get_host()}") + reverse(
            "portal:prove", args=[token]
        )
        jobs.send_proof.defer(person_id=here.person.pk, token=token, url=url, language=language)
    return done(reverse("portal:me"), "proof" if token else "letters")


@require_http_methods(["GET", "POST"])
@open_door
def prove(request: HttpRequest, token: str) -> Answer:
    """The link in the letter to a new address. Looking proves nothing; the press does."""
    if proven(token) is None:
        return page(request, "prove.html", {"over": True}, status=410)
    if request.method == "POST":
        prove_email(token)
    return page(request, "prove.html", {"proven": request.method == "POST"})


@require_http_methods(["GET", "POST"])
@open_door
def stop_letters(request: HttpRequest, key: int, mark: str) -> Answer:
    """The link at the foot of a letter. Looking stops nothing (a mail program looks too); the press does."""
    if not stops(key, mark):
        return page(request, "stop.html", {"over": True}, status=410)
    if request.method == "POST":
        stop(key)
    return page(request, "stop.html", {"stopped": request.method == "POST"})


def _may_help(role: str) -> bool:
    """Whether somebody of this role can follow the household's repairs from a telephone of their own."""
    return "home.repairs" in HOME[role].split()


@press("portal:me")
@resident_door
def switch(request: HttpRequest, here: Here, key: int) -> Answer:
    """Look at another of one's homes."""
    if key not in {u.pk for u in here.units}:
        raise NotFound("portal.no_home")
    answer = done(back(request, reverse("portal:home")))
    remember(answer, UNIT, str(key))
    return answer


@press("portal:me")
@resident_door
def mode(request: HttpRequest, here: Here) -> Answer:
    """Large letters and one sentence, or the usual page."""
    answer = done(back(request, reverse("portal:home")))
    if request.POST.get("mode") == "elder":
        remember(answer, MODE, "elder")
    else:
        answer.delete_cookie(MODE, path=ROOT)
    return answer


@press("portal:me")
@resident_door
def leave(request: HttpRequest, here: Here) -> Answer:
    """Sign out of this browser."""
    sign_out(here.sign_in, actor=here.actor)
    answer = done(reverse("portal:sign_in"), LEFT)
    answer.delete_cookie(COOKIE, path=ROOT)
    return answer


@press("portal:me")
@resident_door
def end(request: HttpRequest, here: Here, key: int) -> Answer:
    """Sign another of one's browsers out. From a sign-in for one home only those of that home are reached."""
    if not reached_from(here.sign_in).filter(pk=key).exists():
        raise NotFound("portal.no_sign_in")
    end_sign_in(key, actor=here.actor)
    return done(reverse("portal:me"), "ended")
