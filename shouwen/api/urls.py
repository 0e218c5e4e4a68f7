"""The addresses of the machine door, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from shouwen.api import cases, orders, records
from shouwen.api.door import api, in_shape, no_address

__all__ = ["api", "urlpatterns"]

api.add_router("/cases", cases.router)
api.add_router("/orders", orders.router)
api.add_router("/photos", cases.pictures)
api.add_router("", records.router)

operations, _app, _space = api.urls
for one in operations:
    one.callback = in_shape(one.callback)  # type: ignore[arg-type]
nowhere = csrf_exempt(no_address)
urlpatterns = [
    path("", nowhere, name="api_root"),
    path("", (operations, _app, _space)),
    path("<path:rest>", nowhere, name="api_nowhere"),
]
