"""An order as a card on the telephone: where, what, whom to call, the photos, and the next press in every state.

The presses of every state that the order may reach are drawn at once, by the same table of moves: a telephone
without a line shows the one that fits what it has in its pocket, and knows no rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.cases.calling.numbers import callee
from shouwen.cases.calling.times import agreed_words
from shouwen.cases.models import FollowUp, Photo
from shouwen.duties.models import Duty
from shouwen.front import look
from shouwen.front.caseview import ICONS, sheet_number
from shouwen.front.clocks import Missed, pause_words, promises, tags
from shouwen.front.lanes import order_clock
from shouwen.kernel import clock
from shouwen.kernel.text import dotted, mask_name
from shouwen.people.viewers import StaffActor
from shouwen.works.flow import ORDER
from shouwen.works.forms import FORMS, needs_form
from shouwen.works.models import HELD, Order, State

STANDS: dict[str, State] = {
    "offered": State.OFFERED, "accepted": State.ACCEPTED, "paused": State.PAUSED,
    "on_site": State.ON_SITE, "on_site.before": State.ON_SITE, "on_site.after": State.ON_SITE,
}  # fmt: skip
"""How an order in hand may stand. On site it matters which photos there are: none yet, those before, those after."""
HOMEWARD = frozenset({"finish", "refuse", "pause", "absent", "carry"})
"""After these the list is what one looks at, after all others the order."""
EQUALS = ("pause", "material", "absent", "carry", "refuse")
SHOOTING = (*HELD, State.FINISHED)


def job(
    order: Order,
    me: StaffActor,
    duty: Duty | None,
    after: str,
    *,
    number: str = "",
    wrong: str = "",
    again: str = "",
) -> look.Job:
    """The order as its technician sees it. ``number`` is the telephone number just shown."""
    case, own = order.case, order.technician_id == me.id
    shots = _shots(order, me, wrong)
    when = standing(order.state, shots.before, shots.after)
    sheets = _sheets(order, me, after) if own and order.state in HELD else ()
    return look.Job(
        id=str(order.pk),
        url=reverse("order", args=[order.pk]),
        version=order.version,
        state=order.state,
        number=sheet_number(case, order),
        room_number=case.place,
        title=case.title,
        clock=order_clock(order, duty, explain=True),
        seal=look.seal(case.first_responder.name),
        note=case.unit.remark if case.unit and own else "",
        arrived=order.arrived_at.isoformat() if order.arrived_at else "",
        calls=_calls(order, number, own=own),
        shots=shots,
        stands=_stands(order, me, after, when) if order.state in HELD or not own else (),
        sheets=sheets,
        facts=_facts(order, own=own),
        quote=_quote(order),
        signature=reverse("order_signature", args=[order.pk]) if shots.taken and order.signature_id else "",
        tags=_tags(order, promises([case.pk])[1]),
        again=again,
    )


def next_job(order: Order, me: StaffActor, duty: Duty | None, late: Missed, again: str = "") -> look.NextJob:
    """An order that waits, with one press: what moves it on, or what opens it."""
    name = {State.POOL: "claim", State.OFFERED: "accept", State.PAUSED: "resume"}.get(State(order.state), "")
    url, case = reverse("order", args=[order.pk]), order.case
    allowed = bool(name) and ORDER.refusal(ORDER[name], order, me) is None
    return look.NextJob(
        str(order.pk),
        url,
        order.version,
        order.state,
        case.place,
        case.title,
        order_clock(order, duty),
        press(order, name, url) if allowed else None,
        _("去处理") if order.technician_id == me.id and order.state in HELD else "",
        _tags(order, late),
        _quote(order),
        again,
    )


def unhappy(orders: Iterable[Order]) -> dict[UUID, str]:
    """What each household of reopened work said last of being dissatisfied, by case; one query or none."""
    asked = [o.case_id for o in orders if _reopened(o)]
    said = FollowUp.objects.filter(case_id__in=asked, satisfied=False).order_by("case_id", "-at")
    found = said.distinct("case_id").values_list("case_id", "words")
    return {key: _("住户不满意：%s") % words for key, words in found if words}


def _reopened(order: Order) -> bool:
    return order.turn > 1 and order.case.reopened > 0


def _tags(order: Order, late: Missed) -> tuple[look.Tag, ...]:
    return (*((look.reopened_tag(),) if _reopened(order) else ()), *tags(order.case, late))


def _quote(order: Order) -> str:
    """The caller's words where they say more than the title."""
    return order.case.words if order.case.words.strip() != order.case.title else ""


def press(order: Order, name: str, after: str, form: Any = None) -> look.Press:
    """A move as a button."""
    move, key = ORDER[name], order.pk
    url = reverse("order_move", args=[key, name])
    pocket = "" if order.state == State.POOL else reverse("pocket", args=[key, name])
    hints = {"accept": _("下一步 到场"), "claim": _("下一步 到场"), "arrive": _("下一步 拍修前照片")}
    return look.Press(
        name,
        str(move.label),
        ICONS.get(name, "point"),
        url,
        pocket,
        move.target or "",
        form or needs_form(name),
        after,
        order.version,
        hints.get(name, ""),
    )


# --- what can be pressed -------------------------------------------------------------------------------------------


def standing(state: str, before: int, after: int) -> str:
    """The key of `STANDS` for a state and the photos taken in it."""
    taken = ".after" if after else ".before" if before else ""
    return f"{state}{taken}" if state == State.ON_SITE else str(state)


