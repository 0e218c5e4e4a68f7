"""The one search box: units, people, vehicles and cases, each scoped to what the viewer may see."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from shouwen.cases.models import Case, Kind
from shouwen.cases.search import found_by, told
from shouwen.estate.search import search as estate_search
from shouwen.front import look
from shouwen.front.caseview import KIND_ICONS, room
from shouwen.front.clocks import chip, first_due
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.palette import palette
from shouwen.kernel.lists import keyset
from shouwen.kernel.text import clean_line, dotted, joined
from shouwen.people.viewers import StaffActor
from shouwen.works.models import Order

SHOWN = 8


@require_GET
@staff_door()
def search(request: HttpRequest) -> HttpResponse:
    """Results for Ctrl+K: commands and hits as a fragment for htmx, the hits as a page otherwise."""
    text = clean_line(request.GET.get("q", ""))[:64]
    me, here = viewer(request), community(request).pk
    matters = _cases if me.may("case.see", here) else _orders
    groups = (*estate_groups(me, here, text, unit_url), matters(me, here, text)) if text else ()
    found = tuple(g for g in groups if g.hits)
    if not getattr(request, "htmx", False):
        return page(request, "front/search.html", {"query": text, "hit_groups": found})
    context = {"query": text, "hit_groups": (*palette(request, text), *found), "options": True}
    return page(request, "front/parts/hits.html", context)


def unit_url(unit_id: int | None, person_id: int | None) -> str:
    """Where a hit leads: the unit, else the person."""
    return reverse("unit", args=[unit_id]) if unit_id else reverse("person", args=[person_id])


def estate_groups(
    me: StaffActor, here: int, text: str, url: Callable[[int | None, int | None], str]
) -> tuple[look.HitGroup, ...]:
    """Units, people and vehicles; ``url`` says where a hit leads, so that the intake can choose with it."""
    hits = estate_search(me, text, SHOWN, community_id=here)
    units = tuple(look.Hit(u.code, joined(u.people), url(u.id, None), icon="home") for u in hits.units)
    people = tuple(
        look.Hit(
            p.units[0][1] if p.units else "",
            p.name,
            url(p.units[0][0] if p.units else None, p.id),
            sub=dotted(p.units[0][2] if p.units else "", p.phone),
            icon="user",
        )
        for p in hits.persons
    )
    cars = tuple(
        look.Hit(v.unit, v.plate, url(v.unit_id, v.person_id), sub=v.person, icon="car")
        for v in hits.vehicles
        if v.unit_id or v.person_id
    )
    return (
        look.HitGroup(_("房屋"), "building", units, reverse("unit_list") + f"?{urlencode({'q': text})}"),
        look.HitGroup(_("人员"), "users", people, reverse("person_list") + f"?{urlencode({'q': text})}"),
        look.HitGroup(_("车辆"), "car", cars),
    )


def _cases(me: StaffActor, here: int, text: str) -> look.HitGroup:
    rows = Case.objects.visible_to(me).filter(community_id=here).select_related("first_responder")
    found = keyset(rows, ("-opened_at", "-id"), size=SHOWN, told=told(text, here, me)).rows
    due = first_due(c.pk for c in found if c.closed_at is None)
    hits = tuple(
        look.Hit(
            room(c),
            c.title,
            reverse("case", args=[c.pk]),
            sub=dotted(c.number, c.get_state_display()),
            icon=KIND_ICONS[Kind(c.kind)],
            clock=chip(due[c.pk]) if c.pk in due else None,
        )
        for c in found
    )
    return look.HitGroup(
        pgettext("several", "事项"), "list-details", hits, reverse("case_list") + f"?{urlencode({'q': text})}"
    )


def _orders(me: StaffActor, here: int, text: str) -> look.HitGroup:
    """For whom the desk is closed: the orders of the board, by number or place from its beginning, or by title."""
    rows = Order.objects.visible_to(me).filter(community_id=here).select_related("case")
    found = list(rows.filter(case__in=found_by(text, here, me)).order_by("-opened_at", "-id")[:SHOWN])
    hits = tuple(
        look.Hit(
            o.case.place,
            o.case.title,
            reverse("order", args=[o.pk]),
            sub=dotted(f"{o.case.number}-{o.turn}", o.get_state_display()),
            icon="tool",
        )
        for o in found
    )
    url = reverse("order_list") + f"?{urlencode({'q': text})}"
    return look.HitGroup(_("派工单"), "tool", hits, url)
