"""What may be done to communities, buildings, public areas and units: the only place that writes them."""

from __future__ import annotations

from datetime import date
from typing import Any

from shouwen.estate.keys import natural_sort
from shouwen.estate.models import Branch, Building, Chronicle, Community, Company, Space, Unit
from shouwen.estate.saving import allow, fetch, put, save
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.kernel.text import clean_line

EDIT = "estate.edit"
SETTING = "setting.edit"


def add_company(*, actor: Actor, name: str) -> Company:
    """Only the house itself founds companies: ``setup`` and the demo."""
    with frame(actor):
        _house_only(actor)
        company = save(Company(name=clean_line(name)))
        record("company:added", company)
    return company


def add_branch(company: Company, *, actor: Actor, name: str) -> Branch:
    with frame(actor):
        _house_only(actor)
        branch = save(Branch(company=company, name=clean_line(name)))
        record("branch:added", branch)
    return branch


def add_community(branch: Branch, *, actor: Actor, name: str, code: str, **values: Any) -> Community:
    """A new community in a branch. Staff need the right to settings in every community that the branch has."""
    with frame(actor):
        if actor.kind != "system":
            for here in set(branch.communities.values_list("pk", flat=True)) or {0}:
                allow(actor, SETTING, here)
        community = save(Community(branch=branch, name=clean_line(name), code=code, **values))
        record("community:added", community)
    return community


def edit_community(key: int, *, actor: Actor, **values: Any) -> Community:
    """Change a community's particulars (not its calendar: see ``hours``)."""
    with frame(actor):
        row: Community = fetch(Community.objects, key, actor=actor, right=SETTING)
        if fields := put(row, values):
            save(row)
            record("community:changed", row, fields=fields)
    return row


def add_building(community_id: int, *, actor: Actor, code: str, name: str = "") -> Building:
    with frame(actor):
        allow(actor, EDIT, community_id)
        code = clean_line(code)
        row = save(
            Building(community_id=community_id, code=code, name=clean_line(name), sort=natural_sort(code))
        )
        record("building:added", row)
    return row


def edit_building(key: int, *, actor: Actor, **values: Any) -> Building:
    with frame(actor):
        row: Building = fetch(Building.objects, key, actor=actor, right=EDIT)
        if fields := put(row, values):
            row.sort = natural_sort(row.code)
            save(row)
            record("building:changed", row, fields=fields)
    return row


def add_space(community_id: int, *, actor: Actor, name: str, building_id: int | None = None) -> Space:
    with frame(actor):
        allow(actor, EDIT, community_id)
        building = _building(building_id, community_id)
        row = save(Space(community_id=community_id, name=clean_line(name), building=building))
        record("space:added", row)
    return row


def edit_space(key: int, *, actor: Actor, name: str, building_id: int | None = None) -> Space:
    with frame(actor):
        row: Space = fetch(Space.objects, key, actor=actor, right=EDIT)
        building = _building(building_id, row.community_id)
        if fields := put(row, {"name": clean_line(name), "building_id": building and building.pk}):
            save(row)
            record("space:changed", row, fields=fields)
    return row


def add_unit(building_id: int, *, actor: Actor, code: str, **values: Any) -> Unit:
    """A new unit in a building that the actor sees."""
    with frame(actor):
        building = Building.objects.visible_to(actor).filter(pk=building_id).first()
        if building is None:
            raise NotFound("not_found")
        allow(actor, EDIT, building.community_id)
        row = Unit(community_id=building.community_id, building=building, code=clean_line(code), **values)
        save(row)
        record("unit:added", row)
    return row


def edit_unit(key: int, *, actor: Actor, version: int | None = None, **values: Any) -> Unit:
    """Change a unit's particulars; a stale ``version`` is refused with the newest row."""
    with frame(actor):
        row: Unit = fetch(Unit.objects, key, actor=actor, right=EDIT, version=version)
        if row.retired_on:
            raise Refused("unit_retired")
        if "building_id" in values:
            _building(values["building_id"], row.community_id)
        if fields := put(row, values):
            row.version += 1
            save(row)
            record("unit:changed", row, fields=fields)
    return row


def add_chronicle(unit_id: int, *, actor: Actor, on: date, words: str) -> Chronicle:
    """Write a line into the chronicle of a unit (大事记)."""
    with frame(actor):
        unit: Unit = fetch(Unit.objects, unit_id, actor=actor, right=EDIT)
        row = save(Chronicle(community_id=unit.community_id, unit=unit, on=on, words=clean_line(words)))
        record("chronicle:added", row, on=on.isoformat())
    return row


def _house_only(actor: Actor) -> None:
    if actor.kind != "system":
        allow(actor, SETTING, 0)


def _building(building_id: int | None, community_id: int) -> Building | None:
    """The building, if it belongs to this community."""
    if building_id is None:
        return None
    building = Building.objects.filter(pk=building_id, community_id=community_id).first()
    if building is None:
        raise Refused("other_community")
    return building
