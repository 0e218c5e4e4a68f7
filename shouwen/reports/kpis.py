"""The KPIs of the house: each one declaration with one statement that names its members, and nothing else to keep.

A statement yields a row per member: ``id`` as text, ``base`` (in the denominator), ``counted`` (in the numerator) and
``apart`` (empty, or why it is in neither: ``back_entry``, ``unconfirmed``). Figure, frozen figure and drill-down
all come from it. It may use ``:community``, ``:start`` and ``:end`` (half-open), ``:now`` and ``:zone``.
``docs/kpi.md`` has the same texts and a worked example; a test keeps both true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REWORK_DAYS = 30

# A case recorded later than it happened counts only after a second person has confirmed it.
_UNPROVEN = "(c.back_entry and c.back_entry_by_id is null)"

# Completions of repairs. The row knows the one that stands; one that a reopening took back is in the journal.
_COMPLETED = """
  select c.id as matter, c.done_at as at
  from cases_case c
  where c.community_id = :community and c.kind = 'repair' and c.done_at >= :start and c.done_at < :end
  union all
  select e.matter_id, e.at
  from kernel_entry o
  join kernel_entry e on e.matter_id = o.matter_id and e.verb = 'case:done'
  where o.community_id = :community and o.verb = 'case:reopened' and o.recorded_at >= :start
    and e.at >= :start and e.at < :end
"""


# The same sending was begun in time: its arrival, owed from each dispatch on, was kept before the work ended.
_BEGUN = """ or exists (
         select from duties_duty a
         where a.matter_id = d.matter_id and a.clause in ('repair.arrive', 'repair.arrive.urgent', 'repair.arrive.agreed')
           and a.state = 'met'
           and a.born_at >= d.born_at and a.born_at <= coalesce(d.ended_at, :now)
       )"""


def _kept(*clauses: str, or_else: str = "") -> str:
    """Cases whose duties of these clauses fell due: all of them kept (``or_else`` also counts), or not."""
    names = ", ".join(f"'{clause}'" for clause in clauses)
    return f"""
select c.id::text as id,
       not {_UNPROVEN} as base,
       not {_UNPROVEN} and bool_and(d.state = 'met'{or_else}) as counted,
       case when {_UNPROVEN} then 'back_entry' else '' end as apart
from duties_duty d
join cases_case c on c.id = d.matter_id
where d.community_id = :community and d.clause in ({names})
  and d.due_at >= :start and d.due_at < :end
  and d.state <> 'void'
  and (d.ended_at is not null or coalesce(d.paused_at, :now) > d.due_at)
group by c.id
"""


# Reported again at the same place within the days: one look into an index for each completion, so that a place with a
# thousand reports costs no more than one with two.
_AGAIN = f"""select from cases_case r
           where r.category_id = c.category_id and r.kind = 'repair' and r.state not in ('cancelled', 'merged')
             and r.opened_at > d.at and r.opened_at <= d.at + interval '{REWORK_DAYS} days'
             and not (r.back_entry and r.back_entry_by_id is null)"""

_REWORK = f"""
select c.id::text as id,
       not {_UNPROVEN} as base,
       not {_UNPROVEN} and (
         case when c.unit_id is not null then exists (
           {_AGAIN} and r.unit_id = c.unit_id)
         when c.space_id is not null then exists (
           {_AGAIN} and r.space_id = c.space_id and r.unit_id is null)
         else false end
         or case when c.reopened > 0 then exists (
           select from kernel_entry e
           where e.matter_id = c.id and e.verb = 'case:reopened'
             and e.recorded_at > d.at and e.recorded_at <= d.at + interval '{REWORK_DAYS} days')
         else false end
       ) as counted,
       case when {_UNPROVEN} then 'back_entry' else '' end as apart
from (select matter, min(at) as at from ({_COMPLETED}) every group by matter) d
join cases_case c on c.id = d.matter and c.kind = 'repair' and c.state not in ('cancelled', 'merged')
"""

_FOLLOW_UP = f"""
select c.id::text as id,
       not {_UNPROVEN} as base,
       not {_UNPROVEN} and bool_and(exists (
         select from cases_followup f
         where f.case_id = c.id and f.at >= d.at
           and f.at < (date_trunc('day', d.at at time zone :zone) + interval '1 day') at time zone :zone
       )) as counted,
       case when {_UNPROVEN} then 'back_entry' else '' end as apart
from ({_COMPLETED}) d
join cases_case c on c.id = d.matter and c.kind = 'repair' and c.state not in ('cancelled', 'merged') and c.space_id is null
  and c.recorded_at <= d.at
group by c.id
"""

_SATISFACTION = f"""
select distinct
       case when {_UNPROVEN} then c.id else f.id end::text as id,
       not {_UNPROVEN} as base,
       not {_UNPROVEN} and f.satisfied as counted,
       case when {_UNPROVEN} then 'back_entry' else '' end as apart
