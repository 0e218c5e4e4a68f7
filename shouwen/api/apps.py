"""The api room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "shouwen.api"
    label = "api"

    def ready(self) -> None:
        from shouwen.api import words
        from shouwen.kernel.refusals import register_refusals

        register_refusals(words.REFUSALS)
