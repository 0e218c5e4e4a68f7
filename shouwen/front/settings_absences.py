"""A colleague who is away: the days, and who is told and may act meanwhile. One's own to hand in, others' to manage."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.front import look
from shouwen.front.doors import community, page, staff_door, viewer
from shouwen.front.forming import Typed, confirm, form_view
from shouwen.front.settings_parts import button, colleagues, fetch_staff, table
from shouwen.kernel import clock
from shouwen.kernel.doors import Day
from shouwen.kernel.refusals import NotFound
from shouwen.people import absences
from shouwen.people.models import Absence, Staff

MANAGE = "staff.manage"


class AbsenceForm(forms.Form):
    since = Day(label=gettext_lazy("第一天"))
    until = Day(label=gettext_lazy("最后一天"))

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute_id"] = forms.TypedChoiceField(
            label=_("代理人"), choices=[("", _("请选择")), *people], coerce=int,
            help_text=_("这几天提醒发给他，请假人的应办他也能办。"),
        )  # fmt: skip


# --- what is shown ------------------------------------------------------------------------------------------------


def absence_table(row: Staff, why: str) -> look.TableList:
    """The absences of a colleague that run or will, on the page that managers see."""
    new = button("away", _("登记请假"), reverse("absence_new", args=[row.pk]), "user-off", refused=why)
    return _table(row, "absence", why, new)


def _table(row: Staff, name: str, why: str, new: look.Action) -> look.TableList:
    coming = Absence.objects.filter(staff=row, ended_at=None, until__gte=clock.today())
    rows = [
        look.TableRow(
            cells=(look.Cell(f"{a.since} – {a.until}", nowrap=True), look.Cell(a.substitute.name)),
            actions=(
                button(f"edit-{a.pk}", _("修改"), reverse(f"{name}_edit", args=[a.pk]), "edit", refused=why),
                button(f"back-{a.pk}", _("结束"), reverse(f"{name}_end", args=[a.pk]), "x", refused=why),
            ),
        )
        for a in coming.select_related("substitute")
    ]
    empty = _("没有请假。请假期间，提醒发给代理人，应办由代理人办。")
    return table(_("请假和代理"), (_("日子"), _("代理人")), rows, empty=empty, actions=(new,))


@require_GET
@staff_door()
def my_absences(request: HttpRequest) -> HttpResponse:
    """One's own absences that run or will, and for whom one stands in today."""
    row = Staff.objects.get(pk=viewer(request).id)
    new = look.Action("away", _("登记请假"), reverse("my_absence_new"), icon="user-off", primary=True)
    rows = Absence.objects.filter(substitute=row, ended_at=None, until__gte=clock.today())
    standing = [
        look.TableRow(
            (look.Cell(a.staff.name, strong=True), look.Cell(f"{a.since} – {a.until}", nowrap=True))
        )
        for a in rows.select_related("staff").order_by("since", "pk")
    ]
    context = {
        "title": _("我的请假"),
        "lead": _("登记后马上通知代理人和管理员工的人，不用审批；他们能改、能撤。"),
        "tables": (
            _table(row, "my_absence", "", new),
            table(_("我代理谁"), (_("同事"), _("日子")), standing, empty=_("没有人请你代理。")),
        ),
    }
    return page(request, "front/detail.html", context)


# --- one's own ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@staff_door()
def my_absence_new(request: HttpRequest) -> HttpResponse:
    """Hand in one's own absence."""
    return _new(request, Staff.objects.get(pk=viewer(request).id), reverse("my_absences"))


@require_http_methods(["GET", "POST"])
@staff_door()
def my_absence_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Other days or another substitute for one's own absence."""
    return _edit(request, _mine(request, key), reverse("my_absences"))


@require_http_methods(["GET", "POST"])
@staff_door()
def my_absence_end(request: HttpRequest, key: int) -> HttpResponse:
    """One is back, or does not go."""
    return _over(request, _mine(request, key), reverse("my_absences"))


def _mine(request: HttpRequest, key: int) -> Absence:
    return _fetched(Absence.objects.filter(pk=key, ended_at=None, staff=viewer(request).id).first())


# --- a colleague's ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def absence_new(request: HttpRequest, key: int) -> HttpResponse:
    """Note that a colleague will be away."""
    return _new(request, fetch_staff(request, key), reverse("staff", args=[key]))


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def absence_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Other days or another substitute for a colleague's absence."""
    row = _managed(request, key)
    return _edit(request, row, reverse("staff", args=[row.staff_id]))


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def absence_end(request: HttpRequest, key: int) -> HttpResponse:
    """The colleague is back, or what they handed in is withdrawn."""
    row = _managed(request, key)
    return _over(request, row, reverse("staff", args=[row.staff_id]))


def _managed(request: HttpRequest, key: int) -> Absence:
    seen = Staff.objects.visible_to(viewer(request))
    return _fetched(Absence.objects.filter(pk=key, ended_at=None, staff__in=seen).first())


def _fetched(row: Absence | None) -> Absence:
    if row is None:
        raise NotFound("not_found")
    return row


# --- the forms ----------------------------------------------------------------------------------------------------


def _people(request: HttpRequest, row: Staff) -> list[tuple[int, str]]:
    return [(pk, name) for pk, name in colleagues(community(request).pk) if pk != row.pk]


def _new(request: HttpRequest, row: Staff, home: str) -> HttpResponse:
    def pressed(typed: Typed) -> tuple[str, str]:
        made = absences.add_absence(row.pk, actor=viewer(request), **typed)
        words = {"name": row.name, "substitute": made.substitute.name}
        return home, _("%(name)s请假由%(substitute)s代理") % words

    people = _people(request, row)
    return form_view(
        request, lambda data, _files: AbsenceForm(data, people=people), pressed, title=_("%s请假") % row.name,
        submit=_("登记请假"), home=home, icon="user-off",
    )  # fmt: skip


def _edit(request: HttpRequest, row: Absence, home: str) -> HttpResponse:
    def pressed(typed: Typed) -> tuple[str, str]:
        made = absences.change_absence(row.pk, actor=viewer(request), **typed)
        words = {"name": row.staff.name, "substitute": made.substitute.name}
        return home, _("%(name)s的请假改好了，由%(substitute)s代理") % words

    people = _people(request, row.staff)
    initial = {"since": row.since, "until": row.until, "substitute_id": row.substitute_id}
    return form_view(
        request, lambda data, _files: AbsenceForm(data, people=people, initial=initial), pressed,
        title=_("改%s的请假") % row.staff.name, submit=_("保存"), home=home, icon="edit",
    )  # fmt: skip


def _over(request: HttpRequest, row: Absence, home: str) -> HttpResponse:
    def act() -> str:
        absences.end_absence(row.pk, actor=viewer(request))
        return _("%s的请假结束了，代理也结束") % row.staff.name

    return confirm(
        request, act, title=_("结束%s的请假") % row.staff.name, submit=_("结束请假"), icon="user-check",
        lead=_("从现在起提醒又发给本人。"), home=home,
    )  # fmt: skip
