"""What a file would change: read its lines, find who is who, refuse what can't be, and compare with what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwen.estate.imports.cells import Unreadable
from shouwen.estate.imports.columns import Line
from shouwen.estate.imports.heads import Columns
from shouwen.estate.imports.match import People, Somebody, find_registered
from shouwen.estate.imports.parse import Read, read
from shouwen.estate.keys import unit_key
from shouwen.estate.models import Building, Community, Occupancy, Unit, Vehicle
from shouwen.kernel import clock

Progress = Callable[[int], None]
COMPARED = (
    "entrance",
    "door",
    "floor",
    "kind",
    "status",
    "built_area",
    "inner_area",
    "handed_over_on",
    "remark",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is left out, or (``warning``) taken with a remark."""

    line: Line
    why: str
    column: str = ""
    warning: bool = False


@dataclass(slots=True)
class NewTie:
    """An occupancy that is not there yet."""

    code: str
    somebody: Somebody
    role: str
    share: Decimal | None
    since: date


@dataclass
class Plan:
    """The difference between a file and the community. ``was`` has, by code, what stands in units that change."""

    community: Community
    problems: list[Problem] = field(default_factory=list)
    buildings: set[str] = field(default_factory=set)
    new_units: dict[str, Read] = field(default_factory=dict)
    changed_units: dict[int, dict[str, Any]] = field(default_factory=dict)
    unit_ids: dict[str, int] = field(default_factory=dict)
    new_persons: list[Somebody] = field(default_factory=list)
    changed_persons: list[Somebody] = field(default_factory=list)
    ties: list[NewTie] = field(default_factory=list)
    vehicles: dict[str, tuple[str, Somebody | None]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    kept: list[tuple[Read, list[Somebody]]] = field(default_factory=list)
    was: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: Columns = field(default_factory=dict)

    @property
    def refused(self) -> int:
        return sum(not problem.warning for problem in self.problems)

    @property
    def changes(self) -> int:
        return sum(c["added"] + c["changed"] for c in self.counts.values())


def plan(community: Community, lines: list[Line], *, new_units: bool, progress: Progress) -> Plan:
    """Compare the lines with what is registered; with ``new_units`` False a unit must be there already."""
    made = Plan(community)
    people = People()
    reads = [
        (r, [people.of(tie, r.code) for tie in r.people]) for r in _readable(made, lines, people, progress)
    ]
    find_registered(community.pk, reads, people)
    progress(45)
    made.kept = list(_possible(made, reads, new_units=new_units))
    made.problems.sort(key=lambda p: (p.line.sheet, p.line.number))
    progress(55)
    _compare_units(made, made.kept)
    _compare_persons(made, made.kept)
    _compare_vehicles(made, made.kept)
    progress(60)
    return made


def _readable(made: Plan, lines: list[Line], people: People, progress: Progress) -> Iterator[Read]:
    """The lines that make sense alone and beside the lines before them."""
    first: dict[str, Read] = {}
    known = _Known.of(made.community)
    for n, line in enumerate(lines):
        if n % 2000 == 0:
            progress(10 + 30 * n // max(len(lines), 1))
        try:
            one = known.named(read(line))
            before = first.setdefault(one.code, one)
            _same_unit(before, one)
        except Unreadable as error:
            made.problems.append(Problem(line, str(error), error.column))
            continue
        if (remark := one.unit["remark"]) and remark != before.unit["remark"]:
            words = _("与第 %(row)d 行同一套房的提示不同，用那一行的") % {"row": before.line.number}
            made.problems.append(Problem(line, words, "unit_remark", warning=True))
        for tie in one.people:
            if other := people.other_name(tie):
                words = _("证件号码与“%(name)s”的相同，请核对") % {"name": other}
                made.problems.append(Problem(line, words, "id_number", warning=True))
        yield one


@dataclass
class _Known:
    """How buildings and units are written here already: 03栋 and 3 are one building, 03-1-101 and 3-1-101 one door."""

    buildings: dict[str, str]
    codes: dict[str, str]

    @classmethod
    def of(cls, community: Community) -> _Known:
        buildings = Building.objects.filter(community=community).values_list("code", flat=True)
        units = Unit.objects.filter(community=community, retired_on__isnull=True).values_list("key", "code")
        return cls({unit_key(code): code for code in buildings}, dict(units.iterator()))

    def named(self, one: Read) -> Read:
        """The line in the words that stand here, or in those of the first line that wrote it so."""
        one.building = self.buildings.setdefault(unit_key(one.building), one.building)
        one.code = self.codes.setdefault(unit_key(one.code), one.code)
        return one


def _same_unit(first: Read, one: Read) -> None:
    """A unit with several people stands in several lines; what they say of it must agree, but for remarks: those may be
    about the person of the line.
    """
    for name in COMPARED:
        before, now = first.unit[name], one.unit[name]
        if before is None:
            first.unit[name] = now
        elif now is not None and now != before and name != "remark":
            words = _("与第 %(row)d 行同一套房写得不一样") % {"row": first.line.number}
            raise Unreadable(words, name)


def _possible(
    made: Plan, reads: list[tuple[Read, list[Somebody]]], *, new_units: bool
) -> Iterator[tuple[Read, list[Somebody]]]:
    """The lines that the community's rules allow: the unit is there, and it has one owner."""
    here = Unit.objects.filter(community=made.community, retired_on__isnull=True)
    made.unit_ids = dict(here.values_list("code", "pk"))
    current = Occupancy.objects.filter(community=made.community, during__contains=clock.today())
    held = current.filter(role=Occupancy.Role.OWNER).values_list("unit__code", "person_id")
    owners: dict[str, object] = dict(held.iterator())
    for one, named in reads:
        if not new_units and one.code not in made.unit_ids:
            made.problems.append(Problem(one.line, _("没有这套房：%(code)s") % {"code": one.code}, "door"))
            continue
        clash = False
        for tie, somebody in zip(one.people, named, strict=True):
            if tie.role == Occupancy.Role.OWNER:
                who = somebody.pk or somebody
                clash = clash or owners.setdefault(one.code, who) != who
        if clash:
            words = _("这套房已有另一位业主，其他产权人请登记为共有人；过户请先办迁出")
            made.problems.append(Problem(one.line, words, "name"))
            continue
        yield one, named


def _compare_units(made: Plan, kept: list[tuple[Read, list[Somebody]]]) -> None:
    wanted: dict[str, Read] = {}
    for one, _named in kept:
        wanted.setdefault(one.code, one)
    there = {u["code"]: u for u in _units_there(made, wanted)}
    changed = 0
    for code, one in wanted.items():
        if code not in there:
            made.new_units[code] = one
            made.buildings.add(one.building)
            continue
        differ = {n: v for n, v in one.unit.items() if v not in (None, "") and there[code][n] != v}
        if differ:
            made.changed_units[there[code]["pk"]] = differ
            made.was[code] = {n: there[code][n] for n in differ}
            changed += 1
    made.buildings -= set(Building.objects.filter(community=made.community).values_list("code", flat=True))
    made.counts["buildings"] = _count(len(made.buildings))
    made.counts["units"] = _count(len(made.new_units), changed, len(wanted) - len(made.new_units) - changed)


def _units_there(made: Plan, wanted: dict[str, Read]) -> Iterator[dict[str, Any]]:
    rows = Unit.objects.filter(community=made.community, retired_on__isnull=True).values(
        "pk", "code", *COMPARED
    )
    return (row for row in rows.iterator() if row["code"] in wanted)


def _compare_persons(made: Plan, kept: list[tuple[Read, list[Somebody]]]) -> None:
    today = clock.today(made.community.zone)
    known = _ties_there(made)
    seen: dict[int, Somebody] = {}
    ties = 0
    for one, named in kept:
        for tie, somebody in zip(one.people, named, strict=True):
            seen[id(somebody)] = somebody
            key = (one.code, somebody.pk or id(somebody), tie.role)
            ties += 1
            if key not in known:
                known.add(key)
                since = tie.since or one.unit["handed_over_on"] or made.community.handed_over_on or today
                made.ties.append(NewTie(one.code, somebody, tie.role, tie.share, since))
    for somebody in seen.values():
        if somebody.pk is None:
            made.new_persons.append(somebody)
        elif _adds(somebody):
            made.changed_persons.append(somebody)
    new, changed = len(made.new_persons), len(made.changed_persons)
    made.counts["persons"] = _count(new, changed, len(seen) - new - changed)
    made.counts["occupancies"] = _count(len(made.ties), 0, ties - len(made.ties))


def _ties_there(made: Plan) -> set[tuple[str, int, str]]:
    rows = Occupancy.objects.filter(community=made.community, unit__retired_on__isnull=True)
    current = rows.filter(Q(during__contains=clock.today()) | Q(during__startswith__gt=clock.today()))
    return set(current.values_list("unit__code", "person_id", "role").iterator())


def _adds(somebody: Somebody) -> bool:
    """Whether the file knows more of a registered person; it never overwrites what is known."""
    return bool(
        (somebody.id_number and not somebody.known_id)
        or (somebody.gender and not somebody.known_gender)
        or set(somebody.phones.values()) - somebody.known_phones
    )


def _compare_vehicles(made: Plan, kept: list[tuple[Read, list[Somebody]]]) -> None:
    there = set(Vehicle.objects.filter(community=made.community).values_list("plate", flat=True))
    plates = 0
    for one, named in kept:
        for plate in one.plates:
            plates += 1
            if plate not in there:
                made.vehicles.setdefault(plate, (one.code, named[0] if named else None))
    made.counts["vehicles"] = _count(len(made.vehicles), 0, plates - len(made.vehicles))


def _count(added: int, changed: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"added": added, "changed": changed, "unchanged": unchanged}
