"""Addresses of the desk: queues, cases, intake, search. Other pages have url lists of their own beside this one."""

from __future__ import annotations

from django.urls import path

from shouwen.front import calls, desk, drafts, intake, living, moves, phrases, ratings, search, views
from shouwen.front.many import bulk

urlpatterns = [
    path("", desk.home, name="home"),
    path("events/grant", desk.events_grant, name="events_grant"),
    path("live/rail/", living.rail, name="live_rail"),
    path("desk/<slug:code>/", desk.desk, name="desk"),
    path("community/<int:key>/", desk.switch, name="switch"),
    path("cases/", desk.case_list, name="case_list"),
    path("cases/new/", intake.intake, name="intake"),
    path("cases/bulk/<slug:name>/", bulk.case_bulk, name="case_bulk"),
    path("cases/<uuid:key>/", desk.case_page, name="case"),
    path("cases/<uuid:key>/rating-link/", ratings.rating_link, name="rating_link"),
    path("cases/<uuid:key>/call/", calls.case_call, name="case_call"),
    path("cases/<uuid:key>/phrases/", phrases.case_phrases, name="case_phrases"),
    path("cases/<uuid:key>/<slug:name>/", moves.case_move, name="case_move"),
    path("orders/<uuid:key>/moves/<slug:name>/", moves.order_move, name="order_move"),
    path("photos/<uuid:key>/<slug:variant>/", desk.photo, name="photo"),
    path("search/", search.search, name="search"),
    path("drafts/", drafts.draft, name="draft"),
    path("views/", views.save_view, name="save_view"),
    path("views/<int:key>/drop/", views.drop_view, name="drop_view"),
]
