"""The staff door as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "shouwen.front"
    label = "front"

    def ready(self) -> None:
        from shouwen.front import words
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals

        register_verbs(words.VERBS)
        register_refusals(words.REFUSALS)
