"""What every request gets first: an id that support can find, and the true address of the client."""

import re
import secrets
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from shouwen.site.logs import request_id

_SANE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class RequestId:
    """Give the request an id, echo it as `X-Request-Id`, and believe forwarded headers of trusted proxies only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trusted = _from_trusted_proxy(request)
        given = request.headers.get("X-Request-Id", "")
        name = given if trusted and _SANE_ID.fullmatch(given) else secrets.token_hex(6)
        if trusted:
            _believe_proxy(request)
        request.id = name  # type: ignore[attr-defined]
        request_id.set(
            name
        )  # not reset: Django logs an answer after the middleware; the next request sets its own
        response = self.get_response(request)
        response["X-Request-Id"] = name
        return response


def client_address(request: HttpRequest) -> str:
    """Return the address that `RequestId` settled on."""
    return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - a placeholder, nothing listens


def _from_trusted_proxy(request: HttpRequest) -> bool:
    return _is_trusted(str(request.META.get("REMOTE_ADDR", "")))


def _is_trusted(address: str) -> bool:
    try:
        return any(ip_address(address) in network for network in settings.TRUSTED_PROXIES)
    except ValueError:
        return False


def _believe_proxy(request: HttpRequest) -> None:
    """Take the nearest address that is not a proxy of ours; what stands left of it a client may have invented."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    for hop in reversed(hops):
        request.META["REMOTE_ADDR"] = hop
        if not _is_trusted(hop):
            break
    if request.headers.get("X-Forwarded-Proto") == "https":
        request.META["wsgi.url_scheme"] = "https"
