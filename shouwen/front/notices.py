"""Notices: what the house told the viewer, unread first to be seen; opening one reads it and leads to its matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from shouwen.cases.models import Case
from shouwen.duties.clauses import book
from shouwen.duties.digest import CODE as DIGEST
from shouwen.duties.words import said
from shouwen.front import look
from shouwen.front.doors import done, staff_door, viewer
from shouwen.front.tables import Export, Facet, listing
from shouwen.kernel import clock
from shouwen.kernel.scope import by_key
from shouwen.notices import actions
from shouwen.notices.letters import Story
from shouwen.notices.models import Letter, Notice
from shouwen.notices.words import ICONS, NOTICES
from shouwen.people.viewers import StaffActor
from shouwen.works.models import Order

UNREAD = Facet("unread", gettext_lazy("只看未读"), lambda rows, _yes: rows.filter(read_at=None), kind="check")


@require_GET
@staff_door()
def notice_list(request: HttpRequest) -> HttpResponse:
    """All notices of the viewer, the newest first."""
    me = viewer(request)
    unread = actions.unread(me)
    ways = look.Action("ways", _("提醒方式"), reverse("notice_ways"), icon="mail")
    read_all = look.Action(
        "read",
        _("全部标为已读"),
        reverse("notices_read"),
        icon="checks",
        post=True,
        hidden=(("until", clock.now().isoformat()),),
    )
    shown = listing(
        request,
        title=_("提醒"),
        lead=_("未读 %s") % look.capped(unread, actions.CAP),
        rows=Notice.objects.to(me),
        columns=(_("提醒"), _("事项"), _("时间")),
        cells=lambda rows: _cells(rows, me),
        export=Export((_("时间"), _("提醒"), _("单号"), _("事项"), _("已读")), lambda rows: _lines(rows, me)),
        keys=("-at", "-id"),
        facets=(UNREAD,),
        actions=(read_all, ways) if unread else (ways,),
        empty=_("没有提醒。"),
    )
    return cast(HttpResponse, shown)


@require_GET
@staff_door()
def notice(request: HttpRequest, key: UUID) -> HttpResponse:
    """Read one notice: on to its matter."""
    me = viewer(request)
    return redirect(_home(actions.mark_read(key, actor=me), me))


@require_POST
@staff_door()
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what stood on the page: what came since stays unread."""
    try:
        until = datetime.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        until = clock.now()
    actions.mark_all_read(actor=viewer(request), until=until if until.tzinfo else None)
    return done(request, reverse("notice_list"), _("已全部标为已读"))


def _cells(rows: list[Notice], me: StaffActor) -> list[look.TableRow]:
    """With the matter of each."""
    cases = _cases(rows, me)
    return [_row(n, cases) for n in rows]


def _lines(rows: list[Notice], me: StaffActor) -> Iterator[tuple[object, ...]]:
    cases = _cases(rows, me)
    for n in rows:
        case = cases.get(n.matter_id)
        told = (case.number, f"{case.place} {case.title}") if case else ("", "")
        yield n.at, sentence(n), *told, n.read_at


def _cases(rows: Sequence[Notice | Letter], me: StaffActor) -> dict[Any, Case]:
    """The matters that the viewer may see: through the case, or for a technician through the orders they may see."""
    matters = {n.matter_id for n in rows if n.matter_id}
    cases = by_key(Case.objects.visible_to(me).filter(pk__in=matters))
    orders = Order.objects.visible_to(me).filter(case_id__in=matters - set(cases)).select_related("case")
    return cases | {order.case_id: order.case for order in orders}


def _row(row: Notice, cases: Mapping[Any, Case]) -> look.TableRow:
    case = cases.get(row.matter_id)
    return look.TableRow(
        (
            look.Cell(sentence(row), strong=row.read_at is None, icon=ICONS.get(row.code, "bell")),
            look.Cell(f"{case.place} {case.title}", sub=case.number) if case else look.Cell("—", dim=True),
            look.Cell(clock.said(row.at), nowrap=True, dim=True),
        ),
        url=reverse("notice", args=[row.pk]),
        id=str(row.pk),
        unread=row.read_at is None,
    )


def sentence(row: Notice | Letter) -> str:
    """What the notice says; a code of another version is shown as it is."""
    clause = book().clause(str(row.data.get("clause", "")))
    facts = row.data | {"clause": said(clause.title) if clause else row.data.get("clause", "")}
    try:
        return str(NOTICES.get(row.code, row.code)).format(**facts)
    except (KeyError, IndexError):
        return row.code


def _home(row: Notice | Letter, me: StaffActor) -> str:
    """The page of the matter that the viewer may open: the case, or the technician's own order."""
    if row.code in (DIGEST, "staff.stand_in"):
        return reverse("duty_list")
    if row.matter_id is None:
        return reverse("notice_list")
    mine = (
        Order.objects.visible_to(me)
        .filter(case_id=row.matter_id, technician_id=me.id)
        .order_by("-turn")
        .first()
    )
    if mine is not None and me.may("order.work", row.community_id):
        return reverse("order", args=[mine.pk])
    if Case.objects.visible_to(me).filter(pk=row.matter_id).exists():
        return reverse("case", args=[row.matter_id])
    return reverse("notice_list")


def stories(letters: Sequence[Letter], me: StaffActor) -> dict[UUID, Story]:
    """What letters to one person tell; nothing of a matter that the person may no longer see."""
    cases = _cases(letters, me)
    seen = (
        n
        for n in letters
        if n.matter_id in cases or (n.matter_id is None and n.community_id in me.communities)
    )
    return {n.pk: _story(n, cases.get(n.matter_id), me) for n in seen}


def _story(row: Letter, case: Case | None, me: StaffActor) -> Story:
    link = f"{settings.SITE_URL}{_home(row, me)}" if settings.SITE_URL else ""
    due = _due(row.data.get("due"))
    if case is None:
        return Story(sentence(row), due=due, link=link)
    return Story(sentence(row), case.number, case.place, case.title, due, link, case.urgent)


def _due(told: object) -> str:
    try:
        return clock.said(datetime.fromisoformat(str(told)))
    except ValueError:
        return ""
