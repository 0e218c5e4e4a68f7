"""A year of the house's own clauses: none missed, none doubled, none on a wrong day, however badly the house is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from shouwen.duties import days, kept, rulings
from shouwen.duties.actions import set_policy
from shouwen.duties.clauses import book
from shouwen.duties.models import Duty
from shouwen.duties.rebuilding import rebuild
from shouwen.duties.sweep import sweep
from shouwen.estate.hours import calendar_of, set_day
from tests.cast import Cast
from tests.duties.facts import Matter, local, pass_time, rebuilt_alike, registered, started

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2028, 1, 1), date(2028, 12, 31)  # a leap year whose holidays are not announced yet


def every_day(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def test_a_leap_year_with_holidays_make_up_days_and_a_new_rule(cast: Cast) -> None:
    """Counted by hand: what a calendar says about the year is what was laid out."""
    alice = cast.actor(cast.alice)
    with time_machine.travel(local("2027-12-20 09:00"), tick=False):
        for day in ("2028-01-26", "2028-01-27", "2028-10-02"):
            set_day(cast.community.pk, actor=alice, on=date.fromisoformat(day), kind="holiday")
        set_day(cast.community.pk, actor=alice, on=date(2028, 2, 5), kind="workday")
        kept.keep_calendar(cast.community.pk)
    started(cast.community.pk, FIRST)
    for day in every_day(FIRST, LAST):
        if day == date(2028, 6, 15):
            with time_machine.travel(local("2028-06-15 09:00"), tick=False):
                set_policy(cast.community.pk, "archive.verification", "month", actor=alice)
        if day.day % 3 == 0 or day.day == 1:
            pass_time(datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=7, minutes=30))
    pass_time(local("2029-01-01 00:10"))
    here = Duty.objects.filter(community=cast.community, born_at__lt=local("2029-01-01 00:00"))
    laid = Counter(here.values_list("clause", flat=True))
    calendar = calendar_of(cast.community)
    served = [day for day in every_day(FIRST, LAST) if calendar.is_open(day)]
    assert len(served) == 366 - 3
    assert laid["log.review"] == len(served)
    assert laid["patrol.daily"] == 2 * len(served)
    assert laid["duty.log"] == 2 * 366, "shifts know no holiday"
    assert laid["patrol.corridor"] == sum(day.weekday() in (1, 2) for day in served)
    assert laid["nails.check"] == sum(day.toordinal() % 3 == 0 for day in every_day(FIRST, LAST)) + 1, (
        "and what the first day found begun"
    )
    assert laid["staff.rate"] == 24
    assert (laid["statistics.month"], laid["billing.issue"], laid["survey.run"], laid["repairs.plan"]) == (
        12,
        24,
        2,
        1,
    )
    assert laid["archive.verify"] == 2 + 6, "two quarters, then months"
    assert laid["visit.festival"] == 7, "six festivals, and the week before the next New Year"
    assert laid["duty.check"] == 12
    assert not any(code.startswith("sales.") for code in laid)
    february = Duty.objects.get(clause="key.check", period=date(2028, 2, 1))
    assert february.due_at is not None
    assert february.due_at.astimezone(UTC).date() == date(2028, 2, 29)
    assert set(here.exclude(clause__in=("butler.carry", "orders.summary", "desk.close")).filter(
        lapses_at__lt=local("2029-01-01 00:00")).values_list("state", flat=True)) == {"breached"}  # fmt: skip
    rebuilt_alike()


# --- badly run ----------------------------------------------------------------------------------------------------

Night = Callable[[datetime], None]
WEEKS = (date(2026, 9, 21), date(2026, 10, 12))  # over the National Day and its make-up day


def work(cast: Cast, disturb: Callable[[datetime, Night], None]) -> list[tuple[Any, ...]]:
    """Three weeks with some cases; ``disturb`` decides how the house's own clock is run."""
    for model in (Duty,):
        model.objects.all().delete()
    days.forget()
    rulings.forget()
    started(cast.community.pk, WEEKS[0])
    for number, day in enumerate(every_day(*WEEKS)):
        midnight = local(f"{day} 00:00")
        for hour in (1, 9, 13, 18):
            disturb(midnight + timedelta(hours=hour), pass_time)
            if hour == 9:
                matter = Matter(cast.community.pk)
                matter.tell_all(
                    [registered(first_responder=cast.bob.pk)], when=midnight + timedelta(hours=9, minutes=5)
                )
                matter.tell("order:opened", when=midnight + timedelta(hours=9, minutes=6), urgent=False)
                matter.tell("order:finished", when=midnight + timedelta(hours=12), public=bool(number % 2))
    pass_time(local("2026-10-13 00:30"))
    fields = (
        "clause",
        "clause_version",
        "period",
        "slot",
        "owner_role",
        "owner_id",
        "born_at",
        "due_at",
        "state",
    )
    # A matter of a test has a new key each time; the counted moment of its day tells duties apart.
    return sorted(Duty.objects.values_list(*fields), key=str)


