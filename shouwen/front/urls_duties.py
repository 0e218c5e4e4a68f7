"""Addresses of duties: what I owe, and what is noted and asked by hand."""

from __future__ import annotations

from django.urls import path

from shouwen.front import calendar_pages, duty_by_hand, duty_pages, feed_pages
from shouwen.front.manual import pages as manual_pages

urlpatterns = [
    path("duties/", duty_pages.duty_list, name="duty_list"),
    path("duties/begin/", duty_by_hand.duty_begin, name="duty_begin"),
    path("duties/<uuid:key>/", duty_pages.duty, name="duty"),
    path("duties/<uuid:key>/sign/", duty_pages.duty_sign, name="duty_sign"),
    path("duties/<uuid:key>/excuse/", duty_pages.duty_excuse, name="duty_excuse"),
    path("duties/<uuid:key>/hand/", duty_pages.duty_hand, name="duty_hand"),
    path("manual/", manual_pages.manual, name="manual"),
    path("calendar/", calendar_pages.calendar, name="calendar"),
    path("calendar/feeds/", feed_pages.feed_list, name="feed_list"),
    path("calendar/feeds/new/", feed_pages.feed_new, name="feed_new"),
    path("calendar/feeds/<int:key>/end/", feed_pages.feed_end, name="feed_end"),
    path("calendar/<str:secret>.ics", feed_pages.feed, name="feed"),
    path("tasks/new/", duty_by_hand.task_give, name="task_give"),
    path("occasions/new/", duty_by_hand.occasion_note, name="occasion_note"),
    path("occasions/<uuid:key>/close/", duty_by_hand.occasion_close, name="occasion_close"),
]
