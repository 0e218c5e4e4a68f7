from ipaddress import ip_network

from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from shouwen.site.middleware import RequestId, client_address

PROXIES = override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/8")])


def _pass(**meta):
    seen = {}

    def view(request):
        seen["request"] = request
        return HttpResponse("ok")

    response = RequestId(view)(RequestFactory().get("/", **meta))
    return seen["request"], response


@PROXIES
def test_a_trusted_proxy_tells_the_address_the_scheme_and_the_id():
    request, response = _pass(
        REMOTE_ADDR="10.0.0.1",
        HTTP_X_FORWARDED_FOR="6.6.6.6, 203.0.113.9, 10.0.0.2",
        HTTP_X_FORWARDED_PROTO="https",
        HTTP_X_REQUEST_ID="abcdef-123456",
    )
    assert client_address(request) == "203.0.113.9"
    assert request.is_secure()
    assert response["X-Request-Id"] == "abcdef-123456"


@PROXIES
def test_a_stranger_tells_nothing():
    request, response = _pass(
        REMOTE_ADDR="203.0.113.9",
        HTTP_X_FORWARDED_FOR="10.1.1.1",
        HTTP_X_FORWARDED_PROTO="https",
        HTTP_X_REQUEST_ID="abcdef-123456",
    )
    assert client_address(request) == "203.0.113.9"
    assert not request.is_secure()
    assert response["X-Request-Id"] != "abcdef-123456"
