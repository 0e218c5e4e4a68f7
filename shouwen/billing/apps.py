"""The billing room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "shouwen.billing"
    label = "billing"

    def ready(self) -> None:
        from shouwen.billing.lists import METERS, PAYMENTS
        from shouwen.estate.imports.sources import register_source
        from shouwen.estate.saving import constraint_sentences
        from shouwen.kernel.refusals import register_refusals

        register_source(PAYMENTS.source())
        register_source(METERS.source())
        register_refusals(constraint_sentences(self))
