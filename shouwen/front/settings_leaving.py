"""A colleague leaves or comes back; what is in their hands goes to somebody else first, in the same press."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.doors import staff_door, viewer
from shouwen.front.forming import Typed, confirm, form_view
from shouwen.front.settings_parts import colleagues, fetch_staff
from shouwen.kernel.journal import frame
from shouwen.people import actions, who
from shouwen.people.holdings import held_by
from shouwen.people.models import Staff

MANAGE = "staff.manage"


class HandOverForm(forms.Form):
    """One question for every community in which the colleague holds something: who takes it."""

    def __init__(self, *args: Any, staff: Staff, held: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(Community.objects.filter(pk__in=held).values_list("pk", "name"))
        for community, words in held.items():
            people = [(key, name) for key, name in colleagues(community) if key != staff.pk]
            fallback = who.fallback_of(community)
            self.fields[f"heir{community}"] = forms.TypedChoiceField(
                label=_("%(place)s 的 %(what)s 转给") % {"place": names[community], "what": words},
                choices=[("", _("请选择")), *people],
                initial=fallback if fallback != staff.pk else "",
                coerce=int,
            )


def _held(request: HttpRequest, row: Staff) -> dict[int, str]:
    """What the colleague holds, where the viewer manages the staff."""
    mine = viewer(request).where(MANAGE)
    return {community: words for community, words in held_by(row).items() if community in mine}


def _heirs(typed: Typed) -> dict[int, int]:
    """Who takes what the colleague holds, by community."""
    return {int(name.removeprefix("heir")): heir for name, heir in typed.items()}


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_leave(request: HttpRequest, key: int) -> HttpResponse:
    """Close an account; what it did stays on record, what it holds goes to whoever is named."""
    row = fetch_staff(request, key)
    held, home = _held(request, row), reverse("staff", args=[key])
    lead = _("不能再登录，登录会话和名下的接口令牌马上结束；经办过的记录都保留。")
    if held:
        lead += _("手上的事停用时一起转交：接手的人成为首问责任人和经办人；不能接单的，派工单回到派工台。")

    def act(typed: Typed) -> tuple[str, str]:
        actions.deactivate(key, actor=viewer(request), heirs=_heirs(typed))
        return home, _("%s已停用，手上的事已转交") % row.name if held else _("%s已停用") % row.name

    return form_view(
        request, lambda data, _files: HandOverForm(data, staff=row, held=held), act,
        title=_("停用%s") % row.name, submit=_("转交并停用") if held else _("停用"), icon="user-off", home=home,
        lead=lead, back=look.Link(row.name, home),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_hand_over(request: HttpRequest, key: int) -> HttpResponse:
    """Give what a colleague holds to others, who stays: before a long leave, or before a post is taken back."""
    row = fetch_staff(request, key)
    held, home = _held(request, row), reverse("staff", args=[key])

    def act(typed: Typed) -> tuple[str, str]:
        with frame(viewer(request)):
            count = sum(
                actions.hand_over(key, actor=viewer(request), community_id=community, heir_id=heir)
                for community, heir in _heirs(typed).items()
            )
        return home, _("%(name)s手上的 %(count)s 件事已转交") % {"name": row.name, "count": count}

    return form_view(
        request, lambda data, _files: HandOverForm(data, staff=row, held=held), act,
        title=_("转交%s手上的事") % row.name, submit=_("转交"), icon="arrow-right", home=home,
        lead=_("接手的人成为首问责任人和经办人；不能接单的，派工单回到派工台。") if held else _("手上没有在办的事。"),
        back=look.Link(row.name, home),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_return(request: HttpRequest, key: int) -> HttpResponse:
    """Open a closed account again, with the posts that it still holds."""
    row = fetch_staff(request, key)

    def act() -> str:
        actions.reactivate(key, actor=viewer(request))
        return _("%s已恢复") % row.name

    return confirm(
        request, act, title=_("恢复%s") % row.name, submit=_("恢复"), icon="user-check",
        home=reverse("staff", args=[key]), lead=_("可以用原来的密码登录，岗位照旧；忘了密码再重置。"),
    )  # fmt: skip
