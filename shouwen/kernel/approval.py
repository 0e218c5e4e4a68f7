"""Approval: draft, review, approve, copy over one document. Ordered steps; parallel ones share what they stand behind.

Pure but for the one table that keeps who signed what. Rooms say which steps a document has, who may sign, and write
the fact; here is decided which steps a signature makes ready.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.kernel.ids import uuid7

PASSED, RETURNED = "passed", "returned"


@dataclass(frozen=True, slots=True)
class Step:
    """One signature of a chain: its name, and the steps that it stands behind."""

    name: str
    after: tuple[str, ...] = ()


class Signature(models.Model):
    """签署: one signature on a document."""

    class Result(models.TextChoices):
        PASSED = PASSED, _("通过")
        RETURNED = RETURNED, _("退回")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community_id = models.BigIntegerField()
    document = models.UUIDField()
    step = models.CharField(max_length=40)
    result = models.CharField(max_length=10, choices=Result)
    by_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label = "kernel"
        indexes: ClassVar = [models.Index(fields=["document", "id"], name="signature_document")]


def signed(document: UUID) -> set[str]:
    """The steps of a document that are signed now; what was returned begins again."""
    rows = Signature.objects.filter(document=document).order_by("id").values_list("step", "result")
    return standing(rows)


def standing(signatures: Iterable[tuple[str, str]]) -> set[str]:
    """The steps that stand after these signatures, in order: a return takes all of them back."""
    names: set[str] = set()
    for step, result in signatures:
        names = names | {step} if result == PASSED else set()
    return names


def ready(steps: Sequence[Step], done: Collection[str], skipped: Collection[str] = ()) -> list[str]:
    """The steps that may be signed: not signed, not skipped, with everything before them signed or skipped."""
    passed = {*done}
    for step in steps:  # in order: a skipped step passes on what it stands behind
        if step.name in skipped and passed.issuperset(step.after):
            passed.add(step.name)
    return [
        step.name
        for step in steps
        if step.name not in passed and step.name not in skipped and passed.issuperset(step.after)
    ]


def made_ready(
    steps: Sequence[Step], before: Collection[str], step: str, result: str, skipped: Collection[str] = ()
) -> list[str]:
    """The steps that this signature opens: the next ones, or after a return the first ones again."""
    if result == RETURNED:
        return ready(steps, (), skipped)
    waiting = set(ready(steps, before, skipped))
    return [name for name in ready(steps, {*before, step}, skipped) if name not in waiting]
