"""Reports: figures of closed periods, frozen with the members that they were counted from."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.people.models import Staff


class Figure(models.Model):
    """指标冻结: numerator and denominator of one KPI in one closed period, written once.

    The database refuses UPDATE and DELETE. ``digest`` is over all members with their flags. Members are kept by id, but
    not the units of a denominator: there the number and the digest must do.
    """

    class Kind(models.TextChoices):
        DAY = "day", _("日")
        WEEK = "week", _("周")
        MONTH = "month", _("月")

    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    kpi = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    period = models.CharField(max_length=5, choices=Kind)
    first_day = models.DateField()
    last_day = models.DateField()
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()
    back_entries = models.PositiveIntegerField()
    unconfirmed = models.PositiveIntegerField()
    target = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    base_ids = ArrayField(models.UUIDField(), default=list)
    counted_ids = ArrayField(models.UUIDField(), default=list)
    apart_ids = ArrayField(models.UUIDField(), default=list)
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["community", "kpi", "period", "first_day"], name="figure_once"),
        ]
