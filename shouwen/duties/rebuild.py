"""Rebuild: all duties again, from clauses and journal. The proof that a duty depends on nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from shouwen.duties.absorb import absorb
from shouwen.duties.clauses import ESCALATED, book
from shouwen.kernel.deliveries import FACTS, fact_from
from shouwen.kernel.journal import Fact

CHUNK = 500


def rebuild() -> int:
    """Delete all duties and write them again, in one transaction; returns how many facts were read.

    Facts are read in the order of their keys: the order of their frames, since what touches a matter locks it.
    """
    read = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("lock table duties_duty in exclusive mode")
            cursor.execute("delete from duties_duty")
        for facts in _chunks():
            read += len(facts)
            statements = absorb(facts)
            with connection.cursor() as cursor:
                for sql, params in statements:
                    cursor.execute(sql, params)
    return read


def _chunks() -> Iterator[list[Fact]]:
    """The facts that some clause listens to, in order, by keyset."""
    verbs = [*book().effects, ESCALATED]
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{FACTS} where id > %s and verb = any(%s) order by id limit {CHUNK}", [last, verbs]
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield [fact_from(row) for row in rows]
        last = rows[-1][0]