from cases_followup f
join cases_case c on c.id = f.case_id
where f.community_id = :community and f.at >= :start and f.at < :end and f.outcome = 'reached'
union all
select c.id::text, false, false, 'unconfirmed'
from cases_case c
where c.community_id = :community and c.closed_at >= :start and c.closed_at < :end and c.state = 'unconfirmed'
"""

_COMPLAINTS = f"""
select c.id::text as id, false as base, not {_UNPROVEN} as counted,
       case when {_UNPROVEN} then 'back_entry' else '' end as apart
from cases_case c
where c.community_id = :community and c.kind = 'complaint' and c.opened_at >= :start and c.opened_at < :end
  and c.state not in ('cancelled', 'merged')
union all
select u.id::text, true, false, ''
from estate_unit u
where u.community_id = :community and u.retired_on is null and u.status in ('occupied', 'let')
  and u.kind in ('residence', 'shop', 'office')
"""


@dataclass(frozen=True, slots=True)
class Kpi:
    """One KPI. ``period`` is the stretch it is judged by; ``settle`` are the days after a period until nothing in its
    definition can change it any more, so that it is frozen; a change of ``sql`` raises ``version``."""

    code: str
    name: str | Promise
    sentence: str | Promise
    source: tuple[str, ...]
    sql: str
    target: Decimal | None
    version: int = 1
    unit: str = "%"
    scale: int = 100
    period: Literal["day", "week", "month"] = "month"
    better: Literal["up", "down"] = "up"
    settle: int = 0
    base_in: Literal["case", "answer", "unit"] = "case"
    counted_in: Literal["case", "answer"] = "case"

    def good(self, value: Decimal) -> bool:
        """Whether the value reaches the target."""
        if self.target is None:
            return True
        return value >= self.target if self.better == "up" else value <= self.target


KPIS: tuple[Kpi, ...] = (
    Kpi(
        code="timeliness",
        name=_("维修及时率"),
        sentence=_("本期应完工的报修中，按时到场或按时完工的占多少。停表期间不计时；一件报修本期有几次应完工，次次按时才算按时。"),
        source=("A-3.1.10", "A-0.8"),
        sql=_kept("repair.finish", "repair.finish.urgent", or_else=_BEGUN),
        target=Decimal(95),
        version=2,
        period="week",
    ),
    Kpi(
        code="completion",
        name=_("按时完工率"),
        sentence=_("本期应完工的报修中，按时完工的占多少。停表期间不计时；一件报修本期有几次应完工，次次按时才算按时。"),
        source=("A-3.1.10", "A-0.8"),
        sql=_kept("repair.finish", "repair.finish.urgent"),
        target=None,
        period="week",
    ),
    Kpi(
        code="follow_up",
        name=_("回访率"),
        sentence=_("本期完工的报修中，完工当天就回访（无论是否接通）的占多少。公共区域的报修由验收，和登记前就已完工的旧事项一样不计。"),
        source=("E-1.5.1",),
        sql=_FOLLOW_UP,
        target=Decimal(100),
        version=2,
        period="day",
    ),
    Kpi(
        code="complaint_reply",
        name=_("投诉按期答复率"),
        sentence=_("本期应答复的投诉中，按期给出明确答复的占多少。"),
        source=("E-1.5.2", "C-4.3b.4"),
        sql=_kept("complaint.reply"),
        target=Decimal(100),
    ),
    Kpi(
        code="rework",
        name=_("返修率"),
        sentence=_("本期完工的报修中，完工后 30 天内住户不满意重开，或同一地点同一分类再次报修的占多少。"),
        source=("A-3.1.10",),
        sql=_REWORK,
        target=Decimal(3),
        version=3,
        better="down",
        settle=REWORK_DAYS,
    ),
    Kpi(
        code="satisfaction",
        name=_("满意率"),
        sentence=_("本期回访接通后的有效回答中，满意的占多少。当场认可不算回答；未确认关闭另计，既不算满意也不算不满意。"),
        source=("A-3.1.11", "C-4.5"),
        sql=_SATISFACTION,
        target=Decimal(95),
        base_in="answer",
        counted_in="answer",
    ),
    Kpi(
        code="complaints",
        name=_("投诉率"),
        sentence=_("本期有效投诉（不含已取消、已并入的）与在住房屋之比，按每千户计。在住房屋是自住或出租的住宅、商铺和办公。"),
        source=("A-3.1.10",),
        sql=_COMPLAINTS,
        target=Decimal(5),
        version=2,
        unit="‰",
        scale=1000,
        better="down",
        base_in="unit",
    ),
)  # fmt: skip

BY_CODE: Mapping[str, Kpi] = {kpi.code: kpi for kpi in KPIS}

APART = {"back_entry": _("补录未确认"), "unconfirmed": _("未确认关闭")}
