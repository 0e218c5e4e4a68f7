"""What is noted and asked by hand: occasions of rooms that do not exist yet, and tasks from one colleague to another."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shouwen.duties.clauses import book
from shouwen.duties.models import Duty, Occasion, Task
from shouwen.estate.models import Unit
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people import who

NOTE, GIVE = "case.register", "duty.give"


def note(
    community_id: int,
    kind: str,
    *,
    actor: Actor,
    unit_id: int | None = None,
    words: str = "",
    due: datetime | None = None,
    on: date | None = None,
) -> Occasion:
    """Note that something happened which bears duties: a key lent, arrears of a month, an outage that is planned."""
    _may(NOTE, community_id, actor)
    spec = book().occasions.get(kind)
    if spec is None:
        raise Refused("occasion.kind")
    if spec.unit and unit_id is None:
        raise Refused("occasion.unit")
    if spec.planned and due is None:
        raise Refused("occasion.planned", what=spec.planned)
    _in_community(unit_id, community_id)
    with frame(actor):
        row = Occasion(
            community_id=community_id, kind=kind, unit_id=unit_id, note=words.strip()[:200], due_at=due, on=on,
            noted_at=clock.now(), noted_by_id=_person(actor),
        )  # fmt: skip
        row.save(force_insert=True)
        record(
            "occasion:noted", row, kind=kind, due=due.isoformat() if due else None, on=on.isoformat() if on else None
        )  # fmt: skip
    return row


def close(occasion_id: UUID, *, actor: Actor) -> Occasion:
    """What was noted has come to its end: the key is back, the renovation is over."""
    with frame(actor):
        row = (
            Occasion.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=occasion_id).first()
        )
        if row is None:
            raise NotFound("not_found")
        _may(NOTE, row.community_id, actor)
        if row.closed_at is not None:
            raise Refused("occasion.closed")
        row.closed_at, row.closed_by_id = clock.now(), actor.staff_id
        row.save(update_fields=["closed_at", "closed_by"])
        record("occasion:closed", row, kind=row.kind)
    return row


def give(
    community_id: int, *, actor: Actor, words: str, owner_id: int, due: datetime, unit_id: int | None = None
) -> Task:
    """Ask a colleague for something by a moment (任务交办)."""
    _may(GIVE, community_id, actor)
    return given(community_id, actor=actor, words=words, owner_id=owner_id, due=due, unit_id=unit_id)


def given(
    community_id: int, *, actor: Actor, words: str, owner_id: int, due: datetime, unit_id: int | None = None
) -> Task:
    """The task itself, for an action that has asked for its own right."""
    if not words.strip():
        raise Refused("duty.words")
    if owner_id not in who.colleagues(community_id):
        raise Refused("duty.to")
    if due <= clock.now():
        raise Refused("task.past")
    _in_community(unit_id, community_id)
    with frame(actor):
        row = Task(
            community_id=community_id, words=words.strip()[:200], unit_id=unit_id, owner_id=owner_id, due_at=due,
            given_at=clock.now(), given_by_id=_person(actor),
        )  # fmt: skip
        row.save(force_insert=True)
        record("task:given", row, owner=owner_id, due=due.isoformat())
    return row


def finish(task_id: UUID, *, actor: Actor) -> Task:
    """Say that a task is done: whoever has it now, or whoever gave it."""
    with frame(actor):
        row = _open_task(task_id, actor)
        owners = Duty.objects.open().filter(matter_id=row.pk).values_list("owner_id", flat=True)
        if actor.staff_id not in {*owners, row.given_by_id}:
            raise NotAllowed("duty.right")
        return _ended(row, "task:done")


def withdraw(task_id: UUID, *, actor: Actor) -> Task:
    """Take a task back: whoever gave it."""
    with frame(actor):
        row = _open_task(task_id, actor)
        if actor.staff_id != row.given_by_id:
            raise NotAllowed("duty.right")
        return _ended(row, "task:withdrawn")


def _open_task(task_id: UUID, actor: Actor) -> Task:
    row = Task.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=task_id).first()
    if row is None:
        raise NotFound("not_found")
    if row.ended_at is not None:
        raise Refused("task.ended")
    return row


def _ended(row: Task, verb: str) -> Task:
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    record(verb, row)
    return row


def _may(right: str, community_id: int, actor: Actor) -> None:
    if community_id not in actor.communities:
        raise NotFound("not_found")
    if not actor.may(right, community_id):
        raise NotAllowed("duty.right")


def _person(actor: Actor) -> int:
    if actor.staff_id is None:
        raise NotAllowed("duty.right")
    return actor.staff_id


def _in_community(unit_id: int | None, community_id: int) -> None:
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, community_id=community_id).exists():
        raise NotFound("not_found")
