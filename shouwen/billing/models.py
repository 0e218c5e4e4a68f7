"""What was paid before this house kept the accounts, and the meters of homes. Amounts are whole fen."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community, ImportRun, Unit
from shouwen.kernel.actors import Actor
from shouwen.kernel.scope import ScopedQuerySet

SEE = "billing.see"


class BillingQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, viewer: Actor) -> Self:
        """Rows where the viewer may see what is paid."""
        return self.filter(community_id__in=viewer.where(SEE))


class PastPayment(models.Model):
    """缴费记录: a payment of a unit or, by its plate, of a vehicle; ``months`` is 0 for what is paid once.

    Append-only: the database refuses to change or drop a row; a wrong one is put right by a row with the contrary amounts.
    ``unit`` is the home that the vehicle belonged to when it was recorded: a plate may be given up, what was paid stays.
    """

    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("房屋"), db_index=False
    )
    plate = models.CharField(_("车牌"), max_length=20, blank=True)
    item = models.CharField(_("收费项目"), max_length=60)
    months = models.PositiveSmallIntegerField(_("缴费周期"), default=0)
    since = models.DateField(_("开始时间"))
    until = models.DateField(_("结束时间"))
    paid_on = models.DateField(_("缴费时间"))
    due = models.BigIntegerField(_("应缴金额"))
    paid = models.BigIntegerField(_("实缴金额"))
    cashier = models.CharField(_("收银员"), max_length=60, blank=True)
    remark = models.CharField(_("备注"), max_length=200, blank=True)
    run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )

    objects = BillingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "item", "since", "until", "paid_on", "paid"],
                condition=Q(plate=""),
                name="past_payment_unit_once",
                violation_error_message=_("这套房的这一笔已经登记过。"),
            ),
            models.UniqueConstraint(
                fields=["community", "plate", "item", "since", "until", "paid_on", "paid"],
                condition=~Q(plate=""),
                name="past_payment_plate_once",
                violation_error_message=_("这辆车的这一笔已经登记过。"),
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(plate=""),
                name="past_payment_whose",
                violation_error_message=_("缴费要写明是哪套房或哪辆车的。"),
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="past_payment_period",
                violation_error_message=_("缴费的结束时间不能早于开始时间。"),
            ),
            models.CheckConstraint(
                condition=Q(due__gte=0, paid__gte=0) | Q(due__lte=0, paid__lte=0),
                name="past_payment_signs",
                violation_error_message=_("应缴和实缴要同为收款或同为退款。"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["community", "-paid_on", "-id"], name="past_payment_newest"),
            models.Index(fields=["community", "-paid", "-id"], name="past_payment_largest"),
            models.Index(fields=["unit", "-paid_on"], name="past_payment_unit"),
            models.Index(fields=["community", "item", "-paid_on"], name="past_payment_item"),
            models.Index(fields=["community", "cashier", "-paid_on"], name="past_payment_cashier"),
            models.Index(
                fields=["community", "plate"],
                opclasses=["", "text_pattern_ops"],
                condition=~Q(plate=""),
                name="past_payment_plate",
            ),
        ]

    @property
    def unit_code(self) -> str:
        return self.unit.code if self.unit else ""


class Meter(models.Model):
    """水电表: a meter by its number; without a unit it counts what a public area uses."""

    class Kind(models.TextChoices):
        WATER = "water", _("水表")
        ELECTRICITY = "electricity", _("电表")
        GAS = "gas", _("燃气表")
        HEAT = "heat", _("热力表")

    class Mode(models.TextChoices):
        PREPAID = "prepaid", _("充值")
        READ = "read", _("抄表")

    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    number = models.CharField(_("表号"), max_length=40)
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("表类型"), max_length=12, choices=Kind)
    mode = models.CharField(_("模式"), max_length=8, choices=Mode, default=Mode.READ)
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("房屋")
    )
    item = models.CharField(_("费用项"), max_length=60, blank=True)
    maker = models.CharField(_("厂家"), max_length=60, blank=True)
    collector = models.CharField(_("采集器ID"), max_length=60, blank=True)
    run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )

    objects = BillingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "number"],
                name="meter_number",
                violation_error_message=_("这个项目已有同号的表。"),
            )
        ]
        indexes: ClassVar = [models.Index(fields=["community", "name", "id"], name="meter_name")]

    @property
    def unit_code(self) -> str:
        return self.unit.code if self.unit else ""
