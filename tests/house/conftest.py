"""One world and one street for each walk through the addresses; what a visit does is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.house.residents import Street, build_street
from tests.house.world import Visit, World, build


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for all; every visit is taken back, so that no line of the table depends on another."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def visit(world: World, db: None) -> Visit:
    return Visit(world)


@pytest.fixture(scope="module")
def street(django_db_setup: None, django_db_blocker: Any) -> Iterator[Street]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_street()
        transaction.set_rollback(True)
