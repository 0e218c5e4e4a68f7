"""A case as its middle pane shows it: head, steps with their clocks, timeline, and the legal moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from shouwen.cases.calling.times import agreed_words
from shouwen.cases.flow import CASE
from shouwen.cases.merging.similar import Likeness, similar
from shouwen.cases.models import LEVELS, OPEN, Case, Kind, State
from shouwen.duties.models import Duty
from shouwen.front import look
from shouwen.front.clocks import MISSED, Missed, chip, clause_words, explained, tags
from shouwen.front.suggesting import suggestion
from shouwen.front.timeline import timeline
from shouwen.kernel import clock
from shouwen.kernel.flow import Flow, Move
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import Refused
from shouwen.people.viewers import StaffActor
from shouwen.works.codes import code_of
from shouwen.works.flow import ORDER
from shouwen.works.models import Order
from shouwen.works.models import State as OrderState

KIND_ICONS = {
    Kind.REPAIR: "tool",
    Kind.COMPLAINT: "mood-sad",
    Kind.INQUIRY: "message-circle",
    Kind.SUGGESTION: "bulb",
}
SHOWN_MOVES = 5


def room(case: Case) -> str:
    """The noun that stands first in every row: room number, public area or the words of the place."""
    return case.place


def stage(case: Case, duty: Duty | None = None) -> str:
    """Where the case stands, in a word or two: what its first clock waits for, else its state."""
    if duty is None:
        return str(State(case.state).label)
    names = {code: name for steps in STEPS.values() for name, code in steps}
    return _("待%s") % (names.get(step_of(duty.clause)) or clause_words(duty.clause))


def row(
    case: Case, duty: Duty | None, *, url: str, current: bool = False, late: Missed = MappingProxyType({})
) -> look.Row:
    """A case in a list pane. ``late`` are the cases that somebody came late to."""
    return look.Row(
        id=str(case.pk),
        url=url,
        room_number=room(case),
        title=case.title,
        kind=str(Kind(case.kind).label),
        kind_icon=KIND_ICONS[Kind(case.kind)],
        seal=look.seal(case.first_responder.name),
        hand=look.hand(case.handler.name if case.handler else ""),
        stage=stage(case, duty),
        clock=chip(duty) if duty else None,
        current=current,
        tags=tags(case, late),
    )


def view(case: Case, viewer: StaffActor, back_url: str, here: str) -> look.CaseView:
    """The whole matter; a fixed number of queries whatever has happened to it. ``here`` is where a move leads back to."""
    duties = list(Duty.objects.filter(matter_id=case.pk).order_by("born_at"))
    prefetch_related_objects([case], "merged")
    orders = list(Order.objects.filter(case=case).select_related("technician").order_by("turn"))
    actions = _actions(case, orders, viewer, here)
    items, tab = timeline(case), _tab(here)
    return look.CaseView(
        id=str(case.pk),
        version=case.version,
        number=case.number,
        kind=case.get_kind_display(),
        kind_icon=KIND_ICONS[Kind(case.kind)],
        room_number=room(case),
        room_url=reverse("unit", args=[case.unit_id]) if case.unit_id else "",
        title=case.title,
        tags=(*tags(case, {case.pk: [d.clause for d in duties if d.state in MISSED]}), *_ended(case)),
        seal=look.seal(case.first_responder.name, _("全程负责")),
        hand=look.hand(case.handler.name if case.handler else "", "" if case.closed_at else stage(case)),
        closed=case.closed_at is not None,
        facts=_facts(case, orders, viewer),
        steps=_steps(case, orders, duties),
        timeline=tuple(item for item in items if TABS[tab][1](item)),
        tabs=_tabs(items, here, tab),
        banner=_banner(case),
        suggestion=suggestion(case, viewer, here),
        similar=similar_ones(case, viewer, here),
        actions=actions[:SHOWN_MOVES],
        more=actions[SHOWN_MOVES:],
        note_url=reverse("case_move", args=[case.pk, "note"])
        if viewer.may("order.see", case.community_id)
        else "",
        back_url=back_url,
        here_url=here,
    )


TABS: dict[str, tuple[Promise, Callable[[look.TimelineItem], bool]]] = {
    "all": (lazy("全部"), lambda _item: True),
    "talk": (lazy("沟通"), lambda item: item.talk),
    "work": (lazy("办理"), lambda item: not item.talk),
    "photos": (lazy("照片"), lambda item: bool(item.photos)),
}
"""What of a timeline is shown: ``?show=`` in the address of the page."""


def _tab(here: str) -> str:
    chosen = QueryDict(here.partition("?")[2]).get("show", "all")
    return str(chosen) if chosen in TABS else "all"


def _tabs(items: Sequence[look.TimelineItem], here: str, chosen: str) -> tuple[look.Link, ...]:
    """Each part with its count; pictures are counted one by one."""
    path, _mark, query = here.partition("?")
    made = []
    for name, (words, fits) in TABS.items():
        asked = QueryDict(query, mutable=True)
        asked.pop("show", None)
        if name != "all":
            asked["show"] = name
        found = [item for item in items if fits(item)]
        count = sum(len(item.photos) for item in found) if name == "photos" else len(found)
        url = f"{path}?{asked.urlencode()}" if asked else path
        made.append(look.Link(str(words), url, current=name == chosen, count=str(count)))
    return tuple(made)


def _ended(case: Case) -> tuple[look.Tag, ...]:
    """How a closed case ended. It is the case that is satisfied, not the hand that worked on it."""
    if case.closed_at is None:
        return ()
    good = case.state == State.SATISFIED
    return (look.Tag(stage(case), "done" if good else "plain", "circle-check" if good else "archive"),)


def _facts(case: Case, orders: Sequence[Order], viewer: StaffActor) -> tuple[look.Part, ...]:
    """The line above the title: channel and time, category, the order sheet."""
    opened = f"{case.get_channel_display()} {clock.said(case.happened_at)}"
    parts = [look.Part(opened), look.Part(str(case.category))]
    if case.level:
        parts.append(look.Part(f"{LEVELS[case.level]} {case.get_severity_display()}"))
    if case.about and viewer.may("complaint.see", case.community_id):
        parts.append(look.Part(_("被投诉 %s") % case.about.name))
    if case.preferred_at:
        parts.append(look.Part(_("约 %s") % agreed_words(case)))
    if case.back_entry:
        parts.append(look.Part(_("补录已确认") if case.back_entry_by_id else _("补录")))
    if case.rework_of_id:
        parts.append(look.Part(_("30 天内返修"), url=reverse("case", args=[case.rework_of_id])))
    if orders:
        words = _("派工单 %s") % sheet_number(case, orders[-1])
        parts.append(look.Part(words, url=reverse("order_sheet", args=[orders[-1].pk]), icon="printer"))
    if orders and (ended := _confirmed(orders[-1])):
        parts.append(look.Part(ended))
    if case.state == State.DONE and viewer.may("case.follow_up", case.community_id):
        parts.append(look.Part(_("评价二维码"), url=reverse("rating_link", args=[case.pk]), icon="qrcode"))
    parts += [
        look.Part(_("并入 %s") % _brought(one)) for one in sorted(case.merged.all(), key=lambda c: c.pk)
    ]
    if (here := order_in_hand(orders)) and case.unit_id and here.technician_id not in (None, viewer.id):
        parts.append(look.Part(_("确认码 %s") % code_of(here)))
    return tuple(parts)


def _confirmed(order: Order) -> str:
    """What the household said when the work was done, or why it could not: whoever calls back must know."""
    if order.unconfirmed_why:
        return _("完工没有确认：%s") % order.unconfirmed_why
    who = order.confirmed_by or order.get_confirmed_how_display()
    return _("完工确认：%s") % who if who else ""


def _brought(case: Case) -> str:
    """260722-031 3-1-1202 梅若兰: who else reported it, and from where."""
    return " ".join(filter(None, (case.number, case.place, case.asker)))


def similar_ones(case: Case, viewer: StaffActor, here: str) -> tuple[look.Similar, ...]:
    """Open matters that may be the same, each with the press that joins them: the later one goes into the earlier."""
    if case.state not in OPEN or not viewer.may("case.cancel", case.community_id):
        return ()
    found = similar(viewer, Likeness.of(case))
    return tuple(_joining(case, other, viewer, here) for other in found)


def _joining(case: Case, other: Case, viewer: StaffActor, here: str) -> look.Similar:
    later, kept = (case, other) if case.opened_at >= other.opened_at else (other, case)
    no = CASE.refusal(CASE["merge"], later, viewer)
    after = here.replace(str(case.pk), str(kept.pk))
    press = look.Action(
        "merge",
        _("并入这一件") if later is case else _("并进本件"),
        reverse("case_move", args=[later.pk, "merge"]),
        icon="arrow-merge",
        refused=str(no) if no else "",
        post=True,
        hidden=(("number", kept.number), ("version", str(later.version)), ("next", after)),
    )
    return look.Similar(row(other, None, url=reverse("case", args=[other.pk])), press)


def sheet_number(case: Case, order: Order) -> str:
    """260722-031-2: the case's number and the order's turn."""
    return f"{case.number}-{order.turn}"


def _banner(case: Case) -> str:
    if case.state == State.UNCONFIRMED:
        return _("三次联系不上，由主管按未确认关闭；不计入满意。")
    if case.reopened and case.state in OPEN:
        return _("住户不满意，已重开 %s 次。") % case.reopened
    if case.reopened:
        return _("住户曾不满意，重开过 %s 次。") % case.reopened
    return ""


# --- the steps of each kind, with the clause whose clock stands under each -----------------------------------------

STEPS: dict[str, tuple[tuple[Promise, str], ...]] = {
    Kind.REPAIR: (
        (lazy("报修"), ""),
        (lazy("派工"), "dispatch"),
        (lazy("到场"), "arrive"),
        (lazy("完工"), "finish"),
        (lazy("回访"), "follow_up"),
    ),
    Kind.COMPLAINT: (
        (lazy("登记"), ""),
        (lazy("定级"), "classify"),
        (lazy("答复"), "reply"),
        (lazy("处理"), "solve"),
        (lazy("回访"), "follow_up"),
    ),
    Kind.INQUIRY: ((lazy("登记"), ""), (lazy("答复"), "answer"), (lazy("回访"), "follow_up")),
    Kind.SUGGESTION: ((lazy("登记"), ""), (lazy("答复"), "answer"), (lazy("回访"), "follow_up")),
}


def _moments(case: Case, orders: Sequence[Order]) -> dict[str, datetime | None]:
    order = orders[-1] if orders else None
    return {
        "": case.happened_at,
        "dispatch": order.assigned_at if order else None,
        "arrive": order.arrived_at if order else None,
        "finish": case.done_at,
        "classify": _classified_at(case) if case.level else None,
        "reply": case.answered_at,
        "solve": case.done_at,
        "answer": case.answered_at,
        "follow_up": case.closed_at if case.state == State.SATISFIED else None,
    }


def _classified_at(case: Case) -> datetime | None:
    told = Entry.objects.filter(matter_id=case.pk, verb="case:classified").order_by("-id")
    return told.values_list("at", flat=True).first()


def _steps(case: Case, orders: Sequence[Order], duties: Sequence[Duty]) -> tuple[look.Step, ...]:
    """Passed steps with their time, the current one with its running clock, the rest to come."""
    moments, steps, current = _moments(case, orders), [], False
    for name, code in (*STEPS[case.kind], (lazy("关闭"), "close")):
        moment = case.closed_at if code == "close" else moments[code]
        duty = of_step(code, duties)
        passed = bool(moment) and not (duty and duty.ended_at is None)
        words = clock.said_shortly(moment) if moment and passed else ""
        state = "passed" if passed else "future" if current or case.closed_at else "current"
        current = current or state == "current"
        kept = None if duty is None or not passed else duty.state == Duty.State.MET
        running = chip(duty, explain=True) if duty and duty.ended_at is None and state != "passed" else None
        if kept is False and duty:
            running = broken(duty, words)
        steps.append(look.Step(str(name), state, words, running, kept))  # type: ignore[arg-type]
    return tuple(steps)


def of_step(code: str, duties: Sequence[Duty]) -> Duty | None:
    """The duty that runs under a step, else the last that was kept or broken: one that fell away says nothing."""
    mine = [d for d in duties if step_of(d.clause) == code and d.state != Duty.State.VOID]
    running = [d for d in mine if d.ended_at is None] or mine
    return running[-1] if running else None


def broken(duty: Duty, words: str) -> look.Clock:
    """A promise that was kept too late stays visible after it was kept: the time, and why it was late."""
    late = _("逾期 %s") % words if words else _("逾期完成")
    return look.Clock("over", late.strip(), **explained(duty))


def step_of(clause: str) -> str:
    """The step that a clause's clock stands under: the second part of its code (``repair.arrive.urgent``: arrive)."""
    parts = clause.split(".")
    return parts[1] if len(parts) > 1 else clause


