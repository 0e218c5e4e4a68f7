"""The roof: the last app to start, which connects the switchboard."""

from __future__ import annotations

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "shouwen.site"
    label = "site"

    def ready(self) -> None:
        from shouwen.site import switchboard

        switchboard.connect()
