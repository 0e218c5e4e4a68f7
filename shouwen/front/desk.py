"""The desk: a queue, the case in the middle, the household beside it; and the list of all cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from shouwen.cases.models import Case, Kind, Photo, State
from shouwen.cases.search import told
from shouwen.duties.models import Duty
from shouwen.estate.models import Community
from shouwen.estate.persons import as_one
from shouwen.front import caseview, exports, living, look, queues
from shouwen.front.clocks import arrived_late, chip, ever_late, promises, tags
from shouwen.front.doors import Answer, addresses, back, community_key, done, may, page, staff_door, viewer
from shouwen.front.drawing import case_row
from shouwen.front.first_steps import first_steps
from shouwen.front.households import household_of
from shouwen.front.many.ticks import CASES, buttons
from shouwen.front.records import fetch_unit
from shouwen.front.records_people import fetch_person
from shouwen.front.tables import Asked, Facet, listing, narrowed, part_of, within
from shouwen.kernel import clock
from shouwen.kernel.lists import Told, capped_count
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.text import dotted
from shouwen.works.models import Order

PANE = 50
RELATED = ("category", "first_responder", "handler", "about", "unit", "community")
LISTED = ("category", "first_responder", "handler")
UNREAD = (
    "words", "phone", "asker", "ref", "happened_at", "recorded_at", "preferred_at", "preferred_until", "answered_at", "arrived_at",
    "category__words",
    *(f"{who}__{f}" for who in ("first_responder", "handler")
      for f in ("username", "password", "last_login", "phone", "pinyin", "initials", "language")),
)  # fmt: skip
"""What a list leaves in the database: long texts, sealed numbers, and columns that no line of it shows."""


@require_GET
@staff_door()
def home(request: HttpRequest) -> HttpResponse:
    """Where each post begins its day."""
    for right, name in (("case.see", "desk"), ("order.work", "my_orders"), ("estate.see", "unit_list")):
        if may(request, right):
            return redirect(name, "today") if name == "desk" else redirect(name)
    return redirect("notice_list")


@require_GET
@staff_door()
def switch(request: HttpRequest, key: int) -> HttpResponse:
    """Work in another of one's communities: a choice of view, kept in the session."""
    if not Community.objects.visible_to(viewer(request)).filter(pk=key).exists():
        raise NotFound("not_found")
    request.session["community"] = key
    return done(request, back(request, reverse("home")))


@require_GET
@staff_door()
def events_grant(request: HttpRequest) -> JsonResponse:
    """Who this browser's live stream belongs to and which communities it may tell of; the gate asks before it opens one.

    With ``?matter=`` also whether the viewer may see that case: who may not is not shown there, nor shown who is.
    """
    me = viewer(request)
    if matter := request.GET.get("matter"):
        fetch(request, matter)
    return JsonResponse({"viewer": me.id, "name": me.name, "communities": sorted(me.communities)})


@require_GET
@staff_door("case.see")
def desk(request: HttpRequest, code: str = "today") -> HttpResponse:
    """A queue with its cases; ``?case=`` opens one of them beside the list."""
    try:
        queue = queues.queue(code)
    except KeyError:
        raise NotFound("not_found") from None
    me, here = viewer(request), community_key(request)
    chosen = request.GET.get("case", "")
    url = reverse("desk", args=[code])
    if keys := living.wanted(request, own=chosen.__eq__):
        # One by one the rows need no order.
        belong = _read(queue.cases(queues.base(me, here), me))
        drawn = living.again(request, belong, keys, lambda rows: _drawn(rows, f"{url}?case=", chosen))
        return living.answer(drawn.values())
    open_case = fetch(request, chosen) if chosen else None
    if open_case and open_case.merged_into_id:
        return redirect(f"{url}?case={open_case.merged_into_id}")
    cases = list(_read(queues.ordered(queue, me, here))[: PANE + 1])
    rows = _rows(cases[:PANE], f"{url}?case=", chosen)
    context: dict[str, Any] = {
        "list_title": str(queue.name),
        "list_count": look.capped(len(cases)) if len(cases) <= PANE else f"{PANE}+",
        "groups": _groups(rows) if queue.timed else _as_one(str(queue.name), rows),
        "list_url": url,
        "list_actions": (look.Link(_("登记"), reverse("intake"), "plus", key="I"),)
        if may(request, "case.register")
        else (),
        "list_empty": _("今天的都办完了。") if code == "today" else _("这里没有事项。"),
        "list_empty_action": look.Link(_("看全部事项"), reverse("case_list"), "list-details"),
        "first_steps": None if cases or chosen else first_steps(request),
        "more_url": reverse("case_list") + f"?queue={code}" if len(cases) > PANE else "",
    }
    return page(request, "front/desk.html", context | _opened(request, open_case, url))