# --- the moves -----------------------------------------------------------------------------------------------------

ICONS = {
    "answer": "message", "reply": "message", "classify": "tag", "solve": "check", "hand": "arrow-right",
    "follow_up": "phone", "urge": "bell", "promise": "calendar", "note": "note", "recast": "switch-horizontal", "refile": "edit",
    "confirm_back_entry": "rubber-stamp", "close_unconfirmed": "phone-off", "cancel": "x", "assign": "send", "claim": "hand-grab",
    "accept": "check", "refuse": "arrow-back", "absent": "door-off", "material": "package",
    "recall": "arrow-back", "arrive": "map-pin", "pause": "player-pause",
    "resume": "player-play", "carry": "calendar", "finish": "check", "inspect": "eye", "merge": "arrow-merge",
}  # fmt: skip


BEFORE_ALL = ("confirm_back_entry",)
"""Moves that come before the work where they are possible: what does not count yet is not measured either."""


def _actions(case: Case, orders: Sequence[Order], viewer: StaffActor, after: str) -> tuple[look.Action, ...]:
    """Every legal move of the case and of its order in hand; at most one of them is primary."""
    here = order_in_hand(orders)
    offered = [
        action(CASE, "case_move", case, m, no, after)
        for m, no in CASE.offered(case, viewer)
        if _worth_showing(m, no)
    ]
    if here is not None:
        here.case = case
        offered = [
            action(ORDER, "order_move", here, m, no, after)
            for m, no in ORDER.offered(here, viewer)
            if _worth_showing(m, no)
        ] + offered
    offered = [
        _again(a) if here and a.name == "assign" and here.state != OrderState.POOL else a for a in offered
    ]
    offered.sort(key=lambda a: (a.refused != "" or a.name not in BEFORE_ALL, not a.primary))
    first = next((a for a in offered if a.primary and not a.refused), None)
    return tuple(a if a is first or not a.primary else _plain(a) for a in offered if a.name != "note")


