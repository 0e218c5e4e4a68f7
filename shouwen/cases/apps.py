"""The cases room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "shouwen.cases"
    label = "cases"

    def ready(self) -> None:
        from shouwen.cases import actions, words
        from shouwen.cases.leaving_actions import HOLDING
        from shouwen.cases.merging import actions as merging
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals
        from shouwen.people.holdings import register_holding

        assert actions
        assert merging
        register_holding(HOLDING)
        register_verbs(words.VERBS)
        register_refusals(words.REFUSALS)
