"""The compliance board: how the duties of clauses ended, period by period.

Nothing is kept beside the duties: every figure is counted from them, by one statement over an index that holds all it
reads (``duty_board``), so a figure can't disagree with the rows behind it, not after a rebuild either. A duty belongs to
the period in which it fell due. What has no due moment (owed until it is done) belongs to none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    Func,
    IntegerField,
    QuerySet,
    Value,
    When,
)

from shouwen.duties import rulings
from shouwen.duties.draws import choose
from shouwen.duties.models import Duty
from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.reports.periods import Period

RIGHT = "duty.see"
TARGET = "compliance.target"
"""The policy key of the line that the board draws: percent of duties in time (A-0.6 wants a standard, names no figure)."""
OUTCOMES = ("proven", "attested", "excused", "late", "breached")
RUNNING = "running"
WRONG = frozenset({"late", "breached"})


@dataclass(frozen=True, slots=True)
class Tally:
    """有据, 签认, 免责, 迟办, 违约: never mixed. ``running`` is not due yet and counts in none of them."""

    proven: int = 0
    attested: int = 0
    excused: int = 0
    late: int = 0
    breached: int = 0
    running: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def of(self, outcome: str) -> int:
        return int(getattr(self, outcome))

    @property
    def owed(self) -> int:
        """All that fell due."""
        return self.proven + self.attested + self.excused + self.late + self.breached

    @property
    def kept(self) -> int:
        """Done in time: proven and attested."""
        return self.proven + self.attested

    @property
    def counted(self) -> int:
        """All that fell due and was not excused: what ``kept`` is measured against."""
        return self.owed - self.excused

    @property
    def worst(self) -> str:
        """The outcome that weighs most, ``running`` where nothing fell due yet, empty where there is nothing."""
        return next((name for name in (*reversed(OUTCOMES), RUNNING) if self.of(name)), "")

    @property
    def rate(self) -> Decimal | None:
        """按期率: proven and attested of all that fell due and was not excused, in percent to one place."""
        return percent(self.kept, self.counted)

    def share(self, outcome: str) -> Decimal | None:
        """The part of all that fell due, in percent to one place."""
        return percent(self.of(outcome), self.owed)


NOTHING = Tally()


def percent(part: int, whole: int) -> Decimal | None:
    """94.6 of 53 in 56, half up; None where there is nothing to divide by."""
    return (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, NOTHING)


def target(community_id: int, period: Period) -> int | None:
    """Percent of duties in time that the community set itself, as it was when the period ended; None for none."""
    moment = min(period.end, clock.now() + rulings.LEAD)
    found = rulings.asking(community_id, moment)(TARGET)
    return None if found is None else int(found)


def fallen_due(viewer: Actor, communities: Iterable[int], start: datetime, end: datetime) -> QuerySet[Any]:
    """The duties that the viewer may know of and that fall due in [start, end), each with its ``outcome``.

    What was due and stands open is breached until somebody does it; then it is late. A stopped clock that had not run
    out counts as running.
    """
    rows = Duty.objects.visible_to(viewer).filter(
        community_id__in=viewer.where(RIGHT).intersection(communities), due_at__gte=start, due_at__lt=end
    )
    return rows.exclude(state=Duty.State.VOID).annotate(outcome=outcome())


def outcome() -> Case:
    """The expression that tells how a duty ended, or that it has not yet."""

    def when(name: str, **given: Any) -> When:
        return When(**given, then=Value(name))

    state = Duty.State
    return Case(
        when("attested", state=state.MET, proof=Duty.Proof.HAND),
        when("proven", state=state.MET),
        when("excused", state=state.EXCUSED),
        when("late", state=state.LATE),
        when("breached", state=state.BREACHED),
        when("breached", state=state.OPEN, due_at__lt=clock.now()),
        when("breached", state=state.PAUSED, paused_at__gt=F("due_at")),
        default=Value(RUNNING),
        output_field=CharField(),
    )


# --- counting -----------------------------------------------------------------------------------------------------


def by_clause(viewer: Actor, community: Community, periods: Sequence[Period]) -> dict[str, list[Tally]]:
    """Of every clause with duties in these periods, a tally for each period; one statement."""
    rows = fallen_due(viewer, [community.pk], periods[0].start, periods[-1].end)
    return _tallied(rows, "clause", periods)


def by_community(
    viewer: Actor, communities: Sequence[Community], kind: str, periods: Sequence[Period]
) -> dict[int, list[Tally]]:
    """Of every community a tally for each period, on its own wall clock; one statement for each time zone."""
    found: dict[int, list[Tally]] = {}
    for zone in sorted({c.zone for c in communities}):
        here = [Period(kind, p.first, zone) for p in periods]
        keys = [c.pk for c in communities if c.zone == zone]
        found |= _tallied(fallen_due(viewer, keys, here[0].start, here[-1].end), "community_id", here)
    return found


def by_day(rows: QuerySet[Any], days: Sequence[Period]) -> list[Tally]:
    """A tally for each of these days."""
    return _tallied(rows.annotate(all=Value(0)), "all", days).get(0, [NOTHING] * len(days))


def by_person(rows: QuerySet[Any]) -> dict[tuple[int | None, str], Tally]:
    """A tally for each owner: by key, or by post where nobody is named."""
    counted = rows.order_by().values_list("owner_id", "owner_role", "outcome").annotate(n=Count("*"))
    found: dict[tuple[int | None, str], Tally] = {}
    for owner, role, outcome, n in counted:
        key = (owner, "" if owner else role)
        found[key] = found.get(key, NOTHING) + Tally(**{outcome: n})
    return found


def sample(rows: QuerySet[Any], seed: str, count: int) -> list[UUID]:
    """Keys of ``count`` of the rows, drawn so that the same seed and the same rows give the same list."""
    keys = (str(key) for key in rows.order_by().values_list("pk", flat=True))
    return [UUID(key) for key in choose(seed, keys, count)]


def _tallied(rows: QuerySet[Any], key: str, periods: Sequence[Period]) -> dict[Any, list[Tally]]:
    bounds = [*(p.start for p in periods), periods[-1].end]
    bucket = Func(
        F("due_at"),
        Value(bounds, output_field=ArrayField(DateTimeField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    counted = (
        rows.annotate(bucket=bucket).order_by().values_list(key, "bucket", "outcome").annotate(n=Count("*"))
    )
    found: dict[Any, list[Tally]] = {}
    for of, place, outcome, n in counted:
        tallies = found.setdefault(of, [NOTHING] * len(periods))
        tallies[place - 1] += Tally(**{outcome: n})
    return found
