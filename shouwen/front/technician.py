"""The technician's telephone: the order in hand with its next press, what comes next, what can be claimed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwen.cases.models import Case, Photo
from shouwen.duties.models import Duty
from shouwen.front import look
from shouwen.front.caseview import ICONS, sheet_number
from shouwen.front.clocks import first_due, late_arrivals, pause_words, tags
from shouwen.front.doors import community, done, page, staff_door, viewer
from shouwen.front.lanes import by_clock, order_clock
from shouwen.front.moves import fetch_order
from shouwen.front.timeline import timeline
from shouwen.kernel import clock, files, limits
from shouwen.kernel.journal import frame
from shouwen.kernel.text import mask_name
from shouwen.people.models import Skill, Trade
from shouwen.people.viewers import StaffActor
from shouwen.works import actions as works
from shouwen.works.calls import callee, reveal
from shouwen.works.flow import ORDER
from shouwen.works.forms import needs_form
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
SHOOTING = (State.ACCEPTED, State.ON_SITE, State.PAUSED, State.FINISHED)


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
    due, late = first_due(matters), late_arrivals(matters)
    context: dict[str, Any] = {
        "title": _("我的工单"),
        "counts": _counts(held, len(finished), show),
        "empty": _("今天还没有完工的单。") if show == "done" else _("手上没有工单。"),
    }
    if show == "done":
        context |= {"queue_title": _("今日完工"), "queue": tuple(_next(o, me, None, late) for o in finished)}
    elif show in ("offered", "paused"):
        chosen = [o for o in held if o.state in SHOWN[show]]
        context["queue"] = tuple(_next(o, me, due.get(o.case_id), late) for o in chosen)
    else:
        first = held[0] if held else None
        context |= {
            "job": job(first, me, due.get(first.case_id), reverse("my_orders")) if first else None,
            "queue": tuple(_next(o, me, due.get(o.case_id), late) for o in held[1:]),
            "claimable": tuple(_next(o, me, due.get(o.case_id), late) for o in open_),
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


def _next(order: Order, me: StaffActor, duty: Duty | None, late: Collection[Any]) -> look.NextJob:
    """An order that waits, with one press: what opens it, or what moves it on."""
    name = {State.POOL: "claim", State.OFFERED: "accept", State.PAUSED: "resume"}.get(State(order.state), "")
    url = reverse("order", args=[order.pk])
    press = _press(order, name, url) if name and ORDER.refusal(ORDER[name], order, me) is None else None
    if press is None and order.state in (State.ACCEPTED, State.ON_SITE):
        press = look.Action("go", _("去处理"), url)
    case = order.case
    clock_ = order_clock(order, duty)
    return look.NextJob(str(order.pk), url, case.place, case.title, clock_, press, tags(case, late))


def _press(order: Order, name: str, after: str) -> look.Action:
    """A move as a button: pressed at once where it asks for nothing, else it opens its form."""
    bare = not needs_form(name)
    url = reverse("order_move", args=[order.pk, name])
    return look.Action(
        name,
        str(ORDER[name].label),
        url if bare else f"{url}?{urlencode({'next': after})}",
        icon=ICONS.get(name, "point"),
        primary=False,
        post=bare,
        hidden=(("next", after), ("version", str(order.version))) if bare else (),
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
    home = reverse("my_orders") if me.may("order.work", order.community_id) else reverse("board")
    links = [look.Link(_("打印"), reverse("order_sheet", args=[order.pk]), "printer")]
    if desk:
        links.append(look.Link(_("看事项"), reverse("case", args=[order.case_id]), "arrow-right"))
    context: dict[str, Any] = {
        "job": job(order, me, duty, home, **more),
        "timeline": timeline(order.case) if desk or order.technician_id == me.id else (),
        "back": look.Link(_("我的工单") if home == reverse("my_orders") else _("派工台"), home),
        "links": tuple(links),
    }
    return page(request, "front/technician_order.html", context, status=status)


def job(
    order: Order, me: StaffActor, duty: Duty | None, after: str, *, number: str = "", wrong: str = ""
) -> look.Job:
    """The order as its technician sees it. ``number`` is the telephone number just revealed."""
    case, own = order.case, order.technician_id == me.id
    shots = _photos(case) if own or me.may("case.see", order.community_id) else ()
    stage = works.next_stage(order) if own else ""
    found = (
        sum(s == Photo.Stage.BEFORE for s, _photo in shots),
        sum(s == Photo.Stage.AFTER for s, _photo in shots),
    )
    shooting = own and order.state in SHOOTING
    lacking = shooting and order.state == State.ON_SITE and stage == Photo.Stage.AFTER and not found[1]
    here = reverse("order", args=[order.pk])
    chosen, others = _moves(order, me, stage, after, lacking=lacking)
    return look.Job(
        id=str(order.pk),
        url=here,
        version=order.version,
        number=sheet_number(case, order),
        room_number=case.place,
        title=case.title,
        clock=order_clock(order, duty, explain=True),
        seal=look.seal(case.first_responder.name),
        note=case.unit.remark if case.unit and own else "",
        phones=_phones(order, number, own=own),
        calls=_calls(order, number, own=own),
        photos=tuple(photo for _stage, photo in shots),
        photos_words=wrong or _photo_words(found, shooting=shooting, lacking=lacking),
        photos_missing=_("还差 1 张") if lacking and not wrong else "",
        photo_url=f"{reverse('order_photos', args=[order.pk])}" if shooting else "",
        photo_label=_("修前") if stage == Photo.Stage.BEFORE else _("修后"),
        next=chosen,
        next_hint=_hint(chosen),
        others=others,
        facts=_facts(order, own=own),
        quote=case.words if case.words.strip() != case.title else "",
        tags=tags(case, late_arrivals([case.pk])),
    )


def _moves(
    order: Order, me: StaffActor, stage: str, after: str, *, lacking: bool
) -> tuple[look.Action | None, tuple[look.Action, ...]]:
    """The one big button, and the exceptions below it as equals. Photos come first but never stand in the way."""
    here = reverse("order", args=[order.pk])
    homeward = {"finish", "refuse", "pause", "carry"}
    offered = [m for m, no in ORDER.offered(order, me) if no is None and m.right == "order.work"]
    presses = {m.name: _press(order, m.name, after if m.name in homeward else here) for m in offered}
    camera = order.state == State.ON_SITE and "finish" in presses and (lacking or stage == Photo.Stage.BEFORE)
    chosen: look.Action | None
    if camera:
        words = _("拍修前照片") if stage == Photo.Stage.BEFORE else _("拍修后照片")
        chosen = look.Action(
            "photo", words, reverse("order_photos", args=[order.pk]), icon="camera", primary=True
        )
    else:
        chosen = next((presses.pop(m.name) for m in offered if m.primary), None)
    return chosen, tuple(presses.values())


def _hint(chosen: look.Action | None) -> str:
    if chosen is None:
        return ""
    words = {
        "accept": _("下一步 到场"),
        "claim": _("下一步 到场"),
        "arrive": _("下一步 拍修前照片"),
        "photo": _("下一步 完工"),
    }
    return words.get(chosen.name, "")


def _photos(case: Case) -> list[tuple[str, look.Photo]]:
    """The pictures of the case with their stage, oldest first."""
    found = []
    for photo in Photo.objects.filter(case=case).order_by("id"):
        caption = f"{photo.get_stage_display()} {clock.local(photo.at):%H:%M}"
        url, thumb = reverse("photo", args=[photo.pk, "screen"]), reverse("photo", args=[photo.pk, "thumb"])
        found.append((photo.stage, look.Photo(url, thumb, caption, caption)))
    return found


def _photo_words(found: tuple[int, int], *, shooting: bool, lacking: bool) -> str:
    before, after = found
    if lacking:
        return _("修前 %s 张 • 修后") % before
    return (
        _("修前 %(before)s 张 • 修后 %(after)s 张") % {"before": before, "after": after}
        if shooting or any(found)
        else ""
    )


def _facts(order: Order, *, own: bool) -> tuple[look.Line, ...]:
    """What is known beside place and words; of my own order I know who is on it."""
    case, told = order.case, own and order.state in HELD
    pairs = (
        (_("分类"), f"{case.category.name} • {order.get_trade_display()}"),
        (_("约定时间"), f"{clock.local(case.preferred_at):%m-%d %H:%M}" if case.preferred_at else ""),
        (_("改约到"), f"{order.carried_to:%m-%d}" if order.carried_to else ""),
        (_("停表原因"), pause_words(order.pause_reason) if order.pause_reason else ""),
        (_("维修人"), "" if told else order.technician.name if order.technician else _("还没有人")),
        (_("状态"), "" if told else order.get_state_display()),
        (_("处理结果"), order.result),
        (_("用时"), _("%s 分钟") % order.minutes if order.minutes else ""),
        (_("用料"), order.materials),
        (_("住户确认人"), order.confirmed_by),
        (_("没有确认的原因"), order.unconfirmed_why),
    )
    return tuple(look.Line(words, value) for words, value in pairs if value)


# --- whom to call --------------------------------------------------------------------------------------------------


def _phones(order: Order, number: str, *, own: bool) -> tuple[look.Link, ...]:
    """Links that dial: the resident's number once it was asked for, and the first responder's work telephone."""
    links = [look.Link(number, f"tel:{number}")] if number else []
    work = order.case.first_responder.phone
    if own and work:
        links.append(look.Link(_("首问 %s") % order.case.first_responder.name, f"tel:{work}"))
    return tuple(links)


def _calls(order: Order, number: str, *, own: bool) -> tuple[look.Action, ...]:
    """The resident, by a press that goes on record before the number is shown."""
    found = callee(order) if own and order.state in HELD and not number else None
    if found is None:
        return ()
    words = f"{found.role or _('住户')} {mask_name(found.name)}" if found.name else _("住户")
    return (look.Action("call", words, reverse("order_call", args=[order.pk]), icon="phone", post=True),)


@require_POST
@staff_door("order.work")
def call(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the resident's number to the technician sent there: on record first, then as a link that dials."""
    order = _fetch(request, key)
    number = reveal(order, actor=viewer(request))
    if getattr(request, "htmx", False):
        response = page(request, "front/parts/dial.html", {"number": number})
    else:
        response = _page(request, order, number=number)
    response["Cache-Control"] = "no-store"
    return response


# --- pictures ------------------------------------------------------------------------------------------------------


@require_POST
@staff_door("order.work")
def photos(request: HttpRequest, key: UUID) -> HttpResponse:
    """Pictures from the site: looked at and made harmless first, then kept and put on record together."""
    order, me = _fetch(request, key), viewer(request)
    try:
        prepared = _looked_at(request)
    except files.BadFile as bad:
        return _page(request, order, status=422, wrong=str(bad))
    with frame(me):
        kept = [files.keep(one, actor=me, community_id=order.community_id).pk for one in prepared]
        works.photograph(order, kept, actor=me)
    sentence = _("%(place)s 收下 %(n)s 张照片") % {"place": order.case.place, "n": len(kept)}
    return done(request, reverse("order", args=[order.pk]), sentence)


def _looked_at(request: HttpRequest) -> list[files.Prepared]:
    uploads = request.FILES.getlist("photos")
    if not uploads:
        raise files.BadFile("none", _("没有收到照片"))
    if len(uploads) > limits.FILES_AT_ONCE:
        raise files.BadFile("too-many", _("一次最多 %s 张照片") % limits.FILES_AT_ONCE)
    return [files.prepare(upload, frozenset({files.IMAGE})) for upload in uploads]
