"""Addresses of the supervisor's day, the compliance board, the KPIs and the policies."""

from __future__ import annotations

from django.urls import path

from shouwen.front import kpi_pages, kpi_rows, overview
from shouwen.front.compliance import audits, board, lists, sheet
from shouwen.front.policies import pages as policy_list
from shouwen.front.policies import sets as policy_sets

urlpatterns = [
    path("overview/", overview.overview, name="overview"),
    path("compliance/", board.compliance, name="compliance"),
    path("compliance/duties/", lists.duties, name="compliance_duties"),
    path("compliance/communities/", lists.communities, name="compliance_communities"),
    path("compliance/sheet/", sheet.sheet, name="compliance_sheet"),
    path("audits/", audits.audit_list, name="audit_list"),
    path("audits/new/", audits.audit_new, name="audit_new"),
    path("audits/<uuid:key>/", audits.audit, name="audit"),
    path("audits/<uuid:key>/<uuid:duty>/", audits.audit_finding, name="audit_finding"),
    path("kpi/", kpi_pages.kpi_list, name="kpi_list"),
    path("kpi/<slug:code>/", kpi_pages.kpi, name="kpi"),
    path("kpi/<slug:code>/rows/", kpi_rows.kpi_rows, name="kpi_rows"),
    path("settings/policies/", policy_list.policies, name="policies"),
    path("settings/policies/compare/", policy_sets.policy_compare, name="policy_compare"),
    path("settings/policies/adopt/", policy_sets.policy_adopt, name="policy_adopt"),
    path("settings/policies/<str:key>/", policy_list.policy, name="policy"),
]
