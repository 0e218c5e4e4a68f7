from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from shouwen.kernel import ids


def test_ids_are_uuid_version_7_of_the_rfc_variant_and_carry_their_moment():
    with time_machine.travel(datetime(2026, 3, 1, 4, 5, 6, 789000, UTC), tick=False):
        key = ids.uuid7()
    assert (key.version, key.variant) == (7, "specified in RFC 4122")
    assert ids.moment_of(key) == datetime(2026, 3, 1, 4, 5, 6, 789000, UTC)


def test_ids_of_one_frozen_moment_still_rise_beyond_the_counter_of_a_millisecond():
    with time_machine.travel(datetime(2027, 3, 1, tzinfo=UTC), tick=False):
        made = [ids.uuid7() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_ids_of_many_threads_are_unique_and_rise_within_each():
    def some(_):
        return [ids.uuid7() for _ in range(5_000)]

    with ThreadPoolExecutor(8) as pool:
        lists = list(pool.map(some, range(8)))
    assert all(made == sorted(made) for made in lists)
    assert len({key for made in lists for key in made}) == 40_000


def test_a_clock_set_back_a_little_does_not_break_the_order():
    with time_machine.travel(datetime(2027, 5, 1, tzinfo=UTC), tick=False) as traveller:
        before = ids.uuid7()
        traveller.shift(timedelta(seconds=-5))
        assert ids.uuid7() > before


def test_a_clock_set_back_by_much_is_followed():
    with time_machine.travel(datetime(2028, 1, 1, tzinfo=UTC), tick=False) as traveller:
        ids.uuid7()
        traveller.shift(timedelta(days=-1))
        assert ids.moment_of(ids.uuid7()) == datetime(2027, 12, 31, tzinfo=UTC)


def test_the_first_id_of_a_moment_bounds_the_ids_of_that_moment():
    moment = datetime(2029, 1, 1, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        key = ids.uuid7()
    assert ids.first_id(moment) <= key < ids.first_id(moment + timedelta(milliseconds=1))


def test_the_moment_of_a_random_id_is_refused():
    with pytest.raises(ValueError, match="UUIDv7"):
        ids.moment_of(__import__("uuid").uuid4())


def test_keys_made_in_a_burst_ascend():
    keys = [ids.uuid7() for _ in range(20_000)]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