def moves_of(case: Case, viewer: StaffActor, here: str) -> tuple[look.Action, ...]:
    """The buttons below a case, for whoever wants them without the case around."""
    orders = Order.objects.filter(case=case).select_related("technician").order_by("turn")
    return _actions(case, list(orders), viewer, here)


def _worth_showing(move: Move, no: Refused | None) -> bool:
    """A move that this kind of case never has is no button; what is merely not possible now stays and says why."""
    return no is None or no.code not in (
        "case.not_this_kind",
        "case.has_orders",
        "order.not_yours",
        "case.no_back_entry",
    )


def order_in_hand(orders: Sequence[Order]) -> Order | None:
    """The order that is on the board, under way or waiting for inspection."""
    last = orders[-1] if orders else None
    return last if last and last.state not in (OrderState.CLOSED, OrderState.CANCELLED) else None


def action(
    flow: Flow, url_name: str, row: Case | Order, move: Move, no: Refused | None, after: str = ""
) -> look.Action:
    """A move as a button that opens its form; ``after`` is the page that it leads back to."""
    url = reverse(url_name, args=[row.pk, move.name])
    return look.Action(
        name=move.name,
        label=str(move.label),
        url=f"{url}?{urlencode({'next': after})}" if after else url,
        key=move.key,
        icon=ICONS.get(move.name, "point"),
        primary=move.primary,
        refused=str(no) if no else "",
    )


def _again(shown: look.Action) -> look.Action:
    """Sending somebody else is possible, but not what comes next."""
    return replace(shown, label=_("改派"), primary=False)


def _plain(shown: look.Action) -> look.Action:
    return replace(shown, primary=False)
