"""The digest of the day: one notice in the morning, with what somebody owes today, what is late, and what is late below.

What is not urgent is told nowhere else. A community is claimed for a day in the transaction that tells, so that two
processes, or one that is started again, tell once; a day on which the centre is closed has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection, transaction

from shouwen.duties import rulings
from shouwen.duties.hearers import Ladder
from shouwen.duties.models import Duty
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.clock import end_of_day
from shouwen.notices.actions import Telling, telling

AT = time(8, 30)
CODE = "duty.digest"
_CLAIM = """
insert into duties_digest as d (community_id, "on") values (%s, %s)
on conflict (community_id) do update set "on" = excluded."on" where d."on" < excluded."on" returning community_id
"""
_OWED = """
select owner_role, owner_id, about_id, count(*) filter (where due_at < %s), count(*) filter (where due_at >= %s)
from duties_duty where community_id = %s and ended_at is null and state = 'open' and due_at <= %s
group by owner_role, owner_id, about_id
"""


@dataclass(frozen=True, slots=True)
class Heap:
    """The duties of one owner: as much as the ladder asks for, with what is late and what is due today."""

    community_id: int
    owner_role: str
    owner_id: int | None
    about_id: int | None
    late: int
    due: int


def tell() -> int:
    """Tell every community whose morning has come and was not told today; returns how many were. Safe to run twice."""
    told = dict(Community.objects.filter(digest__isnull=False).values_list("pk", "digest__on"))
    done, ladder = 0, Ladder()
    for community_id, zone in Community.objects.order_by("pk").values_list("pk", "zone"):
        now = clock.local(clock.now(), zone)
        today = now.date()
        if now.time() >= AT and told.get(community_id, date.min) < today:
            done += _tell(community_id, zone, today, ladder)
    return done


def _tell(community_id: int, zone: str, today: date, ladder: Ladder) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [community_id, today])
        if cursor.fetchone() is None:
            return False
        now = clock.now()
        if not rulings.calendar_at(community_id, now).is_open(today):
            return True
        cursor.execute(_OWED, [now, now, community_id, end_of_day(today, zone)])
        heaps = [Heap(community_id, *row) for row in cursor.fetchall()]
        if statement := telling(list(_tellings(community_id, heaps, ladder, now, today))):
            cursor.execute(*statement)
    return True


def _tellings(
    community_id: int, heaps: Iterable[Heap], ladder: Ladder, now: datetime, today: date
) -> Iterable[Telling]:
    """One for each who owes something today or late, or stands above somebody who is late."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: {"due": 0, "late": 0, "below": 0})
    for heap in heaps:
        owners = ladder.owners(heap)
        for staff in owners:
            counts[staff]["due"] += heap.due
            counts[staff]["late"] += heap.late
        for staff in ladder.hearers(heap, 2) if heap.late else ():
            if staff not in owners:
                counts[staff]["below"] += heap.late
    for staff, told in counts.items():
        yield Telling(
            community_id=community_id, staff=[staff], code=CODE, data=told, matter_kind=Duty._meta.model_name or "",
            matter_id=None, once=f"digest:{community_id}:{today}", at=now,
        )  # fmt: skip
