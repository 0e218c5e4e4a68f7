"""Saved views: a list with its filters, kept in the rail under a name of one's own."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.front import look
from shouwen.front.doors import back, done, page, staff_door, viewer
from shouwen.kernel.text import clean_line
from shouwen.people.models import SavedView


class ViewForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=30, help_text=_("同名的会被替换。"))
    path = forms.CharField(max_length=500, widget=forms.HiddenInput)

    def clean_path(self) -> str:
        path = str(self.cleaned_data["path"])
        if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, None):
            raise forms.ValidationError(_now("这不是本系统的页面。"))
        return path


@require_http_methods(["GET", "POST"])
@staff_door()
def save_view(request: HttpRequest) -> HttpResponse:
    """Give the list that one looks at a name; below stand the views there are, each to be dropped."""
    me, given = (
        viewer(request),
        {**request.GET.dict(), **request.POST.dict()},
    )  # an undo has it in its address
    form = ViewForm(
        given if request.method == "POST" else None, initial={"path": request.GET.get("path", "")}
    )
    if request.method == "POST" and form.is_valid():
        name, path = clean_line(form.cleaned_data["name"]), form.cleaned_data["path"]
        before = SavedView.objects.filter(staff_id=me.id, name=name).first()
        row, _new = SavedView.objects.update_or_create(
            staff_id=me.id, name=name, defaults={"path": path, "sort": _sort(given)}
        )
        undo = _again(before) if before else reverse("drop_view", args=[row.pk])
        return done(
            request, path, _now("已存为视图「%s」") % name, undo=undo if "undone" not in given else ""
        )
    mine = tuple(look.Line(v.name, icon="star", url=v.path) for v in SavedView.objects.filter(staff_id=me.id))
    context = {
        "title": _now("存为视图"),
        "lead": _now("这个清单和它的筛选会留在左边的「视图」里。"),
        "form": form,
        "cancel_url": form["path"].value() or reverse("case_list"),
        "aside": (look.Lines(_now("已有的视图"), mine, _now("还没有视图。")),),
        "extra": "front/parts/drop_views.html",
        "views": SavedView.objects.filter(staff_id=me.id),
    }
    return page(request, "front/form.html", context, status=422 if form.errors else 200)


@require_POST
@staff_door()
def drop_view(request: HttpRequest, key: int) -> HttpResponse:
    """Take a view out of the rail."""
    gone = SavedView.objects.filter(staff_id=viewer(request).id, pk=key).first()
    if gone is None:
        return done(request, reverse("save_view"))
    gone.delete()
    said = _now("视图「%s」已移去。") % gone.name
    return done(request, back(request, reverse("save_view")), said, undo=_again(gone))


def _again(view: SavedView) -> str:
    """Where a press keeps this view as it was."""
    kept: dict[str, str | int] = {"name": view.name, "path": view.path, "sort": view.sort, "undone": 1}
    return f"{reverse('save_view')}?{urlencode(kept)}"


def _sort(given: dict[str, str]) -> int:
    text = given.get("sort", "")
    return int(text) if text.isdecimal() and len(text) < 5 else 0
