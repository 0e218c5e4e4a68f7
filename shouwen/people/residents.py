"""How residents sign in: slips from the desk, codes to a telephone, and the browsers that are signed in."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.kernel import clock
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.kernel.vault import SealedField


class HomeSlipQuerySet(ScopedQuerySet["HomeSlip"]):
    def open(self) -> Self:
        """Slips that still let somebody in."""
        return self.filter(used_at=None, voided_at=None, expires_at__gt=clock.now())


class HomeSlip(models.Model):
    """登录条: a printed link that signs one person in to one home, once, within minutes. Only its digest is kept."""

    community = models.ForeignKey("estate.Community", on_delete=models.CASCADE)
    unit = models.ForeignKey("estate.Unit", on_delete=models.CASCADE, related_name="home_slips")
    person = models.ForeignKey("estate.Person", on_delete=models.CASCADE, related_name="home_slips")
    digest = models.BinaryField(unique=True, editable=False)
    issued_by = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    objects = HomeSlipQuerySet.as_manager()


class HomeSignIn(models.Model):
    """住户登录: one browser of a resident. A sign-in by slip reaches the slip's home alone, one by code all homes."""

    class By(models.TextChoices):
        SLIP = "slip", _("登录条")
        CODE = "code", _("验证码")

    community = models.ForeignKey("estate.Community", on_delete=models.CASCADE)
    person = models.ForeignKey("estate.Person", on_delete=models.CASCADE, related_name="home_sign_ins")
    unit = models.ForeignKey("estate.Unit", null=True, on_delete=models.CASCADE, related_name="home_sign_ins")
    by = models.CharField(max_length=4, choices=By)
    digest = models.BinaryField(unique=True, editable=False)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["community", "unit", "-at"],
                name="home_sign_in_unit",
                condition=models.Q(ended_at=None),
            )
        ]


class HomeCode(models.Model):
    """验证码: one request for a code. Whether the number is known is found out only by the job that sends it.

    ``browser`` binds it to the browser that asked; ``code`` stays empty for a number that signs nobody in.
    """

    number = SealedField(purpose="home_code.number")
    browser = models.BinaryField(editable=False)
    code = models.BinaryField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="home_code_expires")]
