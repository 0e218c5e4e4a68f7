"""Every form of the grammar, born and ended in the database, and built again from the journal alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import time_machine

from shouwen.duties.models import Duty
from shouwen.duties.why import earliest
from shouwen.estate.models import Unit
from shouwen.kernel.actors import System
from shouwen.kernel.journal import frame, record
from tests.cast import Cast, make_unit
from tests.duties.books import house_of, lines
from tests.duties.facts import Matter, local, pass_time, rebuilt_alike, registered, started

pytestmark = pytest.mark.django_db

House = Callable[[str], None]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cast: Cast) -> Iterator[House]:
    """Say which clauses the house has; the community carries them out from 1 July 2026 on."""
    open_books = []

    def have(text: str) -> None:
        book = house_of(text, tmp_path, monkeypatch)
        book.__enter__()
        open_books.append(book)
        started(cast.community.pk, date(2026, 7, 1))

    yield have
    for book in open_books:
        book.__exit__(None, None, None)


def case(cast: Cast, unit: Unit | None = None) -> Matter:
    matter = Matter(cast.community.pk)
    matter.unit_id = unit.pk if unit else None
    return matter


def noted(cast: Cast, kind: str, when: str, unit: Unit | None = None, **data: str) -> Matter:
    """Something noted by hand."""
    matter = case(cast, unit)
    matter.tell("occasion:noted", when=local(when), kind=kind, **data)
    return matter


def states(clause: str = "some.clause") -> list[tuple[str, str]]:
    """(subject or period, state) of the clause's duties in the order of their birth."""
    found = Duty.objects.filter(clause=clause).order_by("born_at", "due_at", "subject")
    return [(d.subject or d.slot or (d.period.isoformat() if d.period else ""), d.state) for d in found]


def test_a_day_without_proof_is_breached_at_its_end_however_late_the_sweep(cast: Cast, house: House) -> None:
    house(lines('every = "day"\nuntil = "case:replied"'))
    case(cast).tell("case:replied", when=local("2026-07-01 10:00"))
    pass_time(local("2026-07-03 09:00"))
    assert states() == [("2026-07-01", "met"), ("2026-07-02", "breached"), ("2026-07-03", "open")]
    missed = Duty.objects.get(state="breached")
    assert missed.ended_at == missed.due_at == missed.lapses_at
    assert Duty.objects.get(state="met").proof == "fact"
    rebuilt_alike()


def test_a_fact_proves_the_day_on_which_it_is_recorded_before_any_job_has_run(
    cast: Cast, house: House
) -> None:
    """The first fact of a day lays the day out; what was not proven yesterday stays unproven."""
    house(lines('every = "day"\nuntil = "case:replied"'))
    for day in ("2026-07-01", "2026-07-03"):
        case(cast).tell("case:replied", when=local(f"{day} 00:00"))
    pass_time(local("2026-07-04 00:30"))
    assert states() == [
        ("2026-07-01", "met"), ("2026-07-02", "breached"), ("2026-07-03", "met"), ("2026-07-04", "open"),
    ]  # fmt: skip
    rebuilt_alike()


def test_past_the_due_day_is_late_and_past_the_period_breached(cast: Cast, house: House) -> None:
    house(lines('every = "month"\ndue = "day 5"\nuntil = "case:replied"'))
    case(cast).tell("case:replied", when=local("2026-07-06 10:00"))
    pass_time(local("2026-09-01 10:00"))
    assert states()[:2] == [("2026-07-01", "late"), ("2026-08-01", "breached")]
    rebuilt_alike()


def test_a_window_counts_only_what_lies_in_it(cast: Cast, house: House) -> None:
    house(lines('every = "day"\nwindow = ["end -PT1H", "end -PT30M"]\nuntil = "case:replied"'))
    for moment in ("2026-07-01 16:59", "2026-07-02 17:15", "2026-07-03 17:31"):
        case(cast).tell("case:replied", when=local(moment))
    pass_time(local("2026-07-03 20:00"))
    assert [state for _, state in states()] == ["breached", "met", "breached"]
    rebuilt_alike()


