"""Duties on: the book is loaded, facts are absorbed, days open, caches are empty."""

import pytest

from shouwen.duties import days, rulings
from shouwen.duties.absorb import absorb
from shouwen.kernel.journal import switchboard
from tests.cast import cast

__all__ = ["cast"]


@pytest.fixture(autouse=True)
def duties_on(monkeypatch):
    """Reactions of other rooms are off: facts are told about cases that have no row."""
    monkeypatch.setattr(switchboard, "reactions", {})
    monkeypatch.setattr(switchboard, "openers", [days.before])
    monkeypatch.setattr(switchboard, "absorbers", [absorb])
    rulings.forget()
    days.forget()
    yield
    rulings.forget()
    days.forget()
