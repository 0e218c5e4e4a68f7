"""The one view that makes moves: it draws the form of a move and presses it, for cases and for orders alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwen.cases import forms as case_forms
from shouwen.cases.flow import CASE
from shouwen.cases.models import Case, Kind, State
from shouwen.front import desk, look
from shouwen.front.calls import offer
from shouwen.front.caseview import action
from shouwen.front.doors import back, conflict, done, page, staff_door, viewer
from shouwen.front.outcomes import outcome
from shouwen.front.pressing import Press
from shouwen.kernel import files, limits
from shouwen.kernel.actors import Actor
from shouwen.kernel.doors import MoveForm, Words
from shouwen.kernel.flow import Flow
from shouwen.kernel.journal import frame
from shouwen.kernel.refusals import NotFound, Refused, Stale
from shouwen.people import drafts
from shouwen.works import forms as order_forms
from shouwen.works.flow import ORDER
from shouwen.works.models import Order

WITH_PICTURES = ("note",)
"""Moves of a case that bring pictures along."""


@require_http_methods(["GET", "POST"])
@staff_door()
def case_move(request: HttpRequest, key: UUID, name: str) -> HttpResponse:
    """A move of a case."""
    return _pressed_before(request, CASE, key, name) or move(
        request, CASE, case_forms.FORMS, desk.fetch(request, key), name, reverse("case", args=[key])
    )


@require_http_methods(["GET", "POST"])
@staff_door()
def order_move(request: HttpRequest, key: UUID, name: str) -> HttpResponse:
    """A move of an order; the technician goes back to the order, the desk to the case."""
    if before := _pressed_before(request, ORDER, key, name):
        return before
    order = fetch_order(request, key)
    home = reverse("order", args=[key]) if order.technician_id == viewer(request).id else reverse("board")
    return move(request, ORDER, order_forms.FORMS, order, name, home)


def _pressed_before(request: HttpRequest, flow: Flow, key: UUID, name: str) -> HttpResponse | None:
    """The answer to a form that arrives a second time, if its first try was made."""
    if request.method != "POST" or name not in flow.actions:
        return None
    return Press(request, flow, key, name).made_before(reverse("home"))


def fetch_order(request: HttpRequest, key: UUID) -> Order:
    """The order of this key if the viewer may see it; NotFound otherwise."""
    rows = Order.objects.visible_to(viewer(request)).select_related(
        "case__category", "case__first_responder", "technician"
    )
    order = rows.exclude(case__about_id=viewer(request).id).filter(pk=key).first()
    if order is None:
        raise NotFound("not_found")
    return order


def move(
    request: HttpRequest,
    flow: Flow,
    forms: dict[str, type[MoveForm]],
    row: Any,
    name: str,
    home: str,
) -> HttpResponse:
    """Draw the form of a move (GET) or make it (POST); errors come back with everything that was typed."""
    if name not in forms:
        raise NotFound("not_found")
    me, url_name = viewer(request), f"{flow.model._meta.model_name}_move"
    if no := flow.refusal(flow[name], row, me):
        raise no
    posted = (_typed(request), request.FILES) if request.method == "POST" else ()
    form = forms[name](*posted, row=row, actor=me, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            again = _made(request, flow, name, row, form)
        except NotFound:
            raise
        except Stale as stale:
            return conflict(request, stale, form)
        except (Refused, files.BadFile) as refusal:
            form.add_error(None, str(refusal))
        else:
            drafts.drop(me.id, [reverse(url_name, args=[row.pk, name]), f"{name}-{row.pk}"])
            if again:
                return again
            return done(request, back(request, home), outcome(flow, name, row, me), undo=_undo(row, name))
    return _draw(request, action(flow, url_name, row, flow[name], None), form, back(request, home))


def _made(request: HttpRequest, flow: Flow, name: str, row: Any, form: MoveForm) -> HttpResponse | None:
    """Make the move once; the answer to a twin that came at the same moment and was faster, else None."""
    pictures = looked_at(request.FILES.getlist("photos") if name in WITH_PICTURES else [])
    one = Press(request, flow, row.pk, name)
    return one.again(reverse("home")) if one.make(press(flow, name, row, form, pictures)) else None


def press(
    flow: Flow, name: str, row: Any, form: MoveForm, pictures: Sequence[files.Prepared] = ()
) -> Callable[[], Any]:
    """The action with what a valid form holds, ready to be called; its files are looked at now, before the transaction.

    What it returns keeps the files and makes the move in one frame, and answers with the fresh row.
    """
    typed, actor = form.inputs(), form.actor
    uploads = {field: value for field, value in typed.items() if isinstance(value, UploadedFile)}
    prepared = {field: files.prepare(value, frozenset({files.IMAGE})) for field, value in uploads.items()}

    def pressed() -> Any:
        with frame(actor):
            kept = {field: _kept(one, row, actor) for field, one in prepared.items()}
            made = flow.actions[name](
                row.pk, actor=actor, version=form.cleaned_data["version"], **(typed | kept)
            )
            if pictures:
                found = [_kept(one, row, actor) for one in pictures]
                flow.actions["photograph"](row.pk, actor=actor, file_ids=found)
        return made

    return pressed


def _kept(one: files.Prepared, row: Any, actor: Actor) -> UUID:
    return files.keep(one, actor=actor, community_id=row.community_id).pk


def looked_at(pictures: Sequence[Any]) -> list[files.Prepared]:
    """The pictures looked at and made harmless; one bad one, or too many, refuses the whole form."""
    if len(pictures) > limits.FILES_AT_ONCE:
        raise files.BadFile("too-many", _("一次最多 %s 张照片") % limits.FILES_AT_ONCE)
    return [files.prepare(picture, frozenset({files.IMAGE})) for picture in pictures]


def _draw(request: HttpRequest, shown: look.Action, form: MoveForm, home: str) -> HttpResponse:
    status = 422 if form.is_bound else 200
    if isinstance(form.row, Case):
        for field in form.fields.values():
            if isinstance(field, Words):
                field.widget.attrs["data-phrases"] = reverse("case_phrases", args=[form.row.pk])
    context = {
        "act": look.Action(shown.name, shown.label, shown.url, icon=shown.icon, hidden=(("next", home),)),
        "form": form,
        "lead": form.lead,
        "title": shown.label,
        "submit": shown.label,
        "hidden": (("next", home),),
        "cancel_url": home,
        "draft": shown.url,
        "callee": offer(form.row, shown.name, form.actor) if isinstance(form.row, Case) else None,
    }
    template = "front/parts/act_form.html" if getattr(request, "htmx", False) else "front/form.html"
    return page(request, template, context, status=status)


def _undo(row: Any, name: str) -> str:
    """Where the undo of a move is pressed: only for what has not left the house. ``row`` is as it was before."""
    if isinstance(row, Order):
        return reverse("order_move", args=[row.pk, "recall"]) if name == "assign" else ""
    before: dict[str, Any] = {}
    if name == "hand" and row.handler_id and row.handler_id != row.about_id:
        before = {"handler_id": row.handler_id}
    elif name == "refile" and (row.kind != Kind.REPAIR or row.state == State.RECEIVED):
        before = {"category": row.category_id} | ({"urgent": "on"} if row.urgent else {})
    if not before:
        return ""
    url = reverse("case_move", args=[row.pk, name])
    return f"{url}?{urlencode(before | {'version': row.version + 1})}"


def _typed(request: HttpRequest) -> QueryDict:
    """What was posted; an undo posts nothing and has in its address what stood before."""
    typed = request.POST.copy()
    for name in set(request.GET) - set(typed):
        typed[name] = request.GET[name]
    return typed
