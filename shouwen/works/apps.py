"""The works room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class WorksConfig(AppConfig):
    name = "shouwen.works"
    label = "works"

    def ready(self) -> None:
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals
        from shouwen.works import actions, words

        assert actions
        register_verbs(words.VERBS)
        register_refusals(words.REFUSALS)