def test_a_count_wants_so_many_each_counted_once(cast: Cast, house: House) -> None:
    house(lines('every = "month"\ncount = 2\ndistinct = "unit"\nuntil = "case:replied"'))
    first, second = cast.unit, make_unit(cast.community, "3-1-1202")
    for unit in (first, first, None):
        case(cast, unit).tell("case:replied", when=local("2026-07-10 10:00"))
    duty = Duty.objects.get()
    assert (duty.done, duty.need, duty.state) == (1, 2, "open")
    case(cast, second).tell("case:replied", when=local("2026-07-11 10:00"))
    duty.refresh_from_db()
    assert (duty.done, duty.state, duty.ended_at) == (2, "met", local("2026-07-11 10:00"))
    case(cast, first).tell("case:replied", when=local("2026-08-11 10:00"))
    pass_time(local("2026-09-01 10:00"))
    assert [(d.done, d.state) for d in Duty.objects.order_by("born_at")] == [
        (2, "met"),
        (1, "breached"),
        (0, "open"),
    ]
    rebuilt_alike()


def test_a_share_of_a_stock_is_frozen_when_the_period_opens(cast: Cast, house: House) -> None:
    for door in range(1, 5):
        make_unit(cast.community, f"3-1-140{door}")
    house(lines('every = "month"\nshare = "@interview.share"\nover = "households"\nuntil = "case:replied"'))
    pass_time(local("2026-07-01 08:00"))
    make_unit(cast.community, "3-1-1501")
    pass_time(local("2026-08-01 08:00"))
    assert [d.need for d in Duty.objects.order_by("born_at")] == [4, 5]  # 80% of five, of six
    rebuilt_alike()


def test_a_share_of_nobody_is_not_owed(cast: Cast, house: House) -> None:
    Unit.objects.update(retired_on=date(2020, 1, 1))
    house(lines('every = "month"\nshare = "80%"\nover = "households"\nuntil = "case:replied"'))
    pass_time(local("2026-07-01 08:00"))
    assert not Duty.objects.exists()


def test_a_flow_is_counted_live_and_judged_when_its_period_ends(cast: Cast, house: House) -> None:
    house(lines('every = "month"\nshare = "50%"\nof = "order:finished"\nuntil = "follow_up:tried"'))
    for day in (3, 4, 5):
        case(cast).tell("order:finished", when=local(f"2026-07-0{day} 10:00"))
    duty = Duty.objects.get()
    assert (duty.pool, duty.need) == (3, 2)
    for day in (6, 7):
        case(cast).tell("follow_up:tried", when=local(f"2026-07-0{day} 10:00"))
    duty.refresh_from_db()
    assert (duty.done, duty.state) == (2, "open")
    case(cast).tell("order:finished", when=local("2026-08-03 10:00"))
    pass_time(local("2026-10-01 10:00"))
    assert [d.state for d in Duty.objects.order_by("born_at")] == ["met", "breached", "void", "open"]
    rebuilt_alike()


def test_members_of_a_set_owe_each_their_own(cast: Cast, house: House) -> None:
    house(lines('every = "day"\nper = "renovating"\nuntil = "case:replied"'))
    unit, other = cast.unit, make_unit(cast.community, "3-1-1202")
    permit = noted(cast, "renovation", "2026-07-01 10:00", unit)
    noted(cast, "renovation", "2026-07-01 11:00", other)
    pass_time(local("2026-07-02 08:00"))
    assert states() == [(str(unit.pk), "open"), (str(other.pk), "open")]
    case(cast, other).tell("case:replied", when=local("2026-07-02 09:00"))
    permit.tell("occasion:closed", when=local("2026-07-02 10:00"), kind="renovation")
    pass_time(local("2026-07-03 08:00"))
    assert sorted(states()) == sorted(
        [(str(unit.pk), "void"), (str(other.pk), "met"), (str(other.pk), "open")]
    )
    assert set(Duty.objects.values_list("unit_id", flat=True)) == {unit.pk, other.pk}
    rebuilt_alike()


def test_the_estates_own_sets_are_frozen_with_the_day(cast: Cast, house: House) -> None:
    empty = make_unit(cast.community, "3-1-1202")
    Unit.objects.filter(pk=empty.pk).update(status="vacant")
    house(lines('every = "month"\nper = "vacant"\ndue = "last day"'))
    pass_time(local("2026-07-01 08:00"))
    Unit.objects.filter(pk=empty.pk).update(status="occupied")
    pass_time(local("2026-08-01 08:00"))
    assert [(d.subject, d.unit_id) for d in Duty.objects.all()] == [(str(empty.pk), empty.pk)]
    rebuilt_alike()


def test_a_chosen_list_is_a_set(cast: Cast, house: House) -> None:
    house(lines('every = "quarter"\nper = "fees"'))
    pass_time(local("2026-07-01 08:00"))
    assert states() == [("fee", "open"), ("water", "open")]


