"""The notices room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "shouwen.notices"
    label = "notices"

    def ready(self) -> None:
        from shouwen.estate.saving import constraint_sentences
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals
        from shouwen.notices.words import REFUSALS, VERBS

        register_verbs(VERBS)
        register_refusals({**REFUSALS, **constraint_sentences(self)})
