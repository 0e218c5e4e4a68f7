"""Addresses of duties: what I owe, and what is noted and asked by hand."""

from __future__ import annotations

from django.urls import path

from shouwen.front import duty_pages
from shouwen.front.manual import pages as manual_pages

urlpatterns = [
    path("duties/", duty_pages.duty_list, name="duty_list"),
    path("duties/begin/", duty_pages.duty_begin, name="duty_begin"),
    path("duties/<uuid:key>/", duty_pages.duty, name="duty"),
    path("duties/<uuid:key>/sign/", duty_pages.duty_sign, name="duty_sign"),
    path("duties/<uuid:key>/excuse/", duty_pages.duty_excuse, name="duty_excuse"),
    path("duties/<uuid:key>/hand/", duty_pages.duty_hand, name="duty_hand"),
    path("manual/", manual_pages.manual, name="manual"),
    path("tasks/new/", duty_pages.task_give, name="task_give"),
    path("occasions/new/", duty_pages.occasion_note, name="occasion_note"),
    path("occasions/<uuid:key>/close/", duty_pages.occasion_close, name="occasion_close"),
]
