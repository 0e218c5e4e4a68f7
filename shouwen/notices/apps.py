"""The notices room as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "shouwen.notices"
    label = "notices"
