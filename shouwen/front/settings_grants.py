"""What a colleague may do where, which trades they know, which buildings they look after."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from shouwen.estate.models import Branch, Building, Community, Company
from shouwen.front import look
from shouwen.front.doors import community, staff_door, viewer
from shouwen.front.forming import Typed, confirm, form_view
from shouwen.front.settings_parts import Found, Values, edit_view, fetch_staff, post_choices
from shouwen.kernel.refusals import NotFound
from shouwen.people import actions
from shouwen.people.models import Area, Grant, Post, Skill, Staff, Trade
from shouwen.people.viewers import StaffActor

MANAGE = "staff.manage"
KINDS: dict[str, Any] = {
    "community": Community,
    "branch": Branch,
    "company": Company,
}


def places(me: StaffActor) -> dict[str, str]:
    """Where the viewer may give posts, nearest first: communities, and branches and companies wholly theirs."""
    mine = me.where(MANAGE)
    here = Community.objects.filter(pk__in=mine).select_related("branch__company").order_by("name")
    found = {f"community:{c.pk}": str(c) for c in here}
    for branch in {c.branch for c in here}:
        if set(actions.communities_in(branch)) <= mine:
            found[f"branch:{branch.pk}"] = _("%s（全部项目）") % branch
    for company in {c.branch.company for c in here}:
        if set(actions.communities_in(company)) <= mine:
            found[f"company:{company.pk}"] = _("%s（全公司）") % company
    return found


def place_of(code: str, me: StaffActor) -> Community | Branch | Company:
    """The place that a form names, if it is one that the viewer was offered."""
    if code not in places(me):
        raise NotFound("not_found")
    kind, key = code.split(":")
    found: Community | Branch | Company = KINDS[kind].objects.get(pk=key)
    return found


def place_words(grant: Grant) -> str:
    return str(grant.community or grant.branch or grant.company)


class GrantForm(forms.Form):
    post = forms.ChoiceField(label=pgettext_lazy("one", "岗位"), widget=Found)
    place = forms.ChoiceField(label=gettext_lazy("在哪里"))

    def __init__(self, *args: Any, offered: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = post_choices(_("请选择"), Post.objects.filter(active=True))  # type: ignore[attr-defined]
        self.fields["place"].choices = list(offered.items())  # type: ignore[attr-defined]


class SkillsForm(forms.Form):
    trades = forms.MultipleChoiceField(
        label=gettext_lazy("工种"), choices=Trade.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("派工时按工种推荐人；一个都不选就不会被推荐。"),
    )  # fmt: skip


class AreasForm(forms.Form):
    buildings = forms.TypedMultipleChoiceField(
        label=gettext_lazy("责任楼栋"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("这些楼的事先派给他，巡楼和走访也算他的。"),
    )  # fmt: skip

    def __init__(self, *args: Any, buildings: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buildings"].choices = buildings  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def grant_new(request: HttpRequest, key: int) -> HttpResponse:
    """Give a colleague a post in a community, a branch or the whole company."""
    row, home, me = fetch_staff(request, key), reverse("staff", args=[key]), viewer(request)
    offered = places(me)

    def pressed(typed: Typed) -> tuple[str, str]:
        made = actions.grant(key, actor=me, post=typed["post"], place=place_of(typed["place"], me))
        words = {"name": row.name, "post": str(made.post), "place": place_words(made)}
        return home, _("%(name)s是%(place)s的%(post)s") % words

    def draw(data: Any, _files: Any) -> GrantForm:
        return GrantForm(data, offered=offered, initial={"place": f"community:{community(request).pk}"})

    return form_view(
        request, draw, pressed, title=_("授予%s岗位") % row.name, submit=_("授予岗位"), home=home, icon="plus",
        lead=_("只能授予自己在那里也有的权限。"), back=look.Link(row.name, home),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def grant_end(request: HttpRequest, key: int) -> HttpResponse:
    """Take a post back."""
    rows = Grant.objects.visible_to(viewer(request)).select_related(
        "staff", "post", "community", "branch", "company"
    )
    row = rows.filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    words = {"name": row.staff.name, "post": str(row.post), "place": place_words(row)}

    def act() -> str:
        actions.revoke(key, actor=viewer(request))
        return _("%(name)s不再是%(place)s的%(post)s") % words

    return confirm(
        request, act, title=_("收回%(name)s的岗位") % words, submit=_("收回岗位"), icon="x",
        home=reverse("staff", args=[row.staff_id]), lead=_("%(place)s %(post)s：收回后马上看不到那里的事。") % words,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_skills(request: HttpRequest, key: int) -> HttpResponse:
    """The trades that a colleague can be sent for."""
    row, home = fetch_staff(request, key), reverse("staff", args=[key])

    def values() -> Values:
        return {"trades": sorted(Skill.objects.filter(staff_id=key).values_list("trade", flat=True))}

    def pressed(typed: Typed) -> tuple[str, str]:
        actions.set_skills(key, actor=viewer(request), trades=typed["trades"])
        return home, _("%s的工种已保存") % row.name

    return edit_view(
        request, SkillsForm, values, pressed, lock=Staff.objects.filter(pk=key), home=home,
        title=_("%s的工种") % row.name, submit=_("保存工种"), back=look.Link(row.name, home),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@staff_door(MANAGE)
def staff_areas(request: HttpRequest, key: int) -> HttpResponse:
    """The buildings of this community that a colleague looks after."""
    row, home, here = fetch_staff(request, key), reverse("staff", args=[key]), community(request)
    buildings = [(b.pk, str(b)) for b in Building.objects.filter(community=here)]

    def values() -> Values:
        held = Area.objects.filter(staff_id=key, community=here).order_by("building_id")
        return {"buildings": list(held.values_list("building_id", flat=True))}

    def pressed(typed: Typed) -> tuple[str, str]:
        actions.set_areas(key, actor=viewer(request), community_id=here.pk, building_ids=typed["buildings"])
        return home, _("%s的责任楼栋已保存") % row.name

    def draw(data: Any, initial: Values) -> AreasForm:
        return AreasForm(data, initial=initial, buildings=buildings)

    return edit_view(
        request, draw, values, pressed, lock=Staff.objects.filter(pk=key), home=home, lead=here.name,
        title=_("%s的责任楼栋") % row.name, submit=_("保存责任楼栋"), back=look.Link(row.name, home),
    )  # fmt: skip
