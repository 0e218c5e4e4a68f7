"""The queues of the rail: one line each, a name and the condition under which an open case waits in it.

The conditions are SQL, written once and used twice: a list filters by one, and the counts of all of them, which stand
on every page, are one statement of constant text. Built by the ORM that statement cost more than the page around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.cases.models import OPEN, Case
from shouwen.duties.models import Duty
from shouwen.kernel import clock
from shouwen.people.viewers import StaffActor

CAP = 999


@dataclass(frozen=True)
class Queue:
    """A queue: its address, words, icon, group and condition. ``timed`` queues are sorted by what is due first.

    A condition names columns of ``cases_case`` and the values of ``_values``.
    """

    code: str
    name: str | Promise
    icon: str
    group: str | Promise
    where: str
    timed: bool = False
    tone: str = "plain"
    right: str = "case.see"

    def cases(self, rows: QuerySet[Case], viewer: StaffActor) -> QuerySet[Case]:
        """Those of ``rows`` that wait in this queue of the viewer."""
        values = _values(viewer)
        params = tuple(values[name] for name in _NAMED.findall(self.where))
        condition: Any = RawSQL(_NAMED.sub("%s", self.where), params, BooleanField())  # noqa: S611 - constant text
        return rows.filter(condition)


_NAMED = re.compile(r"%\((\w+)\)s")


def _values(viewer: StaffActor) -> dict[str, Any]:
    now = clock.now()
    return {
        "me": viewer.id,
        "posts": sorted(frozenset().union(*viewer.posts.values())),
        "now": now,
        "soon": now + timedelta(hours=2),
        "tonight": clock.end_of_day(clock.today()),
    }


_OWED = "exists (select from duties_duty d where d.matter_id = cases_case.id and d.ended_at is null and {})"
_MY_DUTY = "(d.owner_id = %(me)s or d.owner_id is null and d.owner_role = any(%(posts)s)) and d.due_at <= %(tonight)s"
_LATE = "d.state = 'open' and d.due_at < %(now)s"
_SOON = "d.state = 'open' and d.due_at >= %(now)s and d.due_at < %(soon)s"
_PAUSED = "exists (select from works_order o where o.case_id = cases_case.id and o.state = 'paused')"
_UNCONFIRMED = "back_entry and back_entry_by_id is null and first_responder_id <> %(me)s"

MINE, TAKE, RISK = _("我的"), pgettext_lazy("group of queues", "受理"), _("风险")

QUEUES: tuple[Queue, ...] = (
    Queue("today", _("今日应办"), "clipboard-check", MINE, _OWED.format(_MY_DUTY), timed=True),
    Queue("first", _("我首问的"), "flag", MINE, "first_responder_id = %(me)s"),
    Queue("hand", _("我经手的"), "user", MINE, "handler_id = %(me)s"),
    Queue(
        "received",
        _("待受理"),
        "inbox",
        TAKE,
        "cases_case.state = 'received' and cases_case.kind <> 'repair'",
    ),
    Queue("pool", _("待派工"), "send", TAKE, "cases_case.state = 'received' and cases_case.kind = 'repair'"),
    Queue("working", _("处理中"), "tool", TAKE, "cases_case.state = 'working'"),
    Queue("done", _("待回访"), "phone", TAKE, "cases_case.state = 'done'"),
    Queue("paused", _("停表中"), "player-pause", TAKE, _PAUSED),
    Queue("overdue", _("已超时"), "alert-octagon", RISK, _OWED.format(_LATE), timed=True, tone="over"),
    Queue("soon", _("2 小时内到期"), "hourglass", RISK, _OWED.format(_SOON), timed=True, tone="soon"),
    Queue("reopened", _("不满意重开"), "refresh", RISK, "reopened > 0"),
    Queue("confirm", _("补录待确认"), "rubber-stamp", RISK, _UNCONFIRMED, right="case.supervise"),
)


def queue(code: str) -> Queue:
    """The queue of this address; KeyError for another."""
    return {q.code: q for q in QUEUES}[code]


def base(viewer: StaffActor, community_id: int) -> QuerySet[Case]:
    """The open cases of the community that the viewer may see."""
    return Case.objects.visible_to(viewer).filter(community_id=community_id, closed_at=None).open()


@cache
def _counting() -> str:
    """One statement that counts every queue, no further than the cap; a queue without the right counts nothing.

    Which cases are seen is ``Case.objects.visible_to`` in other words: a test holds both to the same rows.
    """
    states = ", ".join(f"'{state}'" for state in OPEN)
    seen = (
        f"cases_case.community_id = %(here)s and cases_case.closed_at is null and cases_case.state in ({states})"
        " and (about_id is null or about_id <> %(me)s)"
        " and case when cases_case.kind = 'complaint' then %(complaints)s else %(cases)s end"
    )
    parts = (
        f"select '{q.code}', count(*) from (select from cases_case where {seen} and ({q.where}) limit {CAP + 1}) as rows"
        f" where %({q.right})s"
        for q in QUEUES
    )
    return " union all ".join(parts)


def counts(viewer: StaffActor, community_id: int) -> dict[str, int]:
    """How many cases wait in each queue, capped at 1000, in one statement."""
    rights = {right: viewer.may(right, community_id) for right in {q.right for q in QUEUES}}
    values = _values(viewer) | rights
    values |= {
        "here": community_id,
        "cases": rights["case.see"],
        "complaints": viewer.may("complaint.see", community_id),
    }
    with connection.cursor() as cursor:
        cursor.execute(_counting(), values)
        found = dict(cursor.fetchall())
    return {q.code: found[q.code] for q in QUEUES if rights[q.right]}


def ordered(q: Queue, viewer: StaffActor, community_id: int) -> QuerySet[Case]:
    """The cases of a queue in working order: what is due first, else what came first."""
    cases = q.cases(base(viewer, community_id), viewer)
    owed = Duty.objects.open().filter(matter_id=OuterRef("pk"))
    if q.code == "today":
        posts = frozenset().union(*viewer.posts.values())
        owed = owed.owed_by(viewer, posts)
    due = owed.order_by("due_at").values("due_at")[:1]
    return cases.annotate(due=due).order_by(F("due").asc(nulls_last=True), "opened_at", "id")
