"""Duties: whatever is owed, by whom, by when, on what proof. One table for every obligation of the house."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.scope import ScopedQuerySet


class DutyQuerySet(ScopedQuerySet["Duty"]):
    def visible_to(self, viewer: Actor) -> Self:
        """Duties of the viewer's communities; an employee complained of sees none of that complaint's."""
        rows = super().visible_to(viewer)
        if viewer.staff_id is not None:
            rows = rows.filter(models.Q(about_id__isnull=True) | ~models.Q(about_id=viewer.staff_id))
        return rows

    def owed_by(self, viewer: Actor, posts: frozenset[str] = frozenset()) -> Self:
        """Duties of this person, and those of the posts that the person holds."""
        return self.filter(
            models.Q(owner_id=viewer.staff_id) | models.Q(owner_id__isnull=True, owner_role__in=posts)
        )

    def open(self) -> Self:
        """Duties that are still owed, running or paused."""
        return self.filter(ended_at__isnull=True)

    def overdue(self) -> Self:
        """Duties whose time has run out and whose clock runs on, the latest first."""
        return self.filter(state=Duty.State.OPEN, due_at__lt=clock.now()).order_by("due_at", "id")

    def due_within(self, hours: float) -> Self:
        """Running duties that are due in the next hours and not late yet."""
        now = clock.now()
        rows = self.filter(state=Duty.State.OPEN, due_at__gte=now, due_at__lt=now + timedelta(hours=hours))
        return rows.order_by("due_at", "id")

    def of(self, staff_id: int) -> Self:
        return self.filter(owner_id=staff_id)


class Duty(models.Model):
    """应办: one obligation, born and discharged by facts. Rebuilt from clauses and journal it is the same row.

    ``owner_role`` says whose it is (first_responder, handler, or a post); ``owner_id`` who that is now.
    ``next_at`` is the next moment that matters (warning, due, a rung of the ladder): the sweep reads only that.
    ``span`` is the duration that held at birth, ``budget`` the same in seconds of the clause's clock; ``about_id``
    is the employee complained of, who never hears of this duty.
    """

    class State(models.TextChoices):
        OPEN = "open", _("进行中")
        PAUSED = "paused", _("停表")
        MET = "met", _("按时")
        LATE = "late", _("逾期完成")
        VOID = "void", _("已撤销")

    id = models.UUIDField(primary_key=True, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    clause = models.CharField(max_length=40)
    clause_version = models.PositiveSmallIntegerField()
    calendar_version = models.PositiveIntegerField()
    matter_kind = models.CharField(max_length=30)
    matter_id = models.UUIDField()
    unit_id = models.BigIntegerField(null=True)
    entry_id = models.UUIDField()
    owner_role = models.CharField(max_length=40)
    owner_id = models.BigIntegerField(null=True)
    about_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    span = models.CharField(max_length=30)
    budget = models.PositiveIntegerField()
    born_at = models.DateTimeField()
    due_at = models.DateTimeField()
    limit_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=40, blank=True, default="")
    paused_seconds = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["clause", "entry_id"], name="duty_once")]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="duty_next", condition=models.Q(next_at__isnull=False)),
            models.Index(
                fields=["community", "owner_id", "due_at"],
                name="duty_owner",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.Index(
                fields=["community", "due_at"], name="duty_due", condition=models.Q(ended_at__isnull=True)
            ),
            models.Index(fields=["matter_id"], name="duty_matter"),
            models.Index(fields=["community", "clause", "due_at"], name="duty_clause"),
        ]


class Policy(models.Model):
    """时限: a value that a community chose for a policy key, from a moment on. The preset holds before and without one.

    Rows are added, never changed: a duty is rebuilt with the value of its day. ``since`` lies a little ahead of the
    writing, so that every process has read the row before it counts (see `rulings`).
    """

    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=60)
    value = models.CharField(max_length=30, blank=True)
    since = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["community", "key", "since"], name="policy_key")
        ]


class KeptCalendar(models.Model):
    """One version of a community's service calendar as it was, kept so that old duties can be rebuilt exactly."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    version = models.PositiveIntegerField()
    since = models.DateTimeField()
    body = models.JSONField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["community", "version"], name="kept_calendar")
        ]
