"""Samples that anybody can draw again: the same seed and the same list give the same choice. Pure but for `pool_of`.

Every item gets the digest of seed and item; the smallest digests are drawn. So a longer list keeps most of its choice,
and no library's random numbers have to stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import connection
from django.utils.crypto import salted_hmac

from shouwen.duties import rulings
from shouwen.duties.clauses import Book
from shouwen.duties.grammar import Clause, Draw, holds
from shouwen.duties.laying import speaks
from shouwen.duties.periods import period_of
from shouwen.duties.rulings import Asking
from shouwen.kernel import clock
from shouwen.kernel.clock import end_of_day, start_of_day
from shouwen.kernel.deliveries import FACTS, fact_from
from shouwen.kernel.ids import first_id
from shouwen.kernel.journal import Data, Fact

DRAWN = "quota:drawn"
WEEK = timedelta(days=7)


def choose(seed: str, items: Iterable[str], count: int) -> list[str]:
    """``count`` of the items, in the order of their digests with the seed."""
    ordered = sorted(set(items), key=lambda item: (hashlib.sha256(f"{seed}/{item}".encode()).digest(), item))
    return ordered[: max(0, count)]


@dataclass(frozen=True)
class Batch:
    """What one week's draw looks at, by stratum: the items of the week, and what the period had before."""

    items: Mapping[str, Sequence[str]]
    pool: Mapping[str, int] = field(default_factory=dict)
    drawn: Mapping[str, int] = field(default_factory=dict)


def draw(seed: str, batch: Batch, share: int) -> dict[str, list[str]]:
    """What is drawn of each stratum: so many that, with the weeks before, the share of it is reached."""
    result = {}
    for stratum, items in sorted(batch.items.items()):
        total = batch.pool.get(stratum, 0) + len(set(items))
        wanted = -(-total * share // 100) - batch.drawn.get(stratum, 0)
        result[stratum] = choose(f"{seed}/{stratum}", items, wanted)
    return result


def drawn_on(
    community: int, day: date, frozen: Data, clauses: Book, pending: Sequence[Fact] = ()
) -> Iterable[Fact]:
    """The draws of a Monday: of the facts of the seven days before, for the period that the Monday lies in.

    ``pending`` are draws of this frame, which are not in the journal yet.
    """
    if day.weekday():
        return
    zone = rulings.zone_of(community)
    start = start_of_day(day, zone)
    ask = rulings.asking(community, start, clauses)
    for clause in clauses.clauses.values():
        if clause.draw and speaks(clause, frozen, day, ask):
            seed = secret(f"{community}/{clause.code}/{day}")[:8]
            if fact := _drawn(community, day, clause, seed, ask, pending):
                yield fact


def secret(of: str) -> str:
    """Hexadecimal digits that nobody can work out without the key of the house."""
    return str(salted_hmac("duties.draw", of, algorithm="sha256").hexdigest())


def _drawn(
    community: int, day: date, clause: Clause, seed: str, ask: Asking, pending: Sequence[Fact]
) -> Fact | None:
    what = clause.draw
    assert what is not None
    zone = rulings.zone_of(community)
    start = start_of_day(day, zone)
    stretch = period_of(clause, day, rulings.calendar_at(community, start), ask)
    share = int((ask(what.share_key) or 0) if what.share_key else what.share)
    if stretch is None or not share:
        return None
    since = start_of_day(day - WEEK, zone)
    items = pool_of(community, what, since, start)
    if not items:
        return None
    key = _key(community, clause.code, day, start)
    before = _before(community, clause.code, stretch.first.isoformat(), key, pending)
    chosen = draw(seed, Batch(items, *before), share)
    data: Data = {
        "clause": clause.code, "period": stretch.first.isoformat(), "seed": seed, "share": share,
        "since": since.isoformat(), "until": start.isoformat(), "opens": start.isoformat(),
        "due": end_of_day(stretch.last, zone).isoformat(),
        "pool": " ".join(f"{stratum}:{len(set(of))}" for stratum, of in sorted(items.items())),
        "drawn": " ".join(f"{stratum}:{len(of)}" for stratum, of in chosen.items()),
        "ids": " ".join(item for of in chosen.values() for item in of),
    }  # fmt: skip
    return Fact(
        community=community, verb=DRAWN, subject_kind="community", subject_id=str(community), matter=None,
        actor_kind="system", actor_id=None, at=start, recorded_at=clock.now(), data=data, id=key,
    )  # fmt: skip


def _key(community: int, code: str, day: date, start: datetime) -> UUID:
    """The key of a draw: the same whoever makes it, among the first facts of the day."""
    first = first_id(start)
    return UUID(int=first.int | (uuid5(first, f"{community}/{code}/{day}").int & ((1 << 62) - 1)))


def pool_of(community: int, what: Draw, since: datetime, until: datetime) -> dict[str, list[str]]:
    """The matters of the facts recorded in [since, until), by stratum, in the order of their facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{FACTS} where community_id = %s and verb = %s and recorded_at >= %s and recorded_at < %s"
            " and matter_id is not null order by id",
            [community, what.of.verb, since, until],
        )
        facts = [fact_from(row) for row in cursor.fetchall()]
    found: dict[str, list[str]] = {}
    for fact in facts:
        if holds(what.of.where, fact.data):
            stratum = str(fact.data.get(what.by, "")) if what.by else "all"
            found.setdefault(stratum.replace(" ", "_") or "none", []).append(str(fact.matter))
    return {stratum: list(dict.fromkeys(items)) for stratum, items in found.items()}


def _before(
    community: int, code: str, period: str, key: UUID, pending: Sequence[Fact] = ()
) -> tuple[dict[str, int], dict[str, int]]:
    """How many the period's earlier draws had before them, and how many they took, by stratum."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select data ->> 'pool', data ->> 'drawn' from kernel_entry where community_id = %s and verb = %s"
            " and data ->> 'clause' = %s and data ->> 'period' = %s and id < %s",
            [community, DRAWN, code, period, key],
        )
        rows = cursor.fetchall()
    for fact in pending:
        if (fact.community, fact.data["clause"], fact.data["period"]) == (community, code, period):
            rows.append((fact.data["pool"], fact.data["drawn"]))
    return _added(pool for pool, _ in rows), _added(taken for _, taken in rows)


def _added(texts: Iterable[str | None]) -> dict[str, int]:
    total: dict[str, int] = {}
    for text in texts:
        for word in (text or "").split():
            stratum, _, count = word.rpartition(":")
            total[stratum] = total.get(stratum, 0) + int(count)
    return total


def recompute(fact: Fact, clauses: Book) -> list[str]:
    """The list of a draw once more, from its seed, its week and the journal: the same as ``ids`` of the fact."""
    data = fact.data
    clause = clauses.clause(str(data["clause"]))
    if clause is None or clause.draw is None:
        return []
    since, until = (datetime.fromisoformat(str(data[name])) for name in ("since", "until"))
    items = pool_of(fact.community, clause.draw, since, until)
    before = _before(fact.community, clause.code, str(data["period"]), fact.id)
    chosen = draw(str(data["seed"]), Batch(items, *before), int(data["share"] or 0))
    return [item for of in chosen.values() for item in of]
