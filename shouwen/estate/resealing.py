"""After a change of the key: seal again what the old keys sealed, and make the digests anew by which it is found.

An import looks many numbers up by their digests and writes what it did not find: it and the sealing exclude each other by
an advisory lock, which imports share. Who comes second waits, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from shouwen.kernel import vault
from shouwen.kernel.vault import SealedField

_BATCH = 1000
_PATIENCE = 60.0
_LOCK = 0x5357_0002
# Imports that wait for us have done nothing yet.
_OLDER = f"""
select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
and pid <> pg_backend_pid() and xact_start < %s and pid not in (
    select pid from pg_locks where locktype = 'advisory' and classid = 0 and objid = {_LOCK} and not granted)
"""


@dataclass
class Resealed:
    """What was done to one sealed column: rows under the current key now, and rows that no known key opens."""

    changed: int = 0
    unreadable: int = 0


def keep_keys(waiting: Callable[[], Any]) -> None:
    """First in a transaction that looks numbers up: until it ends none is sealed again. ``waiting`` is called where that
    is going on, before we wait for its end.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock_shared(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            waiting()
            cursor.execute("select pg_advisory_xact_lock_shared(%s)", [_LOCK])


@contextmanager
def _no_imports(waiting: Callable[[], Any]) -> Iterator[None]:
    """The same from the other side, for as long as the block lasts."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            waiting()
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])


def reseal_everything(
    patience: float = _PATIENCE, waiting: Callable[[], Any] = lambda: None
) -> tuple[list[Resealed], int]:
    """Go over every sealed column of every room; returns what was done to each, and how many transactions that began
    before are open still after ``patience`` seconds: what they write may need another call. ``waiting`` is called where an
    import is going on, before we wait for its end.

    Safe to stop and to call again: a row under the current key is passed over, and a row that somebody changes in
    between keeps the change, which the current key sealed. Twice: a transaction that was open when the key changed may
    have sealed with the old one, and is seen only when it is over.
    """
    with _no_imports(waiting):
        return _twice(patience)


def _twice(patience: float) -> tuple[list[Resealed], int]:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        (began,) = cursor.fetchone()
    done = [_column(model, field) for model, field in sealed_columns()]
    waiting = _wait(began, patience)
    for kept, again in zip(done, [_column(model, field) for model, field in sealed_columns()], strict=True):
        kept.changed, kept.unreadable = kept.changed + again.changed, again.unreadable
    return done, waiting


def sealed_columns() -> Iterator[tuple[type[models.Model], SealedField]]:
    """Every column of the house that is sealed."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                yield model, field


class Sealed(NamedTuple):
    """How many sealed values of the house a known key opens, and how many none does."""

    opens: int
    lost: int


def sealed_values() -> Sealed:
    """Look at the mark that each sealed value carries of its key. A table that an older release lacks holds none."""
    known, opens, lost = list(vault.key_ids()), 0, 0
    for model, field in sealed_columns():
        ours = f"{vault.SEALED_BY.format(column=field.column)} = any(%s)"
        sql = (
            f"select count(*) filter (where {ours}), count(*) filter (where not {ours})"
            f' from "{model._meta.db_table}" where "{field.column}" is not null'
        )
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, [known, known])
                row = cursor.fetchone()
        except DatabaseError:
            continue
        opens, lost = opens + row[0], lost + row[1]
    return Sealed(opens, lost)


def _wait(began: Any, patience: float) -> int:
    """Wait for the transactions that were open already; returns how many of them still are."""
    until = time.monotonic() + patience
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_OLDER, [began])
            (older,) = cursor.fetchone()
        if not older or time.monotonic() >= until:
            return int(older)
        time.sleep(0.2)


def _column(model: type[models.Model], field: SealedField) -> Resealed:
    done = Resealed()
    for rows in _batches(model, field):
        _batch(model, field, rows, done)
    return done


def _batches(model: type[models.Model], field: SealedField) -> Iterator[list[tuple[Any, bytes]]]:
    meta, after = model._meta, None
    key = meta.pk.column
    while True:
        beyond = f'and "{key}" > %s' if after is not None else ""
        sql = (
            f'select "{key}", "{field.column}" from "{meta.db_table}" where "{field.column}" is not null {beyond} '
            f'order by "{key}" limit {_BATCH}'
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [after] if after is not None else [])
            rows = [(pk, bytes(blob)) for pk, blob in cursor.fetchall()]
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _batch(
    model: type[models.Model], field: SealedField, rows: list[tuple[Any, bytes]], done: Resealed
) -> None:
    meta = model._meta
    with connection.cursor() as cursor:
        for pk, blob in rows:
            if not vault.needs_rotation(blob):
                continue
            try:
                text = vault.open(blob, field.purpose)
            except vault.Unreadable:
                done.unreadable += 1
                continue
            values: dict[str, Any] = {str(field.column): vault.seal(text, field.purpose)}
            values |= field.found_by(text) if field.found_by else {}
            columns = ", ".join(f'"{column}" = %s' for column in values)
            sql = f'update "{meta.db_table}" set {columns} where "{meta.pk.column}" = %s and "{field.column}" = %s'
            cursor.execute(sql, [*values.values(), pk, blob])
            done.changed += cursor.rowcount
