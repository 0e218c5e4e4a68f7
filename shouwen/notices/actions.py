"""Writing and reading notices. A notice is told once per person, however often its cause is repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.ids import uuid7
from shouwen.kernel.refusals import NotFound
from shouwen.kernel.writes import Statement
from shouwen.notices.models import Notice
from shouwen.notices.words import PRESSING

CAP = 99


@dataclass(frozen=True, slots=True)
class Telling:
    """The same notice for some of the staff. ``data`` holds codes, ids and moments only; ``once`` names the cause."""

    community_id: int
    staff: Sequence[int]
    code: str
    data: Mapping[str, str | int | bool | None]
    matter_kind: str
    matter_id: UUID | None
    once: str
    at: datetime


# Joined with the staff: a notice to somebody who has left is not written, and can't break the batch. What is new
# goes into the outbox in the same statement, under the same key, if the house has a mailbox and the person wants it
# by e-mail. What is said once for several of them is sent once.
_TELL = """
with said as (
    select * from unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[])
        with ordinality s(community_id, code, data, matter_kind, matter_id, once, at, turn)),
n as (
    select h.id, said.community_id, h.staff_id, said.code, said.data, said.matter_kind, said.matter_id, said.once, said.at
    from unnest(%s::uuid[], %s::bigint[], %s::int[]) h(id, staff_id, turn) join said using (turn)),
told as (
    insert into notices_notice (id, community_id, staff_id, code, data, matter_kind, matter_id, once, at)
    select n.id, n.community_id, n.staff_id, n.code, n.data, n.matter_kind, n.matter_id, n.once, n.at
    from n join people_staff s on s.id = n.staff_id and s.is_active
    on conflict (staff_id, once) do nothing returning id),
posted as (
    insert into notices_letter (id, community_id, staff_id, carrier, code, data, matter_kind, matter_id, once, at, state,
                                attempts, run_at, error)
    select n.id, n.community_id, n.staff_id, 'email', n.code, n.data, n.matter_kind, n.matter_id, n.once, n.at,
           'waiting', 0, n.at, ''
    from n join told using (id) join people_staff s on s.id = n.staff_id and s.email <> ''
    left join notices_way w on w.staff_id = n.staff_id
    where exists (select from notices_mailbox where active)
      and case coalesce(w.mail, 'late') when 'none' then false when 'late' then n.code = any(%s) else true end
    on conflict (staff_id, carrier, once) do nothing)
select count(*) from told
"""


def telling(tellings: Sequence[Telling]) -> Statement | None:
    """One statement for any number of notices, to run in the transaction of their cause."""
    heard = [(uuid7(), staff, turn) for turn, t in enumerate(tellings, start=1) for staff in t.staff]
    if not heard:
        return None
    said = [
        (t.community_id, t.code, json.dumps(dict(t.data)), t.matter_kind, t.matter_id, t.once[:120], t.at)
        for t in tellings
    ]
    columns = [list(column) for rows in (said, heard) for column in zip(*rows, strict=True)]
    return _TELL, [*columns, list(PRESSING)]


def tell(
    community_id: int,
    staff_ids: Iterable[int],
    code: str,
    *,
    data: Mapping[str, str | int | bool | None],
    matter: UUID | None,
    once: str,
    matter_kind: str = "case",
) -> int:
    """Tell these staff members; returns how many had not been told before."""
    now = clock.now()
    one = Telling(community_id, tuple(dict.fromkeys(staff_ids)), code, data, matter_kind, matter, once, now)
    if (statement := telling([one])) is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return int(cursor.fetchone()[0])


# To a resident: by e-mail where they have an address, else as a text message where the house chose so. Whoever opted
# out is asked again when it is sent; here it only saves the row.
_WRITE = """
insert into notices_letter (id, community_id, person_id, carrier, code, data, matter_kind, matter_id, once, at, state,
                            attempts, run_at, error)
select n.id, n.community_id, n.person_id, c.carrier, n.code, '{}', 'case', n.matter_id, n.once, n.at, 'waiting', 0, n.at, ''
from unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[])
     as n(id, community_id, person_id, code, matter_id, once, at)
join estate_person p on p.id = n.person_id and p.merged_into_id is null
join lateral (select case
    when p.email is not null then (select 'email' from notices_mailbox where active)
    else (select 'sms' from notices_gateway where active and homes) end) c(carrier) on c.carrier is not null
where not exists (select from notices_homeway w where w.person_id = p.id and not w.letters)
on conflict (person_id, once) do nothing
"""


@dataclass(frozen=True, slots=True)
class HomeTelling:
    """One letter to write to a resident about a matter of theirs; ``once`` names the cause."""

    community_id: int
    person_id: int
    code: str
    matter_id: UUID
    once: str
    at: datetime


def write_homes(tellings: Sequence[HomeTelling]) -> int:
    """Write letters to residents, in the transaction of their cause; returns how many were new and had a way to go."""
    if not tellings:
        return 0
    rows = [(uuid7(), t.community_id, t.person_id, t.code, t.matter_id, t.once[:120], t.at) for t in tellings]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def unread(viewer: Actor) -> int:
    """How many notices the viewer has not read, at most 100: shown as 99+."""
    return Notice.objects.to(viewer).unread()[: CAP + 1].count()


def mark_read(key: UUID, *, actor: Actor) -> Notice:
    """Mark one notice of the actor's as read; again is no fault."""
    row = Notice.objects.to(actor).filter(pk=key).first()
    if row is None:
        raise NotFound("notice.not_found")
    if row.read_at is None:
        row.read_at = clock.now()
        row.save(update_fields=["read_at"])
    return row


def mark_all_read(*, actor: Actor, until: datetime | None = None) -> int:
    """Mark what the actor has seen as read: notices up to ``until``, so that a newer one is not lost unread."""
    now = clock.now()
    return Notice.objects.to(actor).unread().filter(at__lte=until or now).update(read_at=now)
