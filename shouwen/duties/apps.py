"""The duties room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "shouwen.duties"
    label = "duties"
