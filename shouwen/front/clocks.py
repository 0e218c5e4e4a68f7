"""Duties as clocks: the chip of a row, the clocks under the steps of a case, and the why behind each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from shouwen.duties import why
from shouwen.duties.models import Duty
from shouwen.front import look
from shouwen.kernel import clock
from shouwen.kernel.clock import parse_duration
from shouwen.works.models import Pause


def chip(duty: Duty, *, explain: bool = False) -> look.Clock:
    """The chip of one duty. ``explain`` adds the why, which costs a few reads: for one case, not for a list."""
    if duty.state == Duty.State.MET:
        return look.kept_clock(_("按时"))
    if duty.state == Duty.State.LATE:
        return look.plain_clock(_("逾期完成"), "check")
    now = why.clock_state(duty)
    if duty.state == Duty.State.PAUSED:
        return look.held_clock(pause_words(duty.pause_reason), now.used)
    left, total = int(now.left.total_seconds()), int(now.total.total_seconds())
    wall = int((duty.due_at - clock.now()).total_seconds())
    if parse_duration(duty.span).by_day:
        # Promised by the day, not by the hour: days are told as the calendar has them.
        left, total = wall, int((duty.due_at - duty.born_at).total_seconds())
    elif left <= 0 < wall:
        left = wall  # The centre is closed until the due moment: what is left is only the wait.
    return look.running_clock(left, total, **(explained(duty) if explain else {}))


def explained(duty: Duty) -> dict[str, Any]:
    """Rule and version, start, pauses, due and ladder, as the pop-over shows them."""
    reasons = why.explain(duty)
    return {"title": reasons.title, "why": reasons.lines, "source": reasons.source, "ladder": reasons.ladder}


def pause_words(reason: str) -> str:
    return str(dict(Pause.choices).get(reason, _("停表")))


def first_due(matters: Iterable[Any]) -> dict[Any, Duty]:
    """For each matter the open duty that is due first; one query."""
    duties = Duty.objects.open().filter(matter_id__in=list(matters)).order_by("matter_id", "due_at")
    return {d.matter_id: d for d in duties.distinct("matter_id")}
