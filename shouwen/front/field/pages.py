"""The technician's pages: the order in hand with its next press, what comes next, what can be claimed; one order."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwen.front import look
from shouwen.front.clocks import first_due, promises
from shouwen.front.doors import Answer, community, done, page, staff_door, viewer
from shouwen.front.field.cards import job, next_job, unhappy
from shouwen.front.lanes import by_clock
from shouwen.front.moves import fetch_order, looked_at
from shouwen.front.timeline import timeline
from shouwen.kernel import clock, files
from shouwen.kernel.once import once, pressed
from shouwen.kernel.refusals import NotFound
from shouwen.people.models import Skill, Trade
from shouwen.people.viewers import StaffActor
from shouwen.works import actions as works
from shouwen.works.calls import reveal
from shouwen.works.models import HELD, Order, State

RELATED = ("case__category", "case__first_responder", "case__unit", "case__person", "technician")
MOST, CLAIMABLE = 60, 20
TURN = {State.ON_SITE: 0, State.ACCEPTED: 1, State.OFFERED: 2, State.PAUSED: 3}
"""Which order is the one in hand: where somebody stands, then what was accepted, then what waits to be."""
SHOWN: dict[str, tuple[str, ...]] = {
    "offered": (State.OFFERED,),
    "working": (State.ACCEPTED, State.ON_SITE),
    "paused": (State.PAUSED,),
}


# --- the list ------------------------------------------------------------------------------------------------------


@require_GET
@staff_door("order.work")
def my_orders(request: HttpRequest) -> HttpResponse:
    """My orders wherever I work. ``?show=`` lists those of one kind; without it the one in hand stands first."""
    me = viewer(request)
    show = request.GET.get("show", "")
    today = clock.start_of_day(clock.today())
    mine = Order.objects.visible_to(me).filter(technician_id=me.id)
    held = list(by_clock(mine.filter(state__in=HELD)).select_related(*RELATED)[:MOST])
    held.sort(key=lambda o: (TURN[State(o.state)], bool(o.carried_to and o.carried_to > clock.today())))
    ready = mine.filter(finished_at__gte=today)
    finished = list(ready.select_related(*RELATED).order_by("-finished_at")[:MOST])
    open_ = _claimable(me, community(request).pk)
    matters = [o.case_id for o in (*held, *finished, *open_)]
    (due, late), again = promises(matters), unhappy(held)
    context: dict[str, Any] = {
        "title": _("我的工单"),
        "counts": _counts(held, len(finished), show),
        "empty": {
            "done": _("今天还没有完工的单。"),
            "offered": _("没有等您接的单。"),
            "paused": _("没有停表的单。"),
        }.get(show, _("手上没有工单。")),
    }
    if show == "done":
        context |= {
            "queue_title": _("今日完工"),
            "queue": tuple(next_job(o, me, None, late) for o in finished),
        }
    elif show in ("offered", "paused"):
        chosen = [o for o in held if o.state in SHOWN[show]]
        context["queue"] = tuple(
            next_job(o, me, due.get(o.case_id), late, again.get(o.case_id, "")) for o in chosen
        )
    else:
        first = held[0] if held else None
        context |= {
            "job": job(
                first, me, due.get(first.case_id), reverse("my_orders"), again=again.get(first.case_id, "")
            )
            if first
            else None,
            "queue": tuple(
                next_job(o, me, due.get(o.case_id), late, again.get(o.case_id, "")) for o in held[1:]
            ),
            "claimable": tuple(next_job(o, me, due.get(o.case_id), late) for o in open_),
        }
    return page(request, "front/technician.html", context)


def _claimable(me: StaffActor, here: int) -> list[Order]:
    """The orders of the pool that ask for what I can do, the one due first on top."""
    able = {*Skill.objects.filter(staff_id=me.id).values_list("trade", flat=True), Trade.GENERAL.value}
    rows = Order.objects.visible_to(me).filter(community_id=here, state=State.POOL, trade__in=able)
    return list(by_clock(rows).select_related(*RELATED)[:CLAIMABLE])


def _counts(held: list[Order], finished: int, show: str) -> tuple[look.Link, ...]:
    number = Counter(o.state for o in held)
    home = reverse("my_orders")
    words = (("offered", _("待接单")), ("working", _("处理中")), ("paused", _("停表")))
    links = tuple(
        look.Link(
            name,
            home if code == "working" else f"{home}?show={code}",
            current=(show or "working") == code,
            count=str(sum(number[s] for s in SHOWN[code])),
        )
        for code, name in words
    )
    return (
        *links,
        look.Link(_("今日完工"), f"{home}?show=done", current=show == "done", count=str(finished)),
    )


# --- one order -----------------------------------------------------------------------------------------------------


@require_GET
@staff_door("order.see")
def order_page(request: HttpRequest, key: UUID) -> HttpResponse:
    """One order. Who was not sent sees where and what, not whom to call; the desk goes on to the case."""
    return _page(request, _fetch(request, key))


def _fetch(request: HttpRequest, key: UUID) -> Order:
    order = fetch_order(request, key)
    return Order.objects.select_related(*RELATED).get(pk=order.pk)


def _page(request: HttpRequest, order: Order, status: int = 200, **more: Any) -> HttpResponse:
    me = viewer(request)
    duty = first_due([order.case_id]).get(order.case_id)
    desk = me.may("case.see", order.community_id)
    again = unhappy([order] if desk or order.technician_id == me.id else ())
    home = reverse("my_orders") if me.may("order.work", order.community_id) else reverse("board")
    links = [look.Link(_("打印"), reverse("order_sheet", args=[order.pk]), "printer")]
    if desk:
        links.append(look.Link(_("看事项"), reverse("case", args=[order.case_id]), "arrow-right"))
    context: dict[str, Any] = {
        "job": job(order, me, duty, home, again=again.get(order.case_id, ""), **more),
        "timeline": timeline(order.case) if desk or order.technician_id == me.id else (),
        "back": look.Link(_("我的工单") if home == reverse("my_orders") else _("派工台"), home),
        "links": tuple(links),
    }
    return page(request, "front/technician_order.html", context, status=status)


@require_GET
@staff_door("order.see")
def signature(request: HttpRequest, key: UUID) -> Answer:
    """The household's hand under an order, for the one sent there and for who may see the case."""
    order, me = fetch_order(request, key), viewer(request)
    if order.signature is None or not (
        order.technician_id == me.id or me.may("case.see", order.community_id)
    ):
        raise NotFound("not_found")
    return order.signature.response("screen")