def test_what_is_carried_over_keeps_its_first_birth_date(cast: Cast, house: House) -> None:
    house(lines('every = "day"\ncarry = true\nuntil = "case:replied"'))
    pass_time(local("2026-07-03 08:00"))
    assert states() == [("2026-07-01", "open")]
    case(cast).tell("case:replied", when=local("2026-07-03 09:00"))
    pass_time(local("2026-07-04 08:00"))
    assert states() == [("2026-07-01", "late"), ("2026-07-04", "open")]
    rebuilt_alike()


def test_a_void_fact_clears_the_period(cast: Cast, house: House) -> None:
    house(lines('every = "month"\nvoid = "case:cancelled"'))
    case(cast).tell("case:cancelled", when=local("2026-07-03 09:00"))
    assert states() == [("2026-07-01", "void")]
    rebuilt_alike()


# --- born of facts ------------------------------------------------------------------------------------------------


def test_before_a_moment_that_the_fact_names(cast: Cast, house: House) -> None:
    house(lines('after = "occasion:noted"\ndue = "fact.due -@notice.lead"\nclock = "elapsed"'))
    noted(cast, "outage", "2026-07-02 10:00", due=local("2026-07-10 08:00").isoformat())
    noted(cast, "outage", "2026-07-02 10:00", due=local("2026-07-02 18:00").isoformat())
    noted(cast, "outage", "2026-07-02 10:00", due="nonsense")
    assert sorted((d.due_at, d.short) for d in Duty.objects.all()) == [
        (local("2026-07-02 10:00"), True), (local("2026-07-02 10:00"), True), (local("2026-07-09 08:00"), False),
    ]  # fmt: skip
    rebuilt_alike()


def test_the_month_after_the_one_that_the_fact_is_about(cast: Cast, house: House) -> None:
    house(lines('after = "occasion:noted"\nfrom = "fact.on"\ndue = "month +1 last day"'))
    noted(cast, "arrears", "2026-07-02 10:00", on="2026-06-01")
    noted(cast, "arrears", "2027-01-02 10:00", on="2027-01-31")
    assert [f"{d.due_at:%Y-%m-%d %H}" for d in Duty.objects.order_by("born_at")] == [
        "2026-07-31 15",
        "2027-02-28 15",
    ]
    rebuilt_alike()


def test_within_a_month_at_most_three(cast: Cast, house: House) -> None:
    house(
        lines(
            'after = "occasion:noted"\nwithin = "@visit.first"\nlimit = "P3M"\nclock = "calendar"\nuntil = "occasion:closed"'
        )
    )
    ends = {"2026-07-31 10:00": "met", "2026-08-20 10:00": "late", "2026-10-03 10:00": "breached"}
    for moment in ends:
        noted(cast, "moved_in", "2026-07-01 10:00").tell("occasion:closed", when=local(moment))
    assert [d.state for d in Duty.objects.order_by("ended_at")] == list(ends.values())
    rebuilt_alike()


def test_proof_before_its_time_does_not_count(cast: Cast, house: House) -> None:
    house(
        lines(
            'after = "occasion:noted"\nhold = "PT48H"\nwithin = "P7D"\nclock = "elapsed"\nuntil = "occasion:closed"'
        )
    )
    ponding = noted(cast, "ponding", "2026-07-01 10:00")
    ponding.tell("occasion:closed", when=local("2026-07-03 09:59"))
    assert states()[0][1] == "open"
    ponding.tell("occasion:closed", when=local("2026-07-03 10:00"))
    assert states()[0][1] == "met"
    rebuilt_alike()


def test_a_second_visit_a_month_later_with_a_week_of_grace(cast: Cast, house: House) -> None:
    house(lines('after = "occasion:noted"\nnot_before = "P1M"\nwithin = "P1M"\ngrace = "P7D"\nclock = "calendar"\n'
                'until = "occasion:closed"'))  # fmt: skip
    visit = noted(cast, "visited", "2026-07-01 10:00")
    duty = Duty.objects.get()
    assert (f"{duty.opens_at:%m-%d}", f"{duty.due_at:%m-%d}") == ("08-01", "08-08")
    visit.tell("occasion:closed", when=local("2026-07-20 10:00"))
    visit.tell("occasion:closed", when=local("2026-08-06 10:00"))
    duty.refresh_from_db()
    assert duty.state == "met"
    rebuilt_alike()


