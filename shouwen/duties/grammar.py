"""What clauses say, in their compiled form: frozen values that `reading` makes of TOML and the room works with.

A clause is born either after a fact (``after``) or with a period (``every``). See `docs/duties.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shouwen.duties.book.syntax import DayPoints, Edge, Limit, Period, Point, Range, Rung
from shouwen.duties.book.values import PolicySeed
from shouwen.kernel.calendar import Clock, Roll
from shouwen.kernel.clock import Span
from shouwen.kernel.journal import Data

__all__ = ["PolicySeed"]

OWNER_FIELDS = ("first_responder", "handler", "follow_up_by", "technician", "owner")
# What a clause may ask of a community besides the values that the community chose; frozen when a day opens.
ATTRIBUTES = ("households", "owners", "since_handover", "issue", "place")
# Denominators of stock quotas: frozen when the period opens. Minutes are those of the day's service.
STOCKS = ("households", "owners", "service_minutes")
# Sets that the estate holds; their members are frozen when a day opens.
STOCK_SETS = ("vacant_units", "buildings")


@dataclass(frozen=True, slots=True)
class Condition:
    """``where``: a data field of a fact has one of these values."""

    field: str
    values: tuple[str | int | bool, ...]

    def holds(self, data: Data) -> bool:
        value = data.get(self.field)
        # True == 1 in Python, but a level of 1 is not "yes".
        return any(value == v and isinstance(value, bool) == isinstance(v, bool) for v in self.values)


Where = tuple[Condition, ...]


def holds(where: Where, data: Data) -> bool:
    """Whether all conditions hold for the data of a fact."""
    return all(condition.holds(data) for condition in where)


@dataclass(frozen=True, slots=True)
class Proof:
    """A fact that ends a duty, under conditions."""

    verb: str
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Only:
    """``only``: an attribute lies in a range or is one of these, or the value chosen for a policy key is or has them."""

    name: str
    values: tuple[str, ...] = ()
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How much proof is needed: a count, a share of a stock, or a share of the facts of the period (``of``).

    Each proof counts once, or once for each ``distinct`` value; ``sum`` adds up a field instead.
    """

    count: int = 1
    count_key: str = ""
    share: int = 0
    share_key: str = ""
    over: str = ""
    of: tuple[Proof, ...] = ()
    sum: str = ""
    distinct: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample of the facts ``of``: each drawn one is a duty of its own. Drawn weekly, per value of ``by``."""

    of: Proof
    share: int = 0
    share_key: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The place of a clause in a chain: which chain, its name there, and the steps that it stands behind."""

    chain: str
    name: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One obligation of the manuals."""

    code: str
    version: int
    title: str
    source: tuple[str, ...]
    owner: str
    chapter: str = ""
    copy: tuple[str, ...] = ()
    record: str = ""
    matter: str = ""
    # when it is born
    after: tuple[str, ...] = ()
    where: Where = ()
    every: Period | None = None
    per: str = ""
    per_key: str = ""
    only: tuple[Only, ...] = ()
    surprise: bool = False
    # when it is due
    within: Limit | None = None
    due: Point | None = None
    windows: DayPoints | tuple[Edge, Edge] | None = None
    start: str = ""
    not_before: Span | None = None
    hold: Span | None = None
    grace: Span | None = None
    limit: Limit | None = None
    roll: Roll = "none"
    clock: Clock = "service"
    # what ends it
    until: tuple[Proof, ...] = ()
    quota: Quota | None = None
    draw: Draw | None = None
    void: tuple[str, ...] = ()
    pause: tuple[tuple[str, str], ...] = ()
    carry: bool = False
    remind: Span | None = None
    # who hears
    rungs: tuple[Rung, ...] = ()
    urgent: bool = True
    step: Step | None = None

    @property
    def periodic(self) -> bool:
        """Whether a period bears it: the first steps of a chain, and every clause with ``every`` without steps."""
        return self.every is not None and not (self.step and self.step.after)

    @property
    def kind(self) -> str:
        """What its duties hang on: the kind of matter, or the duty itself."""
        return self.matter if self.after else "duty"


@dataclass(frozen=True, slots=True)
class SetSpec:
    """A set whose members each bear duties: opened and closed by facts, held by the estate, or a chosen list.

    ``key`` is "unit", or the field of the facts that names a member.
    """

    name: str
    title: str
    opens: tuple[Proof, ...] = ()
    closes: tuple[Proof, ...] = ()
    key: str = "unit"
    stock: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of matter: the fact that opens one, the one that confirms its back-entry, what takes an owner away.

    ``anchors`` are the facts of its opening: duties born of them are counted anew once a back-entry is confirmed.
    """

    kind: str
    opens: tuple[str, ...]
    confirm: str
    anchors: tuple[str, ...]
    releases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OccasionSpec:
    """Something that happens outside of the rooms and is noted by hand: whether it names a unit, a moment, an end."""

    kind: str
    title: str
    unit: bool = False
    planned: str = ""
    closes: str = ""
