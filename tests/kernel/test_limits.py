from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from django.db import connection

from shouwen.kernel import limits
from shouwen.kernel.limits import RateWindow, hit

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 21, 4, 0, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.SHOUWEN_KEYS = [b"k" * 32]


def test_hits_beyond_the_limit_are_refused_until_the_window_ends(db):
    with time_machine.travel(NOON, tick=False) as traveller:
        answers = [hit("sign-in:10.1.2.3", 3, MINUTE) for _ in range(5)]
        assert [bool(answer) for answer in answers] == [True, True, True, False, False]
        assert [answer.left for answer in answers] == [2, 1, 0, 0, 0]
        assert [answer.retry_after for answer in answers] == [0, 0, 0, 50, 50]
        traveller.shift(timedelta(seconds=49.5))
        assert hit("sign-in:10.1.2.3", 3, MINUTE).retry_after == 1
        traveller.shift(timedelta(seconds=1))
        assert hit("sign-in:10.1.2.3", 3, MINUTE) == (True, 2, 0)


def test_keys_and_windows_are_counted_apart(db):
    with time_machine.travel(NOON, tick=False):
        assert hit("a", 1, MINUTE)
        assert hit("b", 1, MINUTE)
        assert hit("a", 1, timedelta(hours=1))
        assert not hit("a", 1, MINUTE)


def test_a_clock_set_back_opens_no_fresh_window(db):
    with time_machine.travel(NOON, tick=False) as traveller:
        assert hit("a", 1, MINUTE)
        traveller.shift(timedelta(minutes=-3))
        answer = hit("a", 1, MINUTE)
    assert not answer
    assert answer.retry_after == 230


def test_the_key_is_not_readable_in_the_table(db):
    hit("code:13812346021", 5, MINUTE)
    assert b"138" not in bytes(RateWindow.objects.get().key)


def test_a_success_forgets_and_the_sweep_takes_what_closed(db):
    with time_machine.travel(NOON, tick=False) as traveller:
        hit("a", 1, MINUTE)
        limits.forget("a", MINUTE)
        assert hit("a", 1, MINUTE)
        assert limits.sweep() == 0
        traveller.shift(timedelta(minutes=2))
        hit("b", 1, MINUTE)
        assert limits.sweep() == 1
    assert RateWindow.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_hits_of_many_threads_are_all_counted():
    allowed = []

    def strike():
        allowed.extend(bool(hit("race", 30, timedelta(days=1))) for _ in range(10))
        connection.close()

    threads = [Thread(target=strike) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(allowed), len(allowed)) == (30, 80)
