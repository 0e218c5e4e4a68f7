"""Time-ordered identifiers (UUIDv7, RFC 9562), made in the process so that no sequence sits in a hot path."""

from __future__ import annotations

import os
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

_COUNTER_MAX = 0xFFF
# A clock set back by a little (NTP) must not break the order; one set back by more was wrong before: follow
# it.
_TOLERATED_MS = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def uuid7() -> UUID:
    """A new id, greater than every id this process made before (unless the clock was set back by 10 s)."""
    global _last_ms, _counter  # noqa: PLW0603 - the one state of this module, under its lock
    ms = time.time_ns() // 1_000_000
    with _lock:
        if ms > _last_ms or ms < _last_ms - _TOLERATED_MS:
            # The upper half of the counter stays free, so that a burst within a millisecond rarely overflows.
            _last_ms, _counter = ms, secrets.randbits(11)
        elif _counter < _COUNTER_MAX:
            _counter += 1
        else:
            _last_ms, _counter = _last_ms + 1, 0
        ms, counter = _last_ms, _counter
    return _assemble(ms, counter, int.from_bytes(os.urandom(8)) >> 2)


def first_id(moment: datetime) -> UUID:
    """The lowest id of the millisecond of `moment`: a bound for range questions over a UUIDv7 key."""
    return _assemble((moment - _EPOCH) // timedelta(milliseconds=1), 0, 0)


def moment_of(key: UUID) -> datetime:
    """The millisecond in which a UUIDv7 was made."""
    if key.version != 7:
        raise ValueError(f"not a UUIDv7: {key}")
    return _EPOCH + timedelta(milliseconds=key.int >> 80)


def _assemble(ms: int, counter: int, tail: int) -> UUID:
    return UUID(int=(ms & (1 << 48) - 1) << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail)
