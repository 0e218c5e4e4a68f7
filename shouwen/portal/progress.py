"""Where a matter stands, told to the household: steps like a parcel's, one headline, one sentence for the elder mode.

Pure: rows in, words out; tested as a table without a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext

from shouwen.cases.calling.times import agreed_words, expected_by
from shouwen.cases.models import Case, Kind, State
from shouwen.kernel import clock
from shouwen.works.models import Order, Pause
from shouwen.works.models import State as Work

REPAIR = (lazy("已受理"), lazy("已派人"), lazy("已到场"), lazy("正在修"), lazy("请您确认"))
OTHER = (lazy("已受理"), lazy("正在办"), lazy("已答复"), lazy("请您确认"))


@dataclass(frozen=True)
class Step:
    words: str
    state: Literal["passed", "current", "future"]


@dataclass(frozen=True)
class Progress:
    """``headline`` and ``promise`` stand on the card; elder mode shows and says ``sentence``."""

    headline: str
    promise: str
    steps: tuple[Step, ...]
    late: bool
    elder_promise: str

    @property
    def sentence(self) -> str:
        return _("，").join(filter(None, (self.headline, self.elder_promise)))


def progress(case: Case, order: Order | None, due: datetime | None, *, merged: bool = False) -> Progress:
    """``order`` is the last one of a repair, ``due`` what was promised and still runs.

    ``merged``: whoever asks reported the same matter a second time; another household's visits are not theirs to read.
    """
    now = clock.now()
    headline, reached = _repair(case, order) if case.kind == Kind.REPAIR else _other(case)
    headline = _together(case) if merged else headline
    # Who agreed on a later visit is not promised to be done before it, nor told that it is late.
    if (
        due is not None
        and case.preferred_at is not None
        and now < case.preferred_at
        and due < case.preferred_at
    ):
        due = None
    late = due is not None and due < now
    running = due if due is not None and not late else None
    return Progress(
        headline=headline,
        promise=_promise(case, running) if running else _late() if late else "",
        steps=_steps(
            REPAIR if case.kind == Kind.REPAIR else OTHER, reached, closed=case.closed_at is not None
        ),
        late=late,
        elder_promise=_elder_promise(case, running) if running else _late() if late else "",
    )


def technician(order: Order | None) -> str:
    """How a household calls whoever comes: 文师傅."""
    name = order.technician.name if order and order.technician else ""
    return _("%s师傅") % name[:1] if name else _("师傅")


_CLOSED: dict[str, Promise] = {
    State.SATISFIED: lazy("办好了，您已确认"),
    State.UNCONFIRMED: lazy("已关闭，没能联系上您"),
    State.CANCELLED: lazy("已取消"),
    State.MERGED: lazy("并入另一件一起办"),
}


def _together(case: Case) -> str:
    if case.state in _CLOSED or case.state == State.DONE:
        return _("和别人报的同一件事，办好了")
    return _("和别人报的同一件事，正在一起办")


def _repair(case: Case, order: Order | None) -> tuple[str, int]:
    """The headline, and how many steps are reached."""
    if case.state in _CLOSED:
        return str(_CLOSED[State(case.state)]), 5
    if case.state == State.DONE:
        return _("修好了，请您确认"), 5
    if order is None or order.state == Work.POOL:
        when = appointment(case)
        return _("已受理，约好 %s 上门") % when if when else _("已受理，正在派人"), 1
    who = technician(order)
    if order.state in (Work.OFFERED, Work.ACCEPTED):
        return visit(case, order, who), 2
    if order.state == Work.PAUSED:
        return _("先停一停：%s") % dict(Pause.choices).get(
            order.pause_reason, _("等消息")
        ), 4 if order.arrived_at else 2
    if order.state == Work.FINISHED:
        return _("修完了，等验收"), 4
    return _("%s正在修") % who, 4


def visit(case: Case, order: Order, who: str) -> str:
    """The technician comes: on the day carried over to, at the time agreed, or as soon as possible."""
    if order.carried_to:
        return _("%(who)s改到 %(day)s 上门") % {"who": who, "day": day_words(order.carried_to)}
    if when := appointment(case):
        return _("%(who)s会在 %(when)s 上门") % {"who": who, "when": when}
    return _("%s会上门来修") % who


def appointment(case: Case) -> str:
    """When somebody comes, as it was agreed: 明天 14:30, 明天 09:00–12:00; empty once it has passed."""
    by = expected_by(case)
    if case.preferred_at is None or by is None or by <= clock.now():
        return ""
    return agreed_words(case, moment_words(case.preferred_at))


def _other(case: Case) -> tuple[str, int]:
    if case.state in _CLOSED:
        return str(_CLOSED[State(case.state)]), 4
    if case.state == State.DONE:
        return _("答复您了，请您确认"), 4
    if case.answered_at:
        return _("已答复您，还在办"), 3
    if case.state == State.WORKING:
        return _("正在办"), 2
    return _("收到了，马上有人办"), 1


def _steps(names: tuple[Promise, ...], reached: int, *, closed: bool) -> tuple[Step, ...]:
    """Steps before the one reached are passed; when the matter is closed all of them are."""
    return tuple(
        Step(str(name), "passed" if closed or n < reached else "current" if n == reached else "future")
        for n, name in enumerate(names, 1)
    )


def _promise(case: Case, due: datetime) -> str:
    if case.kind == Kind.REPAIR:
        return _("预计 %s修好") % _by(due)
    return _("%s答复您") % _by(due) if not case.answered_at else _("%s办好") % _by(due)


def _by(due: datetime) -> str:
    """11:47 前; a whole day that was promised is a day and not its last minute: 明天之内."""
    day = clock.local(due).date()
    if due >= clock.end_of_day(day) - timedelta(minutes=1):
        return _("%s之内") % day_words(day)
    return pgettext("by a moment", "%s 前") % moment_words(due)


def _elder_promise(case: Case, due: datetime) -> str:
    if case.kind == Kind.REPAIR:
        return _("%s前修好") % hour_words(due)
    return _("%s前答复您") % hour_words(due) if not case.answered_at else _("%s前办好") % hour_words(due)


def _late() -> str:
    return _("比说好的晚了，可以催一催")


def moment_words(moment: datetime) -> str:
    """11:47 today, 明天 10:00, 07-24 10:00 later."""
    local = clock.local(moment)
    today = clock.local(clock.now()).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{day_words(local.date())} {local:%H:%M}"


def day_words(day: date) -> str:
    today = clock.local(clock.now()).date()
    if day == today:
        return pgettext("in a sentence", "今天")
    if day == today + timedelta(days=1):
        return _("明天")
    return clock.said_day(day)


_PARTS: tuple[tuple[int, Promise], ...] = (
    (5, lazy("凌晨 %d 点")),
    (12, lazy("上午 %d 点")),
    (13, lazy("中午 %d 点")),
    (18, lazy("下午 %d 点")),
    (25, lazy("晚上 %d 点")),
)


def hour_words(moment: datetime) -> str:
    """As one says it: the full hour that ends the wait, 中午 12 点, 明天上午 10 点."""
    local = clock.local(moment - timedelta(microseconds=1))
    day, hour = local.date(), local.hour + 1
    spoken = next(words for end, words in _PARTS if hour < end) % (hour if hour <= 12 else hour - 12)
    today = clock.local(clock.now()).date()
    return spoken if day == today else _("%(day)s%(hour)s") % {"day": day_words(day), "hour": spoken}
