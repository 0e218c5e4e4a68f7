"""The supervisor's day: promises kept and broken, what waits for a signature, who has what, which door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwen.cases.models import Case
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty
from shouwen.estate.models import Community
from shouwen.front import look, plans
from shouwen.front.caseview import stage
from shouwen.front.clocks import chip
from shouwen.front.doors import community, may, page, staff_door, viewer
from shouwen.front.first_steps import first_steps
from shouwen.front.frame import frame_of
from shouwen.front.tiles import tiles
from shouwen.kernel import clock
from shouwen.kernel.lists import capped_count
from shouwen.kernel.scope import by_key
from shouwen.kernel.text import dotted, seeded
from shouwen.people.models import Staff, TotpReset
from shouwen.people.viewers import StaffActor
from shouwen.reports.periods import KINDS
from shouwen.reports.today import Load, hours, late, loads, soon, unreachable

ROWS = 6


@require_GET
@staff_door("report.see")
def overview(request: HttpRequest) -> HttpResponse:
    """Today, with the figures of today, this week or this month."""
    me, here = viewer(request), community(request)
    kind = _choice(request, "period", KINDS)
    layer = _choice(request, "layer", plans.LAYERS)
    chosen = request.GET.get("building", "")
    # Both say the same; the first is the condition of the index that holds the few open cases among the many.
    cases = Case.objects.visible_to(me).filter(community_id=here.pk, closed_at=None).open()
    context: dict[str, Any] = {
        "frame": replace(frame_of(request, me, here), switch=_switch(kind, chosen, layer)),
        "tiles": tiles(here, kind),
        "hours": _hours(here),
        "plan": None,
        "first_steps": None if cases.exists() else first_steps(request),
    }
    if may(request, "estate.see"):
        context["plan"] = plans.plan(here, cases, chosen, layer, lambda **more: _url(period=kind, **more))
    context |= _late(me, here, cases) | _approvals(me, here, cases) | _on_post(here)
    return page(request, "front/supervisor.html", context)


def _choice(request: HttpRequest, name: str, choices: tuple[str, ...]) -> str:
    """What the address chooses; the first where it says nothing sensible."""
    wanted = request.GET.get(name, "")
    return wanted if wanted in choices else choices[0]


def _url(**more: Any) -> str:
    defaults = {"period": KINDS[0], "layer": plans.LAYERS[0], "building": ""}
    pairs = {name: str(value) for name, value in more.items() if str(value) != defaults[name]}
    return reverse("overview") + (f"?{urlencode(pairs)}" if pairs else "")


def _switch(kind: str, building: str, layer: str) -> tuple[look.Link, ...]:
    words = {"day": _("今日"), "week": _("本周"), "month": _("本月")}
    return tuple(
        look.Link(words[k], _url(period=k, building=building, layer=layer), current=k == kind) for k in KINDS
    )


# --- promises --------------------------------------------------------------------------------------------------------


def _late(me: StaffActor, here: Community, cases: QuerySet[Case]) -> dict[str, Any]:
    """What is late or has climbed, the most pressing clock of each case; below it, what runs out within two hours."""
    broken, near = late(me, here.pk, cases), soon(me, here.pk, cases)
    first = list(broken[:ROWS])
    second = list(near[: ROWS - len(first)])
    found = by_key(
        Case.objects.filter(pk__in=[d.matter_id for d in (*first, *second)]).select_related(
            "first_responder", "handler"
        )
    )
    return {
        "late": _late_rows(found, first),
        "late_count": look.capped(capped_count(broken)),
        "late_url": reverse("desk", args=["overdue"]),
        "soon": _late_rows(found, second),
        "soon_count": look.capped(capped_count(near)),
        "soon_url": reverse("desk", args=["soon"]),
    }


def _late_rows(found: Mapping[Any, Case], duties: list[Duty]) -> tuple[look.LateRow, ...]:
    rows = (_late_row(found[d.matter_id], d) for d in duties if d.matter_id in found)
    return tuple(sorted(rows, key=lambda row: row.clock.left))


def _late_row(case: Case, duty: Duty) -> look.LateRow:
    url = reverse("case", args=[case.pk])
    return look.LateRow(
        url=url,
        room_number=case.place,
        title=case.title,
        seal=look.seal(case.first_responder.name),
        hand=look.hand(case.handler.name if case.handler else ""),
        ladder=_ladder(duty),
        clock=chip(duty),
        action=look.Action("ask", _("过问"), url),
        stage=stage(case, duty),
    )


def _ladder(duty: Duty) -> look.Ladder:
    """The handler, then one rung for each level that is told. The first warning goes to the handler alone."""
    names = (_("经手"), _("主管"), _("主任"), _("分公司"))
    clause = book().clause(duty.clause)
    levels = min(len(names), max(2, len(clause.rungs) if clause else 0))
    climbed = max(0, duty.rung - 1)
    states = ["first", *["reached"] * climbed, "next", *["future"] * levels]
    return look.Ladder(tuple(look.Rung(n, s) for n, s in zip(names[:levels], states, strict=False)))  # type: ignore[arg-type]


def _hours(here: Community) -> look.Hours:
    counts, now = hours(here.pk, here.zone), clock.local(clock.now(), here.zone)
    words = _("现在 %s") % f"{now:%H:%M}"
    return look.Hours(counts.came, counts.done, counts.mean, round(now.hour + now.minute / 60, 2), words)


# --- what waits for a signature --------------------------------------------------------------------------------------


def _approvals(me: StaffActor, here: Community, cases: QuerySet[Case]) -> dict[str, Any]:
    """Back-entries to confirm, cases to close as unconfirmed, one-time codes to reset: each by its right."""
    waiting: list[look.Approval] = []
    if me.may("case.supervise", here.pk):
        waiting += [_back_entry(c) for c in _back_entries(me, here)[: ROWS + 1]]
        waiting += [
            _closing(c) for c in unreachable(cases).select_related("handler", "first_responder")[: ROWS + 1]
        ]
    if me.may("staff.manage", here.pk):
        waiting += [_reset(r) for r in _resets(me)[: ROWS + 1]]
    count = f"{ROWS}+" if len(waiting) > ROWS else str(len(waiting))
    return {"approvals": tuple(waiting[:ROWS]), "approvals_count": count}


def _back_entries(me: StaffActor, here: Community) -> QuerySet[Case]:
    rows = Case.objects.visible_to(me).filter(community_id=here.pk, back_entry=True, back_entry_by=None)
    return (
        rows.exclude(first_responder_id=me.id).select_related("first_responder").order_by("opened_at", "id")
    )


def _back_entry(case: Case) -> look.Approval:
    hidden = (("next", reverse("overview")), ("version", str(case.version)))
    agree = look.Action(
        "confirm",
        _("确认"),
        reverse("case_move", args=[case.pk, "confirm_back_entry"]),
        post=True,
        hidden=hidden,
    )
    happened = clock.said(case.happened_at)
    words = _("%(place)s %(title)s，发生于 %(at)s") % {
        "place": case.place,
        "title": case.title,
        "at": happened,
    }
    return look.Approval(_("补录"), words, case.first_responder.name, reverse("case", args=[case.pk]), agree)


def _closing(case: Case) -> look.Approval:
    close = look.Action(
        "close",
        _("去关闭"),
        reverse("case_move", args=[case.pk, "close_unconfirmed"]) + f"?next={reverse('overview')}",
    )
    words = _("%(place)s 回访 %(tries)s 次未接通") % {"place": case.place, "tries": case.tried}  # type: ignore[attr-defined]
    return look.Approval(
        _("未确认"), words, case.first_responder.name, reverse("case", args=[case.pk]), close
    )


def _resets(me: StaffActor) -> QuerySet[TotpReset]:
    colleagues = Staff.objects.visible_to(me).values("pk")
    rows = TotpReset.objects.filter(done_at=None, staff__in=colleagues).exclude(asked_by_id=me.id)
    return rows.exclude(staff_id=me.id).select_related("staff", "asked_by").order_by("asked_at")


def _reset(reset: TotpReset) -> look.Approval:
    words = _("重置 %s 的动态口令") % reset.staff.name
    agree = look.Action("approve", _("去批准"), reverse("totp_approve", args=[reset.pk]))
    return look.Approval(
        _("口令"), words, reset.asked_by.name, reverse("staff", args=[reset.staff_id]), agree
    )


# --- who has what in hand --------------------------------------------------------------------------------------------


def _on_post(here: Community) -> dict[str, Any]:
    """Colleagues with open matters in hand, the fullest first."""
    busy = loads(here.pk, 200)
    posts = Counter(load.post for load in busy if load.post)
    people = tuple(
        look.OnPost(
            mark=look.hand(load.name),
            name=load.name,
            post=seeded(load.post),
            doing=_doing(load),
            load=look.LoadBar(load.cases, load.offered),
        )
        for load in busy[:ROWS]
    )
    words = dotted(*(f"{seeded(post)} {count}" for post, count in posts.most_common(2)))
    return {"on_post": people, "on_post_words": words}


def _doing(load: Load) -> str:
    """Where somebody works, else what they have; what they have not accepted yet is said apart."""
    if load.at_work:
        return _("%s 作业中") % load.at_work
    waiting = _("待接 %s 单") % load.offered if load.offered else ""
    return dotted(_("在办 %s") % load.cases if load.cases else "", waiting)
