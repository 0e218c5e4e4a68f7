"""The rows of audits: what was drawn, and what was found of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community
from shouwen.kernel.ids import uuid7
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.people.models import Staff


class Audit(models.Model):
    """抽查: duties drawn from those of a clause (of all where it is empty) that fell due on some days and had ended.

    ``ids`` are the drawn ones in the order of the draw: with ``seed`` and ``drawn_at`` anybody draws the same again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    clause = models.CharField(_("条款"), max_length=40, blank=True)
    first = models.DateField(_("从"))
    last = models.DateField(_("到"))
    seed = models.CharField(_("种子"), max_length=20)
    size = models.PositiveSmallIntegerField(_("抽多少件"))
    pool = models.PositiveIntegerField()
    ids = ArrayField(models.UUIDField())
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["community", "-drawn_at"], name="audit_newest")]


class Finding(models.Model):
    """评定: what an audit found of one sampled duty; ``task`` is the correction that was given for it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="findings", db_index=False)
    duty_id = models.UUIDField()
    passed = models.BooleanField(_("合格"))
    words = models.CharField(_("说明"), max_length=500, blank=True)
    task = models.ForeignKey("duties.Task", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["audit", "duty_id"], name="finding_once"),
        ]
