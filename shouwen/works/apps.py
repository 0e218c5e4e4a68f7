"""The works room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class WorksConfig(AppConfig):
    name = "shouwen.works"
    label = "works"

    def ready(self) -> None:
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals
        from shouwen.people.holdings import register_holding
        from shouwen.works import actions, words
        from shouwen.works.leaving_actions import HOLDING

        assert actions
        register_holding(HOLDING)
        register_verbs(words.VERBS)
        register_refusals(words.REFUSALS)
