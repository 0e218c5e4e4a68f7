"""What other values would do to what is owed: told before they are chosen, and nothing is moved."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine

from shouwen.duties import supposing
from shouwen.duties.actions import set_policy
from shouwen.duties.models import Duty
from shouwen.duties.supposing import asked_by, suppose
from shouwen.kernel.clock import end_of_day
from tests.cast import Cast
from tests.duties.facts import START, Matter, local, pass_time, registered, rows, started

pytestmark = pytest.mark.django_db


def complaint(cast: Cast) -> Matter:
    case = Matter(cast.community.pk)
    case.tell_all([registered("complaint", first_responder=cast.bob.pk, handler=cast.bob.pk)])
    return case


def test_a_shorter_promise_names_the_duty_and_the_moment_it_would_be_due(cast: Cast) -> None:
    complaint(cast)
    before = rows()
    found = suppose(cast.community.pk, {"complaint.reply": "P1D"}, viewer=cast.actor(cast.alice))
    assert [(d.duty.clause, d.terms) for d in found.differing] == [
        ("complaint.reply", (end_of_day(date(2026, 7, 23)), 1))
    ]
    assert (found.total, found.looked, found.count) == (1, 1, 1)
    assert rows() == before


def test_the_same_value_differs_in_nothing_even_after_a_pause_moved_the_due_time(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell("order:dispatched", technician=cast.wen.pk, handler=cast.wen.pk, urgent=False)
    case.tell("order:paused", when=START + timedelta(minutes=5), reason="parts")
    case.tell("order:resumed", when=START + timedelta(minutes=65))
    assert suppose(cast.community.pk, {"repair.arrive": ""}, viewer=cast.actor(cast.alice)).differing == ()
    found = suppose(cast.community.pk, {"repair.arrive": "PT1H"}, viewer=cast.actor(cast.alice))
    assert [d.terms for d in found.differing] == [(START + timedelta(hours=1), 1)]


def test_off_would_not_be_owed_at_all(cast: Cast) -> None:
    complaint(cast)
    found = suppose(cast.community.pk, {"complaint.reply": "off"}, viewer=cast.actor(cast.alice))
    assert [d.terms for d in found.differing] == [None]


def test_what_was_supposed_is_what_the_next_birth_gets(cast: Cast) -> None:
    """The preview is no guess: the same fact after the change gives the moment that was told."""
    complaint(cast)
    told = suppose(cast.community.pk, {"complaint.reply": "P2BD"}, viewer=cast.actor(cast.alice))
    with time_machine.travel(START - timedelta(hours=1), tick=False):
        set_policy(cast.community.pk, "complaint.reply", "P2BD", actor=cast.actor(cast.alice), reason="x")
    assert told.differing[0].terms == (complaint(cast).duty("complaint.reply").due_at, 1)


def test_a_period_that_would_open_otherwise_is_told_too(cast: Cast) -> None:
    started(cast.community.pk, date(2026, 7, 1))
    pass_time(local("2026-07-01 08:00"))
    key = "archive.verification"
    verify = Duty.objects.get(clause="archive.verify")
    found = suppose(cast.community.pk, {key: "month"}, viewer=cast.actor(cast.alice))
    mine = next(d for d in found.differing if d.duty.pk == verify.pk)
    assert mine.terms is not None
    assert mine.terms[0] == end_of_day(date(2026, 7, 31)) < (verify.due_at or START)
    assert {c.code for c in asked_by(key)} >= {"archive.verify"}


def test_a_level_of_its_own_is_read_by_the_clause_of_all_levels() -> None:
    assert "complaint.solve" in {clause.code for clause in asked_by("complaint.solve.class1")}


def test_every_open_duty_is_counted_however_many_there_are(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches: the number is exact, the list is as long as asked for; beyond the bound the total is still told."""
    complaint(cast)
    one = Duty.objects.get(clause="complaint.reply")
    fields = {f.attname: getattr(one, f.attname) for f in Duty._meta.concrete_fields}
    copies = [Duty(**fields | {"id": uuid4(), "matter_id": uuid4(), "subject": str(n)}) for n in range(30)]
    Duty.objects.bulk_create(copies)
    monkeypatch.setattr(supposing, "_BATCH", 7)
    alice = cast.actor(cast.alice)
    found = suppose(cast.community.pk, {"complaint.reply": "P1D"}, viewer=alice, shown=5)
    assert (found.total, found.looked, found.count, len(found.differing)) == (31, 31, 31, 5)
    assert suppose(cast.community.pk, {"complaint.reply": "P3D"}, viewer=alice).count == 0
    monkeypatch.setattr(supposing, "MOST", 20)
    found = suppose(cast.community.pk, {"complaint.reply": "P1D"}, viewer=alice, shown=5)
    assert (found.total, found.looked, found.count) == (31, 20, 20)
