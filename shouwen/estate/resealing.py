"""After a change of the key: seal again what the old keys sealed, and make the digests anew by which it is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

from shouwen.kernel import vault
from shouwen.kernel.vault import SealedField

_BATCH = 1000


def reseal_everything() -> Iterator[tuple[str, int]]:
    """Go over every sealed column of every room; yields its name and how many rows were sealed again.

    Safe to stop and to call again: a row under the current key is passed over, and a row that somebody changes in
    between keeps the change, which the current key sealed.
    """
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                count = sum(_batch(model, field, rows) for rows in _batches(model, field))
                yield f"{model._meta.db_table}.{field.column}", count


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


def _batch(model: type[models.Model], field: SealedField, rows: list[tuple[Any, bytes]]) -> int:
    meta, changed = model._meta, 0
    with connection.cursor() as cursor:
        for pk, blob in rows:
            if not vault.needs_rotation(blob):
                continue
            text = vault.open(blob, field.purpose)
            values: dict[str, Any] = {str(field.column): vault.seal(text, field.purpose)}
            values |= field.found_by(text) if field.found_by else {}
            columns = ", ".join(f'"{column}" = %s' for column in values)
            sql = f'update "{meta.db_table}" set {columns} where "{meta.pk.column}" = %s and "{field.column}" = %s'
            cursor.execute(sql, [*values.values(), pk, blob])
            changed += cursor.rowcount
    return changed
