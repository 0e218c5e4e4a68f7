"""The works room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class WorksConfig(AppConfig):
    name = "shouwen.works"
    label = "works"

    def ready(self) -> None:
        from shouwen.estate.imports.sources import register_source
        from shouwen.estate.saving import constraint_sentences
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals
        from shouwen.people.holdings import register_holding
        from shouwen.works import actions, words
        from shouwen.works.leaving_actions import HOLDING
        from shouwen.works.materials.lists import MATERIALS

        assert actions
        register_holding(HOLDING)
        register_verbs(words.VERBS)
        register_refusals({**constraint_sentences(self), **words.REFUSALS})
        register_source(MATERIALS.source())
