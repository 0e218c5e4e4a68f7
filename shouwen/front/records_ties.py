"""The records of what ties persons to units: moving in and out, and vehicles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwen.estate import persons_actions as actions
from shouwen.estate.models import Occupancy, Unit, Vehicle
from shouwen.estate.search import persons_found
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.forming import Typed, confirm, form_view
from shouwen.front.record_forms import DayForm, OccupancyEditForm, OccupancyForm, VehicleForm
from shouwen.front.records import fetch_unit
from shouwen.front.records_people import MOST_CANDIDATES, label_of
from shouwen.kernel.journal import frame
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import joined

EDIT = "estate.edit"


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def move_in(request: HttpRequest, key: int) -> HttpResponse:
    """Somebody moves in. When the name or number is known, the clerk says which of them it is."""
    unit = fetch_unit(request, key)
    who = request.POST.get("who", "").strip()
    found = persons_found([unit.community_id], who)[:MOST_CANDIDATES] if who else []
    candidates = [(str(p.pk), label_of(p)) for p in found]

    def make(data: Any, _files: Any) -> forms.Form:
        return OccupancyForm(data, candidates=candidates)

    def act(typed: Typed) -> tuple[str, str]:
        me, chosen = viewer(request), typed.get("person") or 0
        if not chosen:
            new = actions.add_person(unit.community_id, actor=me, name=typed["who"], phone=typed["phone"])
            chosen = new.pk
        dates = {name: typed[name] for name in ("role", "share", "since", "until")}
        row = actions.move_in(unit.pk, actor=me, person_id=chosen, **dates)
        return reverse("unit", args=[unit.pk]), _("%(who)s 入住 %(unit)s") % {
            "who": row.person,
            "unit": unit.code,
        }

    return form_view(
        request, make, _together(request, act), title=_("办理入住：%s") % unit.code, submit=_("办理入住"),
        home=reverse("unit", args=[unit.pk]),
    )  # fmt: skip


def _together(
    request: HttpRequest, act: Callable[[Typed], tuple[str, str]]
) -> Callable[[Typed], tuple[str, str]]:
    """Two actions of one press: both or neither."""

    def framed(typed: Typed) -> tuple[str, str]:
        with frame(viewer(request)):
            return act(typed)

    return framed


def _fetch_occupancy(request: HttpRequest, key: int) -> Occupancy:
    rows = Occupancy.objects.filter(community_id__in=viewer(request).where("estate.see"))
    found = rows.select_related("unit", "person").filter(pk=key).first()
    if found is None:
        raise NotFound("not_found")
    return found


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def occupancy_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Correct a role, a share or the first day."""
    row = _fetch_occupancy(request, key)
    initial = {"role": row.role, "share": row.share, "since": row.during.lower}

    def act(typed: Typed) -> tuple[str, str]:
        actions.edit_occupancy(row.pk, actor=viewer(request), **typed)
        return reverse("unit", args=[row.unit_id]), _("已更正")

    return form_view(
        request, lambda data, _files: OccupancyEditForm(data, initial=initial), act,
        title=_("更正 %(who)s 在 %(unit)s 的登记") % {"who": row.person, "unit": row.unit.code},
        submit=_("更正"), home=reverse("unit", args=[row.unit_id]),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def move_out(request: HttpRequest, key: int) -> HttpResponse:
    """Somebody moves out; the record stays."""
    row = _fetch_occupancy(request, key)

    def act(typed: Typed) -> tuple[str, str]:
        actions.move_out(row.pk, actor=viewer(request), on=typed["on"])
        words = {"who": row.person, "unit": row.unit.code}
        return reverse("unit", args=[row.unit_id]), _("%(who)s 迁出 %(unit)s") % words

    return form_view(
        request, lambda data, _files: DayForm(data), act,
        title=_("%(who)s 迁出 %(unit)s") % {"who": row.person, "unit": row.unit.code},
        submit=_("办理迁出"), home=reverse("unit", args=[row.unit_id]),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def vehicle_new(request: HttpRequest) -> HttpResponse:
    """A car more."""
    wanted = request.GET.get("unit", "")
    unit = fetch_unit(request, int(wanted)) if wanted.isdigit() else None
    here = unit.community_id if unit else community(request).pk

    def act(typed: Typed) -> tuple[str, str]:
        place = _unit_by_code(here, typed["unit"])
        row = actions.add_vehicle(
            here, actor=viewer(request), plate=typed["plate"], label=typed["label"], unit_id=place
        )
        return reverse("unit", args=[place]) if place else reverse("unit_list"), _("%s 已登记") % row.plate

    return form_view(
        request, lambda data, _files: VehicleForm(data, initial={"unit": unit.code if unit else ""}), act,
        title=_("登记车辆"), submit=_("登记车辆"),
        home=reverse("unit", args=[unit.pk]) if unit else reverse("unit_list"),
    )  # fmt: skip


def _unit_by_code(community_id: int, code: str) -> int | None:
    if not code:
        return None
    found = Unit.objects.filter(community_id=community_id, code=code, retired_on__isnull=True).first()
    if found is None:
        raise NotFound("not_found")
    return found.pk


def _fetch_vehicle(request: HttpRequest, key: int) -> Vehicle:
    rows = Vehicle.objects.filter(community_id__in=viewer(request).where("estate.see"))
    found = rows.select_related("unit", "person").filter(pk=key).first()
    if found is None:
        raise NotFound("not_found")
    return found


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def vehicle_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Another plate, kind or unit."""
    row = _fetch_vehicle(request, key)
    initial = {"plate": row.plate, "label": row.label, "unit": row.unit.code if row.unit else ""}

    def act(typed: Typed) -> tuple[str, str]:
        place = _unit_by_code(row.community_id, typed["unit"])
        actions.edit_vehicle(
            row.pk,
            actor=viewer(request),
            plate=typed["plate"],
            label=typed["label"],
            unit_id=place,
            person_id=row.person_id,
        )
        return reverse("unit", args=[place]) if place else reverse("unit_list"), _("已保存")

    return form_view(
        request, lambda data, _files: VehicleForm(data, initial=initial), act,
        title=_("修改 %s") % row.plate, submit=_("保存车辆"),
        home=reverse("unit", args=[row.unit_id]) if row.unit_id else reverse("unit_list"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(EDIT)
def vehicle_remove(request: HttpRequest, key: int) -> HttpResponse:
    """A car that is gone: shown first, struck off after the second press."""
    row = _fetch_vehicle(request, key)
    home = reverse("unit", args=[row.unit_id]) if row.unit_id else reverse("unit_list")
    whose = joined(filter(None, (row.label, row.unit.code if row.unit else "", str(row.person or ""))))

    def act() -> str:
        actions.remove_vehicle(row.pk, actor=viewer(request))
        return _("%s 已注销") % row.plate

    return confirm(
        request, act, title=_("注销 %s") % row.plate, submit=_("注销车辆"), icon="x", home=home,
        lead=_("%s：注销后不能撤回，按这个车牌就查不到；留痕保留。") % (whose or row.plate),
    )  # fmt: skip
