"""The SQL by which facts change duties. Each statement reads nothing back; rows that have ended are never touched.

``proof`` says what ended a duty: a fact of the work, a hand that signed for it, an excuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shouwen.kernel.journal import Fact
from shouwen.kernel.writes import Statement

# --- births -------------------------------------------------------------------------------------------------------

BORN = (
    ("id", "uuid"), ("community_id", "bigint"), ("clause", "text"), ("clause_version", "smallint"),
    ("calendar_version", "int"), ("matter_kind", "text"), ("matter_id", "uuid"), ("unit_id", "bigint"),
    ("entry_id", "uuid"), ("owner_role", "text"), ("owner_id", "bigint"), ("about_id", "bigint"), ("span", "text"),
    ("budget", "int"), ("born_at", "timestamptz"), ("opens_at", "timestamptz"), ("due_at", "timestamptz"),
    ("limit_at", "timestamptz"), ("next_at", "timestamptz"), ("short", "bool"), ("look_owner", "bool"),
    ("look_about", "bool"),
)  # fmt: skip
LAID = (
    ("id", "uuid"), ("community_id", "bigint"), ("clause", "text"), ("clause_version", "smallint"),
    ("calendar_version", "int"), ("matter_id", "uuid"), ("unit_id", "bigint"), ("entry_id", "uuid"),
    ("owner_role", "text"), ("span", "text"), ("budget", "int"), ("born_at", "timestamptz"), ("opens_at", "timestamptz"),
    ("due_at", "timestamptz"), ("lapses_at", "timestamptz"), ("next_at", "timestamptz"), ("subject", "text"),
    ("slot", "text"), ("period", "date"), ("need", "int"), ("share", "smallint"), ("pool", "int"), ("short", "bool"),
    ("secret", "bool"), ("carry", "bool"),
)  # fmt: skip


def _unnest(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"%s::{kind}[]" for _, kind in columns)


def _names(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(name for name, _ in columns)


# Who a fact doesn't name was named by an earlier fact of the matter: the journal knows, up to the fact of birth.
_LOOK = """(select case when jsonb_typeof(e.data -> {field}) = 'number' then (e.data ->> {field})::bigint end
            from kernel_entry e where {look} and e.matter_id = b.matter_id and e.id <= b.entry_id and e.data ? {field}
            order by e.id desc limit 1)"""
_REST = "state, pause_reason, paused_seconds"
_FRESH = "'open', '', 0"
_ALARMED = """
insert into duties_alarm (duty_id, at, rung) select b.id, b.next_at, 0 from b join born using (id) where b.next_at is not null
"""
BIRTH = f"""
with b({_names(BORN)}) as (select * from unnest({_unnest(BORN)})),
born as (insert into duties_duty (id, community_id, clause, clause_version, calendar_version, matter_kind, matter_id, unit_id,
    entry_id, owner_role, owner_id, about_id, span, budget, born_at, opens_at, due_at, limit_at, short, {_REST})
select b.id, b.community_id, b.clause, b.clause_version, b.calendar_version, b.matter_kind, b.matter_id, b.unit_id,
    b.entry_id, b.owner_role, coalesce(b.owner_id, {_LOOK.format(field="b.owner_role", look="b.look_owner")}),
    coalesce(b.about_id, {_LOOK.format(field="'about'", look="b.look_about")}),
    b.span, b.budget, b.born_at, b.opens_at, b.due_at, b.limit_at, b.short, {_FRESH}
from b on conflict (id) do nothing returning id)
{_ALARMED}"""
# What is carried over is not born again while it stands open.
_KEPT = [column for column in LAID if column[0] not in ("next_at", "carry")]
LAY = f"""
with b({_names(LAID)}) as (select * from unnest({_unnest(LAID)})),
born as (insert into duties_duty ({_names(_KEPT)}, matter_kind, {_REST})
select {", ".join(f"b.{name}" for name, _ in _KEPT)}, 'duty', {_FRESH}
from b where not (b.carry and exists (
    select from duties_duty o where o.community_id = b.community_id and o.clause = b.clause and o.subject = b.subject
        and o.slot = b.slot and o.ended_at is null))
on conflict (id) do nothing returning id)
{_ALARMED}"""

# --- ends ---------------------------------------------------------------------------------------------------------

# A stopped clock decides at the moment when it stopped. Past `due_at` is late, past `limit_at` breached.
_JUDGED = """case when due_at is null or coalesce(paused_at, %s) <= due_at then 'met'
    when limit_at is not null and coalesce(paused_at, %s) > limit_at then 'breached' else 'late' end"""
_OVER = "ended_at = %s, ended_by = %s, paused_at = null, pause_reason = ''"
_OPEN = "ended_at is null and (opens_at is null or opens_at <= %s) and (lapses_at is null or lapses_at >= %s)"

END = f"""
update duties_duty set state = {_JUDGED}, {_OVER}, proof = %s
where matter_id = %s and clause = any(%s) and {_OPEN}
"""
# One fact proves one duty of a clause: the one that is due first.
PROVE = f"""
update duties_duty set state = {_JUDGED}, {_OVER}, proof = %s
where id in (select distinct on (clause) id from duties_duty
             where community_id = %s and clause = any(%s) and subject = any(%s) and {_OPEN}
             order by clause, due_at, id)
