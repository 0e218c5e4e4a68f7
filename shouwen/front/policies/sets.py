"""All deadlines of one manual at once, and two communities side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from shouwen.duties.actions import adopt, of_manual
from shouwen.duties.clauses import book
from shouwen.duties.moments import value_of
from shouwen.duties.rulings import LEAD, Asking, asking
from shouwen.duties.words import said
from shouwen.estate.models import Community
from shouwen.front import look
from shouwen.front.doors import community, done, page, staff_door, viewer
from shouwen.front.policies.pages import RIGHT
from shouwen.front.policies.preview import preview
from shouwen.front.settings_parts import table
from shouwen.kernel import clock
from shouwen.kernel.doors import Day
from shouwen.kernel.refusals import Refused

MANUALS = (
    ("A", gettext_lazy("手册 A：业户服务部工作标准")),
    ("B", gettext_lazy("手册 B：楼宇管家与前台岗位清单")),
    ("C", gettext_lazy("手册 C：顾客沟通程序")),
    ("D", gettext_lazy("手册 D：部门与岗位职责")),
    ("E", gettext_lazy("手册 E：客服中心首问制度")),
)


class AdoptForm(forms.Form):
    manual = forms.ChoiceField(
        label=gettext_lazy("哪本手册"), choices=MANUALS, widget=forms.RadioSelect,
        help_text=gettext_lazy("只换这本手册说到的取值，别的不动。"),
    )  # fmt: skip
    since = Day(
        label=gettext_lazy("从哪天起"),
        required=False,
        help_text=gettext_lazy("空着是马上。"),
    )
    reason = forms.CharField(label=gettext_lazy("理由"), required=False, max_length=200)


@require_http_methods(["GET", "POST"])
@staff_door(RIGHT)
def policy_adopt(request: HttpRequest) -> HttpResponse:
    """Choose one manual's value for every deadline that it has one for; look first what that would change."""
    here = community(request)
    seen: tuple[look.TableList, ...] = ()
    form = AdoptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                seen = _seen(request, here, form.cleaned_data)
            else:
                return _adopted(request, here, form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    context = {
        "title": _("整套用一本手册"),
        "lead": _("改动只对以后产生的时限起效，正在走的按产生时的承诺。"),
        "form": form,
        "submit": _("整套换上"),
        "preview": _("先看影响"),
        "cancel_url": reverse("policies"),
        "back": look.Link(pgettext("page", "时限"), reverse("policies")),
        "tables": seen,
    }
    return page(request, "front/form.html", context, status=422 if form.is_bound and not seen else 200)


def _adopted(request: HttpRequest, here: Community, typed: dict[str, Any]) -> HttpResponse:
    keys = adopt(
        here.pk, typed["manual"], actor=viewer(request), reason=typed["reason"], since=typed["since"]
    )
    words = ngettext("换上手册 %(letter)s 的 %(n)d 项取值", "换上手册 %(letter)s 的 %(n)d 项取值", len(keys))
    return done(request, reverse("policies"), words % {"letter": typed["manual"], "n": len(keys)})


def _seen(request: HttpRequest, here: Community, typed: dict[str, Any]) -> tuple[look.TableList, ...]:
    values = of_manual(here.pk, typed["manual"], typed["since"])
    ask, seeds = asking(here.pk, clock.now() + LEAD), book().policies
    rows = [
        look.TableRow(
            (
                look.Cell(said(seeds[key].title), strong=True),
                look.Cell(value_of(seeds[key], ask.text(key)), dim=True),
                look.Cell(value_of(seeds[key], text)),
            )
        )
        for key, text in values.items()
    ]
    columns = (_("时限"), _("现在"), _("换成"))
    empty = _("这本手册的取值都已经在用。")
    return (table(_("会换的取值"), columns, rows, empty=empty), *preview(request, here, values))


@require_GET
@staff_door(RIGHT)
def policy_compare(request: HttpRequest) -> HttpResponse:
    """The values of this community beside another's that the viewer may set: those that differ first, and marked."""
    here, me = community(request), viewer(request)
    others = [
        other
        for other in Community.objects.visible_to(me).exclude(pk=here.pk).order_by("name")
        if me.may(RIGHT, other.pk)
    ]
    there = next((o for o in others if str(o.pk) == request.GET.get("with")), others[0] if others else None)
    only = request.GET.get("only") == "1"
    columns = (_("时限"), here.name, there.name if there else _("另一个项目"), _("依据"))
    rows = _beside(here, there, only=only) if there else ()
    options = tuple(look.Option(str(o.pk), o.name, chosen=o == there) for o in others)
    shown = look.TableList(
        title=_("和别的项目比"),
        columns=tuple(map(look.Column, columns)),
        rows=rows,
        filters=(
            look.Filter("with", _("另一个项目"), options=options),
            look.Filter("only", _("只看不同的"), kind="check", value="1" if only else ""),
        )
        if others
        else (),
        actions=(look.Action("policies", pgettext("page", "时限"), reverse("policies"), icon="arrow-left"),),
        empty=_("两个项目的取值都一样。") if there else _("你能设置的只有这一个项目，没有可比的。"),
    )
    return page(request, "front/list.html", {"table": shown})


def _beside(here: Community, there: Community, *, only: bool) -> tuple[look.TableRow, ...]:
    moment = clock.now() + LEAD
    mine, theirs = asking(here.pk, moment), asking(there.pk, moment)
    differing = [key for key in book().policies if mine.text(key) != theirs.text(key)]
    same = [] if only else [key for key in book().policies if key not in differing]
    return tuple(_pair(key, mine, theirs) for key in (*differing, *same))


def _pair(key: str, mine: Asking, theirs: Asking) -> look.TableRow:
    seed = book().policies[key]
    values: Mapping[str, str] = {"mine": mine.text(key), "theirs": theirs.text(key)}
    differs = values["mine"] != values["theirs"]
    return look.TableRow(
        cells=(
            look.Cell(said(seed.title), strong=True, tag=_("不同") if differs else ""),
            look.Cell(value_of(seed, values["mine"]), strong=differs, dim=not differs),
            look.Cell(value_of(seed, values["theirs"]), strong=differs, dim=not differs),
            look.Cell(seed.source, dim=True, nowrap=True),
        )
    )
