"""The residents' door as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "shouwen.portal"
    label = "portal"

    def ready(self) -> None:
        from shouwen.kernel.refusals import register_refusals
        from shouwen.portal.words import REFUSALS

        register_refusals(REFUSALS)
