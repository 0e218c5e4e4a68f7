"""All duties again, from the journal: the test that matters, and the way back after a fault."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from shouwen.duties import rulings
from shouwen.duties.absorb import OWN_VERBS, Pen
from shouwen.duties.clauses import Book, book
from shouwen.kernel.deliveries import FACTS, fact_from
from shouwen.kernel.journal import Fact

_CHUNK = 500
# What ended long ago need not ring once more.
_SILENCE = (
    "update duties_alarm a set at = null from duties_duty d where d.id = a.duty_id and d.ended_at is not null"
)


def rebuild() -> int:
    """Delete all duties and write them again, in one transaction; returns how many facts were read.

    Facts are read in the order of their keys: the order of their frames, since what touches a matter locks it. Each
    is read with the clauses that were in force when it was recorded.
    """
    read = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("lock table duties_duty in exclusive mode")
            cursor.execute("delete from duties_tally")
            cursor.execute("delete from duties_member")
            cursor.execute("delete from duties_alarm")
            cursor.execute("delete from duties_duty")
        for clauses, facts in _runs():
            read += len(facts)
            pen = Pen(clauses)
            for fact in facts:
                pen.take(fact)
            with connection.cursor() as cursor:
                for statement, params in pen.finished():
                    cursor.execute(statement, params)
        with connection.cursor() as cursor:
            cursor.execute(_SILENCE)
    return read


def _runs() -> Iterator[tuple[Book, list[Fact]]]:
    """Chunks of facts that were recorded under one book."""
    for chunk in _chunks():
        run: list[Fact] = []
        under: Book | None = None
        for fact in chunk:
            now = rulings.book_at(fact.recorded_at)
            if under is not None and now is not under:
                yield under, run
                run = []
            under = now
            run.append(fact)
        if under is not None:
            yield under, run


def _chunks() -> Iterator[list[Fact]]:
    """The facts that some clause of now or then listens to, in order, by keyset."""
    verbs = {*OWN_VERBS, *book().effects, *(verb for kept in rulings.books() for verb in kept.effects)}
    last = "00000000-0000-0000-0000-000000000000"
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{FACTS} where id > %s and verb = any(%s) order by id limit {_CHUNK}", [last, sorted(verbs)]
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield [fact_from(row) for row in rows]
        last = rows[-1][0]
