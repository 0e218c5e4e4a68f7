"""Units that become other units: split and merge. The old ones are retired, their history stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg.types.range import DateRange

from shouwen.estate.actions import EDIT
from shouwen.estate.models import Lineage, Occupancy, Unit, Vehicle
from shouwen.estate.saving import fetch, save, sentences
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import clean_line


@dataclass(frozen=True)
class Part:
    """A unit that comes out of a split or merge."""

    code: str
    door: str = ""
    built_area: Decimal | None = None
    inner_area: Decimal | None = None


def split_unit(
    key: int, *, actor: Actor, parts: Sequence[Part], on: date | None = None, version: int | None = None
) -> list[Unit]:
    """Divide a unit. Who lives there then lives, in the same roles, in each of the parts."""
    if len(parts) < 2:
        raise Refused("split_needs_two")
    _no_repeats(parts)
    with frame(actor):
        old: Unit = fetch(Unit.objects, key, actor=actor, right=EDIT, version=version)
        day = on or clock.today(old.community.zone)
        _retire([old], day)
        new = [_successor(old, part) for part in parts]
        for unit in new:
            _trace(old, unit, Lineage.Kind.SPLIT, day)
        _move_households([old], new, day)
        record("unit:split", old, into=_ids(new))
    return new


def merge_units(keys: Sequence[int], *, actor: Actor, part: Part, on: date | None = None) -> Unit:
    """Make one unit of several of one building; the people of all of them live in it."""
    if len(set(keys)) < 2:
        raise Refused("merge_needs_two")
    with frame(actor):
        old: list[Unit] = [fetch(Unit.objects, key, actor=actor, right=EDIT) for key in sorted(set(keys))]
        if len({unit.building_id for unit in old}) > 1:
            raise Refused("unit_in_other_building")
        day = on or clock.today(old[0].community.zone)
        _retire(old, day)
        new = _successor(old[0], part)
        for unit in old:
            _trace(unit, new, Lineage.Kind.MERGE, day)
        _move_households(old, [new], day)
        for unit in old:
            record("unit:merged", unit, into=str(new.pk))
    return new


def _retire(units: Sequence[Unit], day: date) -> None:
    for unit in units:
        if unit.retired_on:
            raise Refused("unit_retired")
        unit.retired_on = day
        unit.version += 1
        save(unit)


def _successor(old: Unit, part: Part) -> Unit:
    new = save(
        Unit(
            community_id=old.community_id,
            building_id=old.building_id,
            code=clean_line(part.code),
            entrance=old.entrance,
            floor=old.floor,
            door=clean_line(part.door),
            kind=old.kind,
            status=old.status,
            built_area=part.built_area,
            inner_area=part.inner_area,
            handed_over_on=old.handed_over_on,
        )
    )
    record("unit:began", new, source=str(old.pk))
    return new


def _trace(before: Unit, after: Unit, kind: Lineage.Kind, day: date) -> None:
    save(Lineage(community_id=before.community_id, before=before, after=after, kind=kind, on=day))


def _move_households(old: Sequence[Unit], new: Sequence[Unit], day: date) -> None:
    """End what holds in the old units on ``day`` and begin the same in the new ones; vehicles follow."""
    held = Occupancy.objects.filter(unit__in=old, during__overlap=DateRange(day, None)).select_for_update()
    begun: dict[tuple[int, int, str], Occupancy] = {}
    for row in held.order_by("pk"):
        later = row.during.lower is not None and row.during.lower > day
        since, until = (row.during.lower if later else day), row.during.upper
        record("occupancy:ended", row, person=row.person_id, role=row.role, on=day.isoformat())
        if row.during.lower is not None and row.during.lower >= day:
            row.delete()
        else:
            row.during = DateRange(row.during.lower, day)
            save(row)
        for unit in new:
            role = _role(row, unit, begun)
            begun.setdefault(
                (unit.pk, row.person_id, role),
                Occupancy(
                    community_id=unit.community_id,
                    unit=unit,
                    person_id=row.person_id,
                    role=role,
                    share=row.share,
                    during=DateRange(since, until),
                ),
            )
    for occupancy in begun.values():
        save(occupancy)
        record(
            "occupancy:began",
            occupancy,
            person=occupancy.person_id,
            role=occupancy.role,
            since=day.isoformat(),
        )
    with sentences():
        Vehicle.objects.filter(unit__in=old).update(unit=new[0])


def _role(row: Occupancy, unit: Unit, begun: dict[tuple[int, int, str], Occupancy]) -> str:
    """A merged unit has one owner: the owners of the others become co-owners."""
    if row.role != Occupancy.Role.OWNER:
        return str(row.role)
    owners = {person for (place, person, role) in begun if place == unit.pk and role == Occupancy.Role.OWNER}
    return Occupancy.Role.OWNER if not owners or row.person_id in owners else Occupancy.Role.CO_OWNER


def _no_repeats(parts: Sequence[Part]) -> None:
    seen: set[str] = set()
    for part in parts:
        code = clean_line(part.code)
        if code in seen:
            raise Refused("code_repeated", unit=code)
        seen.add(code)


def _ids(units: Sequence[Unit]) -> str:
    return ",".join(str(unit.pk) for unit in units)
