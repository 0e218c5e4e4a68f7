"""Addresses of the residents' door, all below ``/my/``."""

from __future__ import annotations

from django.urls import path

from shouwen.portal import acts, matters, me, rate, report, sign_in

app_name = "portal"
urlpatterns = [
    path("", matters.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/number/", sign_in.number, name="number"),
    path("sign-in/code/", sign_in.code, name="code"),
    path("sign-in/choose/", sign_in.choose, name="choose"),
    path("sign-in/demo/", sign_in.demo, name="demo"),
    path("slip/<str:secret>/", sign_in.slip, name="slip"),
    path("rate/<str:secret>/", rate.rate, name="rate"),
    path("events/grant", matters.events_grant, name="events_grant"),
    path("matters/", matters.matters, name="matters"),
    path("matters/<uuid:key>/", matters.matter, name="matter"),
    path("matters/<uuid:key>/<slug:name>/", acts.act, name="act"),
    path("report/", report.report, name="report"),
    path("photos/<uuid:key>/<slug:variant>/", matters.photo, name="photo"),
    path("me/", me.me, name="me"),
    path("me/home/<int:key>/", me.switch, name="switch"),
    path("me/mode/", me.mode, name="mode"),
    path("me/letters/", me.letters, name="letters"),
    path("prove/<slug:token>/", me.prove, name="prove"),
    path("stop/<int:key>/<slug:mark>/", me.stop_letters, name="stop"),
    path("me/leave/", me.leave, name="leave"),
    path("me/sign-ins/<int:key>/end/", me.end, name="end"),
    path("<path:rest>", sign_in.nowhere, name="nowhere"),
]
