"""Duties as clocks: the chip of a row, the clocks under the steps of a case, and the why behind each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from shouwen.cases.models import Case
from shouwen.duties import why
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty
from shouwen.duties.words import said
from shouwen.front import look
from shouwen.kernel import clock
from shouwen.kernel.clock import parse_duration
from shouwen.works.models import Pause

ARRIVALS = ("repair.arrive", "repair.arrive.urgent", "repair.arrive.agreed")
_LATE = Duty.objects.filter(clause__in=ARRIVALS, state=Duty.State.LATE)


def chip(duty: Duty, *, explain: bool = False, suffix: str = "") -> look.Clock:
    """The chip of one duty. ``explain`` adds the why, which costs a few reads: for one case, not for a list.

    ``suffix`` says what is owed where nothing beside the chip does: 剩 18分到场.
    """
    if duty.state == Duty.State.MET:
        return look.kept_clock(_("按时"))
    if duty.state == Duty.State.LATE:
        return look.plain_clock(_("逾期完成"), "check")
    if duty.due_at is None:
        return look.plain_clock(_("办结为止"), "clock")
    now = why.clock_state(duty)
    if duty.state == Duty.State.PAUSED:
        return look.held_clock(pause_words(duty.pause_reason), now.used)
    left, total = int(now.left.total_seconds()), int(now.total.total_seconds())
    wall = int((duty.due_at - clock.now()).total_seconds())
    span = parse_duration(duty.span) if duty.span else None
    if span is None or span.by_day:
        # Promised by the day, not by the hour: days are told as the calendar has them.
        left, total = wall, int((duty.due_at - duty.born_at).total_seconds())
    elif left <= 0 < wall:
        left = wall  # The centre is closed until the due moment: what is left is only the wait.
    return look.running_clock(left, total, suffix=suffix, **(explained(duty) if explain else {}))


def explained(duty: Duty) -> dict[str, Any]:
    """Rule and version, start, pauses, due and ladder, as the pop-over shows them."""
    reasons = why.explain(duty)
    return {"title": reasons.title, "why": reasons.lines, "source": reasons.source, "ladder": reasons.ladder}


def clause_words(code: str) -> str:
    """What a clause asks for, in the reader's language."""
    clause = book().clause(code)
    return said(clause.title) if clause else code


def pause_words(reason: str) -> str:
    return str(dict(Pause.choices).get(reason, _("停表")))


def arrived_late(matter: str) -> Exists:
    """A condition: somebody came later than promised to the matter of this column."""
    return Exists(_LATE.filter(matter_id=OuterRef(matter)))


def late_arrivals(matters: Iterable[Any]) -> frozenset[Any]:
    """Those of these matters where somebody came later than promised; one query."""
    return frozenset(_LATE.filter(matter_id__in=list(matters)).values_list("matter_id", flat=True))


def tags(case: Case, late: Collection[Any]) -> tuple[look.Tag, ...]:
    """What stands beside the room: urgent, urged, a late arrival that no running clock tells of, an unconfirmed back-entry."""
    return (
        *((look.urgent_tag(),) if case.urgent else ()),
        *(
            (look.urged_tag(case.urges),)
            if case.urges and case.done_at is None and case.closed_at is None
            else ()
        ),
        *((look.late_arrival_tag(),) if case.pk in late else ()),
        *((look.unproven_tag(),) if case.back_entry and case.back_entry_by_id is None else ()),
    )


def promises(matters: Iterable[Any]) -> tuple[dict[Any, Duty], frozenset[Any]]:
    """For each matter the open duty that is due first, and those where somebody came later than promised; one query."""
    late = Q(clause__in=ARRIVALS, state=Duty.State.LATE)
    asked = Duty.objects.filter(Q(ended_at__isnull=True) | late, matter_id__in=list(matters))
    duties = list(asked.order_by(F("due_at").asc(nulls_last=True), "pk"))
    first: dict[Any, Duty] = {}
    for duty in duties:
        if duty.ended_at is None:
            first.setdefault(duty.matter_id, duty)
    return first, frozenset(d.matter_id for d in duties if d.ended_at is not None)


def first_due(matters: Iterable[Any]) -> dict[Any, Duty]:
    """For each matter the open duty that is due first; one query."""
    duties = Duty.objects.open().filter(matter_id__in=list(matters)).order_by("matter_id", "due_at")
    return {d.matter_id: d for d in duties.distinct("matter_id")}