@require_POST
@staff_door("order.work")
def call(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the household's number to the technician sent there: on record first, then as a link that dials."""
    order = _fetch(request, key)
    number = reveal(order, actor=viewer(request))
    if getattr(request, "htmx", False):
        response = page(request, "front/parts/dial.html", {"number": number})
    else:
        response = _page(request, order, number=number)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@staff_door("order.work")
def photos(request: HttpRequest, key: UUID) -> HttpResponse:
    """Pictures from the site: looked at and made harmless first, then kept and put on record together, and once."""
    order, me = _fetch(request, key), viewer(request)
    uploads = request.FILES.getlist("photos")
    try:
        prepared = looked_at(uploads)
    except files.BadFile as bad:
        return _page(request, order, status=422, wrong=str(bad))
    if not prepared:
        return _page(request, order, status=422, wrong=_("没有收到照片"))
    stage = request.POST.get("stage", "")

    def keep() -> str:
        kept = [files.keep(one, actor=me, community_id=order.community_id).pk for one in prepared]
        works.photograph(order, kept, actor=me, stage=stage)
        return str(len(kept))

    mark = pressed(request.POST.get("drawn", ""), [stage, *(upload.size for upload in uploads)])
    count, _again = once(me, f"photos:{order.pk}", mark, "", keep)
    sentence = _("%(place)s 收下 %(n)s 张照片") % {"place": order.case.place, "n": count}
    return done(request, reverse("order", args=[order.pk]), sentence)
