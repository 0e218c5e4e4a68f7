"""What a home has brought: the first page, the list, one matter with its progress, its pictures."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwen.cases.models import Case, CaseQuerySet, Kind
from shouwen.kernel import clock
from shouwen.kernel.lists import keyset
from shouwen.kernel.refusals import NotFound
from shouwen.people.rights import HOME
from shouwen.portal.cards import card, cards, mark, told
from shouwen.portal.doors import MODE, Answer, Here, page, resident_door
from shouwen.portal.report import what
from shouwen.portal.timeline import photos_of

PAGE, FIRST_LINES, HEARD = 20, 4, 200
RELATED = ("category", "first_responder", "merged_into__first_responder")


def matters_of(here: Here) -> CaseQuerySet:
    """What this resident may see of the home they look at, and what they brought about public places."""
    seen = Case.objects.visible_to(here.actor)
    rows = seen.exclude(unit_id__in=[u.pk for u in here.units if u != here.unit])
    # Merged into one that they see anyway: told once.
    rows = rows.exclude(merged_into__in=seen.values("pk"))
    return rows.select_related(*RELATED).order_by("-opened_at", "-id")


def fetch(here: Here, key: UUID) -> Case:
    """The matter of this key if this resident may see it; NotFound otherwise."""
    rows = Case.objects.visible_to(here.actor).select_related(*RELATED, "community")
    case = rows.filter(pk=key).first()
    if case is None:
        raise NotFound("not_found")
    return case


@require_GET
@resident_door
def home(request: HttpRequest, here: Here) -> Answer:
    """The newest open matter in full, the other open ones as lines, and below them: what else is broken?"""
    found = cards(matters_of(here).running()[:PAGE])
    first, others = told(found[0], FIRST_LINES) if found else None, found[1:]
    context = what(here, Kind.REPAIR) | {
        "first": first,
        "others": others,
        "mark": mark([first, *others] if first else ()),
    }
    if request.COOKIES.get(MODE) != "elder":
        return page(request, "home.html", context, here)
    context |= {"greeting": greeting(here.person.name), "family": _has_family(here)}
    return page(request, "elder.html", context, here)


def greeting(name: str) -> str:
    """By name and time of day."""
    hour = clock.local(clock.now()).hour
    if hour < 12:
        return _("%s，上午好") % name
    return _("%s，下午好") % name if hour < 18 else _("%s，晚上好") % name


def _has_family(here: Here) -> bool:
    """Whether somebody else of this home may follow its repairs from a telephone of their own."""
    sees = [role for role, rights in HOME.items() if "home.repairs" in rights.split()]
    others = here.unit.occupancies.current(clock.today()).filter(role__in=sees).exclude(person=here.person)
    return "home.people" in here.stay.rights and others.exists()


@require_GET
@resident_door
def matters(request: HttpRequest, here: Here) -> Answer:
    """All matters, newest first, a page at a time."""
    found = keyset(matters_of(here), ("-opened_at", "-id"), request.GET.get("from", ""), PAGE)
    older = f"{reverse('portal:matters')}?{urlencode({'from': found.next})}" if found.next else ""
    shown = cards(found.rows)
    return page(request, "matters.html", {"cards": shown, "older": older, "mark": mark(shown)}, here)


@require_GET
@resident_door
def matter(request: HttpRequest, here: Here, key: UUID) -> Answer:
    """One matter, like a parcel on its way; what was merged leads to where it goes on, if that is theirs to see."""
    case = fetch(here, key)
    if case.merged_into_id and Case.objects.visible_to(here.actor).filter(pk=case.merged_into_id).exists():
        return redirect("portal:matter", case.merged_into_id)
    return page(request, "matter.html", {"card": card(case)}, here)


@require_GET
@resident_door
def events_grant(request: HttpRequest, here: Here) -> Answer:
    """Whose live stream this is (the key of the sign-in), of which homes, and the newest matters that they may see. The
    gate asks before it opens one, and again when something happens in one of the homes that is none of these matters.

    A matter merged into another household's is not followed by its facts: they would tell when that household moves.
    """
    seen = Case.objects.visible_to(here.actor).order_by("-opened_at", "-id").values_list("pk", flat=True)
    units = [unit.pk for unit in here.units]
    matters = [str(key) for key in seen[:HEARD]]
    return JsonResponse({"viewer": here.sign_in.pk, "name": "", "units": units, "matters": matters})


@require_GET
@resident_door
def photo(request: HttpRequest, here: Here, key: UUID, variant: str) -> Answer:
    """A picture that residents sent, to those who see its matter."""
    for case in Case.objects.visible_to(here.actor).filter(photos__pk=key):
        found = photos_of(case).select_related("file").filter(pk=key).first()
        if found is not None and variant in ("thumb", "screen"):
            return found.file.response(variant)
    raise NotFound("not_found")
