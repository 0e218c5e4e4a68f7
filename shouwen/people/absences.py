"""Who is away, and who stands in: is told in their place, and may do what they owe."""

from __future__ import annotations

from datetime import date

from shouwen.estate.saving import save
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotFound, Refused
from shouwen.people.actions import colleague
from shouwen.people.models import Absence, Staff
from shouwen.people.viewers import StaffActor

_DEPTH = 5


def add_absence(staff_id: int, *, actor: Actor, substitute_id: int, since: date, until: date) -> Absence:
    """Note the days on which a colleague is away and who stands in: somebody active of one of their communities."""
    with frame(actor):
        row = colleague(staff_id, actor)
        substitute = Staff.objects.filter(pk=substitute_id).first()
        if substitute is None:
            raise NotFound("not_found")
        if not substitute.is_active:
            raise Refused("inactive", name=substitute.name)
        if not StaffActor.of(row).communities & StaffActor.of(substitute).communities:
            raise Refused("not_here", name=substitute.name)
        if until < clock.today():
            raise Refused("absence_past")
        if row.absences.filter(ended_at=None, since__lte=until, until__gte=since).exists():
            raise Refused("absence_twice", name=row.name)
        made = save(Absence(staff=row, substitute=substitute, since=since, until=until))
        record("staff:away", row, heir=substitute.pk, since=since.isoformat(), until=until.isoformat())
    return made


def end_absence(key: int, *, actor: Actor) -> Absence:
    """The colleague is back before the time, or does not go."""
    with frame(actor):
        found = Absence.objects.filter(pk=key, ended_at=None).first()
        if found is None:
            raise NotFound("not_found")
        row = colleague(found.staff_id, actor)
        found.ended_at = clock.now()
        save(found)
        record("staff:back", row)
    return found


def standing_in() -> dict[int, int]:
    """Who stands in for each colleague who is away today; past those who are away themselves, never round in a ring."""
    today = clock.today()
    rows = Absence.objects.filter(ended_at=None, since__lte=today, until__gte=today)
    named = dict(rows.filter(substitute__is_active=True).values_list("staff", "substitute"))
    return {away: found for away in named if (found := _present(away, named)) is not None}


def stood_for(staff_id: int | None) -> list[StaffActor]:
    """Those in whose place this colleague may act today, with the posts that they hold."""
    if staff_id is None:
        return []
    away = [absent for absent, present in standing_in().items() if present == staff_id]
    return [StaffActor.of(staff) for staff in Staff.objects.filter(pk__in=away)] if away else []


def _present(away: int, named: dict[int, int]) -> int | None:
    found, passed = named[away], {away}
    for _turn in range(_DEPTH):
        if found in passed:
            return None
        if found not in named:
            return found
        passed.add(found)
        found = named[found]
    return None
