"""The front room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "shouwen.front"
    label = "front"
