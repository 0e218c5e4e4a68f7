"""Whatever a machine sends: never a server error, and every answer as the description says.

Examples are drawn from the description itself; the token has every right, so that they reach the actions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shouwen.api.management.commands.openapi import snapshot
from shouwen.cases.models import Case
from shouwen.works.models import Order
from tests.api.conftest import make_token
from tests.cases.test_actions import take
from tests.cast import Cast

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


OPERATIONS = [
    (method, path) for path, operations in json.loads(snapshot())["paths"].items() for method in operations
]


@pytest.fixture
def token(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Something to find, a token with every right, and no signal that would end the test's transaction."""
    monkeypatch.setattr(settings, "API_RATE", 10**9, raising=False)
    take(cast, cast.bob, kind="repair", category="leak", title="厨房漏水")
    take(cast, cast.alice, kind="complaint", category="attitude", title="前台态度差")
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield make_token(cast.community, cast.bob)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_input_makes_a_server_error(token: str, cast: Cast, method: str, path: str) -> None:
    described = schemathesis.openapi.from_dict(json.loads(snapshot()))
    described.app = get_wsgi_application()
    known = {
        "cases": str(Case.objects.get(kind="repair").pk),
        "orders": str(Order.objects.get().pk),
        "units": cast.unit.pk,
    }

    @given(case=described[path][method].as_strategy(), existing=st.booleans())
    @hypothesis_settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def knock(case: Any, existing: bool) -> None:
        noun = path.split("/")[3]
        if existing and noun in known and "key" in (case.path_parameters or {}):
            case.path_parameters["key"] = known[noun]
        if "move" in (case.path_parameters or {}) and existing:
            case.path_parameters["move"] = "note" if noun == "cases" else "assign"
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    knock()
