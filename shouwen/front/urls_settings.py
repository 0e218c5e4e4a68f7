"""Addresses of the settings."""

from __future__ import annotations

from django.urls import path

from shouwen.front import (
    settings_categories,
    settings_colleague,
    settings_grants,
    settings_hours,
    settings_mail,
    settings_pages,
    settings_posts,
    settings_staff,
    settings_tokens,
)

urlpatterns = [
    path("settings/", settings_pages.settings, name="settings"),
    path("settings/fallback/", settings_pages.fallback, name="fallback"),
    path("settings/staff/", settings_staff.staff_list, name="staff_list"),
    path("settings/staff/new/", settings_staff.staff_new, name="staff_new"),
    path("settings/staff/<int:key>/", settings_colleague.staff, name="staff"),
    path("settings/staff/<int:key>/edit/", settings_staff.staff_edit, name="staff_edit"),
    path("settings/staff/<int:key>/password/", settings_staff.staff_password, name="staff_password"),
    path("settings/staff/<int:key>/leave/", settings_staff.staff_leave, name="staff_leave"),
    path("settings/staff/<int:key>/return/", settings_staff.staff_return, name="staff_return"),
    path("settings/staff/<int:key>/totp/", settings_staff.totp_ask, name="totp_ask"),
    path("settings/staff/<int:key>/grants/new/", settings_grants.grant_new, name="grant_new"),
    path("settings/staff/<int:key>/skills/", settings_grants.staff_skills, name="staff_skills"),
    path("settings/staff/<int:key>/areas/", settings_grants.staff_areas, name="staff_areas"),
    path("settings/grants/<int:key>/end/", settings_grants.grant_end, name="grant_end"),
    path("settings/sessions/<int:key>/end/", settings_staff.staff_session_end, name="staff_session_end"),
    path("settings/totp-resets/<int:key>/", settings_staff.totp_approve, name="totp_approve"),
    path("settings/posts/", settings_posts.post_list, name="post_list"),
    path("settings/posts/new/", settings_posts.post_new, name="post_new"),
    path("settings/posts/<slug:code>/", settings_posts.post, name="post"),
    path("settings/tokens/", settings_tokens.token_list, name="token_list"),
    path("settings/tokens/new/", settings_tokens.token_new, name="token_new"),
    path("settings/tokens/<int:key>/end/", settings_tokens.token_end, name="token_end"),
    path("settings/hours/", settings_hours.hours, name="hours"),
    path("settings/hours/edit/", settings_hours.hours_edit, name="hours_edit"),
    path("settings/hours/days/new/", settings_hours.hours_day, name="hours_day"),
    path("settings/hours/days/<int:key>/end/", settings_hours.hours_day_end, name="hours_day_end"),
    path("settings/mail/", settings_mail.mail, name="mail"),
    path("settings/mail/box/", settings_mail.mail_edit, name="mail_edit"),
    path("settings/mail/test/", settings_mail.mail_test, name="mail_test"),
    path("settings/mail/wordings/<str:code>/", settings_mail.wording, name="wording"),
    path("settings/mail/wordings/<str:code>/preset/", settings_mail.wording_drop, name="wording_drop"),
    path("settings/mail/letters/", settings_mail.letter_list, name="letter_list"),
    path("settings/mail/letters/retry/", settings_mail.letters_retry, name="letters_retry"),
    path("settings/categories/", settings_categories.category_list, name="category_list"),
    path("settings/categories/new/", settings_categories.category_new, name="category_new"),
    path("settings/categories/<slug:code>/", settings_categories.category, name="category"),
]
