"""What is put in by hand: a task for a colleague, what happened outside of the product, the day on which it all begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from shouwen.duties import actions, occasion_actions, proof_actions
from shouwen.duties.clauses import book
from shouwen.duties.models import Occasion
from shouwen.duties.words import said
from shouwen.front.doors import back, community, staff_door, viewer
from shouwen.front.duty_pages import unit_of
from shouwen.front.forming import Typed, confirm, form_view
from shouwen.front.settings_parts import colleagues
from shouwen.kernel.doors import Day, Moment
from shouwen.kernel.refusals import NotFound


@require_http_methods(["GET", "POST"])
@staff_door(proof_actions.GIVE)
def task_give(request: HttpRequest) -> HttpResponse:
    """Ask a colleague for something by a moment; ``words`` of the address stand in the form already."""
    here, home = community(request), back(request, reverse("duty_list"))
    words = request.GET.get("words", "")[:200]

    def draw(data: Any, _files: Any) -> forms.Form:
        form = forms.Form(data)
        form.fields["words"] = forms.CharField(label=_("任务"), max_length=200, initial=words)
        form.fields["owner"] = forms.TypedChoiceField(
            label=_("交给"), choices=[("", "—"), *colleagues(here.pk)], coerce=int
        )
        form.fields["due"] = Moment(label=_("办完时间"))
        return form

    def pressed(typed: Typed) -> tuple[str, str]:
        occasion_actions.give(
            here.pk, actor=viewer(request), words=typed["words"], owner_id=typed["owner"], due=typed["due"]
        )
        return home, _("%(what)s已交办") % {"what": typed["words"]}

    return form_view(request, draw, pressed, title=pgettext("press", "交办任务"), submit=_("交办"), home=home)


@require_http_methods(["GET", "POST"])
@staff_door(occasion_actions.NOTE)
def occasion_note(request: HttpRequest) -> HttpResponse:
    """Note what happened outside of the product and bears duties."""
    here = community(request)

    def draw(data: Any, _files: Any) -> forms.Form:
        form = forms.Form(data)
        kinds = [(kind, said(spec.title)) for kind, spec in book().occasions.items()]
        form.fields["kind"] = forms.ChoiceField(label=_("事由"), choices=[("", "—"), *kinds])
        form.fields["unit"] = forms.CharField(label=_("房号"), max_length=60, required=False)
        form.fields["due"] = Moment(label=_("约定时间"), required=False)
        form.fields["on"] = Day(label=_("哪一天、哪个月"), required=False)
        form.fields["words"] = forms.CharField(label=_("说明"), max_length=200, required=False)
        return form

    def pressed(typed: Typed) -> tuple[str, str]:
        due: datetime | None = typed["due"]
        occasion_actions.note(
            here.pk, typed["kind"], actor=viewer(request), unit_id=unit_of(here.pk, typed["unit"]),
            words=typed["words"], due=due, on=typed["on"],
        )  # fmt: skip
        return reverse("duty_list"), _("%(what)s已登记") % {
            "what": said(book().occasions[typed["kind"]].title)
        }

    return form_view(
        request,
        draw,
        pressed,
        title=pgettext("press", "登记事由"),
        submit=_("登记"),
        home=reverse("duty_list"),
    )


@require_http_methods(["GET", "POST"])
@staff_door(occasion_actions.NOTE)
def occasion_close(request: HttpRequest, key: UUID) -> HttpResponse:
    """What was noted has come to its end."""
    row = Occasion.objects.visible_to(viewer(request)).filter(pk=key).first()
    if row is None:
        raise NotFound("not_found")
    spec = book().occasions.get(row.kind)
    words = said(spec.title) if spec else row.kind

    def act() -> str:
        occasion_actions.close(row.pk, actor=viewer(request))
        return _("%(what)s已了结") % {"what": words}

    return confirm(
        request, act, title=_("了结：%s") % words, lead=row.note, submit=_("了结"), home=reverse("duty_list")
    )


@require_http_methods(["GET", "POST"])
@staff_door(actions.RIGHT)
def duty_begin(request: HttpRequest) -> HttpResponse:
    """Carry out the periodic clauses of the manuals from today on."""
    here = community(request)

    def act() -> str:
        actions.begin(here.pk, actor=viewer(request))
        return _("%(name)s从今天起执行规程") % {"name": here.name}

    lead = _("从今天起，各手册的日常、每周、每月等规则会每天排出应办。请先在“时限”里选好各项取值。")
    return confirm(
        request, act, title=_("开始执行规程"), lead=lead, submit=_("开始执行"), home=reverse("duty_list"), icon="player-play",
    )  # fmt: skip
