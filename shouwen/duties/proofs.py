"""The rows of proof: what somebody signed with, what an audit drew, and what was found of it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community, Unit
from shouwen.kernel.files import StoredFile
from shouwen.kernel.ids import uuid7
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.people.models import Staff


class Evidence(models.Model):
    """凭据: the words and the picture or file with which somebody signs for a duty, or asks to be excused from one."""

    class Kind(models.TextChoices):
        ATTEST = "attest", _("签认")
        LOG = "log", _("记一笔")
        ASK = "ask", _("申请免责")
        EXCUSE = "excuse", _("准予免责")
        SIGN = "sign", _("签署")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, db_index=False)
    duty_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind)
    words = models.CharField(_("说明"), max_length=500)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["duty_id", "at"], name="evidence_duty")]


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
