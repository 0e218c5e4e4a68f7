"""The journal: facts in one transaction with what caused them, append-only, heard by those who wait for them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from shouwen.cases import actions
from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case
from shouwen.kernel import clock, deliveries, journal
from shouwen.kernel.actors import System
from shouwen.kernel.ids import uuid7
from shouwen.kernel.journal import Fact, Switchboard, frame, record
from shouwen.kernel.models import Counter, Delivery, Entry
from shouwen.kernel.once import once
from shouwen.kernel.refusals import Refused
from tests.cast import Cast
from tests.protocol import protocol, trips
from tests.threads import in_threads

ROOT = Path(__file__).resolve().parent.parent.parent


def intake(cast: Cast, **changes: object) -> Intake:
    given = {
        "community_id": cast.community.pk,
        "kind": "inquiry",
        "category": "fee",
        "title": "物业费怎么算",
        "unit_id": cast.unit.pk,
    }
    return Intake(**(given | changes))  # type: ignore[arg-type]


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
    register(intake(cast), actor=cast.actor(cast.bob))
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
    register(intake(cast), actor=cast.actor(cast.bob))
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
        register(intake(cast), actor=cast.actor(cast.bob))
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_the_journal_holds_no_words_names_or_numbers(cast: Cast) -> None:
    told = {
        "title": "张三丰家厨房漏水",
        "words": "打电话 13912345678",
        "asker": "张三丰",
        "phone": "13912345678",
    }
    case = register(intake(cast, person_id=cast.mei.pk, **told), actor=cast.actor(cast.bob))
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
            register(intake(cast), actor=cast.actor(cast.bob))
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
        register(intake(cast, photos=(uuid7(),)), actor=cast.actor(cast.bob))
    assert not Case.objects.exists()
    assert not Entry.objects.exists()
    assert not connection.in_atomic_block
    case = register(intake(cast), actor=cast.actor(cast.bob))
    assert case.number.endswith("-001")


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_the_commit_hears_of_it_and_finds_the_rows(cast: Cast) -> None:
    found: list[int] = []
    with frame(cast.actor(cast.bob)):
        register(intake(cast), actor=cast.actor(cast.bob))
        transaction.on_commit(lambda: found.append(Case.objects.count()))
        assert not found
    assert found == [1]


@pytest.mark.django_db(transaction=True)
def test_a_frame_inside_another_transaction_leaves_the_commit_to_it(cast: Cast) -> None:
    with transaction.atomic():
        register(intake(cast), actor=cast.actor(cast.bob))
        assert Case.objects.count() == 1
        transaction.set_rollback(True)
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_an_inner_frame_joins_the_outer_one(cast: Cast) -> None:
    with frame(cast.actor(cast.bob)) as outer:
        register(intake(cast), actor=cast.actor(cast.bob))
        assert [f.verb for f in outer.facts] == ["case:registered"]
        assert not Entry.objects.exists()
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_facts_stand_in_the_order_in_which_they_happened(cast: Cast) -> None:
    case = register(intake(cast), actor=cast.actor(cast.bob))
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
        register(intake(cast), actor=cast.actor(cast.bob))
    assert heard == ["case:registered"]
    assert Entry.objects.filter(verb="case:noted").count() == 1


@pytest.mark.django_db
def test_an_absorber_hears_the_facts_of_reactions_too(cast: Cast) -> None:
    heard: list[str] = []

    def absorb(facts: object) -> list[journal.Statement]:
        heard.extend(f.verb for f in facts)  # type: ignore[attr-defined]
        return []

    with wired(absorbers=[absorb]):
        register(intake(cast, kind="repair", category="leak", title="漏水"), actor=cast.actor(cast.bob))
    assert heard == ["case:registered", "order:opened"]


@pytest.mark.django_db
def test_a_failing_reaction_takes_everything_back(cast: Cast) -> None:
    def broken(_fact: Fact, _actor: object) -> None:
        raise ZeroDivisionError

    with wired(reactions={"case:registered": [broken]}), pytest.raises(ZeroDivisionError):
        register(intake(cast), actor=cast.actor(cast.bob))
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


# --- numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_five_thousand_creates_at_once_leave_no_gap_and_no_double(cast: Cast) -> None:
    here, there = cast.actor(cast.bob), cast.actor(cast.charlie)
    jobs = [(here, cast.community.pk)] * 4000 + [(there, cast.other.pk)] * 1000

    def one(job: tuple[object, int]) -> None:
        actor, community = job
        wanted = intake(cast, community_id=community, unit_id=None, place="东门")
        register(wanted, actor=actor)  # type: ignore[arg-type]

    in_threads(16, one, jobs)
    for community, many in ((cast.community.pk, 4000), (cast.other.pk, 1000)):
        rows = Case.objects.filter(community_id=community)
        turns = sorted(rows.values_list("turn", flat=True))
        day = clock.today()
        if turns != list(range(1, many + 1)):  # a run over midnight begins a second series
            days = {n[:6] for n in rows.values_list("number", flat=True)}
            assert len(days) == 2, "gap or double within one day"
            pytest.skip("ran over midnight")
        numbers = set(rows.values_list("number", flat=True))
        assert numbers == {f"{day:%y%m%d}-{turn:03d}" for turn in turns}
    assert Entry.objects.filter(verb="case:registered").count() == 5000


@pytest.mark.django_db(transaction=True)
def test_numbers_ascend_in_the_order_of_commits(cast: Cast) -> None:
    order: list[str] = []
    for _ in range(5):
        case = register(intake(cast), actor=cast.actor(cast.bob))
        order.append(Case.objects.get(pk=case.pk).number)
    assert order == sorted(order)


# --- killed in the middle -------------------------------------------------------------------------------------------

_KILLED = """
import signal, sys
import django
django.setup()
from shouwen.cases.intake import Intake, register
from shouwen.kernel import journal
from shouwen.kernel.actors import System

