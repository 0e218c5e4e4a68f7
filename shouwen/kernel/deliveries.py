"""Deliveries: facts that wait for a reader outside their transaction. At least once, never lost, never in the way.

A delivery is claimed in a commit of its own that counts the attempt and pushes the row forward; then the reader runs
in a second transaction, which holds the row and deletes it together with what the reader wrote. So a worker that is
killed leaves both or neither and the fact is read again; a reader that fails, or takes its process with it, comes
later each time; and after ``MOST`` attempts the row is parked: it stays on record, and no later row waits for it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from shouwen.kernel import clock
from shouwen.kernel.journal import Fact, switchboard
from shouwen.kernel.models import Delivery

log = logging.getLogger(__name__)
MOST = 8
# The wait after attempt 1, 2, 3 ... until it is tried again; also the time that a killed worker costs.
DELAYS = tuple(timedelta(seconds=s) for s in (10, 30, 90, 270, 810, 1800, 3600, 3600))
_ERROR = 500

_CLAIM = f"""
update kernel_delivery set attempts = attempts + 1, run_at = %s + (%s::interval[])[attempts + 1]
where id = (select id from kernel_delivery where run_at <= %s and attempts < {MOST}
            order by run_at, id limit 1 for update skip locked)
returning id, entry_id, reader, attempts
"""
# Whoever claimed it later has counted it again: then it is theirs. A worker that looks for its own next row may touch
# this one for a moment: to skip a locked row here would leave it undelivered until its next turn.
_HOLD = "select 1 from kernel_delivery where id = %s and attempts = %s for update"
_FACT_COLUMNS = (
    "id", "community_id", "unit_id", "subject_kind", "subject_id", "matter_id", "verb", "was", "now", "actor_kind",
    "actor_id", "at", "recorded_at", "data",
)  # fmt: skip
FACTS = f"select {', '.join(_FACT_COLUMNS)} from kernel_entry"


@dataclass(frozen=True)
class Outcome:
    """What one pass did."""

    delivered: int = 0
    failed: int = 0


def deliver(most: int = 1000) -> Outcome:
    """Deliver what is due, one by one, until nothing is left or ``most`` were tried."""
    tried = delivered = failed = 0
    while tried < most and (claimed := _claim()):
        done = _deliver(*claimed)
        tried, delivered, failed = tried + 1, delivered + (done is True), failed + (done is False)
    return Outcome(delivered, failed)


def _claim() -> tuple[UUID, UUID, str, int] | None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, list(DELAYS), now])
        claimed: tuple[UUID, UUID, str, int] | None = cursor.fetchone()
    return claimed


def _deliver(key: UUID, entry: UUID, reader: str, attempts: int) -> bool | None:
    """Read one fact; False if its reader failed, None if it has become another worker's."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [key, attempts])
        if cursor.fetchone() is None:
            return None
        error = _read(entry, reader)
        if error is None:
            cursor.execute("delete from kernel_delivery where id = %s", [key])
            return True
        cursor.execute("update kernel_delivery set error = %s where id = %s", [error, key])
    if attempts >= MOST:
        log.error("delivery %s to %s is parked: %s", key, reader, error)
    return False


def _read(entry: UUID, reader: str) -> str | None:
    """Run the reader in a savepoint; the error in words if it failed."""
    if reader not in switchboard.readers:
        return f"no reader is called {reader}"
    fact = fact_of(entry)
    if fact is None:
        return None  # the journal no longer reaches back so far: nothing to tell
    try:
        with transaction.atomic():
            switchboard.readers[reader][1](fact)
    except Exception as error:  # whatever a reader does, the line goes on
        log.warning("reader %s failed on %s %s", reader, fact.verb, entry, exc_info=True)
        return f"{type(error).__name__}: {error}"[:_ERROR].replace("\0", "")
    return None


def fact_of(entry: UUID) -> Fact | None:
    """A fact as it was recorded; None if the journal does not have it."""
    with connection.cursor() as cursor:
        cursor.execute(f"{FACTS} where id = %s", [entry])
        row = cursor.fetchone()
    return fact_from(row) if row else None


def fact_from(row: tuple[Any, ...]) -> Fact:
    """A row of `FACTS` as the fact that it was."""
    key, community, unit, kind, subject, matter, verb, was, now, actor_kind, actor_id, at, recorded, data = (
        row
    )
    return Fact(
        community=community,
        verb=verb,
        subject_kind=kind,
        subject_id=subject,
        matter=matter,
        actor_kind=actor_kind,
        actor_id=actor_id,
        at=at,
        recorded_at=recorded,
        data=json.loads(data) if isinstance(data, str) else data,
        unit=unit,
        was=was,
        now=now,
        id=key,
    )


def waiting(since: datetime | None = None) -> int:
    """Deliveries that will still be tried; with ``since``, those due before it: a measure of the backlog."""
    rows = Delivery.objects.filter(attempts__lt=MOST)
    return (rows.filter(run_at__lt=since) if since else rows).count()


def parked() -> list[Delivery]:
    """Deliveries given up after ``MOST`` attempts, the oldest first: `doctor` shows them."""
    return list(Delivery.objects.filter(attempts__gte=MOST).order_by("run_at")[:100])


def retry_parked() -> int:
    """Try what was parked again, after its cause was mended."""
    return Delivery.objects.filter(attempts__gte=MOST).update(attempts=0, run_at=clock.now())
