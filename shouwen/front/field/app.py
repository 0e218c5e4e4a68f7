"""What makes the technician's pages an application on a telephone: manifest, service worker, the page without a line."""

from __future__ import annotations

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from shouwen.kernel.refusals import NotFound

BRAND, PAPER = "#0f5c7d", "#f2f0eb"
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable.png", 512, "maskable"))


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """How the application is called and where it begins; it can be put on the home screen."""
    icons = [
        {"src": static(name), "sizes": f"{edge}x{edge}", "type": "image/png", "purpose": purpose}
        for name, edge, purpose in ICONS
    ]
    told = {
        "id": "/orders/mine",
        "name": _("首问 我的工单"),
        "short_name": _("首问"),
        "lang": get_language(),
        "start_url": reverse("my_orders"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": BRAND,
        "icons": icons,
    }
    return JsonResponse(told, content_type="application/manifest+json")


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker. It stands below /orders/, so it has to do with the technician's pages and no others."""
    built = finders.find("worker.js")
    if built is None:
        raise NotFound("not_found")
    script = Path(str(built)).read_bytes()
    return HttpResponse(
        script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@require_GET
def without_line(request: HttpRequest) -> HttpResponse:
    """What stands where a page was never seen with a line. It says nothing about anybody."""
    return render(request, "front/without_line.html", {"frame": None})
