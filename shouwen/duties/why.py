"""Why a duty is due when it is due: what the pop-over of a clock says, and the state of the clock itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwen.duties import rulings
from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause
from shouwen.duties.models import Duty
from shouwen.duties.moments import rung_words
from shouwen.duties.sentences import sentence
from shouwen.duties.times import rung_at
from shouwen.duties.words import CLOCKS, said, value_words
from shouwen.kernel import clock
from shouwen.kernel.clock import local
from shouwen.kernel.models import Entry
from shouwen.kernel.text import joined


@dataclass(frozen=True, slots=True)
class Reasons:
    """Title, lines (what, value), the source clauses with the version, and the ladder in one line."""

    title: str
    lines: tuple[tuple[str, str], ...]
    source: str
    ladder: str


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clock of a duty now: ``kind`` is a Duty.State, or ``over``; ``left`` and ``total`` on its own clock.

    ``runs_from``: since when nothing stops the clock before the due moment; None for now, or where it is past.
    """

    kind: str
    left: timedelta
    total: timedelta
    reason: str = ""
    runs_from: datetime | None = None

    @property
    def used(self) -> int:
        """Percent of the time used, 0 to 100."""
        if self.total <= timedelta(0):
            return 100
        return max(0, min(100, round(100 * (1 - self.left / self.total))))


def explain(duty: Duty) -> Reasons:
    """The reasons of one duty; reads its pauses from the journal."""
    clause = book().clause(duty.clause)
    if clause is None:
        return Reasons(duty.clause, (_due(duty),), duty.clause, "")
    ask = rulings.asking(duty.community_id, duty.born_at)
    lines = [
        (_("规则"), sentence(clause, ask, rulings.read_span(duty.span), brief=True)),
        (_("起算"), _moment(duty.born_at)),
        (_("计时"), str(CLOCKS[clause.clock])),
        *_pauses(duty, clause),
        _due(duty),
        *_provisional(duty, clause),
    ]
    if duty.opens_at and duty.opens_at > duty.born_at:
        lines.insert(lines.index(_due(duty)), (_("最早"), _moment(duty.opens_at)))
    if duty.need > 1 or duty.pool is not None:
        lines.append((_("进度"), f"{duty.done} / {duty.need}"))
    if duty.limit_at:
        lines.append((_("最迟"), _moment(duty.limit_at)))
    if duty.ended_at:
        lines.append((_("结束"), f"{_moment(duty.ended_at)} {duty.get_state_display()}"))
    source = _("%(source)s 第 %(version)d 版") % {
        "source": joined(clause.source),
        "version": duty.clause_version,
    }
    return Reasons(said(clause.title), tuple(lines), source, _ladder(duty, clause))


def why(duty: Duty) -> list[tuple[str, str]]:
    """Rule and version, start, each pause, due and ladder as pairs."""
    reasons = explain(duty)
    return [*reasons.lines, (_("依据"), reasons.source), (_("提醒"), reasons.ladder)]


def clock_state(duty: Duty, now: datetime | None = None) -> ClockState:
    """What is left on the duty's own clock: service time stands still while the centre is closed."""
    now = now or clock.now()
    clause = book().clause(duty.clause)
    counts = clause.clock if clause else "elapsed"
    total = timedelta(seconds=duty.budget)
    if duty.ended_at is not None or duty.due_at is None:
        return ClockState(duty.state, timedelta(0), total)
    calendar = rulings.kept_calendar(duty.community_id, duty.calendar_version)
    stopped = duty.paused_at if duty.state == Duty.State.PAUSED else None
    left = calendar.between(stopped or now, duty.due_at, counts)
    if stopped:
        return ClockState(duty.state, left, total, duty.pause_reason)
    if duty.due_at < now:
        return ClockState("over", left, total)
    runs_from = None
    if left < duty.due_at - now:
        opens, closes = (calendar.open_intervals(now, duty.due_at) or [(duty.due_at, duty.due_at)])[-1]
        runs_from = opens if closes == duty.due_at else duty.due_at
    return ClockState(duty.state, left, total, runs_from=runs_from)


