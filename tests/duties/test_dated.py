"""Every dated clause of the manuals: its occasion bears the duty, due when the manual says, and its proof ends it.

Each check runs twice: with the clauses of the house, and once more with its clause switched off, when it must fail. What
is expected stands in `dated_periods` and `dated_facts`, by hand and from the manuals, not from the clause files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from shouwen.duties import clauses
from shouwen.duties.clauses import Book
from shouwen.duties.models import Duty, Run
from shouwen.kernel.clock import end_of_day
from tests.cast import Cast, make_cast
from tests.duties import scenes
from tests.duties.dated_facts import FACTS
from tests.duties.dated_periods import PERIODS
from tests.duties.facts import local
from tests.duties.scenes import Line, Stage

pytestmark = pytest.mark.django_db
LINES = (*PERIODS, *FACTS)
SOURCES = sorted({source for line in LINES for source in line.sources.split()})


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """One cast for all checks: each is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_cast()
        transaction.set_rollback(True)


@pytest.mark.parametrize("source", SOURCES)
def test_a_dated_clause_is_owed_in_time_and_ends_with_its_proof(
    source: str, town: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.FILES_DIR = tmp_path
    house = clauses.book()
    for line in LINES:
        if source in line.sources.split():
            with undone():
                check(line, Stage(town, town.alice))
            with book(without(house, line.clause), house), undone(), pytest.raises(AssertionError):
                check(line, Stage(town, town.alice))


def test_every_source_of_the_house_is_checked_and_no_other() -> None:
    said = {(source, c.code) for c in clauses.book().clauses.values() for source in c.source}
    checked = {(source, line.clause) for line in LINES for source in line.sources.split()}
    codes = {code for _source, code in checked}
    assert codes == {code for _source, code in said}
    assert checked <= said
    assert {source for source, _code in said} == set(SOURCES)


def check(line: Line, stage: Stage) -> None:
    """The occasion bears the duty, in time, of the right post; the proof ends it in time."""
    line.happens(stage)
    due = moment(line.due) if line.due else None
    duty = (
        Duty.objects.filter(clause=line.clause, state="open").filter(**{"due_at": due} if due else {}).first()
    )
    assert duty is not None, f"{line.clause} is not owed at {line.due}: {owed(line)}"
    assert (duty.owner_role, duty.need, duty.state) == (line.owner, line.need, "open")
    line.ends(stage, duty, in_time(duty))
    duty.refresh_from_db()
    if line.ends is scenes.one_more:
        assert (duty.done, duty.state) == (1, "open")
    else:
        assert duty.state == "met", f"{line.clause} is {duty.state}"


def in_time(duty: Duty) -> datetime:
    """A minute before it is due; for a period as soon as proof counts, since each day until then would be laid out."""
    if duty.period is None:
        return duty.due_at - timedelta(minutes=1)
    laid = local(f"{Run.objects.get().laid} 00:20")
    return min(max(duty.opens_at, laid), duty.due_at - timedelta(minutes=2)) + timedelta(minutes=1)


def moment(text: str) -> datetime:
    """A time, or the end of a day."""
    return local(text) if " " in text else end_of_day(local(f"{text} 12:00").date())


def owed(line: Line) -> list[str]:
    found = Duty.objects.filter(clause=line.clause)
    return [f"{d.due_at and d.due_at.astimezone(local(scenes.NOW).tzinfo)} {d.state}" for d in found]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no trace."""
    scenes.forget()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    scenes.forget()


def without(house: Book, code: str) -> Book:
    """The clauses of the house with one switched off."""
    made = replace(house, clauses={c: clause for c, clause in house.clauses.items() if c != code}, effects={})
    return replace(made, effects=clauses._effects(made))


@contextmanager
def book(made: Book, house: Book) -> Iterator[None]:
    """The house has this book; afterwards its own again, without reading it once more."""
    _have(made)
    try:
        yield
    finally:
        _have(house)


def _have(made: Book) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clauses, "load", lambda _folder: made)
        clauses.book.cache_clear()
        assert clauses.book() is made
