"""The estate: companies, communities, buildings, units, the people tied to them, and when the centre serves."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.keys import code_key, natural, without_dashes
from shouwen.estate.persons import Contact, Occupancy, Person, Vehicle
from shouwen.estate.runs import ColumnChoice, ImportLine, ImportRun
from shouwen.kernel.actors import Actor
from shouwen.kernel.scope import ScopedQuerySet

__all__ = [
    "Branch", "Building", "CalendarDay", "Chronicle", "ColumnChoice", "Community", "Company", "Contact", "ImportLine", "ImportRun", "Lineage",
    "Occupancy", "Person", "PublicDay", "ServiceHours", "Space", "Unit", "Vehicle",
]  # fmt: skip


class Company(models.Model):
    """公司: the management company."""

    name = models.CharField(_("公司名称"), max_length=120, unique=True)

    community_id = 0  # facts about a company belong to the whole house

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    """分公司: a branch of the company."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="branches")
    name = models.CharField(_("分公司名称"), max_length=120)

    community_id = 0  # as for a company

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "name"],
                name="branch_name",
                violation_error_message=_("这家公司已有同名的分公司。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CommunityQuerySet(models.QuerySet["Community"]):
    def visible_to(self, viewer: Actor) -> CommunityQuerySet:
        return self.filter(pk__in=viewer.communities)


class Community(models.Model):
    """项目 (小区、大厦): one managed place, the key of isolation."""

    class Kind(models.TextChoices):
        RESIDENTIAL = "residential", _("住宅小区")
        OFFICE = "office", _("写字楼")
        MIXED = "mixed", _("综合体")

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="communities")
    name = models.CharField(_("项目名称"), max_length=120)
    code = models.SlugField(_("项目代码"), max_length=20, unique=True)
    kind = models.CharField(_("类型"), max_length=20, choices=Kind, default=Kind.RESIDENTIAL)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(
        _("服务中心电话"),
        max_length=30,
        blank=True,
        help_text=_("印在登录条上，住户在手机上一按就打到这里。"),
    )
    zone = models.CharField(_("时区"), max_length=40, default="Asia/Shanghai")
    handed_over_on = models.DateField(_("接管日期"), null=True, blank=True)
    calendar_version = models.PositiveIntegerField(default=1, editable=False)

    objects = CommunityQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def community_id(self) -> int:
        return self.pk


