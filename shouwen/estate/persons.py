"""Persons and what ties them to units: contacts, occupancies, vehicles."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.keys import identity_columns, typed_forms
from shouwen.kernel import phones
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.kernel.text import gram_index
from shouwen.kernel.vault import SealedField


class Person(models.Model):
    """人员: a natural person or an organisation known in one community.

    The name stays plain (the pinyin key needs it) and is masked by right when shown. The identity number is sealed
    and found by the whole number through ``id_digest``; the e-mail address is sealed, never searched, None if unknown.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        COMPANY = "company", _("单位")

    community = models.ForeignKey("estate.Community", on_delete=models.PROTECT, related_name="persons")
    kind = models.CharField(_("类别"), max_length=10, choices=Kind, default=Kind.PERSON)
    name = models.CharField(_("姓名"), max_length=80)
    pinyin = models.CharField(max_length=200, editable=False, default="")
    initials = models.CharField(max_length=80, editable=False, default="")
    forms = models.TextField(editable=False, default="")  # every way to type the name: initials and pinyin
    gender = models.CharField(_("性别"), max_length=1, blank=True, choices=[("m", _("男")), ("f", _("女"))])
    born_on = models.DateField(_("出生日期"), null=True, blank=True)
    id_number = SealedField(
        _("证件号码"), purpose="person.id_number", found_by=identity_columns, blank=True, null=True
    )
    id_digest = models.BinaryField(null=True, editable=False)
    email = SealedField(_("邮箱"), purpose="person.email", blank=True, null=True)
    remark = models.CharField(_("服务提示"), max_length=120, blank=True)
    merged_into = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["community", "pinyin", "id"], name="person_pinyin"),
            GinIndex(typed_forms(), name="person_forms"),
            gram_index("name", name="person_grams"),
            models.Index(
                fields=["community", "name"], name="person_name", opclasses=["", "text_pattern_ops"]
            ),
            models.Index(fields=["community", "id_digest"], name="person_id_digest"),
        ]

    def __str__(self) -> str:
        return self.name


def as_one(keys: Collection[int]) -> list[int]:
    """The keys of persons with those of the rows merged into them: what was recorded under these stays there."""
    return [*keys, *Person.objects.filter(merged_into__in=keys).values_list("pk", flat=True)]


class Contact(models.Model):
    """联系方式: a telephone number, sealed; found by whole number, last 8 and last 4 through keyed digests."""

    community = models.ForeignKey("estate.Community", on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contacts")
    number = SealedField(_("电话"), purpose="contact.number", found_by=phones.columns)
    whole = models.BinaryField(editable=False)
    last8 = models.BinaryField(editable=False)
    last4 = models.BinaryField(editable=False)
    label = models.CharField(_("备注"), max_length=30, blank=True)
    primary = models.BooleanField(_("首选"), default=False)
    # When a colleague last knew whose number this is. Numbers are given out again once their owner has gone.
    confirmed_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "whole"],
                name="contact_once",
                violation_error_message=_("这个人已有这个号码。"),
            )
        ]
        ordering: ClassVar = ["-primary", "id"]
        indexes: ClassVar = [
            models.Index(fields=["community", "whole"], name="contact_whole"),
            models.Index(fields=["community", "last8"], name="contact_last8"),
            models.Index(fields=["community", "last4"], name="contact_last4"),
        ]

    @classmethod
    def of(cls, person: Person, number: str, *, label: str = "", primary: bool = False) -> Self:
        """An unsaved contact with its digests; ValueError with a sentence for what is no telephone number."""
        number = phones.normalise(number)
        return cls(
            community_id=person.community_id,
            person=person,
            number=number,
            label=label,
            primary=primary,
            **phones.columns(number),
        )

    @property
    def masked(self) -> str:
        return phones.masked(str(self.number))


class OccupancyQuerySet(ScopedQuerySet["Occupancy"]):
    def current(self, day: object) -> OccupancyQuerySet:
        """Occupancies that hold on ``day``."""
        return self.filter(during__contains=day)


class Occupancy(models.Model):
    """入住关系: a person's tie to a unit, with role, share and dates. The database refuses impossible overlaps."""

    class Role(models.TextChoices):
        OWNER = "owner", _("业主")
        CO_OWNER = "co_owner", _("共有人")
        TENANT = "tenant", _("租户")
        FAMILY = "family", _("家人")
        EMPLOYEE = "employee", _("员工")

    community = models.ForeignKey("estate.Community", on_delete=models.PROTECT)
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="occupancies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="occupancies")
    role = models.CharField(_("身份"), max_length=10, choices=Role)
    share = models.DecimalField(_("份额 %"), max_digits=5, decimal_places=2, null=True, blank=True)
    during = DateRangeField(_("期间"))

    objects = OccupancyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            ExclusionConstraint(
                name="occupancy_once",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("这个人在这段时间已经以同样的身份登记在这套房。"),
            ),
            ExclusionConstraint(
                name="occupancy_one_owner",
                expressions=[("unit", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(role="owner"),
                violation_error_message=_("这套房在这段时间已有业主，其他产权人请登记为共有人。"),
            ),
            models.CheckConstraint(
                condition=models.Q(share__isnull=True) | models.Q(share__gt=0, share__lte=100),
                name="occupancy_share",
                violation_error_message=_("份额要在 0 到 100 之间。"),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["community", "person"], name="occupancy_person")]


class Vehicle(models.Model):
    """车辆: a plate that belongs to a unit and, where known, a person."""

    community = models.ForeignKey("estate.Community", on_delete=models.PROTECT)
    unit = models.ForeignKey(
        "estate.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="vehicles"
    )
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="vehicles"
    )
    plate = models.CharField(_("车牌"), max_length=20)
    label = models.CharField(_("车型"), max_length=40, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "plate"],
                name="vehicle_plate",
                violation_error_message=_("这个项目已登记这个车牌。"),
            )
        ]
        indexes: ClassVar = [gram_index("plate", name="vehicle_grams")]


__all__ = ["Contact", "Occupancy", "Person", "Vehicle"]
