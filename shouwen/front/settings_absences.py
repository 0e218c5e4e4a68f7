"""A colleague who is away: the days, and who is told and may act meanwhile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from shouwen.front import look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.forming import Typed, confirm, day_input, form_view
from shouwen.front.settings_parts import button, colleagues, fetch_staff, table
from shouwen.kernel import clock
from shouwen.kernel.refusals import NotFound
from shouwen.people import absences
from shouwen.people.models import Absence, Staff

MANAGE = "staff.manage"


def absence_table(row: Staff, why: str) -> look.TableList:
    """The absences of a colleague that run or will."""
    coming = Absence.objects.filter(staff=row, ended_at=None, until__gte=clock.today())
    rows = [
        look.TableRow(
            cells=(look.Cell(f"{a.since} – {a.until}", nowrap=True), look.Cell(a.substitute.name)),
            actions=(
                button(f"back-{a.pk}", _("结束"), reverse("absence_end", args=[a.pk]), "x", refused=why),
            ),
        )
        for a in coming.select_related("substitute")
    ]
    new = button("away", _("登记请假"), reverse("absence_new", args=[row.pk]), "user-off", refused=why)
    empty = _("没有请假。请假期间，提醒发给代理人，应办由代理人办。")
    return table(_("请假和代理"), (_("日子"), _("代理人")), rows, empty=empty, actions=(new,))


class AbsenceForm(forms.Form):
    since = forms.DateField(label=gettext_lazy("第一天"), widget=day_input())
    until = forms.DateField(label=gettext_lazy("最后一天"), widget=day_input())

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute_id"] = forms.TypedChoiceField(
            label=_("代理人"), choices=[("", _("请选择")), *people], coerce=int,
            help_text=_("这几天提醒发给他，请假人的应办他也能办。"),
        )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def absence_new(request: HttpRequest, key: int) -> HttpResponse:
    """Note that a colleague will be away."""
    row = fetch_staff(request, key)
    people = [(pk, name) for pk, name in colleagues(community(request).pk) if pk != row.pk]
    home = reverse("staff", args=[key])

    def pressed(typed: Typed) -> tuple[str, str]:
        made = absences.add_absence(row.pk, actor=viewer(request), **typed)
        return home, _("%(name)s请假由%(substitute)s代理") % {
            "name": row.name,
            "substitute": made.substitute.name,
        }

    return form_view(
        request, lambda data, _files: AbsenceForm(data, people=people), pressed, title=_("%s请假") % row.name,
        submit=_("登记请假"), home=home, icon="user-off", back=look.Link(row.name, home),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def absence_end(request: HttpRequest, key: int) -> HttpResponse:
    """The colleague is back."""
    row = Absence.objects.filter(
        pk=key, ended_at=None, staff__in=Staff.objects.visible_to(viewer(request))
    ).first()
    if row is None:
        raise NotFound("not_found")

    def act() -> str:
        absences.end_absence(key, actor=viewer(request))
        return _("%s回来了，代理结束") % row.staff.name

    return confirm(
        request, act, title=_("结束%s的请假") % row.staff.name, submit=_("结束请假"), icon="user-check",
        lead=_("从现在起提醒又发给本人。"), home=reverse("staff", args=[row.staff_id]),
    )  # fmt: skip
