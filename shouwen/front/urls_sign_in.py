"""Addresses of signing in and out."""

from __future__ import annotations

from django.urls import path

from shouwen.front import sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.totp, name="totp"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("me/password/", sign_in.change_password, name="change_password"),
    path("me/sessions/", sign_in.sessions, name="sessions"),
    path("me/sessions/<int:key>/end/", sign_in.session_end, name="session_end"),
]
