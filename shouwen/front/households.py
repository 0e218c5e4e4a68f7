"""The household panel: what the rooms know of a home, in the fixed order of the house."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from shouwen.cases.models import CLOSED, Case, Kind
from shouwen.estate import household as estate
from shouwen.estate.models import Unit
from shouwen.front import look
from shouwen.front.caseview import KIND_ICONS
from shouwen.front.clocks import chip, first_due
from shouwen.kernel import clock
from shouwen.kernel.text import dotted, mask_name
from shouwen.people.viewers import StaffActor

OPEN_SHOWN, PAST_SHOWN, MATTERS_SHOWN = 6, 5, 10


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
            _past(unit, viewer),
            _vehicles(home),
            _chronicle(home),
        ),
    )


def _facts(unit: Unit) -> str:
    area = f"{unit.built_area.normalize():f} ㎡" if unit.built_area else ""
    handed = _("%s 入伙") % unit.handed_over_on if unit.handed_over_on else ""
    return dotted(area, unit.building, handed)


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


def _past(unit: Unit, viewer: StaffActor) -> look.Lines:
    """What was closed there last, the newest first."""
    held = Case.objects.visible_to(viewer).filter(unit_id=unit.pk, state__in=CLOSED)
    lines = tuple(
        look.Line(
            words=c.title,
            value=f"{clock.local(c.opened_at):%Y-%m} {c.get_state_display()}",
            icon=KIND_ICONS[Kind(c.kind)],
            url=reverse("case", args=[c.pk]),
        )
        for c in held.order_by("-opened_at", "-id")[:PAST_SHOWN]
    )
    return look.Lines(_("历次事项"), lines, _("以前没有事项。"))


def matters_table(viewer: StaffActor, community_id: int, whose: Q, url: str) -> look.TableList | None:
    """All matters of a home or a person, closed ones too: the newest here, the rest behind ``url``."""
    if not viewer.may("case.see", community_id):
        return None
    held = Case.objects.visible_to(viewer).filter(whose, community_id=community_id)
    rows = tuple(
        look.TableRow(
            url=reverse("case", args=[c.pk]),
            cells=(
                look.Cell(c.number, nowrap=True, dim=True),
                look.Cell(c.title, strong=True),
                look.Cell(str(c.get_state_display()), nowrap=True),
                look.Cell(f"{clock.local(c.opened_at):%Y-%m-%d}", nowrap=True, dim=True),
            ),
        )
        for c in held.order_by("-opened_at", "-id")[:MATTERS_SHOWN]
    )
    everything = look.Action("all", _("全部"), url, icon="list-details")
    return look.TableList(
        title=_("历次事项"),
        columns=tuple(map(look.Column, (_("单号"), _("事项"), _("状态"), _("受理")))),
        rows=rows,
        actions=(everything,) if rows else (),
        empty=_("以前没有事项。"),
    )


def _vehicles(home: estate.Household) -> look.Lines:
    lines = tuple(look.Line(v.plate, v.label, "car") for v in home.vehicles)
    return look.Lines(_("车辆"), lines, _("没有登记车辆。"))


def _chronicle(home: estate.Household) -> look.Chronicle:
    entries = tuple((f"{c.on:%Y-%m}", c.words) for c in home.chronicle)
    return look.Chronicle(_("大事记"), entries, _("还没有大事记。"))
