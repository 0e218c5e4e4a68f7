"""Browsers of residents: signed in by a slip, as at the counter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from shouwen.estate.models import Person, Unit
from shouwen.portal.doors import COOKIE, ROOT
from tests.cast import Cast
from tests.house.world import sign_in

Browser = Callable[..., Client]


@pytest.fixture
def browser(cast: Cast) -> Browser:
    """``browser()`` is Mei's telephone; ``browser(unit, person)`` somebody else's."""

    def opened(unit: Unit | None = None, person: Person | None = None) -> Client:
        client = Client()
        _row, secret = sign_in(unit or cast.unit, person or cast.mei)
        client.cookies[COOKIE] = secret
        client.cookies[COOKIE]["path"] = ROOT
        return client

    return opened
