"""The duties room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "shouwen.duties"
    label = "duties"

    def ready(self) -> None:
        from shouwen.duties import words
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals

        register_verbs(words.VERBS)
        register_refusals(words.REFUSALS)