def earliest(matter_id: UUID, verb: str) -> tuple[Duty, datetime] | None:
    """The open duty that forbids a proof so early, and when it allows it; None if nothing stands against."""
    held = [
        c.code
        for c in book().clauses.values()
        if (c.hold or c.not_before) and any(p.verb == verb for p in c.until)
    ]
    if not held:
        return None
    open_duties = Duty.objects.open().filter(matter_id=matter_id, clause__in=held, opens_at__gt=clock.now())
    latest = open_duties.order_by("-opens_at").first()
    return (latest, latest.opens_at) if latest and latest.opens_at else None


def _pauses(duty: Duty, clause: Clause) -> Iterable[tuple[str, str]]:
    """Each stretch for which the clock stood still."""
    stops = {stop for stop, _go in clause.pause}
    goes = {go for _stop, go in clause.pause}
    if not stops:
        return
    began: tuple[datetime, str] | None = None
    for entry in _between(duty, stops | goes):
        if entry.verb in stops and began is None:
            began = entry.recorded_at, str(entry.data.get("reason") or "")
        elif entry.verb in goes and began:
            yield _pause(began, entry.recorded_at)
            began = None
    if began:
        yield _pause(began, duty.ended_at)


def _between(duty: Duty, verbs: set[str]) -> QuerySet[Entry]:
    entries = Entry.objects.filter(matter_id=duty.matter_id, verb__in=verbs, recorded_at__gte=duty.born_at)
    if duty.ended_at:
        entries = entries.filter(recorded_at__lte=duty.ended_at)
    return entries.order_by("id")


def _pause(began: tuple[datetime, str], until: datetime | None) -> tuple[str, str]:
    start, reason = began
    end = _moment(until) if until else _("现在")
    stretch = f"{_moment(start)} – {end}"
    return _("停表"), f"{stretch} {value_words('reason', reason)}".strip()


def _due(duty: Duty) -> tuple[str, str]:
    return (_("应于"), _moment(duty.due_at)) if duty.due_at else (_("应于"), _("办结为止"))


def _provisional(duty: Duty, clause: Clause) -> Iterable[tuple[str, str]]:
    """Says so where the days of a year were guessed when the duty was born."""
    span = rulings.read_span(duty.span)
    minds = clause.clock == "service" or clause.roll != "none" or (span is not None and span.business_days)
    if duty.due_at is None or not minds:
        return
    calendar = rulings.kept_calendar(duty.community_id, duty.calendar_version)
    if years := calendar.guessed(duty.born_at, duty.due_at):
        words = {"years": joined(map(str, years))}
        yield _("日历"), _("%(years)s 年的假日产生时还没公布，按平日暂算") % words


def _ladder(duty: Duty, clause: Clause) -> str:
    """Each rung with its moment; those raised are marked."""
    if duty.due_at is None:
        return _("每 %(span)s 提醒一次，直到办结") % {"span": clause.remind}
    calendar = rulings.kept_calendar(duty.community_id, duty.calendar_version)
    names, higher = {1: _("提醒本人"), 2: _("报上一级")}, _("再报上一级")
    parts = []
    for number, rung in enumerate(clause.rungs, start=1):
        moment = rung_at(rung, duty.due_at, duty.budget, clause.clock, calendar)
        mark = "✓" if number <= duty.rung else ""
        parts.append(f"{rung_words(rung)} {names.get(rung.level, higher)} {_moment(moment)}{mark}")
    return " → ".join(parts)


def _moment(moment: datetime) -> str:
    """07-22 08:49, with the year when it is another one."""
    here, now = local(moment), local(clock.now())
    return f"{here:%m-%d %H:%M}" if here.year == now.year else f"{here:%Y-%m-%d %H:%M}"
