"""Figures: rates, periods, and what is frozen stays frozen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from shouwen.cases.models import Case, FollowUp
from shouwen.kernel import clock
from shouwen.kernel.actors import System
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotFound
from shouwen.reports.actions import closed, freeze
from shouwen.reports.figures import ids, rate, shown, value
from shouwen.reports.kpis import BY_CODE, KPIS
from shouwen.reports.models import Figure
from shouwen.reports.periods import Period
from tests.cast import Cast
from tests.reports.test_kpi_doc import answer, moment, owe, tell

TIMELY = BY_CODE["timeliness"]


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [
        (54, 56, "96.4"),
        (1, 1, "100"),
        (0, 7, "0"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 2000, "0.1"),
        (0, 0, "–"),
    ],
)
def test_a_rate_is_rounded_half_up_to_one_place(numerator: int, denominator: int, words: str) -> None:
    assert shown(rate(numerator, denominator)) == words


def test_per_thousand() -> None:
    assert rate(2, 4, 1000) == Decimal("500.0")


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        ("day", date(2026, 7, 22), date(2026, 7, 22), date(2026, 7, 22)),
        ("week", date(2026, 7, 22), date(2026, 7, 20), date(2026, 7, 26)),
        ("week", date(2027, 1, 2), date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2028, 2, 11), date(2028, 2, 1), date(2028, 2, 29)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_its_days(kind: str, day: date, first: date, last: date) -> None:
    period = Period.of(kind, day)
    assert (period.first, period.last) == (first, last)
    assert clock.local(period.start) == datetime.combine(
        first, datetime.min.time(), clock.local(period.start).tzinfo
    )
    assert period.end == period.move(1).start


def test_fourteen_months_back_end_with_this_one() -> None:
    months = Period.of("month", date(2026, 7, 22)).back(14)
    assert (len(months), months[0].first, months[-1].first) == (14, date(2025, 6, 1), date(2026, 7, 1))


def stand(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment(words))


def repair(cast: Cast, number: int, opened: str, due: str, state: str) -> Case:
    at = moment(opened)
    case = Case.objects.create(
        community=cast.community, number=str(number), turn=number, kind="repair", category=cast.categories["lamp"],
        unit=cast.unit, place="3-1-1201", title="灯", first_responder=cast.bob, happened_at=at, recorded_at=at,
        opened_at=at,
    )  # fmt: skip
    tell(case, "case:registered", at)
    owe(case, "repair.finish", moment(due), state)
    return case


@pytest.mark.django_db
def test_a_repair_is_due_when_its_time_has_run_out_or_it_is_finished(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, "07-22 12:00")
    today = Period("day", date(2026, 7, 22))
    repair(cast, 1, "07-21 09:00", "07-22 18:00", "met")
    repair(cast, 2, "07-21 09:00", "07-22 11:00", "open")
    repair(cast, 3, "07-21 09:00", "07-22 18:00", "open")  # not due yet
    repair(cast, 4, "07-21 09:00", "07-21 18:00", "met")  # yesterday
    repair(cast, 5, "07-21 09:00", "07-22 11:00", "void")
    found = value(TIMELY, cast.community.pk, today)
    assert (found.numerator, found.denominator) == (1, 2)


@pytest.mark.django_db
def test_a_stopped_clock_is_late_only_if_it_was_late_when_it_stopped(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, "07-23 12:00")
    for number, stopped in ((1, "07-22 10:00"), (2, "07-22 12:00")):
        case = repair(cast, number, "07-21 09:00", "07-30 18:00", "met")
        owe(case, "repair.finish", moment("07-22 11:00"), "paused", paused_at=moment(stopped))
    found = value(TIMELY, cast.community.pk, Period("day", date(2026, 7, 22)))
    assert (found.numerator, found.denominator) == (0, 1)


@pytest.mark.django_db
def test_rework_ends_after_thirty_days_and_needs_the_same_category(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, "09-01 12:00")
    first = repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    Case.objects.filter(pk=first.pk).update(done_at=moment("07-01 12:00"), state="satisfied")
    again = repair(cast, 2, "07-31 12:00", "08-02 18:00", "open")
    july = Period("month", date(2026, 7, 1))

    def reworked() -> int:
        return value(BY_CODE["rework"], cast.community.pk, july).numerator

    assert reworked() == 1
    Case.objects.filter(pk=again.pk).update(opened_at=moment("07-31 12:01"))
    assert reworked() == 0
    Case.objects.filter(pk=again.pk).update(opened_at=moment("07-20 12:00"), category=cast.categories["leak"])
    assert reworked() == 0
    Case.objects.filter(pk=again.pk).update(category=cast.categories["lamp"], state="cancelled")
    assert reworked() == 0
    Case.objects.filter(pk=again.pk).update(state="received")
    assert reworked() == 1
    Case.objects.filter(pk=again.pk).update(state="merged", merged_into=first)
    assert reworked() == 0


@pytest.mark.django_db
def test_old_cases_that_came_in_finished_are_not_owed_a_call(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, "07-23 12:00")
    case = repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    Case.objects.filter(pk=case.pk).update(done_at=moment("07-01 12:00"))
    july = Period("month", date(2026, 7, 1))
    assert value(BY_CODE["follow_up"], cast.community.pk, july).denominator == 1
    Case.objects.filter(pk=case.pk).update(recorded_at=moment("07-20 12:00"))
    assert value(BY_CODE["follow_up"], cast.community.pk, july).denominator == 0


@pytest.mark.django_db
def test_a_closed_period_is_frozen_once_and_never_changes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, july = System.of(cast.community.pk), Period("month", date(2026, 7, 1))
    first = repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    repair(cast, 2, "07-03 09:00", "07-04 18:00", "late")
    stand(monkeypatch, "07-31 23:59")
    freeze(cast.community.pk, actor=actor)
    assert not Figure.objects.filter(kpi="timeliness", period="month").exists()
    stand(monkeypatch, "08-01 00:37")
    assert freeze(cast.community.pk, actor=actor) > 0
    assert freeze(cast.community.pk, actor=actor) == 0
    repair(cast, 3, "07-05 09:00", "07-06 18:00", "met")
    Case.objects.filter(pk=first.pk).update(back_entry=True)
    found = value(TIMELY, cast.community.pk, july)
    assert (found.numerator, found.denominator) == (1, 2)
    assert found.figure is not None
    assert (found.figure.version, found.figure.target) == (TIMELY.version, Decimal(95))
    kept = Case.objects.filter(pk__in=ids(TIMELY, cast.community.pk, july, "missed", found.figure, "uuid"))
    assert [c.number for c in kept] == ["2"]
    facts = Entry.objects.filter(verb="figures:frozen").order_by("id")
    assert sum(f.data["figures"] for f in facts) == Figure.objects.count()


@pytest.mark.django_db
def test_the_database_keeps_a_frozen_figure(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    stand(monkeypatch, "08-01 00:37")
    freeze(cast.community.pk, actor=System.of(cast.community.pk))
    for sql in ("update reports_figure set numerator = 9", "delete from reports_figure"):
        with (
            pytest.raises((InternalError, IntegrityError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


@pytest.mark.django_db
def test_rework_waits_for_its_thirty_days(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    for now, frozen in (("08-01 01:00", False), ("08-30 23:00", False), ("08-31 00:10", True)):
        stand(monkeypatch, now)
        freeze(cast.community.pk, actor=System.of(cast.community.pk))
        rows = Figure.objects.filter(kpi="rework", period="month", first_day=date(2026, 7, 1))
        assert rows.exists() is frozen, now


@pytest.mark.django_db
def test_what_was_before_the_first_fact_is_not_frozen_as_empty(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, "08-05 01:00")
    assert freeze(cast.community.pk, actor=System.of(cast.community.pk)) == 0
    repair(cast, 1, "07-22 09:00", "07-23 18:00", "met")
    freeze(cast.community.pk, actor=System.of(cast.community.pk))
    assert min(Figure.objects.filter(period="day").values_list("first_day", flat=True)) == date(2026, 7, 22)
    assert set(Figure.objects.filter(period="month").values_list("first_day", flat=True)) == {
        date(2026, 7, 1)
    }


def test_a_first_run_goes_back_no_further_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    stand(monkeypatch, "08-05 01:00")
    days = closed(TIMELY, "day", date(2020, 1, 1), clock.ZONE)
    assert (len(days), days[-1].first) == (92, date(2026, 8, 4))
    assert closed(BY_CODE["rework"], "day", date(2026, 7, 1), clock.ZONE)[-1].first == date(2026, 7, 5)


@pytest.mark.django_db
def test_charlie_freezes_nothing_here(cast: Cast) -> None:
    with pytest.raises(NotFound):
        freeze(cast.community.pk, actor=cast.actor(cast.charlie))


@pytest.mark.django_db
def test_the_command_freezes_every_community(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    stand(monkeypatch, "08-01 00:37")
    call_command("freeze")
    # Months: July for all but rework, which waits. Days: 31, of rework 1 July. Weeks from 29 June: 4, none of rework.
    months, days, weeks = (Figure.objects.filter(period=p).count() for p in ("month", "day", "week"))
    assert (months, days, weeks) == (6, 6 * 31 + 1, 6 * 4)
    assert set(Figure.objects.values_list("community__code", flat=True)) == {"cuihu"}


@pytest.mark.django_db
def test_unconfirmed_and_answers_stand_side_by_side(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    stand(monkeypatch, "07-25 12:00")
    first, second = (repair(cast, n, "07-01 09:00", "07-02 18:00", "met") for n in (1, 2))
    answer(first, cast, moment("07-03 09:00"), "yes")
    answer(second, cast, moment("07-03 09:00"), "none")
    FollowUp.objects.filter(case=second).update(outcome="refused")
    Case.objects.filter(pk=second.pk).update(state="unconfirmed", closed_at=moment("07-04 09:00"))
    found = value(BY_CODE["satisfaction"], cast.community.pk, Period("month", date(2026, 7, 1)))
    assert (found.numerator, found.denominator, found.unconfirmed) == (1, 1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.code)
def test_fourteen_periods_cost_two_queries(
    cast: Cast, kpi: object, django_assert_num_queries: object
) -> None:
    from shouwen.reports.figures import values

    periods = Period.of("month", clock.today() - timedelta(days=3)).back(14)
    with django_assert_num_queries(2):  # type: ignore[operator]
        values(cast.community.pk, [(kpi, periods)])  # type: ignore[list-item]


@pytest.mark.django_db
def test_a_repair_that_was_due_twice_must_be_in_time_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, "07-25 12:00")
    case = repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    owe(case, "repair.finish.urgent", moment("07-03 18:00"), "late")
    found = value(TIMELY, cast.community.pk, Period("month", date(2026, 7, 1)))
    assert (found.numerator, found.denominator) == (0, 1)


@pytest.mark.django_db
def test_a_repair_that_was_finished_twice_must_be_called_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(monkeypatch, "07-25 12:00")
    case = repair(cast, 1, "07-01 09:00", "07-02 18:00", "met")
    for at in ("07-01 10:00", "07-03 23:00"):
        tell(case, "case:done", moment(at))
    tell(case, "case:reopened", moment("07-01 12:00"))
    Case.objects.filter(pk=case.pk).update(done_at=moment("07-03 23:00"), reopened=1)
    answer(case, cast, moment("07-01 12:00"), "no")
    july = Period("month", date(2026, 7, 1))
    assert value(BY_CODE["follow_up"], cast.community.pk, july).numerator == 0
    answer(case, cast, moment("07-04 00:00"), "yes")  # a minute after the day
    assert value(BY_CODE["follow_up"], cast.community.pk, july).numerator == 0
    answer(case, cast, moment("07-03 23:59"), "yes")
    assert value(BY_CODE["follow_up"], cast.community.pk, july).numerator == 1
