"""Addresses of notices."""

from __future__ import annotations

from django.urls import path

from shouwen.front import notices

urlpatterns = [
    path("notices/", notices.notice_list, name="notice_list"),
    path("notices/read/", notices.read_all, name="notices_read"),
    path("notices/<uuid:key>/", notices.notice, name="notice"),
]
