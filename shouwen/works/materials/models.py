"""The materials of a community's store. Prices are whole fen, amounts have two places."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community, ImportRun
from shouwen.kernel.actors import Actor
from shouwen.kernel.scope import ScopedQuerySet

SEE = "material.see"


class MaterialQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, viewer: Actor) -> Self:
        """Materials where the viewer may see the store."""
        return self.filter(community_id__in=viewer.where(SEE))


class Material(models.Model):
    """物品: what is kept under one number; ``fixed`` is not used up. ``alert``: buy again when no more than this is left."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    number = models.CharField(_("物品编号"), max_length=40)
    name = models.CharField(_("物品名称"), max_length=60)
    kind = models.CharField(_("物品类型"), max_length=60, blank=True)
    measure = models.CharField(_("单位"), max_length=20)
    price = models.BigIntegerField(_("单价"), null=True)
    stock = models.DecimalField(_("库存"), max_digits=10, decimal_places=2, default=0)
    lowest = models.BigIntegerField(_("对外最低售价"), null=True)
    highest = models.BigIntegerField(_("对外最高售价"), null=True)
    alert = models.DecimalField(_("告警库存"), max_digits=10, decimal_places=2, null=True)
    fixed = models.BooleanField(_("固定物品"), default=False)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )

    objects = MaterialQuerySet.as_manager()

    class Meta:
        app_label = "works"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "number"],
                name="material_number",
                violation_error_message=_("这个项目已有同号的物品。"),
            ),
            models.CheckConstraint(
                condition=Q(stock__gte=0) & (Q(alert__isnull=True) | Q(alert__gte=0)),
                name="material_stock",
                violation_error_message=_("库存和告警库存不能小于 0。"),
            ),
            models.CheckConstraint(
                condition=(Q(price__isnull=True) | Q(price__gte=0))
                & (Q(lowest__isnull=True) | Q(lowest__gte=0)),
                name="material_price",
                violation_error_message=_("物品的价格不能小于 0。"),
            ),
            models.CheckConstraint(
                condition=Q(lowest__isnull=True) | Q(highest__isnull=True) | Q(highest__gte=F("lowest")),
                name="material_outward",
                violation_error_message=_("对外最高售价不能低于最低售价。"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["community", "name", "id"], name="material_name"),
            models.Index(fields=["community", "stock", "id"], name="material_left"),
        ]

    @property
    def is_low(self) -> bool:
        return self.alert is not None and self.stock <= self.alert