def test_until_satisfied_there_is_no_due_moment_only_reminders(cast: Cast, house: House) -> None:
    house(
        lines(
            'after = "case:registered"\nremind = "P1D"\nclock = "calendar"\nuntil = "case:satisfied"',
            owner="first_responder",
        )
    )
    matter = case(cast)
    matter.tell_all([registered(first_responder=cast.bob.pk)], when=local("2026-07-01 10:00"))
    assert Duty.objects.get().due_at is None
    for day in ("2026-07-03 08:00", "2026-07-03 12:00", "2026-07-06 08:00"):
        pass_time(local(day))
    duty = Duty.objects.get()
    assert (duty.rung, f"{duty.alarm.at:%m-%d}") == (2, "07-06")
    matter.tell("case:satisfied", when=local("2026-07-06 12:00"))
    assert states()[0][1] == "met"
    rebuilt_alike()


def test_a_rule_that_the_community_switched_off_bears_nothing(cast: Cast, house: House) -> None:
    from shouwen.duties.actions import set_policy

    house(
        lines('after = "occasion:noted"\nwithin = "@visit.first"', code="after.fact")
        + lines('every = "day"\nonly = { "report.type" = "briefing" }', code="only.briefing")
        + lines(
            'after = "occasion:noted"\nwithin = "P1D"\nonly = { "report.type" = "briefing" }',
            code="only.after",
        )
    )
    with time_machine.travel(local("2026-07-01 08:00"), tick=False):
        set_policy(cast.community.pk, "visit.first", "off", actor=cast.actor(cast.alice), reason="由总部走访")
    noted(cast, "moved_in", "2026-07-02 10:00")
    assert not Duty.objects.exists()
    with time_machine.travel(local("2026-07-02 12:00"), tick=False):
        set_policy(cast.community.pk, "visit.first", "", actor=cast.actor(cast.alice))
        set_policy(cast.community.pk, "report.type", "briefing", actor=cast.actor(cast.alice), reason="独栋")
    noted(cast, "moved_in", "2026-07-03 10:00")
    assert sorted(Duty.objects.values_list("clause", flat=True)) == [
        "after.fact",
        "only.after",
        "only.briefing",
    ]
    rebuilt_alike()


@pytest.mark.parametrize(
    ("only", "speaks"),
    [
        ("households = \"..9\"", True), ("households = \"2..\"", False), ("owners = \"1..1\"", True),
        ("since_handover = \"..P1Y\"", True), ("since_handover = \"P1Y..\"", False), ("since_handover = \"..P3M\"", False),
        ("place = \"residential\"", True), ("place = \"office\"", False), ("issue = \"..2\"", True), ("issue = \"3..\"", False),
    ],
)  # fmt: skip
def test_only_some_communities(cast: Cast, house: House, only: str, speaks: bool) -> None:
    cast.community.handed_over_on = date(2026, 2, 10)
    cast.community.save()
    house(lines(f'every = "quarter"\nonly = {{ {only} }}'))
    pass_time(local("2026-07-01 08:00"))
    assert Duty.objects.exists() is speaks
    rebuilt_alike()


def test_two_communities_are_apart(cast: Cast, house: House) -> None:
    house(lines('every = "day"\nuntil = "case:replied"'))
    started(cast.other.pk, date(2026, 7, 1))
    pass_time(local("2026-07-01 08:00"))
    with time_machine.travel(local("2026-07-01 09:00"), tick=False), frame(System.of(cast.other.pk)):
        record("case:replied", Matter(cast.other.pk))  # type: ignore[arg-type]
    assert {d.community_id: d.state for d in Duty.objects.all()} == {
        cast.other.pk: "met",
        cast.community.pk: "open",
    }


def test_a_flow_can_ask_how_early_a_proof_may_come(cast: Cast, house: House) -> None:
    house(
        lines(
            'after = "occasion:noted"\nhold = "PT48H"\nwithin = "P7D"\nclock = "elapsed"\nuntil = "occasion:closed"'
        )
    )
    ponding = noted(cast, "ponding", "2026-07-01 10:00")
    with time_machine.travel(local("2026-07-02 10:00"), tick=False):
        found = earliest(ponding.pk, "occasion:closed")
        assert found is not None
        assert found[1] == local("2026-07-03 10:00")
        assert earliest(ponding.pk, "case:replied") is None
    with time_machine.travel(local("2026-07-03 10:00"), tick=False):
        assert earliest(ponding.pk, "occasion:closed") is None
