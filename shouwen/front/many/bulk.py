"""Many rows, one move: each in a transaction of its own, each with its result, what was refused tried again.

The form of the move is the one of a single row, and so are right, guard and action; only the press is repeated.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shouwen.front import look
from shouwen.front.doors import back, community, done, page, staff_door, viewer
from shouwen.front.many.ticks import CASES, ORDERS, Kind, words_of
from shouwen.front.moves import press
from shouwen.kernel import limits
from shouwen.kernel.doors import MoveForm
from shouwen.kernel.once import known, once
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Stale
from shouwen.works.models import Order

Keys = dict[UUID, int | None]
"""The rows chosen, each with the version that was shown; None before the form of the move was drawn."""


@require_POST
@staff_door()
def case_bulk(request: HttpRequest, name: str) -> HttpResponse:
    """A move of many cases."""
    return bulk(request, CASES, name)


@require_POST
@staff_door()
def order_bulk(request: HttpRequest, name: str) -> HttpResponse:
    """A move of many orders."""
    return bulk(request, ORDERS, name)


def bulk(request: HttpRequest, kind: Kind, name: str) -> HttpResponse:
    """First the form, once for all ticked rows; then a press for each. What was refused stands there to be tried again."""
    if name not in kind.presses:
        raise NotFound("not_found")
    if not viewer(request).may(kind.flow[kind.presses[name][0]].right, community(request).pk):
        raise NotAllowed("front.no_right")
    home, chosen = back(request, reverse(kind.home)), _chosen(request)
    rows = _rows(request, kind, chosen)
    if not rows or len(chosen) > limits.BULK:
        why = _("一次最多 %s 件。") % limits.BULK if rows else _("先在清单里勾选要办的。")
        messages.warning(request, why)
        return done(request, home)
    if "go" not in request.POST:
        return _draw(request, kind, name, rows, _form(request, kind, name, rows[0], bound=False))
    forms = {row.pk: _form(request, kind, name, row) for row in rows}
    if not any(form.is_valid() for form in forms.values()):
        return _draw(request, kind, name, rows, forms[rows[0].pk])
    results = {row.pk: _result(request, kind, name, row, forms[row.pk], chosen[row.pk]) for row in rows}
    refused = [row for row in rows if not results[row.pk].ok]
    said = _counted(words_of(kind, name), len(rows) - len(refused), len(refused))
    if not refused:
        return done(request, home, said)
    again = _rows(request, kind, dict.fromkeys(row.pk for row in refused))
    form = _form(request, kind, name, again[0])
    return _draw(request, kind, name, again, form, (said, tuple(results.values())))


def _counted(words: str, well: int, refused: int) -> str:
    if not refused:
        return _("%(move)s：%(n)s 件都办好了") % {"move": words, "n": well}
    return _("%(move)s：%(n)s 件办好了，%(no)s 件没办成") % {"move": words, "n": well, "no": refused}


def _chosen(request: HttpRequest) -> Keys:
    """``ids`` are keys as they were ticked; after the form was drawn each comes with the version that it showed."""
    found: Keys = {}
    for one in request.POST.getlist("ids"):
        key, _point, version = one.partition(":")
        try:
            found[UUID(key)] = int(version) if version.isdecimal() and len(version) < 10 else None
        except ValueError:
            continue
    return found


def _rows(request: HttpRequest, kind: Kind, chosen: Keys) -> list[Any]:
    """The chosen rows that the viewer sees, in the order in which they were ticked."""
    keys = list(chosen)[: limits.BULK]
    rows = kind.rows(viewer(request)).filter(community_id=community(request).pk)
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _form(request: HttpRequest, kind: Kind, name: str, row: Any, *, bound: bool = True) -> MoveForm:
    data = request.POST.copy() if bound else None
    return kind.presses[name][1](data, row=row, actor=viewer(request))


def _result(
    request: HttpRequest, kind: Kind, name: str, row: Any, form: MoveForm, version: int | None
) -> look.BulkResult:
    """Press the move for one row, once for the key of this form, whatever became of the others."""
    case = row.case if isinstance(row, Order) else row
    words, url = f"{case.place} {case.title}", reverse("case", args=[case.pk])
    try:
        why = _press(request, kind, name, row, form, version)
    except Refused as no:
        why = str(no)
    return look.BulkResult(words, not why, why or words_of(kind, name), url)


def _press(request: HttpRequest, kind: Kind, name: str, row: Any, form: MoveForm, version: int | None) -> str:
    """Make the move; the first fault of the form where that forbids it."""
    me, move = viewer(request), kind.presses[name][0]
    key, operation = request.POST.get("key", ""), f"bulk.{name}:{row.pk}"
    typed = {n: request.POST.getlist(n) for n in form.fields if n != "version"}
    if key and known(me, operation, key, typed) is not None:
        return ""
    if no := kind.flow.refusal(kind.flow[move], row, me):
        raise no
    if not form.is_valid():
        return str(next(iter(form.errors.values()))[0])
    if version is not None and row.version != version:
        raise Stale(row, version)
    form.cleaned_data["version"] = row.version
    act = press(kind.flow, move, row, form)
    once(me, operation, key, typed, lambda: str(act().pk))
    return ""


def _draw(
    request: HttpRequest,
    kind: Kind,
    name: str,
    rows: list[Any],
    form: MoveForm,
    told: tuple[str, tuple[look.BulkResult, ...]] = ("", ()),
) -> HttpResponse:
    """The form of the move with the rows it is for; after a press also what became of each."""
    said, results = told
    home = back(request, reverse(kind.home))
    count, words = len(rows), words_of(kind, name)
    cases = [row.case if isinstance(row, Order) else row for row in rows]
    lines = tuple(
        look.Line(f"{c.place} {c.title}", icon="clipboard", url=reverse("case", args=[c.pk])) for c in cases
    )
    context = {
        "title": said or _("%(move)s %(n)s 件") % {"move": words, "n": count},
        "lead": form.lead,
        "form": form,
        "bulk_results": results,
        "submit": _("再试这 %s 件") % count
        if results
        else _("%(move)s %(n)s 件") % {"move": words, "n": count},
        "hidden": (
            ("go", "1"),
            ("key", request.POST.get("key") or uuid4().hex),
            ("next", home),
            *(("ids", f"{row.pk}:{row.version}") for row in rows),
        ),
        "cancel_url": home,
        "back": look.Link(_("返回"), home),
        "aside": (look.Lines(_("这几件"), lines, count=count),),
    }
    status = 422 if form.is_bound and not results else 200
    return page(request, "front/form.html", context, status=status)