def _stands(order: Order, me: StaffActor, after: str, when: str) -> tuple[look.Stand, ...]:
    """Own orders in every state that they may reach; what somebody else sees only as it is now."""
    if order.technician_id != me.id:
        names = _offered(order, me)
        presses = tuple(press(order, name, reverse("order", args=[order.pk])) for name in names)
        return (look.Stand(when, presses[0] if presses else None, current=True),)
    return tuple(_stand(order, me, after, key, current=key == when) for key in STANDS)


def _stand(order: Order, me: StaffActor, after: str, key: str, *, current: bool) -> look.Stand:
    """The one big button, and the exceptions below it as equals. Photos come first but never stand in the way."""
    then = copy(order)
    then.state = STANDS[key]
    here = reverse("order", args=[order.pk])
    presses = {name: press(then, name, after if name in HOMEWARD else here) for name in _offered(then, me)}
    chosen = _camera(order, key) if key in ("on_site", "on_site.before") else None
    if chosen is None:
        name = next((m.name for m in ORDER.moves if m.primary and m.name in presses), "")
        chosen = presses.pop(name, None)
    if key.startswith("on_site."):
        presses["photo"] = _camera(order, "again")
    equals = [name for name in EQUALS if name in presses][:3]
    more = [name for name in presses if name not in equals]
    return look.Stand(
        key, chosen, tuple(presses[n] for n in equals), tuple(presses[n] for n in more), current
    )


def _offered(order: Order, me: StaffActor) -> list[str]:
    return [m.name for m, no in ORDER.offered(order, me) if no is None and m.right == "order.work"]


def _camera(order: Order, key: str) -> look.Press:
    """The camera as the next press, or below the others where one more photo of before is wanted."""
    words, stage, hint = {
        "on_site": (_("拍修前照片"), "before", _("下一步 修理")),
        "on_site.before": (_("拍修后照片"), "after", _("下一步 完工")),
        "again": (_("补拍修前"), "before", ""),
    }[key]
    return look.Press(f"photo-{stage}", words, "camera", reverse("order_photos", args=[order.pk]), hint=hint)


def _sheets(order: Order, me: StaffActor, after: str) -> tuple[look.Press, ...]:
    """The forms of all moves that ask for something, ready to be opened without a line."""
    here, made = reverse("order", args=[order.pk]), []
    for name, kind in FORMS.items():
        if ORDER[name].right == "order.work" and needs_form(name):
            form = kind(row=order, actor=me, initial={"version": order.version}, auto_id=f"{name}-%s")
            made.append(press(order, name, after if name in HOMEWARD else here, form))
    return tuple(made)


# --- photos and facts ----------------------------------------------------------------------------------------------


def _shots(order: Order, me: StaffActor, wrong: str) -> look.Shots:
    case, own = order.case, order.technician_id == me.id
    if not own and not me.may("case.see", order.community_id):
        return look.Shots(wrong=wrong)
    rows = list(Photo.objects.filter(case=case).order_by("id"))
    turn = [p.stage for p in rows if p.at >= order.opened_at]
    shooting = own and order.state in SHOOTING
    return look.Shots(
        tuple(_photo(p) for p in rows),
        turn.count(Photo.Stage.BEFORE),
        turn.count(Photo.Stage.AFTER),
        reverse("order_photos", args=[order.pk]) if shooting else "",
        reverse("pocket", args=[order.pk, "photo"]) if shooting else "",
        wrong,
    )


def _photo(photo: Photo) -> look.Photo:
    caption = f"{photo.get_stage_display()} {clock.local(photo.at):%H:%M}"
    url, thumb = reverse("photo", args=[photo.pk, "screen"]), reverse("photo", args=[photo.pk, "thumb"])
    return look.Photo(url, thumb, caption, caption)


def _facts(order: Order, *, own: bool) -> tuple[look.Line, ...]:
    """What is known beside place and words; of my own order I know who is on it."""
    case, told = order.case, own and order.state in HELD
    pairs = (
        (_("分类"), dotted(case.category, order.get_trade_display())),
        (_("约定时间"), agreed_words(case)),
        (_("改约到"), clock.said_day(order.carried_to) if order.carried_to else ""),
        (_("停表原因"), pause_words(order.pause_reason) if order.pause_reason else ""),
        (_("维修人"), "" if told else order.technician.name if order.technician else _("还没有人")),
        (_("状态"), "" if told else order.get_state_display()),
        (_("处理结果"), order.result),
        (_("用时"), _("%s 分钟") % order.minutes if order.minutes else ""),
        (_("用料"), order.materials),
        (_("住户确认"), order.get_confirmed_how_display()),
        (_("住户确认人"), order.confirmed_by),
        (_("没有确认的原因"), order.unconfirmed_why),
    )
    return tuple(look.Line(words, value) for words, value in pairs if value)


def _calls(order: Order, number: str, *, own: bool) -> look.Calls:
    """The household, by a press that goes on record before the number is shown, and the first responder."""
    first = order.case.first_responder
    known = [look.Link(number, f"tel:{number}")] if number else []
    if own and first.phone:
        known.append(look.Link(_("首问 %s") % first.name, f"tel:{first.phone}"))
    found = callee(order.case) if own and order.state in HELD and not number else None
    if found is None:
        return look.Calls(known=tuple(known))
    role = pgettext("one person", "住户")
    who = f"{found.role or role} {mask_name(found.name)}" if found.name else role
    return look.Calls(reverse("order_call", args=[order.pk]), _("打电话 %s") % who, tuple(known))
