"""The reports room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "shouwen.reports"
    label = "reports"

    def ready(self) -> None:
        from shouwen.kernel.journal import register_verbs
        from shouwen.reports import words

        register_verbs(words.VERBS)
