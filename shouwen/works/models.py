"""Works: orders that send a pair of hands to a place, from the board to the household's confirmation."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.cases.models import Case, Kind
from shouwen.estate.models import Community
from shouwen.kernel.actors import Actor
from shouwen.kernel.files import StoredFile
from shouwen.kernel.ids import uuid7
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.people.models import Staff, Trade


class State(models.TextChoices):
    POOL = "pool", _("待派工")
    OFFERED = "offered", _("待接单")
    ACCEPTED = "accepted", _("已接单")
    ON_SITE = "on_site", _("处理中")
    PAUSED = "paused", _("停表")
    FINISHED = "finished", _("待验收")
    CLOSED = "closed", _("已完工")
    CANCELLED = "cancelled", _("已取消")


ACTIVE = (State.POOL, State.OFFERED, State.ACCEPTED, State.ON_SITE, State.PAUSED)
HELD = (State.OFFERED, State.ACCEPTED, State.ON_SITE, State.PAUSED)


class Pause(models.TextChoices):
    """停表原因: named reasons, so that every stopped clock says what it waits for."""

    NEIGHBOUR = "neighbour", _("等邻户开门")
    RESIDENT = "resident", _("等住户时间")
    PARTS = "parts", _("等备件")
    WATER_OFF = "water_off", _("等停水通知")
    WEATHER = "weather", _("等天气")
    CONTRACTOR = "contractor", _("等外委单位")
    ABSENT = "absent", _("家里没人")


class Confirmed(models.TextChoices):
    """How a household said that the work is done: by a name, by hand on the glass, or by the code it was told."""

    NAME = "name", _("口头确认")
    SIGNATURE = "signature", _("签名确认")
    CODE = "code", _("确认码确认")


class OrderQuerySet(ScopedQuerySet["Order"]):
    def visible_to(self, viewer: Actor) -> Self:
        """Orders where the viewer may see them; what became a complaint is seen by its own right, never by whom it
        is about.
        """
        rows = self.filter(community_id__in=viewer.where("order.see"))
        rows = rows.exclude(Q(case__kind=Kind.COMPLAINT) & ~Q(community_id__in=viewer.where("complaint.see")))
        return rows.exclude(case__about_id=viewer.id) if viewer.kind == "staff" else rows

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE)


class Order(models.Model):
    """派工单: one sending of one technician for one case; a reopened case gets the next turn (260722-031-2)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="orders")
    turn = models.PositiveSmallIntegerField(default=1)
    trade = models.CharField(_("工种"), max_length=20, choices=Trade)
    state = models.CharField(max_length=10, choices=State, default=State.POOL)
    technician = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    assigned_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    assigned_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(_("停表原因"), max_length=20, choices=Pause, blank=True)
    carried_to = models.DateField(_("改约到"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("用时（分钟）"), null=True, blank=True)
    materials = models.CharField(_("用料"), max_length=300, blank=True)
    result = models.TextField(_("处理结果"), blank=True)
    confirmed_by = models.CharField(_("住户确认人"), max_length=60, blank=True)
    confirmed_how = models.CharField(_("确认方式"), max_length=10, choices=Confirmed, blank=True, default="")
    signature = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unconfirmed_why = models.CharField(_("未确认原因"), max_length=120, blank=True)
    inspected_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    inspected_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "turn"], name="order_turn"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["pool", "offered", "accepted", "on_site", "paused"]),
                name="order_one_active",
                violation_error_message=_("这件事已有一张在办的派工单。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["offered", "accepted", "on_site", "paused"])
                | Q(technician__isnull=False),
                name="order_has_technician",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["community", "state", "opened_at"], name="order_board"),
            models.Index(
                fields=["technician", "state"], name="order_technician", condition=Q(technician__isnull=False)
            ),
        ]

    @property
    def matter_id(self) -> UUID:
        return self.case_id


from shouwen.works.materials.models import Material  # noqa: E402, F401 - a model of this room in a file of its own
