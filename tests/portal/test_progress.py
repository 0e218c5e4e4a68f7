"""Where a matter stands, in words: a table without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shouwen.cases.models import Case
from shouwen.kernel import clock
from shouwen.people.models import Staff
from shouwen.portal.progress import hour_words, moment_words, progress
from shouwen.works.models import Order

NOW = datetime(2026, 7, 22, 2, 42, tzinfo=UTC)  # 10:42 in Shanghai
DUE = datetime(2026, 7, 22, 3, 47, tzinfo=UTC)


def case(kind: str = "repair", state: str = "working", **more: Any) -> Case:
    return Case(kind=kind, state=state, **more)


def order(state: str, **more: Any) -> Order:
    return Order(
        state=state, technician=Staff(name="文建国"), arrived_at=NOW if state == "on_site" else None, **more
    )


TABLE: list[tuple[Case, Order | None, str, int]] = [
    (case(state="received"), Order(state="pool"), "已受理，正在派人", 1),
    (case(state="received"), None, "已受理，正在派人", 1),
    (
        case(state="received", preferred_at=NOW + timedelta(hours=3), preferred_until=NOW + timedelta(hours=5)),
        Order(state="pool"), "已受理，约好 13:42–15:42 上门", 1,
    ),
    (case(), order("offered"), "文师傅会上门来修", 2),
    (case(preferred_at=NOW + timedelta(hours=3)), order("accepted"), "文师傅会在 13:42 上门", 2),
    (case(), order("accepted", carried_to=NOW.date() + timedelta(days=1)), "文师傅改到 明天 上门", 2),
    (case(), order("on_site"), "文师傅正在修", 4),
    (case(), order("paused", pause_reason="neighbour"), "先停一停：等邻户开门", 2),
    (case(), order("finished"), "修完了，等验收", 4),
    (case(state="done"), order("closed"), "修好了，请您确认", 5),
    (case(state="satisfied", closed_at=NOW), order("closed"), "办好了，您已确认", 6),
    (case("inquiry", "received"), None, "收到了，马上有人办", 1),
    (case("complaint", "working"), None, "正在办", 2),
    (case("complaint", "working", answered_at=NOW), None, "已答复您，还在办", 3),
    (case("inquiry", "done", answered_at=NOW), None, "答复您了，请您确认", 4),
    (case("complaint", "cancelled", closed_at=NOW), None, "已取消", 5),
]  # fmt: skip


@pytest.mark.parametrize(("row", "work", "headline", "current"), TABLE, ids=[t[2] + t[0].kind for t in TABLE])
def test_every_state_has_its_words_and_its_step(
    row: Case, work: Order | None, headline: str, current: int
) -> None:
    with clock.standing_at(NOW):
        found = progress(row, work, None)
    assert found.headline == headline
    states = [step.state for step in found.steps]
    assert states == [
        "passed" if n < current else "current" if n == current else "future"
        for n in range(1, len(states) + 1)
    ]


def test_the_promise_in_one_sentence() -> None:
    with clock.standing_at(NOW):
        found = progress(case(), order("on_site"), DUE)
    assert (found.promise, found.late) == ("预计 11:47 前修好", False)
    assert found.sentence == "文师傅正在修，中午 12 点前修好"


def test_a_broken_promise_is_not_hidden() -> None:
    with clock.standing_at(DUE + timedelta(minutes=1)):
        found = progress(case(), order("on_site"), DUE)
    assert found.late
    assert found.promise == "比说好的晚了，可以催一催"


@pytest.mark.parametrize(
    ("moment", "said", "spoken"),
    [
        ("2026-07-22T11:47", "11:47", "中午 12 点"),
        ("2026-07-22T12:00", "12:00", "中午 12 点"),
        ("2026-07-22T12:01", "12:01", "下午 1 点"),
        ("2026-07-22T16:30", "16:30", "下午 5 点"),
        ("2026-07-22T17:30", "17:30", "晚上 6 点"),
        ("2026-07-22T23:30", "23:30", "晚上 12 点"),
        ("2026-07-23T00:00", "明天 00:00", "晚上 12 点"),
        ("2026-07-23T09:15", "明天 09:15", "明天上午 10 点"),
        ("2026-07-23T03:15", "明天 03:15", "明天凌晨 4 点"),
        ("2026-07-30T09:15", "07-30 09:15", "07-30上午 10 点"),
        ("2027-01-02T09:15", "2027-01-02 09:15", "2027-01-02上午 10 点"),
    ],
)
def test_times_as_one_says_them(moment: str, said: str, spoken: str) -> None:
    at = datetime.fromisoformat(moment + "+08:00").astimezone(UTC)
    with clock.standing_at(NOW):
        assert moment_words(at) == said
        assert hour_words(at) == spoken


def test_a_visit_agreed_for_later_is_no_broken_promise() -> None:
    """A clock that ends before the visit says neither by when it is repaired nor that it is late."""
    agreed = case(state="received", preferred_at=NOW + timedelta(hours=20))
    with clock.standing_at(NOW):
        for due in (NOW + timedelta(hours=4), NOW - timedelta(hours=1)):
            found = progress(agreed, Order(state="pool"), due)
            assert (found.promise, found.elder_promise, found.late) == ("", "", False)
        after = progress(agreed, Order(state="pool"), NOW + timedelta(hours=24))
    assert after.promise.startswith("预计")
