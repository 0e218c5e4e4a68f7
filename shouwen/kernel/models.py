"""The kernel's own tables: the journal, its deliveries, counters, idempotency keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shouwen.kernel.approval import Signature
from shouwen.kernel.files import StoredFile
from shouwen.kernel.ids import uuid7
from shouwen.kernel.limits import RateWindow

__all__ = ["Counter", "Delivery", "Entry", "Once", "RateWindow", "Signature", "StoredFile"]


class Entry(models.Model):
    """One fact of the journal. Append-only: the database refuses UPDATE and DELETE. No foreign key points here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community_id = models.BigIntegerField()
    unit_id = models.BigIntegerField(null=True)
    subject_kind = models.TextField()
    subject_id = models.TextField()
    matter_id = models.UUIDField(null=True)
    verb = models.TextField()
    was = models.TextField(default="")
    now = models.TextField(default="")
    actor_kind = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["matter_id", "id"], name="entry_matter", condition=models.Q(matter_id__isnull=False)
            ),
            models.Index(fields=["community_id", "unit_id", "id"], name="entry_unit"),
            models.Index(fields=["community_id", "verb", "recorded_at"], name="entry_verb"),
            models.Index(fields=["subject_kind", "subject_id", "id"], name="entry_subject"),
        ]


class Delivery(models.Model):
    """A fact that waits for a reader outside its transaction. A failing row is pushed forward and counted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entry_id = models.UUIDField()
    reader = models.TextField()
    run_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run_at"], name="delivery_due")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["entry_id", "reader"], name="delivery_once")]


class Counter(models.Model):
    """The last number drawn in a series of a community and day."""

    pk = models.CompositePrimaryKey("community_id", "series", "day")
    community_id = models.BigIntegerField()
    series = models.TextField()
    day = models.DateField()
    last = models.PositiveIntegerField()


class Once(models.Model):
    """An idempotency key: one key, one body, one result, scoped to who asked (``token:7``, ``staff:3``) and for what."""

    scope = models.TextField()
    operation = models.TextField()
    key = models.TextField()
    digest = models.TextField()
    subject_id = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "operation", "key"], name="once_key")
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="once_created")]
