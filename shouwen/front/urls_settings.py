"""Addresses of the settings: community, service hours, staff, posts, tokens."""

from __future__ import annotations

from django.urls import path

from shouwen.front import settings_pages as pages
from shouwen.front import staff_pages as staff

urlpatterns = [
    path("settings/", pages.settings, name="settings"),
    path("settings/community/", pages.community_edit, name="community_edit"),
    path("settings/community/new/", pages.community_new, name="community_new"),
    path("settings/hours/", pages.hours, name="hours"),
    path("settings/hours/edit/", pages.hours_edit, name="hours_edit"),
    path("settings/hours/day/", pages.day_new, name="day_new"),
    path("settings/fallback/", pages.fallback, name="fallback"),
    path("settings/tokens/", pages.token_list, name="token_list"),
    path("settings/tokens/new/", pages.token_new, name="token_new"),
    path("settings/tokens/<int:key>/end/", pages.token_end, name="token_end"),
    path("settings/staff/", staff.staff_list, name="staff_list"),
    path("settings/staff/new/", staff.staff_new, name="staff_new"),
    path("settings/staff/<int:key>/", staff.staff, name="staff"),
    path("settings/staff/<int:key>/edit/", staff.staff_edit, name="staff_edit"),
    path("settings/staff/<int:key>/skills/", staff.staff_skills, name="staff_skills"),
    path("settings/staff/<int:key>/areas/", staff.staff_areas, name="staff_areas"),
    path("settings/staff/<int:key>/password/", staff.staff_password, name="staff_password"),
    path("settings/staff/<int:key>/leave/", staff.staff_leave, name="staff_leave"),
    path("settings/staff/<int:key>/return/", staff.staff_return, name="staff_return"),
    path("settings/staff/<int:key>/grants/new/", staff.grant_new, name="grant_new"),
    path("settings/staff/<int:key>/totp/", staff.totp_ask, name="totp_ask"),
    path("settings/grants/<int:key>/revoke/", staff.grant_revoke, name="grant_revoke"),
    path("settings/totp/<int:key>/approve/", staff.totp_approve, name="totp_approve"),
    path("settings/posts/", staff.post_list, name="post_list"),
    path("settings/posts/new/", staff.post_new, name="post_new"),
    path("settings/posts/<slug:code>/", staff.post, name="post"),
]