"""
END_ONE = f"update duties_duty set state = {_JUDGED}, {_OVER}, proof = %s where id = %s and {_OPEN}"
EXCUSE = (
    f"update duties_duty set state = 'excused', {_OVER}, proof = 'excuse' where id = %s and ended_at is null"
)
VOID = f"""
update duties_duty set state = 'void', {_OVER} where matter_id = %s and clause = any(%s) and ended_at is null
"""
CLEAR = f"""
update duties_duty set state = 'void', {_OVER}
where community_id = %s and clause = any(%s) and subject = any(%s) and ended_at is null
"""
# A share of nothing is nothing that was owed; a flow that has enough when its period ends is met.
LAPSE = """
update duties_duty d set ended_at = d.lapses_at, ended_by = l.entry, paused_at = null, pause_reason = '',
    state = case when d.pool = 0 then 'void' when d.pool is not null and d.done >= d.need then 'met' else 'breached' end
from unnest(%s::uuid[], %s::uuid[]) l(id, entry) where d.id = l.id and d.ended_at is null and d.lapses_at is not null
"""

# --- quotas -------------------------------------------------------------------------------------------------------

_COUNTED = """
update duties_duty set done = done + c.amount, proof = case when proof = 'hand' then proof else %s end,
    state = case when pool is null and done + c.amount >= need then {judged} else state end,
    ended_at = case when pool is null and done + c.amount >= need then %s::timestamptz end,
    ended_by = case when pool is null and done + c.amount >= need then %s::uuid end
from c where id = c.duty_id
"""
TALLY = f"""
with c as (
    insert into duties_tally (duty_id, key, amount, entry_id)
    select distinct on (clause) id, %s, %s::int, %s::uuid from duties_duty
    where community_id = %s and clause = any(%s) and subject = any(%s) and {_OPEN}
    order by clause, due_at, id
    on conflict do nothing returning duty_id, amount)
{_COUNTED.format(judged=_JUDGED)}
"""
TALLY_ONE = f"""
with c as (
    insert into duties_tally (duty_id, key, amount, entry_id)
    select id, %s, %s::int, %s::uuid from duties_duty where id = %s and {_OPEN}
    on conflict do nothing returning duty_id, amount)
{_COUNTED.format(judged=_JUDGED)}
"""
POOL = f"""
update duties_duty set pool = pool + 1, need = ceil((pool + 1) * share / 100.0)
where community_id = %s and clause = any(%s) and pool is not null and {_OPEN}
"""

# --- members of sets ----------------------------------------------------------------------------------------------

JOIN = """
insert into duties_member (community_id, set, key, unit_id, opened_at, entry_id)
values (%s, %s, %s, %s, %s, %s) on conflict (community_id, set, key) where closed_at is null do nothing
"""
LEAVE = "update duties_member set closed_at = %s where community_id = %s and set = %s and key = %s and closed_at is null"
MEMBERS = """
select community_id, set, key, unit_id from duties_member
where community_id = any(%s) and opened_at < %s and (closed_at is null or closed_at >= %s) order by 1, 2, 3
"""

# --- clocks and owners --------------------------------------------------------------------------------------------

PAUSE = """
update duties_duty set state = 'paused', paused_at = %s, pause_reason = %s
where matter_id = %s and clause = any(%s) and state = 'open'
"""
OWN = "update duties_duty set owner_id = %s where matter_id = %s and owner_role = %s and ended_at is null"
OWN_ONE = "update duties_duty set owner_id = %s where id = %s and ended_at is null"
RAISE = """
update duties_alarm a set rung = greatest(a.rung, r.rung), at = r.at
from unnest(%s::uuid[], %s::smallint[], %s::timestamptz[]) r(id, rung, at) where a.duty_id = r.id
"""
_RUNG = "coalesce((select a.rung from duties_alarm a where a.duty_id = d.id), 0)"
_SET_ALARMS = """
insert into duties_alarm (duty_id, at, rung) select r.id, r.next_at, 0 from r join d using (id)
on conflict (duty_id) do update set at = excluded.at
"""
PAUSED = f"""
select id, clause, community_id, calendar_version, due_at, limit_at, paused_at, budget, {_RUNG} from duties_duty d
where matter_id = %s and clause = any(%s) and state = 'paused' order by id for update
"""
RESUME = f"""
with r(id, due_at, limit_at, next_at, seconds) as (
    select * from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[])),
