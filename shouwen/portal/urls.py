"""Addresses of the residents' door, all below ``/my/``."""

from __future__ import annotations

from django.urls import path

from shouwen.portal import matters, me, sign_in

app_name = "portal"
urlpatterns = [
    path("", matters.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("slip/<str:secret>/", sign_in.slip, name="slip"),
    path("matters/", matters.matters, name="matters"),
    path("matters/<uuid:key>/", matters.matter, name="matter"),
    path("photos/<uuid:key>/<slug:variant>/", matters.photo, name="photo"),
    path("me/", me.me, name="me"),
    path("me/home/<int:key>/", me.switch, name="switch"),
    path("me/mode/", me.mode, name="mode"),
    path("me/leave/", me.leave, name="leave"),
    path("me/sign-ins/<int:key>/end/", me.end, name="end"),
    path("<path:rest>", sign_in.nowhere, name="nowhere"),
]
