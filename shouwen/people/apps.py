"""The people room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "shouwen.people"
    label = "people"

    def ready(self) -> None:
        # Imported here, since models of this room are loaded by now.
        from shouwen.estate.saving import constraint_sentences
        from shouwen.kernel.journal import register_verbs
        from shouwen.kernel.refusals import register_refusals
        from shouwen.people.words import REFUSALS, VERBS

        register_verbs(VERBS)
        register_refusals({**constraint_sentences(self), **REFUSALS})
