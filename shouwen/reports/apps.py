"""The reports room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "shouwen.reports"
    label = "reports"
