"""One import: the file, how it is to be taken, how far it is and what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.kernel.files import StoredFile
from shouwen.kernel.scope import ScopedQuerySet


class ImportRun(models.Model):
    """导入: ``counts`` has added, changed and unchanged by kind of row; ``problems`` the lines left out.

    ``outcomes`` counts the lines of the file by what came of each, as `ImportLine` tells. ``chosen`` has fields by header
    where somebody said what a column is, empty to leave it out; ``columns`` is what every column of the file was taken
    for, in its order: pairs of header and field, which is empty for a column that was not taken.
    """

    class Mode(models.TextChoices):
        DRY = "dry", _("先看变化，不写入")
        GOOD = "good", _("只导入没问题的行")
        ALL = "all", _("有一行不对就全部不导入")

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("进行中")
        CHECKED = "checked", _("已检查，未写入")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("没有导入")
        FAILED = "failed", _("出错")

    community = models.ForeignKey("estate.Community", on_delete=models.PROTECT)
    source = models.CharField(_("内容"), max_length=20)
    name = models.CharField(_("文件"), max_length=120)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    mode = models.CharField(_("方式"), max_length=10, choices=Mode, default=Mode.DRY)
    state = models.CharField(_("状态"), max_length=10, choices=State, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    outcomes = models.JSONField(default=dict, blank=True)
    chosen = models.JSONField(default=dict, blank=True)
    columns = models.JSONField(default=list, blank=True)
    recalled = models.BooleanField(default=False)
    refused = models.PositiveIntegerField(default=0)
    warned = models.PositiveIntegerField(default=0)
    problems = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.CharField(max_length=300, blank=True)
    by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]

    @property
    def over(self) -> bool:
        return self.state not in {self.State.QUEUED, self.State.RUNNING}

    def count(self, kind: str, what: str) -> int:
        """How many rows of a kind were ``added``, ``changed`` or left ``unchanged``."""
        found: dict[str, Any] = self.counts.get(kind, {})
        return int(found.get(what, 0))


class ColumnChoice(models.Model):
    """列的对应: what the columns of files with one head were taken for by choice, in one company and kind of list."""

    company = models.ForeignKey("estate.Company", on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.CharField(max_length=20)
    head = models.CharField(max_length=64)
    chosen = models.JSONField()
    at = models.DateTimeField()

    community_id = 0  # it holds in all communities of the company

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "source", "head"],
                name="column_choice_once",
                violation_error_message=_("这样的表头已经选过。"),
            )
        ]


class ImportLine(models.Model):
    """One line of an imported file and what came of it, or would. Numbers that tell who somebody is are masked."""

    class Outcome(models.TextChoices):
        REFUSED = "refused", _("问题行")
        WARNED = "warned", pgettext_lazy("outcome of a row", "提醒")
        ADDED = "added", _("新增")
        CHANGED = "changed", _("修改")
        SAME = "same", _("不变")

    community = models.ForeignKey("estate.Community", on_delete=models.PROTECT, db_index=False)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines", db_index=False)
    outcome = models.CharField(max_length=8, choices=Outcome)
    sheet = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=80)
    column = models.CharField(max_length=20)
    value = models.CharField(max_length=60)
    why = models.CharField(max_length=200)
    changes = models.JSONField(default=list)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["run", "outcome", "number", "id"], name="import_line")]
