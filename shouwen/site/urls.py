"""All addresses of the house: the lists of its doors, in one place."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from shouwen.site import health

DOORS = (
    "shouwen.front.urls",
    "shouwen.front.urls_orders",
    "shouwen.front.urls_reports",
    "shouwen.front.urls_records",
    "shouwen.front.urls_settings",
    "shouwen.front.urls_sign_in",
    "shouwen.front.urls_notices",
    "shouwen.front.urls_duties",
)

handler400 = "shouwen.site.errors.bad_request"
handler403 = "shouwen.site.errors.not_allowed"
handler404 = "shouwen.site.errors.not_found"
handler500 = "shouwen.site.errors.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("my/", include("shouwen.portal.urls")),
    *(path("", include(door)) for door in DOORS if find_spec(door)),
]
if settings.BENCH:
    from shouwen.api.door import api
    from shouwen.site.bench.bare import router

    api.add_router("/bench", router)
if find_spec("shouwen.api.urls"):
    urlpatterns.append(path("api/v1/", include("shouwen.api.urls")))
