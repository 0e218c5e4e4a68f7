"""Lists of duties: what I owe, what is late, what is due soon. Count them with ``kernel.lists.capped_count``."""

from __future__ import annotations

from datetime import timedelta

from shouwen.duties.models import Duty, DutyQuerySet
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor


def mine(viewer: Actor, posts: frozenset[str] = frozenset()) -> DutyQuerySet:
    """What the viewer owes, the most pressing first: by name, or by one of the posts that they hold."""
    return Duty.objects.visible_to(viewer).open().owed_by(viewer, posts).order_by("due_at", "id")


def overdue(viewer: Actor) -> DutyQuerySet:
    """Duties whose time has run out and whose clock runs on."""
    rows = Duty.objects.visible_to(viewer).filter(state=Duty.State.OPEN, due_at__lt=clock.now())
    return rows.order_by("due_at", "id")


def due_within(viewer: Actor, hours: float) -> DutyQuerySet:
    """Running duties that are due in the next hours and not late yet."""
    now = clock.now()
    rows = Duty.objects.visible_to(viewer).filter(state=Duty.State.OPEN, due_at__gte=now)
    return rows.filter(due_at__lt=now + timedelta(hours=hours)).order_by("due_at", "id")