def _read(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what a line shows, and nothing else."""
    return cases.select_related(*LISTED).defer(*UNREAD)


def _drawn(cases: list[Case], opening: str, chosen: str) -> Iterator[str]:
    return (case_row(row) for row, _duty in _rows(cases, opening, chosen))


def _rows(cases: list[Case], opening: str, chosen: str) -> list[tuple[look.Row, Duty | None]]:
    """Cases as rows of a pane, each with the duty that is due first. ``opening`` is the address but for the key."""
    due, late = promises(c.pk for c in cases)
    return [
        (
            caseview.row(c, due.get(c.pk), url=f"{opening}{c.pk}", current=str(c.pk) == chosen, late=late),
            due.get(c.pk),
        )
        for c in cases
    ]


def _as_one(name: str, rows: list[tuple[look.Row, Duty | None]]) -> tuple[look.RowGroup, ...]:
    """Rows that nothing sets apart; no group where there are none, so that the pane can say so."""
    return (look.RowGroup(name, "plain", tuple(row for row, _duty in rows)),) if rows else ()


def _groups(rows: list[tuple[look.Row, Duty | None]]) -> tuple[look.RowGroup, ...]:
    """Rows by urgency: broken promises, two hours, today, later, stopped."""
    names: dict[str, tuple[str, look.Tone]] = {
        "over": (_("已超时"), "over"),
        "soon": (_("两小时内"), "soon"),
        "today": (_("今天"), "running"),
        "later": (_("以后"), "plain"),
        "hold": (_("停表"), "hold"),
    }

    def urgency(pair: tuple[look.Row, Duty | None]) -> str:
        row, duty = pair
        if row.clock is None or duty is None or row.clock.tone == "done":
            return "later"
        if row.clock.tone in ("over", "soon", "hold"):
            return row.clock.tone
        return (
            "today" if duty.due_at is not None and duty.due_at <= clock.end_of_day(clock.today()) else "later"
        )

    order = list(names)
    rows = sorted(rows, key=lambda pair: order.index(urgency(pair)))
    return tuple(
        look.RowGroup(names[code][0], names[code][1], tuple(row for row, _duty in group))
        for code, group in groupby(rows, key=urgency)
    )


def _opened(request: HttpRequest, case: Case | None, back_url: str) -> dict[str, Any]:
    """The case chosen in the list and its household; nothing when none is chosen."""
    if case is None:
        return {"case": None, "household": None}
    me = viewer(request)
    return {
        "case": caseview.view(case, me, back_url, request.get_full_path()),
        "household": household_of(case, me),
    }


def fetch(request: HttpRequest, key: str | UUID) -> Case:
    """The case of this key if the viewer may see it; NotFound otherwise."""
    try:
        key = UUID(str(key))
    except ValueError:
        raise NotFound("not_found") from None
    case = Case.objects.visible_to(viewer(request)).select_related(*RELATED).filter(pk=key).first()
    if case is None:
        raise NotFound("not_found")
    return case


@require_GET
@staff_door("case.see")
def case_page(request: HttpRequest, key: UUID) -> HttpResponse:
    """A case on a page of its own; what was merged leads to the case that goes on."""
    case = fetch(request, key)
    if case.merged_into_id:
        return redirect("case", case.merged_into_id)
    return page(request, "front/case.html", _opened(request, case, reverse("home")))


# --- all cases -----------------------------------------------------------------------------------------------------

NEWEST = ("-opened_at", "-id")
FACETS = (
    Facet("kind", lazy("类型"), lambda rows, v: rows.filter(kind=v), tuple(Kind.choices)),
    Facet("state", lazy("状态"), lambda rows, v: rows.filter(state=v), tuple(State.choices)),
    *within("opened_at"),
    Facet("urgent", lazy("紧急"), lambda rows, v: rows.filter(urgent=True), kind="check"),
    Facet(
        "late_arrival",
        lazy("到场逾期"),
        lambda rows, v: rows.filter(arrived_late("pk")),
        kind="check",
    ),
    Facet("late", lazy("曾超时"), lambda rows, v: rows.filter(ever_late("pk")), kind="check"),
    Facet(
        "rework",
        lazy("返修、重开"),
        lambda rows, v: rows.filter(Q(rework_of__isnull=False) | Q(reopened__gt=0)),
        kind="check",
    ),
)


@require_GET
@staff_door("case.see")
def case_list(request: HttpRequest) -> Answer:
    """Every case that the viewer may see, newest first; filters, search, saved views, CSV and Excel.

    ``?case=`` opens one of them beside this page of the list, with its filters: the list is then the left pane.
    """
    here, lead, whose = _whose(request)
    rows = Case.objects.visible_to(viewer(request)).filter(whose, community_id=here)
    found: QuerySet[Case] = rows
    if (code := request.GET.get("queue")) in {q.code for q in queues.QUEUES}:
        found = queues.queue(str(code)).cases(rows.open(), viewer(request))
    question = partial(told, community_id=here, viewer=viewer(request))
    if chosen := request.GET.get("case", ""):
        return _beside(request, _read(found), question, chosen, lead)
    opening = request.path + Asked.by(request, FACETS).opening("case")
    return listing(
        request,
        title=_("全部事项"),
        lead=lead,
        rows=_read(found),
        told=question,
        search_hint=_("单号、标题、原话、地点、姓名、拼音、电话")
        if may(request, "estate.see")
        else _("单号、标题、原话、地点"),
        facets=FACETS,
        keys=NEWEST,
        columns=(_("单号"), _("地点与事项"), _("类型"), _("首问 › 经办"), _("状态"), _("受理"), _("时限")),
        cells=lambda cases: case_cells(cases, lambda key: f"{opening}{key}"),
        export=exports.CASES,
        live="case",
        alike=opening,
        bulk=buttons(request, CASES),
        empty=_("还没有事项。"),
        empty_action=look.Link(_("登记一件"), reverse("intake"), "plus")
        if may(request, "case.register")
        else None,
    )


def _beside(
    request: HttpRequest, rows: QuerySet[Case], question: Callable[[str], Told], chosen: str, lead: str
) -> HttpResponse:
    """A case of the list with the page of the list that it was opened from, and its household."""
    asked = Asked.by(request, FACETS)
    opening, rows = request.path + asked.opening("case"), narrowed(rows, asked, FACETS)
    if keys := living.wanted(request, own=chosen.__eq__):
        drawn = living.again(request, rows, keys, lambda some: _drawn(some, opening, chosen), opening)
        return living.answer(drawn.values())
    open_case = fetch(request, chosen)
    if open_case.merged_into_id:
        return redirect(f"{opening}{open_case.merged_into_id}")
    part, found = part_of(rows, asked, NEWEST, None, question(asked.text) if asked.text else None)
    shown = tuple(row for row, _duty in _rows(part.rows, opening, chosen))
    list_url = request.path + asked.url(page=asked.mark)
    said = dotted(lead, *asked.words(FACETS)) or _("最新在前")
    context: dict[str, Any] = {
        "list_title": _("全部事项"),
        "list_count": look.capped(capped_count(found)),
        "groups": (look.RowGroup(said, "plain", shown),) if shown else (),
        "list_url": list_url,
        "list_actions": (look.Link(_("筛选"), list_url, "filter"),),
        "list_empty": _("没有这样的事项。"),
        "less_url": request.path + asked.url(page=part.previous, case=chosen) if part.previous else "",
        "more_url": request.path + asked.url(page=part.next, case=chosen) if part.next else "",
    }
    return page(request, "front/desk.html", context | _opened(request, open_case, list_url))


def _whose(request: HttpRequest) -> tuple[int, str, Q]:
    """Of one home (``?unit=``) or one person (``?person=``): its community, its name, and which cases are its."""
    if (key := request.GET.get("unit", "")).isdecimal():
        unit = fetch_unit(request, int(key))
        return unit.community_id, unit.code, Q(unit_id=unit.pk)
    if (key := request.GET.get("person", "")).isdecimal():
        person = fetch_person(request, int(key))
        return person.community_id, person.name, Q(person_id__in=as_one([person.pk]))
    return community_key(request), "", Q()


def case_cells(cases: list[Case], page_of: Callable[[UUID], str] | None = None) -> list[look.TableRow]:
    """A page of cases as rows of a table list; each leads to a page of its own, or where ``page_of`` says."""
    (due, late), page_of = promises(c.pk for c in cases), page_of or addresses("case")
    return [
        look.TableRow(
            url=page_of(c.pk),
            id=str(c.pk),
            cells=(
                look.Cell(c.number, nowrap=True, dim=True),
                look.Cell(caseview.room(c), sub=c.title, strong=True, tags=tags(c, late)),
                look.Cell(
                    str(Kind(c.kind).label), sub=str(c.category), icon=caseview.KIND_ICONS[Kind(c.kind)]
                ),
                look.Cell(
                    marks=(look.seal(c.first_responder.name), look.hand(c.handler.name if c.handler else ""))
                ),
                look.Cell(caseview.stage(c, due.get(c.pk)), nowrap=True),
                look.Cell(f"{clock.local(c.opened_at):%Y-%m-%d %H:%M}", nowrap=True, dim=True),
                look.Cell(clock=chip(due[c.pk]) if c.pk in due else None),
            ),
        )
        for c in cases
    ]


@require_GET
@staff_door()
def photo(request: HttpRequest, key: UUID, variant: str) -> Answer:
    """A picture of a case, served only after the case was found visible to the viewer."""
    found = Photo.objects.filter(pk=key).select_related("file", "case").first()
    if found is None or not _sees_photo(request, found):
        raise NotFound("not_found")
    return found.file.response(variant)


def _sees_photo(request: HttpRequest, found: Photo) -> bool:
    """Through the case, or for the technician sent there through the order; a merged case's work is the kept one's."""
    me = viewer(request)
    if Case.objects.visible_to(me).filter(pk=found.case_id).exists():
        return True
    worked_on = found.case.merged_into_id or found.case_id
    return Order.objects.visible_to(me).filter(case_id=worked_on, technician_id=me.id).exists()
