"""Duties as clocks: the chip of a row, the clocks under the steps of a case, and the why behind each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
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
MISSED = (Duty.State.LATE, Duty.State.BREACHED)
_MISSED = Q(state__in=MISSED)

Missed = Mapping[Any, Collection[str]]
"""The clauses of each matter that were not kept in time."""


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
    until: tuple[tuple[int, str], ...] = ()
    if duty.state == Duty.State.PAUSED:
        return look.held_clock(pause_words(duty.pause_reason), now.used)
    left, total, used = duty.due_at - clock.now(), now.total, now.used
    span = parse_duration(duty.span) if duty.span else None
    if span is None or span.by_day:
        # Promised by the day, not by the hour: days are told as the calendar has them.
        total = duty.due_at - duty.born_at
        used = why.ClockState(now.kind, left, total).used
    elif now.runs_from is not None:
        until = _until(duty.due_at, now.runs_from)
    return look.running_clock(
        _seconds(left), _seconds(total), used=used, until=until, suffix=suffix,
        **(explained(duty) if explain else {}),
    )  # fmt: skip


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _until(due: datetime, runs_from: datetime) -> tuple[tuple[int, str], ...]:
    """The due moment in words for as long as closed hours lie before it, as each day on which it is read says it."""
    local = clock.local(due)
    day, tomorrow = clock.start_of_day(local.date()), clock.start_of_day(local.date() - timedelta(days=1))
    said = (
        (tomorrow, clock.said(due)), (day, _("明天 %s") % f"{local:%H:%M}"), (runs_from, f"{local:%H:%M}"),
    )  # fmt: skip
    return tuple((_seconds(due - min(turn, runs_from)), _("%s 前") % words) for turn, words in said)


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


def ever_late(matter: str) -> Exists:
    """A condition: something about the matter of this column was done later than promised, or not at all."""
    return Exists(Duty.objects.filter(_MISSED, matter_id=OuterRef(matter)))


def tags(case: Case, late: Missed) -> tuple[look.Tag, ...]:
    """What stands beside the room: urgent, urged, an unconfirmed back-entry, and what no running clock tells of: a late
    arrival, and of a closed case that anything else was late.
    """
    missed = late.get(case.pk, ())
    arrived = any(code in ARRIVALS for code in missed)
    return (
        *((look.urgent_tag(),) if case.urgent else ()),
        *(
            (look.urged_tag(case.urges),)
            if case.urges and case.done_at is None and case.closed_at is None
            else ()
        ),
        *((look.late_arrival_tag(),) if arrived else ()),
        *((look.once_late_tag(),) if missed and not arrived and case.closed_at is not None else ()),
        *((look.unproven_tag(),) if case.back_entry and case.back_entry_by_id is None else ()),
    )


def promises(matters: Iterable[Any]) -> tuple[dict[Any, Duty], Missed]:
    """For each matter the open duty that is due first, and what was not kept in time; one query."""
    asked = Duty.objects.filter(Q(ended_at__isnull=True) | _MISSED, matter_id__in=list(matters))
    first: dict[Any, Duty] = {}
    missed: dict[Any, set[str]] = {}
    for duty in asked.order_by(F("due_at").asc(nulls_last=True), "pk"):
        if duty.ended_at is None:
            first.setdefault(duty.matter_id, duty)
        else:
            missed.setdefault(duty.matter_id, set()).add(duty.clause)
    return first, missed


def first_due(matters: Iterable[Any]) -> dict[Any, Duty]:
    """For each matter the open duty that is due first; one query."""
    duties = Duty.objects.open().filter(matter_id__in=list(matters)).order_by("matter_id", "due_at")
    return {d.matter_id: d for d in duties.distinct("matter_id")}
