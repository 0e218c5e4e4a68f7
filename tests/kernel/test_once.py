"""Idempotency keys: one key, one body, one result, however often and however concurrently it is asked."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from shouwen.cases.intake import Intake, register
from shouwen.cases.models import Case
from shouwen.kernel import once as module
from shouwen.kernel.models import Counter, Once
from shouwen.kernel.once import digest, once
from shouwen.kernel.refusals import Busy, Refused
from tests.cast import Cast
from tests.threads import at_once

BODY = {"title": "漏水"}


def act(cast: Cast, **changes: object) -> str:
    given = {
        "community_id": cast.community.pk,
        "kind": "inquiry",
        "category": "fee",
        "title": "漏水",
        "place": "东门",
    }
    return str(register(Intake(**(given | changes)), actor=cast.actor(cast.bob)).pk)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_same_key_and_body_answer_with_the_first_result(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    first, again = once(bob, "intake", "k", BODY, lambda: act(cast))
    assert not again
    assert once(bob, "intake", "k", BODY, lambda: act(cast)) == (first, True)
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_another_body_is_refused(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    once(bob, "intake", "k", BODY, lambda: act(cast))
    with pytest.raises(Refused) as refusal:
        once(bob, "intake", "k", {"title": "停电"}, lambda: act(cast))
    assert (refusal.value.code, refusal.value.status) == ("key_reused", 422)


@pytest.mark.django_db
def test_a_key_belongs_to_who_asks_and_to_the_operation(cast: Cast) -> None:
    bob, alice = cast.actor(cast.bob), cast.actor(cast.alice)
    made = {
        once(who, operation, "k", BODY, lambda: act(cast))[0]
        for who, operation in ((bob, "intake"), (alice, "intake"), (bob, "other"))
    }
    assert len(made) == 3


@pytest.mark.django_db
def test_a_refused_request_does_not_use_up_its_key(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    with pytest.raises(Refused):
        once(bob, "intake", "k", BODY, lambda: act(cast, place=""))
    assert not Once.objects.exists()
    assert not once(bob, "intake", "k", BODY, lambda: act(cast))[1]


@pytest.mark.django_db
def test_without_a_key_every_call_acts(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    assert once(bob, "intake", "", BODY, lambda: act(cast)) != once(
        bob, "intake", "", BODY, lambda: act(cast)
    )


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})


@pytest.mark.django_db(transaction=True)
def test_eight_threads_with_one_key_make_one_case(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    answers = at_once(8, lambda _n: once(bob, "intake", "k", BODY, lambda: act(cast)))
    assert not [a for a in answers if isinstance(a, Exception)]
    assert len({a[0] for a in answers}) == 1  # type: ignore[index]
    assert sorted(a[1] for a in answers) == [False] + [True] * 7  # type: ignore[index]
    assert Case.objects.count() == 1
    assert Counter.objects.get().last == 1


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT", "300ms")
    bob = cast.actor(cast.bob)
    began, done = threading.Event(), threading.Event()

    def slow() -> str:
        began.set()
        assert done.wait(20)
        return act(cast)

    def first() -> tuple[str, bool]:
        try:
            return once(bob, "intake", "k", BODY, slow)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        assert began.wait(20)
        with pytest.raises(Busy) as refusal:
            once(bob, "intake", "k", BODY, lambda: act(cast))
        assert (refusal.value.code, refusal.value.status) == ("in_flight", 409)
        done.set()
        subject, _again = running.result(20)
    assert once(bob, "intake", "k", BODY, lambda: act(cast)) == (subject, True)
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_waits_acts_if_the_first_one_fails(cast: Cast) -> None:
    bob = cast.actor(cast.bob)
    began, fail = threading.Event(), threading.Event()

    def failing() -> str:
        began.set()
        assert fail.wait(20)
        raise Refused("case.words")

    def first() -> None:
        try:
            once(bob, "intake", "k", BODY, failing)
        except Refused:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        assert began.wait(20)
        threading.Timer(0.2, fail.set).start()
        _subject, again = once(bob, "intake", "k", BODY, lambda: act(cast))
        running.result(20)
    assert not again
    assert Case.objects.count() == 1