class Building(models.Model):
    """楼栋."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="buildings")
    code = models.CharField(_("楼栋号"), max_length=30)
    name = models.CharField(_("楼栋名称"), max_length=60, blank=True)
    sort = models.CharField(max_length=40, editable=False, default="")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["community_id", "sort", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "code"],
                name="building_code",
                violation_error_message=_("这个项目已有同号的楼栋。"),
            )
        ]

    def __str__(self) -> str:
        return building_words(self.code, self.name)


def building_words(code: str, name: str = "") -> str:
    """What a building is called: its name, else its code; bare figures are said as people say them, 1栋."""
    words = name or code
    return str(_("%s栋") % words) if words.isdecimal() else words


class Unit(models.Model):
    """房屋: a residence, shop, office, garage or storage room. ``code`` is the room number on every screen."""

    class Kind(models.TextChoices):
        RESIDENCE = "residence", _("住宅")
        SHOP = "shop", _("商铺")
        OFFICE = "office", _("办公")
        GARAGE = "garage", _("车位")
        STORAGE = "storage", _("储藏室")

    class Status(models.TextChoices):
        OCCUPIED = "occupied", _("自住")
        LET = "let", _("出租")
        VACANT = "vacant", _("空置")
        RENOVATING = "renovating", _("装修中")
        UNSOLD = "unsold", _("未售")

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="units")
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(_("房号"), max_length=60)
    entrance = models.CharField(_("单元"), max_length=20, blank=True)
    floor = models.SmallIntegerField(_("楼层"), null=True, blank=True)
    door = models.CharField(_("门牌"), max_length=20, blank=True)
    kind = models.CharField(_("房屋类型"), max_length=20, choices=Kind, default=Kind.RESIDENCE)
    status = models.CharField(_("使用状态"), max_length=20, choices=Status, default=Status.VACANT)
    built_area = models.DecimalField(_("建筑面积"), max_digits=10, decimal_places=2, null=True, blank=True)
    inner_area = models.DecimalField(_("套内面积"), max_digits=10, decimal_places=2, null=True, blank=True)
    handed_over_on = models.DateField(_("收楼日期"), null=True, blank=True)
    remark = models.CharField(_("服务提示"), max_length=120, blank=True)
    retired_on = models.DateField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    # 03栋1单元1201 and 3-1-1201 are one door: the key is kept by the database, whoever writes the code.
    key = models.GeneratedField(
        expression=code_key(models.F("code")), output_field=models.CharField(max_length=80), db_persist=True
    )
    compact = models.GeneratedField(
        expression=without_dashes(code_key(models.F("code"))),
        output_field=models.CharField(max_length=80),
        db_persist=True,
    )

    # What lists go by: 1-1-101 before 1-1-1001, 9栋 before 10栋.
    sort = models.GeneratedField(
        expression=natural(code_key(models.F("code"))), output_field=models.TextField(), db_persist=True
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["community_id", "sort", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "code"],
                condition=models.Q(retired_on__isnull=True),
                name="unit_code",
                violation_error_message=_("这个项目已有同号的房屋。"),
            ),
            models.CheckConstraint(
                condition=models.Q(built_area__isnull=True) | models.Q(built_area__gt=0),
                name="unit_built_area",
                violation_error_message=_("建筑面积要大于 0。"),
            ),
            models.CheckConstraint(
                condition=models.Q(inner_area__isnull=True)
                | models.Q(built_area__isnull=True)
                | models.Q(inner_area__lte=models.F("built_area")),
                name="unit_inner_area",
                violation_error_message=_("套内面积不能大于建筑面积。"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["community", "building", "floor"], name="unit_building"),
            models.Index(
                fields=["community", "sort", "id"],
                name="unit_sort",
                condition=models.Q(retired_on__isnull=True),
            ),
            models.Index(fields=["community", "key"], name="unit_key", opclasses=["", "text_pattern_ops"]),
            models.Index(
                fields=["community", "compact"], name="unit_compact", opclasses=["", "text_pattern_ops"]
            ),
            models.Index(fields=["community", "door"], name="unit_door", opclasses=["", "text_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def unit_id(self) -> int:
        return self.pk


class Lineage(models.Model):
    """拆分与合并: which unit became which."""

    class Kind(models.TextChoices):
        SPLIT = "split", _("拆分")
        MERGE = "merge", _("合并")

    community = models.ForeignKey(Community, on_delete=models.PROTECT)
    before = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="became")
    after = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="came_from")
    kind = models.CharField(max_length=10, choices=Kind)
    on = models.DateField()

    objects = ScopedQuerySet.as_manager()


class Chronicle(models.Model):
    """大事记: what a unit has lived through, told by date."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="chronicle")
    on = models.DateField(_("日期"))
    words = models.CharField(_("事项"), max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-on", "-id"]


class Space(models.Model):
    """公共区域: a named place that belongs to nobody's unit."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="spaces")
    building = models.ForeignKey(Building, null=True, blank=True, on_delete=models.PROTECT)
    name = models.CharField(_("公共区域"), max_length=60)
    sort = models.GeneratedField(
        expression=natural(models.F("name")), output_field=models.TextField(), db_persist=True
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["community_id", "sort", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "name"],
                name="space_name",
                violation_error_message=_("这个项目已有同名的公共区域。"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ServiceHours(models.Model):
    """服务时间: one interval of a weekday (0 = Monday, 7 = holidays); an end at or before the start runs past midnight."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("星期"))
    start = models.TimeField(_("开始"))
    end = models.TimeField(_("结束"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["weekday", "start"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(weekday__lte=7), name="hours_weekday"),
            models.UniqueConstraint(fields=["community", "weekday", "start"], name="hours_start"),
        ]


class CalendarDay(models.Model):
    """A day that this community keeps differently from the national calendar."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("休息")
        WORKDAY = "workday", _("上班")

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="days")
    on = models.DateField(_("日期"))
    kind = models.CharField(_("安排"), max_length=10, choices=Kind)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["community", "on"], name="calendar_day")]


class PublicDay(models.Model):
    """法定假日和调休: a day of a year's announcement in the community's own table; ``year`` is the announcement's."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="public_days")
    year = models.PositiveSmallIntegerField(_("年份"))
    on = models.DateField(_("日期"))
    kind = models.CharField(_("安排"), max_length=10, choices=CalendarDay.Kind)
    name = models.CharField(_("节日"), max_length=20, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["community", "on"], name="public_day")]
        indexes: ClassVar = [models.Index(fields=["community", "year"], name="public_year")]
