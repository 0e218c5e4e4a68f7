"""What Django itself refuses or breaks, as pages of the door that was asked. Named in ``site.urls`` and the settings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from shouwen.front import errors as front
from shouwen.portal import errors as portal
from shouwen.portal.doors import ROOT


def _at_home(request: HttpRequest) -> bool:
    return request.path.startswith(ROOT)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a link or a form that cannot be read."""
    return portal.bad_request(request) if _at_home(request) else front.bad_request(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: no right to it."""
    return portal.not_allowed(request) if _at_home(request) else front.not_allowed(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or none that this person may know of."""
    return portal.not_found(request) if _at_home(request) else front.not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """500 and 507: our fault."""
    return portal.broken(request) if _at_home(request) else front.broken(request)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of the forgery check."""
    return portal.stale_form(request) if _at_home(request) else front.stale_form(request, reason)
