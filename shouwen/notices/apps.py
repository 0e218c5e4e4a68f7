"""The notices room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "shouwen.notices"
    label = "notices"

    def ready(self) -> None:
        from shouwen.kernel.refusals import register_refusals
        from shouwen.notices.words import REFUSALS

        register_refusals(REFUSALS)
