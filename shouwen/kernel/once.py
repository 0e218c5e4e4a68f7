"""Doing a thing once, however often it is asked: idempotency keys for API calls and form posts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection

from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import frame
from shouwen.kernel.limits import LINE
from shouwen.kernel.refusals import Busy, Refused
from shouwen.kernel.text import clean_line

WAIT = "4s"


def digest(body: Any) -> str:
    """A digest of a request's meaning, independent of key order."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def pressed(drawn: str, body: Any) -> str:
    """The key of a press: the same form, drawn once, with the same words is the same press. Empty for no form's."""
    return f"{clean_line(drawn)[:64]}:{digest(body)}" if drawn else ""


def once(actor: Actor, operation: str, key: str, body: Any, act: Callable[[], str]) -> tuple[str, bool]:
    """Run ``act`` once for this (actor, operation, key); return its subject id and whether it was done before.

    A second call while the first is in flight waits for it, then raises Busy; the same key with another body is
    refused (``key_reused``). The key is written in the transaction of the act: a crash leaves both or neither.
    """
    if not (key := _kept(key)):
        return act(), False
    scope, mark = f"{actor.kind}:{actor.id}", digest(body)
    with frame(actor) as opened, connection.cursor() as cursor:
        if not _claim(cursor, scope, operation, key, mark):
            return _earlier(cursor, scope, operation, key, mark), True
        subject = act()
        done = "update kernel_once set subject_id = %s where scope = %s and operation = %s and key = %s"
        opened.statements.append((done, [subject, scope, operation, key]))
        return subject, False


def known(actor: Actor, operation: str, key: str, body: Any) -> str | None:
    """The subject of what was done under this key before; None if nothing was. Another body is refused."""
    with connection.cursor() as cursor:
        found = _stored(cursor, f"{actor.kind}:{actor.id}", operation, _kept(key))
    return None if found is None else _same(found, digest(body))


def _kept(key: str) -> str:
    """A key as the table can hold it: it comes from a form, and a form may send anything."""
    return clean_line(key)[:LINE]


def _claim(cursor: Any, scope: str, operation: str, key: str, mark: str) -> bool:
    sql = f"""set local lock_timeout = '{WAIT}';
        insert into kernel_once (scope, operation, key, digest, subject_id, created_at)
        values (%s, %s, %s, %s, '', %s) on conflict do nothing;
        set local lock_timeout = 0"""
    try:
        cursor.execute(sql, [scope, operation, key, mark, clock.now()])
        cursor.nextset()
        return bool(cursor.rowcount == 1)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "55P03":
            raise Busy("in_flight") from error
        raise


def _earlier(cursor: Any, scope: str, operation: str, key: str, mark: str) -> str:
    return _same(_stored(cursor, scope, operation, key), mark)


def _stored(cursor: Any, scope: str, operation: str, key: str) -> Any:
    """Digest and subject kept under a key, or None."""
    cursor.execute(
        "select digest, subject_id from kernel_once where scope = %s and operation = %s and key = %s",
        [scope, operation, key],
    )
    return cursor.fetchone()


def _same(stored: tuple[str, str], mark: str) -> str:
    if stored[0] != mark:
        raise Refused("key_reused")
    return str(stored[1])
