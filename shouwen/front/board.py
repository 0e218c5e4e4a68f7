"""The dispatch board: the pool of orders that wait for hands, and who has which in hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from shouwen.cases.models import Case
from shouwen.duties.models import Duty
from shouwen.estate.models import Unit
from shouwen.front import look
from shouwen.front.clocks import chip, first_due, tags
from shouwen.front.doors import back, community, done, may, page, staff_door, viewer
from shouwen.front.first_steps import first_steps
from shouwen.front.lanes import Lanes, Offer, by_clock, card
from shouwen.front.many.ticks import ORDERS, buttons
from shouwen.front.moves import fetch_order
from shouwen.front.outcomes import outcome
from shouwen.front.pressing import Press
from shouwen.kernel import clock
from shouwen.kernel.lists import capped_count
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused, Stale
from shouwen.people.models import Staff
from shouwen.works import actions as works
from shouwen.works.flow import ORDER
from shouwen.works.forms import in_short
from shouwen.works.models import Order, OrderQuerySet, State
from shouwen.works.suggest import Crew, SentBack, candidates, sent_back

POOL, MOST = 50, 400
NEAR = timedelta(days=1)
"""Further away than this nothing is due soon, not even across a night in which the clocks stand."""


def views() -> tuple[tuple[str, str, str], ...]:
    return (
        ("person", _("按人员"), "user"),
        ("trade", _("按工种"), "tool"),
        ("state", _("按状态"), "columns"),
        ("building", _("按楼栋"), "map-pin"),
    )


@require_GET
@staff_door("order.see")
def board(request: HttpRequest) -> HttpResponse:
    """Pool and board. ``?by=`` is the way to look, ``?order=`` the order of the pool that the digits assign."""
    me, here = viewer(request), community(request).pk
    by = request.GET.get("by", "person")
    by = by if by in {code for code, _words, _icon in views()} else "person"
    rows = Order.objects.visible_to(me).filter(community_id=here)
    waiting = list(
        by_clock(rows.filter(state=State.POOL)).select_related("case__first_responder", "case__category")[
            :POOL
        ]
    )
    crew = Crew.of(here)
    chosen = _chosen(request, waiting)
    sends = may(request, "order.dispatch")
    offer = _offer(chosen, crew, f"{reverse('board')}?{urlencode({'by': by})}") if sends else None
    lanes = Lanes.of(rows, here, crew, me, by)
    context: dict[str, Any] = {
        "title": _("派工台"),
        "first_steps": None if crew.people else first_steps(request),
        "pool": _pool(waiting, crew, chosen, by),
        "bulk": buttons(request, ORDERS),
        "pool_count": look.capped(capped_count(rows.filter(state=State.POOL))),
        "picked": look.Link(_("待派工"), f"?by={by}") if request.GET.get("order") else None,
        "board": look.Board(
            corner=_("人员") if by == "person" else "",
            columns=lanes.columns(),
            groups=lanes.groups(by, offer if by == "person" else None),
            views=tuple(look.Link(words, f"?by={code}", icon, code == by) for code, words, icon in views()),
            figures=_figures(rows, crew),
            links=(look.Link(_("打印派工单"), reverse("order_sheets"), "printer"),)
            if sends and lanes.waiting
            else (),
            assign_url=reverse("board_assign") if offer else "",
        ),
    }
    return page(request, "front/dispatch.html", context)


def _chosen(request: HttpRequest, waiting: list[Order]) -> Order | None:
    """The order asked for, else the one that is due first."""
    wanted = request.GET.get("order", "")
    return next((o for o in waiting if str(o.pk) == wanted), waiting[0] if waiting else None)


def _offer(chosen: Order | None, crew: Crew, back_url: str) -> Offer | None:
    if chosen is None:
        return None
    ranked = tuple(candidates(chosen, among=crew))
    trade = chosen.get_trade_display()
    return Offer(chosen, ranked, {c.staff.pk: in_short(c, trade) for c in ranked}, back_url)


def _pool(waiting: list[Order], crew: Crew, chosen: Order | None, by: str) -> tuple[look.OrderCard, ...]:
    """The waiting orders with their clocks and whom the house would send; a fixed number of queries for all."""
    due = first_due(o.case_id for o in waiting)
    houses = dict(Unit.objects.filter(pk__in=[o.unit_id for o in waiting]).values_list("pk", "building_id"))
    refusals = sent_back(waiting)
    cards = []
    for order in waiting:
        returned = refusals.get(order.pk, [])
        best = crew.best(order.trade, houses.get(order.unit_id or 0), returned)
        hint = _("建议 %s") % best.staff.name if best else ""
        url = f"{reverse('board')}?{urlencode({'by': by, 'order': str(order.pk)})}"
        shown = card(order, due.get(order.case_id), url=url, hint=hint, current=order is chosen)
        cards.append(
            replace(shown, tags=tags(order.case, {}), back=_refused(returned[-1]) if returned else "")
        )
    return tuple(cards)


def _refused(last: SentBack) -> str:
    said = _("%(name)s 退单：%(words)s") if last.words else _("%(name)s 退单")
    return said % {"name": last.name, "words": last.words}


def _figures(rows: OrderQuerySet, crew: Crew) -> tuple[tuple[str, str, look.Tone], ...]:
    """Technicians, soon due as the chips say it, over due, done today; three queries."""
    now, today = clock.now(), clock.start_of_day(clock.today())
    running = Duty.objects.filter(matter_id__in=rows.active().values("case_id"), state=Duty.State.OPEN)
    over = running.filter(due_at__lt=now).values("matter_id").distinct().count()
    near = running.filter(due_at__gte=now, due_at__lt=now + NEAR).order_by("matter_id", "due_at")
    soon = sum(chip(duty).tone == "soon" for duty in near.distinct("matter_id")[:MOST])
    finished = rows.filter(finished_at__gte=today).count()
    return (
        (pgettext("how many", "技工"), str(len(crew.people)), "plain"),
        (_("将到期"), look.capped(soon), "soon" if soon else "plain"),
        (_("超时"), look.capped(over), "over" if over else "plain"),
        (_("今日完工"), str(finished), "plain"),
    )


# --- sending -------------------------------------------------------------------------------------------------------


@require_POST
@staff_door("order.dispatch")
def assign(request: HttpRequest) -> HttpResponse:
    """A card dropped on a person, or a digit pressed: that order to that person, if it still is what the desk saw."""
    order, person = _posted(request)
    home = back(request, reverse("board"))
    one, seen = Press(request, ORDER, order.pk, "assign"), _version(request, order)
    try:
        again = one.make(
            lambda: works.assign(order.pk, actor=viewer(request), version=seen, technician_id=person.pk)
        )
    except Stale as stale:
        return _faster(request, stale, person, home)
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
        return done(request, home)
    if again:
        return one.again(home)
    said = outcome(ORDER, "assign", order, viewer(request))
    return done(request, home, said, undo=reverse("order_move", args=[order.pk, "recall"]))


def _posted(request: HttpRequest) -> tuple[Order, Staff]:
    try:
        order = fetch_order(request, UUID(request.POST.get("order", "")))
        key = int(request.POST.get("person", ""))
    except ValueError:
        raise NotFound("not_found") from None
    person = Staff.objects.visible_to(viewer(request)).filter(pk=key).first() if 0 < key < 2**63 else None
    if person is None:
        raise NotFound("not_found")
    return order, person


def _version(request: HttpRequest, order: Order) -> int:
    """The version that the desk saw. Without one, only an order that still waits is sent."""
    seen = request.POST.get("version", "")
    if seen.isdecimal() and len(seen) < 10:
        return int(seen)
    return order.version if order.state == State.POOL else order.version - 1


def _faster(request: HttpRequest, stale: Stale, person: Staff, home: str) -> HttpResponse:
    """Another desk was faster: whom I meant to send beside how it stands now; sending anew is a second press."""
    row = cast(Order, stale.row)
    case = Case.objects.get(pk=row.case_id)
    theirs = row.technician.name if row.technician else _("还没有人")
    again = (
        ("order", str(row.pk)),
        ("person", str(person.pk)),
        ("version", str(row.version)),
        ("next", home),
    )
    keep = look.Action(
        "keep", _("仍派给 %s") % person.name, request.path, icon="send", post=True, hidden=again
    )
    context = {
        "title": f"{case.place} {case.title}",
        "who": str(row.assigned_by.name) if row.assigned_by else "",
        "differences": (
            look.Difference(_("派给"), person.name, theirs, person.name != theirs),
            look.Difference(
                _("状态"), str(State.OFFERED.label), row.get_state_display(), row.state != State.OFFERED
            ),
        ),
        "keep": keep if row.state in (State.POOL, State.OFFERED, State.ACCEPTED) else None,
        "drop": look.Link(_("不改了"), home, "x"),
    }
    return page(request, "front/conflict.html", context, status=409)
