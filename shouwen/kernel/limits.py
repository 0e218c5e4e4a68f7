"""How often and how much: rate limits counted in PostgreSQL, and the sizes that doors hold to.

A limit must hold over all processes, so the count lives in the database: one row a key, one upsert a hit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar, NamedTuple

from django.db import connection, models

from shouwen.kernel import clock, vault

# One uploaded thing.
FILE_BYTES = 20 * 2**20
FILES_AT_ONCE = 9
SHEET_BYTES = 50 * 2**20
SHEET_ROWS = 100_000

# Text fields, in characters.
NAME = 60
LINE = 200
NOTE = 2_000
TEXT = 20_000
QUERY = 64

# Rows a page and rows a bulk action.
PAGE = 50
PAGE_MOST = 200
BULK = 50


class RateWindow(models.Model):
    """The current window of one key. The key is a keyed digest, since what is counted may be a telephone."""

    key = models.BinaryField(primary_key=True, max_length=vault.DIGEST_SIZE)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    hits = models.PositiveIntegerField()

    class Meta:
        app_label = "kernel"
        indexes: ClassVar = [models.Index(fields=["closes_at"], name="rate_window_closes")]


class Hit(NamedTuple):
    """The answer to one hit; true in a condition if it is allowed."""

    allowed: bool
    left: int
    retry_after: int

    def __bool__(self) -> bool:
        return self.allowed


# A clock that was set back must not open a fresh window: a window that opens later than ours still counts.
_COUNT = """
INSERT INTO kernel_ratewindow AS w (key, opens_at, closes_at, hits) VALUES (%s, %s, %s, 1)
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN w.opens_at >= excluded.opens_at THEN least(w.hits, 1000000000) + 1 ELSE 1 END,
    opens_at = greatest(w.opens_at, excluded.opens_at),
    closes_at = CASE WHEN w.opens_at >= excluded.opens_at THEN w.closes_at ELSE excluded.closes_at END
RETURNING hits, closes_at
"""


def hit(key: str, limit: int, per: timedelta) -> Hit:
    """Count one hit of `key` in the current fixed window of length `per`; refused beyond `limit`.

    `retry_after` is in whole seconds, 0 if allowed. Call it outside a transaction: a rollback would forget
    the hit, and the row stays locked until commit. A key names what is counted and who:
    ``"sign-in:10.1.2.3"``.
    """
    now = clock.now()
    opens = datetime.fromtimestamp(now.timestamp() // per.total_seconds() * per.total_seconds(), UTC)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [vault.digest(f"{key}/{per}", "rate-window"), opens, opens + per])
        hits, closes = cursor.fetchone()
    if hits <= limit:
        return Hit(allowed=True, left=limit - hits, retry_after=0)
    return Hit(allowed=False, left=0, retry_after=max(1, int((closes - now).total_seconds() + 0.999)))


def forget(key: str, per: timedelta) -> None:
    """Open the window again, as after a sign-in that succeeded."""
    RateWindow.objects.filter(key__in=vault.digests(f"{key}/{per}", "rate-window")).delete()


def sweep() -> int:
    """Delete windows that closed; returns how many."""
    return RateWindow.objects.filter(closes_at__lt=clock.now()).delete()[0]