community, unit, staff = map(int, sys.argv[1:])
flush = journal._flush

def flush_and_hold(opened, *, commit):
    flush(opened, commit=False)  # rows, number and facts have reached the server
    print("holding", flush=True)
    signal.pause()

journal._flush = flush_and_hold
where = dict(community_id=community, unit_id=unit, first_responder_id=staff)
register(Intake(kind="repair", category="leak", title="漏水", **where), actor=System.of(community))
"""


_HOLDING = """select count(*) from pg_stat_activity
    where state = 'idle in transaction' and datname = current_database() and pid <> pg_backend_pid()"""


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_in_mid_transaction_leaves_nothing(cast: Cast) -> None:
    db = connection.settings_dict
    url = f"postgresql://{db['USER']}:{db['PASSWORD']}@/{db['NAME']}?host={db['HOST']}&port={db['PORT']}"
    words = [sys.executable, "-c", _KILLED, str(cast.community.pk), str(cast.unit.pk), str(cast.bob.pk)]
    env = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(words, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().strip() == "holding"
            with connection.cursor() as cursor:
                cursor.execute(_HOLDING)
                assert cursor.fetchone() == (1,)
        finally:
            process.kill()
    assert not Case.objects.exists()
    assert not Entry.objects.exists()
    case = register(intake(cast, kind="repair", category="leak"), actor=cast.actor(cast.bob))
    assert Case.objects.get(pk=case.pk).number.endswith("-001")


# --- round trips ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["inquiry", "repair"])
def test_an_intake_takes_at_most_six_round_trips(cast: Cast, tmp_path: Path, kind: str) -> None:
    """Counted from the first statement of the action to the case with its number in hand, key included.

    Four: BEGIN; the key; everything that the intake names; rows, facts, duties, number, COMMIT, announcement.
    """
    actor = cast.actor(cast.bob)
    wanted = intake(
        cast, kind=kind, category={"inquiry": "fee", "repair": "leak"}[kind], person_id=cast.mei.pk
    )

    def whole(key: str) -> Case:
        made: list[Case] = []

        def act() -> str:
            made.append(register(wanted, actor=actor))
            return str(made[0].pk)

        once(actor, "test", key, {"title": wanted.title}, act)
        return made[0]

    whole("warm")
    with protocol(tmp_path / "trace") as lines:
        case = whole("counted")
    assert case.number.endswith("-002")
    assert trips(lines) <= 4, "\n".join(line for line in lines if "Parse" in line or "Query" in line)


@pytest.mark.django_db(transaction=True)
def test_the_pipeline_carries_rows_facts_duties_and_commit_in_one_round_trip(
    cast: Cast, tmp_path: Path
) -> None:
    actor = cast.actor(cast.bob)
    with frame(actor):
        record("case:noted", cast.community)
    with protocol(tmp_path / "trace") as lines, frame(actor):
        record("case:noted", cast.community)
    assert trips(lines) == 2  # BEGIN; then everything with COMMIT and the announcement after it


def test_keys_made_in_a_burst_ascend() -> None:
    keys = [uuid7() for _ in range(20_000)]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
