"""The queues of the rail: one line each, a name and a question over cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.cases.models import Case, Kind, State
from shouwen.duties.models import Duty
from shouwen.kernel import clock
from shouwen.people.viewers import StaffActor
from shouwen.works.models import Order

CAP = 999


@dataclass(frozen=True)
class Queue:
    """A queue: its address, words, icon, and the cases in it. ``timed`` queues are sorted by what is due first."""

    code: str
    name: str | Promise
    icon: str
    group: str | Promise
    cases: Callable[[QuerySet[Case], StaffActor], QuerySet[Case]]
    timed: bool = False
    tone: str = "plain"
    right: str = "case.see"


def _owed(viewer: StaffActor, **when: object) -> QuerySet[Duty]:
    return Duty.objects.open().filter(matter_id=OuterRef("pk"), **when)


def _mine(viewer: StaffActor) -> QuerySet[Duty]:
    """What the viewer owes by name or by post, until the end of today."""
    posts = frozenset().union(*viewer.posts.values())
    owed = Duty.objects.open().owed_by(viewer, posts).filter(matter_id=OuterRef("pk"))
    return owed.filter(due_at__lte=clock.end_of_day(clock.today()))


def _today(cases: QuerySet[Case], viewer: StaffActor) -> QuerySet[Case]:
    return cases.filter(Exists(_mine(viewer)))


def _overdue(cases: QuerySet[Case], viewer: StaffActor) -> QuerySet[Case]:
    return cases.filter(Exists(_owed(viewer, state=Duty.State.OPEN, due_at__lt=clock.now())))


def _soon(cases: QuerySet[Case], viewer: StaffActor) -> QuerySet[Case]:
    now = clock.now()
    return cases.filter(
        Exists(_owed(viewer, state=Duty.State.OPEN, due_at__gte=now, due_at__lt=now + timedelta(hours=2)))
    )


def _paused(cases: QuerySet[Case], viewer: StaffActor) -> QuerySet[Case]:
    return cases.filter(Exists(Order.objects.filter(case=OuterRef("pk"), state="paused")))


def _confirm(cases: QuerySet[Case], viewer: StaffActor) -> QuerySet[Case]:
    return cases.filter(back_entry=True, back_entry_by=None).exclude(first_responder_id=viewer.id)


MINE, TAKE, RISK = _("我的"), _("受理"), _("风险")

QUEUES: tuple[Queue, ...] = (
    Queue("today", _("今日应办"), "clipboard-check", MINE, _today, timed=True),
    Queue("first", _("我首问的"), "flag", MINE, lambda c, v: c.filter(first_responder_id=v.id)),
    Queue("hand", _("我经手的"), "user", MINE, lambda c, v: c.filter(handler_id=v.id)),
    Queue("received", _("待受理"), "inbox", TAKE, lambda c, v: c.filter(state=State.RECEIVED).exclude(kind=Kind.REPAIR)),
    Queue("pool", _("待派工"), "send", TAKE, lambda c, v: c.filter(state=State.RECEIVED, kind=Kind.REPAIR)),
    Queue("working", _("处理中"), "tool", TAKE, lambda c, v: c.filter(state=State.WORKING)),
    Queue("done", _("待回访"), "phone", TAKE, lambda c, v: c.filter(state=State.DONE)),
    Queue("paused", _("停表中"), "player-pause", TAKE, _paused),
    Queue("overdue", _("已超时"), "alert-octagon", RISK, _overdue, timed=True, tone="over"),
    Queue("soon", _("2 小时内到期"), "hourglass", RISK, _soon, timed=True, tone="soon"),
    Queue("reopened", _("不满意重开"), "refresh", RISK, lambda c, v: c.filter(reopened__gt=0)),
    Queue("confirm", _("补录待确认"), "rubber-stamp", RISK, _confirm, right="case.supervise"),
)  # fmt: skip


def queue(code: str) -> Queue:
    """The queue of this address; KeyError for another."""
    return {q.code: q for q in QUEUES}[code]


def base(viewer: StaffActor, community_id: int) -> QuerySet[Case]:
    """The open cases of the community that the viewer may see."""
    return Case.objects.visible_to(viewer).filter(community_id=community_id).open()


def counts(viewer: StaffActor, community_id: int) -> dict[str, int]:
    """How many cases wait in each queue, capped at 1000, in one statement."""
    parts: list[str] = []
    params: list[Any] = []
    seen = base(viewer, community_id)  # built once: the rail stands on every page
    for q in QUEUES:
        if not viewer.may(q.right, community_id):
            continue
        rows = q.cases(seen, viewer).order_by().values("pk")[: CAP + 1]
        sql, bound = rows.query.sql_with_params()
        parts.append(f"select '{q.code}', count(*) from ({sql}) as rows")
        params += bound

    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts), params)
        return dict(cursor.fetchall())


def ordered(q: Queue, viewer: StaffActor, community_id: int) -> QuerySet[Case]:
    """The cases of a queue in working order: what is due first, else what came first."""
    cases = q.cases(base(viewer, community_id), viewer)
    owed = _mine(viewer) if q.code == "today" else Duty.objects.open().filter(matter_id=OuterRef("pk"))
    due = owed.order_by("due_at").values("due_at")[:1]
    return cases.annotate(due=due).order_by(F("due").asc(nulls_last=True), "opened_at", "id")
