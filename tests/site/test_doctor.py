"""`shouwen doctor`: what was parked is said with its error and its remedy, and tried again when asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shouwen.kernel import clock, deliveries
from shouwen.kernel.ids import uuid7
from shouwen.kernel.models import Delivery
from shouwen.notices import outbox
from shouwen.notices.models import Letter
from shouwen.site.doctor import Finding, doctor, examine
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def finding(what: str) -> Finding:
    return next(f for f in examine() if what in f.what)


def test_all_is_well_where_nothing_was_given_up() -> None:
    assert finding("deliveries").ok
    assert finding("letters").ok


def test_parked_deliveries_are_named_with_their_error_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    row = Delivery(
        entry_id=uuid7(), reader="notices", run_at=clock.now(), attempts=deliveries.MOST, error="KeyError: x"
    )
    row.save()
    found = finding("deliveries")
    assert not found.ok
    assert "KeyError: x" in found.say
    assert "--retry" in found.say
    assert doctor(as_json=False) == 1
    assert "✗ 通知 deliveries" in capsys.readouterr().out
    doctor(as_json=True, again=True)
    assert finding("deliveries").ok, "it waits again"


def test_deliveries_that_nobody_fetches_are_a_finding() -> None:
    Delivery(entry_id=uuid7(), reader="notices", run_at=clock.now() - timedelta(minutes=5)).save()
    assert not finding("deliveries").ok


def test_parked_letters_are_a_finding(cast: Cast) -> None:
    Letter.objects.create(
        community=cast.community, staff=cast.bob, carrier="email", code="duty.late", matter_kind="case", once="1",
        at=clock.now(), run_at=clock.now(), state="parked", error="550 no such user",
    )  # fmt: skip
    found = finding("letters")
    assert not found.ok
    assert "550 no such user" in found.say
    doctor(as_json=True, again=True)
    assert finding("letters").ok
    assert outbox.waiting() == 1
