"""The journal: facts in one transaction with what caused them, append-only, heard by those who wait for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from shouwen.cases import actions
from shouwen.cases.intake import register
from shouwen.cases.models import Case
from shouwen.kernel import deliveries, journal
from shouwen.kernel.actors import System
from shouwen.kernel.ids import uuid7
from shouwen.kernel.journal import Fact, Switchboard, frame, record
from shouwen.kernel.models import Counter, Delivery, Entry
from shouwen.kernel.refusals import Refused
from tests.cast import Cast, make_intake

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def wired(**parts: object) -> Iterator[Switchboard]:
    """A switchboard of this test alone."""
    mine = replace(journal.switchboard, **parts)  # type: ignore[arg-type]
    theirs, journal.switchboard = journal.switchboard, mine
    also, deliveries.switchboard = deliveries.switchboard, mine
    try:
        yield mine
    finally:
        journal.switchboard, deliveries.switchboard = theirs, also


# --- what is on record stays on record ------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "update kernel_entry set verb = 'case:cancelled'",
        "delete from kernel_entry",
        "update kernel_entry set data = '{}' where false",
    ],
)
def test_the_database_refuses_to_rewrite_the_journal(cast: Cast, sql: str) -> None:
    register(make_intake(cast), actor=cast.actor(cast.bob))
    before = list(Entry.objects.values_list("pk", "verb", "data"))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert list(Entry.objects.values_list("pk", "verb", "data")) == before


@pytest.mark.django_db
def test_the_orm_is_refused_as_well(cast: Cast) -> None:
    register(make_intake(cast), actor=cast.actor(cast.bob))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.all().delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.update(verb="x")


@pytest.mark.django_db
def test_a_fact_carries_only_what_its_verb_declares(cast: Cast) -> None:
    with pytest.raises(ValueError, match="words"), frame(cast.actor(cast.bob)):
        record("case:noted", cast.community, words="王先生说漏水")
    with pytest.raises(KeyError), frame(cast.actor(cast.bob)):
        record("case:invented", cast.community)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_fact_needs_a_frame(cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="frame"):
        record("case:noted", cast.community)


@pytest.mark.django_db
def test_an_entry_point_without_a_switchboard_may_not_write(cast: Cast) -> None:
    with wired(connected=False), pytest.raises(RuntimeError, match="switchboard"):
        register(make_intake(cast), actor=cast.actor(cast.bob))
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_the_journal_holds_no_words_names_or_numbers(cast: Cast) -> None:
    told = {
        "title": "张三丰家厨房漏水",
        "words": "打电话 13912345678",
        "asker": "张三丰",
        "phone": "13912345678",
    }
    case = register(make_intake(cast, person_id=cast.mei.pk, **told), actor=cast.actor(cast.bob))
    actions.answer(case.pk, actor=cast.actor(cast.bob), words="已向张三丰说明")
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(e::text, ' ') from kernel_entry e")
        (text,) = cursor.fetchone()
    for secret in ("张三丰", "13912345678", "漏水", "说明", cast.mei.name):
        assert secret not in text


# --- one transaction ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_refusal_leaves_neither_row_nor_fact_nor_number(cast: Cast) -> None:
    def refused() -> None:
        with frame(cast.actor(cast.bob)):
            register(make_intake(cast), actor=cast.actor(cast.bob))
            raise Refused("case.words")

    with pytest.raises(Refused):
        refused()
    assert not Case.objects.exists()
    assert not Entry.objects.exists()
    assert not Counter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_fails_only_at_the_commit_leaves_nothing_either(cast: Cast) -> None:
    """Foreign keys are checked at COMMIT, which is itself a statement of the pipeline."""
    with pytest.raises(IntegrityError):
        register(make_intake(cast, photos=(uuid7(),)), actor=cast.actor(cast.bob))
    assert not Case.objects.exists()
    assert not Entry.objects.exists()
    assert not connection.in_atomic_block
    case = register(make_intake(cast), actor=cast.actor(cast.bob))
    assert case.number.endswith("-001")


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_the_commit_hears_of_it_and_finds_the_rows(cast: Cast) -> None:
    found: list[int] = []
    with frame(cast.actor(cast.bob)):
        register(make_intake(cast), actor=cast.actor(cast.bob))
        transaction.on_commit(lambda: found.append(Case.objects.count()))
        assert not found
    assert found == [1]


@pytest.mark.django_db(transaction=True)
def test_a_frame_inside_another_transaction_leaves_the_commit_to_it(cast: Cast) -> None:
    with transaction.atomic():
        register(make_intake(cast), actor=cast.actor(cast.bob))
        assert Case.objects.count() == 1
        transaction.set_rollback(True)
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_an_inner_frame_joins_the_outer_one(cast: Cast) -> None:
    with frame(cast.actor(cast.bob)) as outer:
        register(make_intake(cast), actor=cast.actor(cast.bob))
        assert [f.verb for f in outer.facts] == ["case:registered"]
        assert not Entry.objects.exists()
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_facts_stand_in_the_order_in_which_they_happened(cast: Cast) -> None:
    case = register(make_intake(cast), actor=cast.actor(cast.bob))
    actions.answer(case.pk, actor=cast.actor(cast.bob), words="好的", on_the_spot=True)
    verbs = Entry.objects.filter(matter_id=case.pk).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["case:registered", "case:answered", "case:satisfied"]


# --- who listens ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_reactions_own_facts_wake_no_further_reaction(cast: Cast) -> None:
    heard: list[str] = []

    def once_more(fact: Fact, _actor: object) -> None:
        heard.append(fact.verb)
        record("case:noted", cast.community)

    with wired(reactions={"case:registered": [once_more], "case:noted": [once_more]}, absorbers=[]):
        register(make_intake(cast), actor=cast.actor(cast.bob))
    assert heard == ["case:registered"]
    assert Entry.objects.filter(verb="case:noted").count() == 1


@pytest.mark.django_db
def test_an_absorber_hears_the_facts_of_reactions_too(cast: Cast) -> None:
    heard: list[str] = []

    def absorb(facts: object) -> list[journal.Statement]:
        heard.extend(f.verb for f in facts)  # type: ignore[attr-defined]
        return []

    with wired(absorbers=[absorb]):
        register(make_intake(cast, kind="repair", category="leak", title="漏水"), actor=cast.actor(cast.bob))
    assert heard == ["case:registered", "order:opened"]


@pytest.mark.django_db
def test_a_failing_reaction_takes_everything_back(cast: Cast) -> None:
    def broken(_fact: Fact, _actor: object) -> None:
        raise ZeroDivisionError

    with wired(reactions={"case:registered": [broken]}), pytest.raises(ZeroDivisionError):
        register(make_intake(cast), actor=cast.actor(cast.bob))
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_transactions_that_commit_in_reverse_order_are_both_delivered(cast: Cast) -> None:
    heard: list[str] = []
    reader = {"ear": (frozenset({"case:noted"}), lambda fact: heard.append(str(fact.id)))}
    first_is_recorded, second_is_read = threading.Event(), threading.Event()
    keys: dict[str, str] = {}

    def note(name: str) -> None:
        with frame(System.of(cast.community.pk)):
            fact = record("case:noted", cast.community)
            keys[name] = str(fact.id)
            if name == "first":
                first_is_recorded.set()
                assert second_is_read.wait(20)

    def slow() -> None:
        try:
            note("first")
        finally:
            connection.close()

    with wired(readers=reader, absorbers=[]):
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(slow)
            assert first_is_recorded.wait(20)
            note("second")  # a greater key, committed before
            assert deliveries.deliver().delivered == 1
            assert heard == [keys["second"]]
            second_is_read.set()
            waiting.result(20)
        assert deliveries.deliver().delivered == 1
    assert keys["first"] < keys["second"]
    assert heard == [keys["second"], keys["first"]]
    assert not Delivery.objects.exists()
