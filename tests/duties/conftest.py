"""Duties on: the book is loaded, facts are absorbed, caches are empty."""

import pytest

from shouwen.duties import rulings
from shouwen.duties.absorb import absorb
from shouwen.kernel.journal import switchboard
from tests.cast import cast

__all__ = ["cast"]


@pytest.fixture(autouse=True)
def duties_on(monkeypatch):
    """Reactions of other rooms are off: facts are told about cases that have no row."""
    monkeypatch.setattr(switchboard, "reactions", {})
    rulings.forget()
    missing = absorb not in switchboard.absorbers
    if missing:
        switchboard.absorb(absorb)
    yield
    if missing:
        switchboard.absorbers.remove(absorb)
    rulings.forget()
