"""Notices: messages to staff inside the product."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from shouwen.kernel.actors import Actor
from shouwen.kernel.ids import uuid7
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.people.models import Staff


class NoticeQuerySet(ScopedQuerySet["Notice"]):
    def to(self, viewer: Actor) -> Self:
        """The viewer's own notices, of communities where the viewer still holds a grant."""
        if viewer.kind != "staff":
            return self.none()
        return self.visible_to(viewer).filter(staff_id=viewer.id)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """提醒: one message to one staff member about one matter. ``once`` keeps a repeated reader from telling twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey("estate.Community", on_delete=models.CASCADE)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="notices")
    code = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    matter_kind = models.CharField(max_length=30)
    matter_id = models.UUIDField(null=True)
    once = models.CharField(max_length=120)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "once"], name="notice_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["staff", "-at"], name="notice_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index(fields=["staff", "-at"], name="notice_all"),
        ]
