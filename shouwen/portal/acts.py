"""What a household does about its matter: urge, add words, confirm. Each is one press of one action, done once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases import actions
from shouwen.cases.models import Case
from shouwen.kernel import files, limits
from shouwen.kernel.once import once, pressed
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.portal.cards import card
from shouwen.portal.doors import Answer, Here, done, page, press, resident_door
from shouwen.portal.matters import fetch

SAY_LIMIT = limits.NOTE


def _urge(request: HttpRequest, here: Here, case: Case) -> str:
    actions.urge(case.pk, actor=here.actor, words=_words(request))
    return "urge"


def _say(request: HttpRequest, here: Here, case: Case) -> str:
    uploads = request.FILES.getlist("photos")
    if len(uploads) > limits.FILES_AT_ONCE:
        raise files.BadFile("too-many", _("一次最多 %s 张照片") % limits.FILES_AT_ONCE)
    prepared = [files.prepare(upload, frozenset({files.IMAGE})) for upload in uploads]
    kept = [files.keep(p, actor=here.actor, community_id=case.community_id).pk for p in prepared]
    actions.say(case.pk, actor=here.actor, words=_words(request), file_ids=kept)
    return "say"


def _confirm(request: HttpRequest, here: Here, case: Case) -> str:
    answer = satisfied(request)
    actions.confirm(case.pk, actor=here.actor, satisfied=answer, words=_words(request))
    return "satisfied" if answer else "reopened"


def satisfied(request: HttpRequest) -> bool:
    """Satisfied or not: nothing is chosen beforehand, so that an empty press says nothing."""
    answer = {"yes": True, "no": False}.get(request.POST.get("satisfied", ""))
    if answer is None:
        raise Refused("case.satisfied_unsaid")
    return answer


def _words(request: HttpRequest) -> str:
    return request.POST.get("words", "")[:SAY_LIMIT]


def _mark(request: HttpRequest) -> str:
    said = [_words(request), request.POST.get("satisfied"), [f.size for f in request.FILES.getlist("photos")]]
    return pressed(request.POST.get("key", ""), said)


ACTS: dict[str, Callable[[HttpRequest, Here, Case], str]] = {"urge": _urge, "say": _say, "confirm": _confirm}


@press("portal:matter")
@resident_door
def act(request: HttpRequest, here: Here, key: UUID, name: str) -> Answer:
    """Press one action; what the rules refuse stands on the matter's page, with everything that was typed."""
    case = fetch(here, key)
    if name not in ACTS:
        raise NotFound("not_found")
    try:
        said, _again = once(
            here.actor, f"home.{name}:{key}", _mark(request), "", lambda: ACTS[name](request, here, case)
        )
    except NotFound:
        raise
    except (Refused, files.BadFile) as refusal:
        context: dict[str, Any] = {
            "card": card(case),
            "refused": str(refusal),
            "typed": request.POST,
            "pressed": name,
        }
        return page(request, "matter.html", context, here, status=422)
    return done(reverse("portal:matter", args=[key]), said)