def undisturbed(moment: datetime, run: Night) -> None:
    run(moment)


def started_twice(moment: datetime, run: Night) -> None:
    run(moment)
    days.forget()
    run(moment)


def no_process_for_a_day(moment: datetime, run: Night) -> None:
    if moment.astimezone(UTC).date() not in (date(2026, 9, 24), date(2026, 10, 1), date(2026, 10, 2)):
        run(moment)


def clock_back_an_hour(moment: datetime, run: Night) -> None:
    run(moment)
    run(moment - timedelta(hours=1))


def killed_in_the_middle(moment: datetime, run: Night) -> None:
    """The commit never comes: the work is done again after the restart."""
    with transaction.atomic():
        run(moment)
        transaction.set_rollback(True)
    days.forget()
    rulings.forget()
    run(moment)


def two_sweepers(moment: datetime, run: Night) -> None:
    run(moment)
    with time_machine.travel(moment, tick=False):
        sweep()
        days.lay_out()
        sweep()


@pytest.mark.parametrize(
    "disturb",
    [started_twice, no_process_for_a_day, clock_back_an_hour, killed_in_the_middle, two_sweepers],
    ids=lambda f: f.__name__,
)
def test_a_badly_run_house_has_the_duties_of_a_well_run_one(cast: Cast, disturb: Any) -> None:
    def lived(how: Any) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        with transaction.atomic():
            found = work(cast, how)
            transaction.set_rollback(True)
        days.forget()
        rulings.forget()
        return found

    well, badly = lived(undisturbed), lived(disturb)
    assert len(well) > 400
    assert badly == well


def test_a_clause_taken_out_or_changed_since_keeps_its_old_duties(cast: Cast) -> None:
    """A rebuild reads each fact with the clauses of its day, not with those of today."""
    from shouwen.duties.clauses import FOLDER, texts_of
    from shouwen.duties.kept import keep_book

    texts = texts_of(FOLDER)
    old = {**texts, "x9-old.toml": 'chapter = "旧章"\n[[clause]]\ncode = "old.custom"\nsource = "A-1.1"\ntitle = "旧规"\n'
           'owner = "front_desk"\nversion = 3\nevery = "day"\n'}  # fmt: skip
    with time_machine.travel(local("2026-06-01 08:00"), tick=False):
        assert keep_book(old)
        assert not keep_book(old)
    with time_machine.travel(local("2026-07-02 12:00"), tick=False):
        assert keep_book(texts)
    rulings.forget()
    started(cast.community.pk, date(2026, 7, 1))
    pass_time(local("2026-07-01 08:00"))
    pass_time(local("2026-07-03 08:00"))
    rebuild()
    found = Duty.objects.filter(clause="old.custom")
    assert [(d.period, d.clause_version) for d in found] == [(date(2026, 7, 1), 3)]
    assert "old.custom" not in book().clauses
