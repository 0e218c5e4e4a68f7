"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from shouwen.front import notices, settings_mail

urlpatterns = [
    path("notices/", notices.notice_list, name="notice_list"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/ways/", settings_mail.ways, name="notice_ways"),
    path("notices/<uuid:key>/", notices.notice, name="notice"),
]
