"""The estate room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class EstateConfig(AppConfig):
    name = "shouwen.estate"
    label = "estate"

    def ready(self) -> None:
        # Imported here, since models of this room are loaded by now.
        from shouwen.estate.imports import own, sources
        from shouwen.estate.saving import constraint_sentences
        from shouwen.estate.words import REFUSALS, VERBS
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals

        register_verbs(VERBS)
        sources.register_source(own.UNITS)
        sources.register_source(own.PERSONS)
        register_refusals({**constraint_sentences(self), **REFUSALS})
