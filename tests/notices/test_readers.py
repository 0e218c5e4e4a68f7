"""Facts become notices: once, to the right people, never to who did it or to the employee complained of."""

from __future__ import annotations

import pytest

from shouwen.kernel.deliveries import deliver
from shouwen.kernel.journal import switchboard, verb
from shouwen.kernel.refusals import NotFound
from shouwen.notices import actions
from shouwen.notices.models import Notice
from shouwen.notices.readers import LINES, VERBS, tell_of
from shouwen.notices.words import ICONS, NOTICES
from tests.cast import Cast, cast, make_staff
from tests.duties.facts import Matter, after

__all__ = ["cast"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_notices(monkeypatch):
    monkeypatch.setattr(switchboard, "readers", {"notices": (VERBS, tell_of)})
    monkeypatch.setattr(switchboard, "reactions", {})


def told() -> set[tuple[str, str]]:
    return set(Notice.objects.values_list("staff__username", "code"))


def test_who_is_sent_hears_of_it(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell("order:dispatched", technician=cast.wen.pk, handler=cast.wen.pk, how="assigned", urgent=False)
    deliver()
    assert told() == {("wen", "order.assigned")}
    case.tell("order:dispatched", technician=cast.wen.pk, handler=cast.wen.pk, how="claimed", urgent=False)
    deliver()
    assert Notice.objects.count() == 1, "who claims an order knows it"


@pytest.mark.parametrize(
    ("verb", "was", "hears"),
    [
        ("order:recalled", "offered", True),
        ("order:cancelled", "offered", True),
        ("order:cancelled", "accepted", True),
        ("order:cancelled", "pool", False),
    ],
)
def test_whose_order_is_taken_back_hears_that_they_need_not_go(
    cast: Cast, verb: str, was: str, *, hears: bool
) -> None:
    case = Matter(cast.community.pk)
    case.tell("order:dispatched", technician=cast.wen.pk, handler=cast.wen.pk, how="claimed", urgent=False)
    case.tell(verb, when=after(5), was=was)
    deliver()
    assert told() == ({("wen", "order.taken_back")} if hears else set())


def test_a_refused_order_comes_back_to_the_first_responder(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell("case:registered", kind="repair", first_responder=cast.bob.pk)
    case.tell("order:refused", when=after(5))
    deliver()
    assert told() == {("bob", "order.refused")}


def test_a_complaint_is_told_to_whoever_has_it_but_never_to_its_subject(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    case.tell(
        "case:registered",
        kind="complaint",
        first_responder=cast.bob.pk,
        handler=cast.bob.pk,
        about=cast.wen.pk,
    )
    case.tell("case:urged", when=after(1))
    case.tell("case:handed", when=after(2), handler=cast.wen.pk)
    deliver()
    assert told() == {("bob", "complaint.registered"), ("bob", "case.urged")}


def test_a_complaint_that_nobody_has_goes_to_the_supervisor(cast: Cast) -> None:
    Matter(cast.community.pk).tell("case:registered", kind="complaint", first_responder=cast.bob.pk)
    deliver()
    assert told() == {("alice", "complaint.registered")}


def test_a_back_entry_waits_for_a_second_person(cast: Cast) -> None:
    make_staff("gao", "高", "office_manager", cast.community)
    Matter(cast.community.pk).tell(
        "case:registered", kind="inquiry", first_responder=cast.alice.pk, back_entry=True
    )
    deliver()
    assert told() == {("gao", "back_entry.confirm")}


def test_a_reader_that_runs_twice_tells_once(cast: Cast) -> None:
    fact = Matter(cast.community.pk).tell("case:handed", handler=cast.bob.pk)
    tell_of(fact)
    tell_of(fact)
    assert Notice.objects.count() == 1


def test_a_notice_is_read_by_whom_it_was_told(cast: Cast) -> None:
    case = Matter(cast.community.pk)
    for minute in range(3):
        tell_of(case.tell("case:handed", when=after(minute), handler=cast.bob.pk))
    bob, charlie = cast.actor(cast.bob), cast.actor(cast.charlie)
    assert (actions.unread(bob), actions.unread(charlie)) == (3, 0)
    one = Notice.objects.to(bob).first()
    assert one is not None
    with pytest.raises(NotFound):
        actions.mark_read(one.pk, actor=charlie)
    assert actions.mark_read(one.pk, actor=bob).read_at is not None
    assert actions.unread(bob) == 2
    assert actions.mark_all_read(actor=bob) == 2
    assert actions.mark_all_read(actor=bob) == 0


def test_the_count_of_unread_stops_at_a_hundred(cast: Cast) -> None:
    for number in range(3):
        actions.tell(cast.community.pk, [cast.bob.pk], "case.urged", data={}, matter=None, once=str(number))
    assert actions.unread(cast.actor(cast.bob)) == 3
    many = [
        actions.Telling(cast.community.pk, [cast.bob.pk], "x", {}, "case", None, f"n{n}", after(0))
        for n in range(200)
    ]
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(*actions.telling(many))
    assert actions.unread(cast.actor(cast.bob)) == 100


def test_every_line_has_a_verb_and_a_sentence() -> None:
    assert all(verb(name) for name in VERBS)
    assert {line.code for line in LINES} <= set(NOTICES)
    assert set(ICONS) <= set(NOTICES)
