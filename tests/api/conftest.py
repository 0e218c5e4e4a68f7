"""A machine at the door: tokens of the cast's communities, and a client that speaks JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from shouwen.estate.models import Community
from shouwen.kernel import clock
from shouwen.people.actions import token_digest
from shouwen.people.models import Staff, Token
from shouwen.people.rights import RIGHTS
from tests.cast import Cast

MACHINE = tuple(RIGHTS)


def make_token(
    community: Community, staff: Staff, rights: tuple[str, ...] = MACHINE, secret: str = "sw_test"
) -> str:
    """A token of these rights in one community; its secret."""
    secret = f"{secret}_{community.code}_{Token.objects.count()}"
    Token.objects.create(
        community=community,
        staff=staff,
        name="测试",
        digest=token_digest(secret),
        rights=list(rights),
        created_at=clock.now(),
    )
    return secret


class Machine:
    """``machine.get("/cases")``: a request below /api/v1 with a token; the answer has ``.status_code`` and ``.json()``."""

    def __init__(self, secret: str) -> None:
        self.client = Client(
            headers={"Authorization": f"Bearer {secret}"} if secret else None, raise_request_exception=False
        )

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: Any = None, key: str = "", **headers: str) -> Any:
        given = headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1{path}", body or {}, content_type="application/json", headers=given)


@pytest.fixture
def machine(cast: Cast) -> Machine:
    """Acts in Bob's name with every right in the cast's community."""
    return Machine(make_token(cast.community, cast.bob))


@pytest.fixture
def stranger(cast: Cast) -> Machine:
    """Every right, but in the other community."""
    return Machine(make_token(cast.other, cast.charlie))


@pytest.fixture
def limited(cast: Cast) -> Callable[..., Machine]:
    """A machine with just these rights."""
    return lambda *rights: Machine(make_token(cast.community, cast.bob, rights))
