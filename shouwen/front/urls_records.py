"""Addresses of the records: units, persons, vehicles, registers, imports."""

from __future__ import annotations

from django.urls import path

from shouwen.front import (
    records,
    records_buildings,
    records_community,
    records_contacts,
    records_home,
    records_import,
    records_people,
    records_ties,
)
from shouwen.front.ledgers import meters, payments

urlpatterns = [
    path("units/", records.unit_list, name="unit_list"),
    path("units/new/", records.unit_new, name="unit_new"),
    path("units/<int:key>/", records.unit, name="unit"),
    path("units/<int:key>/edit/", records.unit_edit, name="unit_edit"),
    path("units/<int:key>/split/", records.unit_split, name="unit_split"),
    path("units/<int:key>/merge/", records.unit_merge, name="unit_merge"),
    path("units/<int:key>/chronicle/", records.chronicle_new, name="chronicle_new"),
    path("units/<int:key>/move-in/", records_ties.move_in, name="move_in"),
    path("units/<int:key>/door/", records_home.home_door, name="home_door"),
    path("units/<int:key>/door/<int:person>/", records_home.home_slip, name="home_slip"),
    path("home-slips/<int:key>/void/", records_home.home_slip_void, name="home_slip_void"),
    path("home-sign-ins/<int:key>/end/", records_home.home_sign_in_end, name="home_sign_in_end"),
    path("community/edit/", records_community.community_edit, name="community_edit"),
    path("community/new/", records_community.community_new, name="community_new"),
    path("buildings/", records_buildings.building_list, name="building_list"),
    path("buildings/new/", records_buildings.building_new, name="building_new"),
    path("buildings/<int:key>/", records_buildings.building, name="building"),
    path("buildings/<int:key>/edit/", records_buildings.building_edit, name="building_edit"),
    path("spaces/", records_buildings.space_list, name="space_list"),
    path("spaces/new/", records_buildings.space_new, name="space_new"),
    path("spaces/<int:key>/edit/", records_buildings.space_edit, name="space_edit"),
    path("persons/", records_people.person_list, name="person_list"),
    path("persons/new/", records_people.person_new, name="person_new"),
    path("persons/<int:key>/", records_people.person, name="person"),
    path("persons/<int:key>/edit/", records_people.person_edit, name="person_edit"),
    path("persons/<int:key>/merge/", records_people.person_merge, name="person_merge"),
    path("persons/<int:key>/contacts/new/", records_contacts.contact_new, name="contact_new"),
    path("persons/<int:key>/identity/", records_contacts.identity_reveal, name="identity_reveal"),
    path("contacts/<int:key>/edit/", records_contacts.contact_edit, name="contact_edit"),
    path("contacts/<int:key>/remove/", records_contacts.contact_remove, name="contact_remove"),
    path("contacts/<int:key>/confirm/", records_contacts.contact_confirm, name="contact_confirm"),
    path("contacts/<int:key>/number/", records_contacts.phone_reveal, name="phone_reveal"),
    path("occupancies/<int:key>/edit/", records_ties.occupancy_edit, name="occupancy_edit"),
    path("occupancies/<int:key>/move-out/", records_ties.move_out, name="move_out"),
    path("vehicles/new/", records_ties.vehicle_new, name="vehicle_new"),
    path("vehicles/<int:key>/edit/", records_ties.vehicle_edit, name="vehicle_edit"),
    path("vehicles/<int:key>/remove/", records_ties.vehicle_remove, name="vehicle_remove"),
    path("meters/", meters.meter_list, name="meter_list"),
    path("payments/", payments.payment_list, name="payment_list"),
    path("imports/", records_import.import_list, name="import_list"),
    path("imports/new/", records_import.import_new, name="import_new"),
    path("imports/templates/<slug:source>/", records_import.import_template, name="import_template"),
    path("imports/<int:key>/", records_import.import_run, name="import_run"),
    path("imports/<int:key>/problems/", records_import.import_problems, name="import_problems"),
]