d as (update duties_duty d set state = 'open', due_at = r.due_at, limit_at = r.limit_at,
    paused_seconds = d.paused_seconds + r.seconds, paused_at = null, pause_reason = ''
    from r where d.id = r.id returning d.id)
{_SET_ALARMS}"""
OPENING = (
    "select at, recorded_at from kernel_entry where matter_id = %s and verb = any(%s) order by id limit 1"
)
# Born of the opening itself: what a later reopening bore is counted from its own time.
ANCHORED = f"""
select id, clause, community_id, calendar_version, span, {_RUNG}, paused_at from duties_duty d
where matter_id = %s and clause = any(%s) and ended_at is null and born_at <= %s + interval '1 minute'
  and paused_seconds = 0 and due_at is not null order by id for update
"""
ANCHOR = f"""
with r(id, born_at, due_at, limit_at, budget, next_at) as (
    select * from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::int[], %s::timestamptz[])),
d as (update duties_duty d set born_at = r.born_at, due_at = r.due_at, limit_at = r.limit_at, budget = r.budget
    from r where d.id = r.id returning d.id)
{_SET_ALARMS}"""


def columns(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Rows as the columns that ``unnest`` takes."""
    return [list(column) for column in zip(*rows, strict=True)]


# --- the statements of a fact -------------------------------------------------------------------------------------


def _judged(fact: Fact, proof: str) -> list[Any]:
    at = fact.recorded_at
    return [at, at, at, fact.id, proof]


def _counted(fact: Fact, proof: str) -> list[Any]:
    at = fact.recorded_at
    return [at, at, proof, at, at, at, fact.id]


def end(fact: Fact, proof: str, matter: UUID, clauses: list[str]) -> Statement:
    """The duties of a matter end."""
    at = fact.recorded_at
    return END, [*_judged(fact, proof), matter, clauses, at, at]


def prove(fact: Fact, proof: str, clauses: list[str], subjects: list[str]) -> Statement:
    """Of each clause the duty of the period that is due first ends."""
    at = fact.recorded_at
    return PROVE, [*_judged(fact, proof), fact.community, clauses, subjects, at, at]


def end_one(fact: Fact, proof: str) -> Statement:
    """The duty that the fact is about ends."""
    at = fact.recorded_at
    return END_ONE, [*_judged(fact, proof), UUID(fact.subject_id), at, at]


def excuse(fact: Fact) -> Statement:
    return EXCUSE, [fact.recorded_at, fact.id, UUID(fact.subject_id)]


def void(fact: Fact, matter: UUID, clauses: list[str]) -> Statement:
    return VOID, [fact.recorded_at, fact.id, matter, clauses]


def clear(fact: Fact, clauses: list[str], subjects: list[str]) -> Statement:
    """The duties of a period are no longer owed."""
    return CLEAR, [fact.recorded_at, fact.id, fact.community, clauses, subjects]


def tally(fact: Fact, proof: str, clause: str, subjects: list[str], key: str, amount: int) -> Statement:
    """The fact counts towards the quota of the period that is due first."""
    head = [key, amount, fact.id, fact.community, [clause], subjects]
    return TALLY, [*head, *_counted(fact, proof)]


def tally_one(fact: Fact, key: str, amount: int) -> Statement:
    """The fact counts, by hand, towards the quota that it is about."""
    return TALLY_ONE, [key, amount, fact.id, UUID(fact.subject_id), *_counted(fact, "hand")]


def pool(fact: Fact, clauses: list[str]) -> Statement:
    """One more fact of which a share is asked."""
    return POOL, [fact.community, clauses, fact.recorded_at, fact.recorded_at]


def join(fact: Fact, name: str, key: str) -> Statement:
    return JOIN, [fact.community, name, key, fact.unit, fact.recorded_at, fact.id]


def leave(fact: Fact, name: str, key: str) -> Statement:
    return LEAVE, [fact.recorded_at, fact.community, name, key]


def pause(fact: Fact, matter: UUID, clauses: list[str]) -> Statement:
    return PAUSE, [fact.recorded_at, str(fact.data.get("reason") or "")[:40], matter, clauses]


def own(person: int | None, matter: UUID, role: str) -> Statement:
    return OWN, [person, matter, role]


def own_one(fact: Fact, person: int | None) -> Statement:
    return OWN_ONE, [person, UUID(fact.subject_id)]
