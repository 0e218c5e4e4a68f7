"""The household panel: what the rooms know of a home, in the fixed order of the house."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.models import Case, Kind
from shouwen.estate import household as estate
from shouwen.estate.models import Unit
from shouwen.front import look
from shouwen.front.caseview import KIND_ICONS
from shouwen.front.clocks import chip, first_due
from shouwen.kernel.text import mask_name
from shouwen.people.viewers import StaffActor

OPEN_SHOWN = 6


def household_of(case: Case, viewer: StaffActor) -> look.Household | None:
    """The panel beside a case: its unit's home, or what else is open in that public area."""
    if case.unit_id:
        unit = Unit.objects.visible_to(viewer).select_related("building").filter(pk=case.unit_id).first()
        return panel(unit, viewer, calling=case.person_id, here=case) if unit else None
    if case.space_id:
        others = Case.objects.visible_to(viewer).open().filter(space_id=case.space_id)
        sections = (open_matters(list(others.order_by("-opened_at")[:OPEN_SHOWN]), case),)
        return look.Household(room_number=case.place, url="", tags=(_("公共区域"),), sections=sections)
    return None


def panel(
    unit: Unit, viewer: StaffActor, *, calling: int | None = None, here: Case | None = None
) -> look.Household:
    """The home at a glance. Names are masked without the right to see the estate."""
    home = estate.household(unit, viewer)
    sees = viewer.may("estate.see", unit.community_id)
    matters = (
        Case.objects.visible_to(viewer).open().filter(unit_id=unit.pk).order_by("-opened_at")[:OPEN_SHOWN]
    )
    return look.Household(
        room_number=unit.code,
        url=reverse("unit", args=[unit.pk]) if sees else "",
        tags=tuple(filter(None, (unit.get_status_display(), unit.remark))),
        facts=_facts(unit),
        sections=(
            _residents(home, sees, calling),
            open_matters(list(matters), here),
            _vehicles(home),
            _chronicle(home),
        ),
    )


def _facts(unit: Unit) -> str:
    area = f"{unit.built_area.normalize():f} ㎡" if unit.built_area else ""
    handed = _("%s 入伙") % unit.handed_over_on if unit.handed_over_on else ""
    return " · ".join(filter(None, (area, str(unit.building), handed)))


def _residents(home: estate.Household, sees: bool, calling: int | None) -> look.Residents:
    people = tuple(
        look.Resident(
            name=m.name if sees else mask_name(m.name),
            role=str(m.role_words),
            phone=m.phones[0].masked if m.phones else _("未留"),
            url=reverse("person", args=[m.person_id]) if sees else "",
            calling=m.person_id == calling,
            note=m.remark,
        )
        for m in home.members
    )
    return look.Residents(_("住户"), people, _("还没有登记住户。"))


def open_matters(cases: list[Case], here: Case | None) -> look.Lines:
    """What else is open, each with the clock that is due first."""
    due, mine = first_due(c.pk for c in cases), _("（本单）")
    lines = tuple(
        look.Line(
            words=c.title + mine if here and c.pk == here.pk else c.title,
            icon=KIND_ICONS[Kind(c.kind)],
            url=reverse("case", args=[c.pk]),
            clock=chip(due[c.pk]) if c.pk in due else None,
        )
        for c in cases
    )
    return look.Lines(_("未结事项"), lines, _("没有未结事项。"), count=len(lines))


def _vehicles(home: estate.Household) -> look.Lines:
    lines = tuple(look.Line(v.plate, v.label, "car") for v in home.vehicles)
    return look.Lines(_("车辆"), lines, _("没有登记车辆。"))


def _chronicle(home: estate.Household) -> look.Chronicle:
    entries = tuple((f"{c.on:%Y-%m}", c.words) for c in home.chronicle)
    return look.Chronicle(_("大事记"), entries, _("还没有大事记。"))
