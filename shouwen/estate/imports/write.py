"""Write a plan: a handful of set-based statements, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from psycopg.types.range import DateRange

from shouwen.estate.imports.match import Somebody, chunks
from shouwen.estate.imports.plan import COMPARED, Plan, Progress
from shouwen.estate.keys import identity_digest, natural_sort, person_keys
from shouwen.estate.models import Building, Unit
from shouwen.estate.saving import sentences
from shouwen.kernel import phones, vault

_MANY = 1000
_UNITS = """
insert into estate_unit (community_id, building_id, code, entrance, door, floor, kind, status, built_area, inner_area,
                         handed_over_on, remark, version)
select * from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::text[],
                     %s::text[], %s::numeric[], %s::numeric[], %s::date[], %s::text[], %s::int[])
on conflict (community_id, code) where retired_on is null do nothing
returning code, id
"""
_CHANGED_UNITS = """
update estate_unit u set
    entrance = coalesce(n.entrance, u.entrance), door = coalesce(n.door, u.door), floor = coalesce(n.floor, u.floor),
    kind = coalesce(n.kind, u.kind), status = coalesce(n.status, u.status),
    built_area = coalesce(n.built_area, u.built_area), inner_area = coalesce(n.inner_area, u.inner_area),
    handed_over_on = coalesce(n.handed_over_on, u.handed_over_on), remark = coalesce(n.remark, u.remark),
    version = u.version + 1
from unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::numeric[],
            %s::numeric[], %s::date[], %s::text[])
     as n (id, entrance, door, floor, kind, status, built_area, inner_area, handed_over_on, remark)
where u.id = n.id
"""
_CHANGED_PERSONS = """
update estate_person p set
    id_number = coalesce(p.id_number, n.id_number), id_digest = coalesce(p.id_digest, n.id_digest),
    gender = case when p.gender = '' then n.gender else p.gender end, version = p.version + 1
from unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::text[]) as n (id, id_number, id_digest, gender)
where p.id = n.id
"""


def write(made: Plan, progress: Progress) -> None:
    """Put the plan into the database; the caller holds the community's lock and the transaction."""
    with sentences():
        _buildings(made)
        _new_units(made)
        _changed_units(made)
        progress(70)
        _new_persons(made)
        _changed_persons(made)
        progress(80)
        _contacts(made)
        progress(90)
        _occupancies(made)
        _vehicles(made)
    if made.changes > _MANY:
        # Until the database has counted what is new, it plans for tables that are nearly empty: pages, searches and
        # the next import would be slow for as long.
        with connection.cursor() as cursor:
            cursor.execute(
                "analyze estate_building, estate_unit, estate_person, estate_contact, estate_occupancy, estate_vehicle"
            )


def _buildings(made: Plan) -> None:
    Building.objects.bulk_create(
        Building(community=made.community, code=code, sort=natural_sort(code))
        for code in sorted(made.buildings)
    )


def _new_units(made: Plan) -> None:
    buildings = dict(Building.objects.filter(community=made.community).values_list("code", "pk"))
    here = made.community.pk
    for part in chunks(made.new_units.items()):
        rows = [
            (here, buildings[one.building], code, *(_filled(name, one.unit[name]) for name in COMPARED), 1)
            for code, one in part
        ]
        made.unit_ids |= dict(_run(_UNITS, rows))


def _filled(name: str, value: Any) -> Any:
    defaults = {
        "kind": Unit.Kind.RESIDENCE,
        "status": Unit.Status.VACANT,
        "entrance": "",
        "door": "",
        "remark": "",
    }
    return defaults.get(name) if value is None else value


def _changed_units(made: Plan) -> None:
    for part in chunks(made.changed_units.items()):
        _run(_CHANGED_UNITS, [(pk, *(differ.get(name) for name in COMPARED)) for pk, differ in part])


def _new_persons(made: Plan) -> None:
    keys: dict[str, dict[str, str]] = {}
    for part in chunks(made.new_persons):
        with connection.cursor() as cursor:
            cursor.execute(
                "select nextval(pg_get_serial_sequence('estate_person', 'id')) from generate_series(1, %s)",
                [len(part)],
            )
            for somebody, (pk,) in zip(part, cursor.fetchall(), strict=True):
                somebody.pk = pk
        _copy(
            "estate_person",
            "id community_id kind name pinyin initials forms gender id_number id_digest remark version",
            (_person(made.community.pk, somebody, keys) for somebody in part),
        )


def _person(community_id: int, somebody: Somebody, keys: dict[str, dict[str, str]]) -> Sequence[Any]:
    # Names repeat: in a town of fifty thousand one name in three is new.
    found = keys.get(somebody.name)
    if found is None:
        found = keys[somebody.name] = person_keys(somebody.name)
    sealed, digest = _sealed_identity(somebody)
    kind = "company" if somebody.name.endswith(("公司", "银行", "中心", "局", "厂", "店")) else "person"
    return (
        somebody.pk, community_id, kind, somebody.name, found["pinyin"], found["initials"], found["forms"],
        somebody.gender, sealed, digest, "", 1,
    )  # fmt: skip


def _sealed_identity(somebody: Somebody) -> tuple[bytes | None, bytes | None]:
    number = somebody.id_number
    return (vault.seal(number, "person.id_number"), identity_digest(number)) if number else (None, None)


def _changed_persons(made: Plan) -> None:
    for part in chunks(made.changed_persons):
        _run(_CHANGED_PERSONS, [(s.pk, *_sealed_identity(s), s.gender) for s in part])


def _contacts(made: Plan) -> None:
    _copy(
        "estate_contact",
        "community_id person_id number whole last8 last4 label primary",
        (row for s in (*made.new_persons, *made.changed_persons) for row in _numbers(made.community.pk, s)),
    )


def _numbers(community_id: int, somebody: Somebody) -> Iterator[Sequence[Any]]:
    first = not somebody.known_phones
    for number, whole in somebody.phones.items():
        if whole not in somebody.known_phones:
            found = phones.digests(number)
            yield community_id, somebody.pk, vault.seal(number, "contact.number"), *found, "", first
            first = False


def _occupancies(made: Plan) -> None:
    here = made.community.pk
    _copy(
        "estate_occupancy",
        "community_id unit_id person_id role share during",
        (
            (here, made.unit_ids[t.code], t.somebody.pk, str(t.role), t.share, DateRange(t.since, None))
            for t in made.ties
        ),
    )


def _vehicles(made: Plan) -> None:
    _copy(
        "estate_vehicle",
        "community_id unit_id person_id plate label",
        (
            (made.community.pk, made.unit_ids[code], somebody and somebody.pk, plate, "")
            for plate, (code, somebody) in made.vehicles.items()
        ),
    )


def _run(sql: str, rows: Sequence[Sequence[Any]]) -> list[Any]:
    """One statement for many rows, each column as an array."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        return cursor.fetchall() if cursor.description else []


def _copy(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns.split())
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({names}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)
