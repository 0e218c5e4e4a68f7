"""A form that presses one action: drawn as a page or as a fragment, what was typed stays, refusals are sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.forms.models import fields_for_model
from django.http import HttpRequest, HttpResponse
from django.utils.choices import flatten_choices
from django.utils.translation import gettext as _

from shouwen.front import look
from shouwen.front.doors import done, page
from shouwen.kernel.doors import Day
from shouwen.kernel.images import BadFile
from shouwen.kernel.refusals import NotFound, Refused, Stale
from shouwen.kernel.text import joined

Typed = dict[str, Any]
Act = Callable[[Typed], tuple[str, str]]
"""Takes what was typed, calls one action, returns where to go on and what to say."""


def fields_of(model: type[models.Model], *names: str) -> dict[str, forms.Field]:
    """Form fields as the model describes them, relations excepted."""
    made: dict[str, forms.Field] = fields_for_model(model, fields=names)
    for name, field in made.items():
        if isinstance(field, forms.DateField):
            made[name] = Day(label=field.label, required=field.required, help_text=field.help_text)
    return made


def form_view(
    request: HttpRequest,
    make: Callable[[Any, Any], forms.Form],
    act: Act,
    *,
    title: str,
    submit: str,
    home: str,
    lead: str = "",
    version: int | None = None,
    icon: str = "",
    back: look.Link | None = None,
    aside: tuple[Any, ...] = (),
    extra: str = "",
) -> HttpResponse:
    """Draw the form (GET) or press the action (POST). A row out of sight and a stale write are pages of their own.

    ``initial`` of the form is what stands now: a stale write shows it beside what was typed.
    """
    bound = request.method == "POST"
    form = make(request.POST if bound else None, request.FILES if bound else None)
    if bound and form.is_valid():
        try:
            url, sentence = act(form.cleaned_data)
        except NotFound:
            raise
        except Stale as stale:
            return both_versions(request, form, form.initial, stale.row.version, home, str(stale))
        except (Refused, BadFile) as refusal:
            form.add_error(None, str(refusal))
        else:
            return done(request, url, sentence)
    context: dict[str, Any] = {"form": form, "lead": lead, "version": version, "title": title}
    status = 422 if form.is_bound else 200
    if getattr(request, "htmx", False):
        shown = look.Action("form", submit, request.get_full_path(), icon=icon)
        return page(
            request, "front/parts/act_form.html", context | {"act": shown, "title": submit}, status=status
        )
    context |= {"submit": submit, "cancel_url": home, "back": back, "aside": aside, "extra": extra}
    return page(request, "front/form.html", context, status=status)


def confirm(
    request: HttpRequest,
    act: Callable[[], str],
    *,
    title: str,
    lead: str,
    submit: str,
    home: str,
    icon: str = "check",
) -> HttpResponse:
    """A second press before something that is not undone: ``act`` does it and returns what to say."""

    def pressed(_typed: Typed) -> tuple[str, str]:
        return home, act()

    def draw(data: Any, _files: Any) -> forms.Form:
        return forms.Form(data)

    return form_view(request, draw, pressed, title=title, lead=lead, submit=submit, home=home, icon=icon)


def both_versions(
    request: HttpRequest, form: forms.Form, now: Mapping[str, Any], version: int, home: str, title: str = ""
) -> HttpResponse:
    """Somebody was faster: what was typed beside what stands now; pressing again writes mine over it."""
    form.full_clean()  # once more: the action may have taken out of it what it needed
    differences = []
    for name, field in form.fields.items():
        mine, theirs = words_of(field, form.cleaned_data.get(name)), words_of(field, now.get(name))
        differs = mine != theirs and field.has_changed(now.get(name), form[name].data)
        differences.append(look.Difference(str(field.label), mine or "—", theirs or "—", differs))
    sent = [
        (n, str(v))
        for n, vs in request.POST.lists()
        if n not in ("csrfmiddlewaretoken", "version")
        for v in vs
    ]
    again = (*sent, ("version", str(version)))
    context = {
        "title": title or _("这份设置刚被别人改过，请对照后再提交。"),
        "differences": tuple(differences),
        "keep": look.Action(
            "keep", _("按我的再提交"), request.path, icon="check", primary=True, post=True, hidden=again
        ),
        "drop": look.Link(_("不改了，看最新"), home, "x"),
    }
    template = "front/parts/conflict_body.html" if getattr(request, "htmx", False) else "front/conflict.html"
    return page(request, template, context, status=409)


def words_of(field: forms.Field, value: Any) -> str:
    """A field's value as a person reads it: a choice by its name, never by its key."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list | tuple | set):
        return joined(words_of(field, one) for one in value)
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    choices: dict[Any, Any] = dict(flatten_choices(getattr(field, "choices", ())))
    said = {str(code): str(words) for code, words in choices.items()}
    return said.get(str(value), str(value))


def version_of(request: HttpRequest) -> int | None:
    """The version that the form was drawn from."""
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() and len(text) < 10 else None
