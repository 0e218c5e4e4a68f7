"""The sentences of a community, each under a short name."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.estate.models import Community
from shouwen.kernel.scope import ScopedQuerySet
from shouwen.kernel.text import seeded

GAPS: Final = ("称呼", "房号", "单号", "维修人", "时间")
"""What may stand in braces. They are written into texts, so that they are the same in every language."""

GAP: Final = re.compile(r"\{([^{}]*)\}")


class Phrase(models.Model):
    """常用语: typed as “/” and its name into an answer, a note, the words of a follow-up."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE)
    name = models.CharField(_("名称"), max_length=20)
    words = models.TextField(_("内容"), max_length=600)
    active = models.BooleanField(_("启用"), default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["community", "name"],
                name="phrase_name",
                violation_error_message=_("已有叫这个名称的常用语。"),
            )
        ]

    def filled(self, values: dict[str, str]) -> str:
        """The words with every gap filled; one that nothing is known for stays, in brackets, for the writer."""
        return GAP.sub(lambda gap: values.get(gap[1]) or f"[{seeded(gap[1])}]", self.words)
