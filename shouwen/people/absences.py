"""Who is away, and who stands in: is told in their place, and may do what they owe."""

from __future__ import annotations

from collections.abc import Iterable
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
    """Note the days on which a colleague is away, one's own or as a manager, and who stands in.

    The substitute is somebody active of one of their communities and hears of it; managers hear what was handed in.
    """
    with frame(actor):
        return _note(_whose(staff_id, actor), substitute_id, since, until)


def change_absence(key: int, *, actor: Actor, substitute_id: int, since: date, until: date) -> Absence:
    """Other days or another substitute; what was noted before ends, and whoever stood in by it hears so."""
    with frame(actor):
        old = _running(key, actor)
        _end(old)
        return _note(old.staff, substitute_id, since, until)


def end_absence(key: int, *, actor: Actor) -> Absence:
    """The colleague is back before the time, or does not go."""
    with frame(actor):
        found = _running(key, actor)
        _end(found)
    return found


def _whose(staff_id: int, actor: Actor) -> Staff:
    """The locked account: one's own, or of a colleague whom the actor may manage."""
    if actor.kind == "staff" and actor.id == staff_id:
        return Staff.objects.select_for_update().get(pk=staff_id)
    return colleague(staff_id, actor)


def _running(key: int, actor: Actor) -> Absence:
    found = Absence.objects.filter(pk=key, ended_at=None).first()
    if found is None:
        raise NotFound("not_found")
    found.staff = _whose(found.staff_id, actor)
    if not Absence.objects.filter(pk=key, ended_at=None).exists():  # ended while we waited for the account
        raise NotFound("not_found")
    return found


def _note(row: Staff, substitute_id: int, since: date, until: date) -> Absence:
    substitute = Staff.objects.filter(pk=substitute_id).first()
    if substitute is None:
        raise NotFound("not_found")
    if not substitute.is_active:
        raise Refused("inactive", name=substitute.name)
    shared = StaffActor.of(row).communities & StaffActor.of(substitute).communities
    if not shared:
        raise Refused("not_here", name=substitute.name)
    if until < clock.today():
        raise Refused("absence_past")
    if row.absences.filter(ended_at=None, since__lte=until, until__gte=since).exists():
        raise Refused("absence_twice", name=row.name)
    made = save(Absence(staff=row, substitute=substitute, since=since, until=until))
    record(
        "staff:away",
        row,
        heir=substitute.pk,
        since=since.isoformat(),
        until=until.isoformat(),
        community=min(shared),
    )
    return made


def _end(found: Absence) -> None:
    found.ended_at = clock.now()
    save(found)
    heir, row = found.substitute, found.staff
    shared = StaffActor.of(row).communities & StaffActor.of(heir).communities
    record("staff:back", row, heir=heir.pk if shared else None, community=min(shared, default=None))


def away_today(staff: Iterable[int]) -> list[int]:
    """Who of these is away today."""
    today = clock.today()
    rows = Absence.objects.filter(staff__in=list(staff), ended_at=None, since__lte=today, until__gte=today)
    return list(rows.values_list("staff", flat=True))


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
