"""The household's code: six digits that it was told, and says to the technician when the work is done (B-FD.6).

Nothing is stored: the code follows from the order and the house's key. The desk reads it out, and the residents' door
shows it; the technician's telephone never holds it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from shouwen.kernel import limits, vault
from shouwen.kernel.refusals import Refused
from shouwen.works.models import Order

TRIES, PER = 5, timedelta(minutes=10)
_PURPOSE = "order-code"


def code_of(order: Order) -> str:
    """The code of this order, for whoever may tell it to the household."""
    return _digits(vault.digest(str(order.pk), _PURPOSE))


def fits(order: Order, typed: str) -> bool:
    """Whether this is the code; one that was told before the house's key was changed still is."""
    known = [_digits(found) for found in vault.digests(str(order.pk), _PURPOSE)]
    return any(secrets.compare_digest(one.encode(), typed.strip().encode()) for one in known)


def count_try(order: Order) -> None:
    """Count a try before its answer is known; refused beyond five in ten minutes. Call it outside a transaction."""
    hit = limits.hit(f"order-code:{order.pk}", TRIES, PER)
    if not hit:
        raise Refused("order.code_tries", minutes=-(-hit.retry_after // 60))


def _digits(found: bytes) -> str:
    return f"{int.from_bytes(found[:8]) % 1_000_000:06d}"
