"""Statements for the pipeline at the end of a frame: multi-row inserts built from model rows, and numbering. And what
is read by the thousand before them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

import psycopg
from django.db import connection, models

Statement = tuple[str, list[Any]]


@cache
def _columns(model: type[models.Model]) -> tuple[tuple[models.Field[Any, Any], ...], str]:
    """Concrete fields and their quoted column list; an unset automatic key is left to the database."""
    fields = tuple(
        f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField) and not f.generated
    )
    return fields, ", ".join(f'"{f.column}"' for f in fields)


def _values(row: models.Model, fields: Sequence[models.Field[Any, Any]]) -> list[Any]:
    return [f.get_db_prep_save(f.pre_save(row, add=True), connection) for f in fields]


def insert_rows(rows: Sequence[models.Model]) -> list[Statement]:
    """One INSERT per run of rows of one model, in the order given (foreign keys are checked at commit)."""
    statements: list[Statement] = []
    for _kind, run in groupby(rows, type):
        batch = list(run)
        model = type(batch[0])
        fields, columns = _columns(model)
        values = [_values(row, fields) for row in batch]
        marks = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * len(values))
        table = model._meta.db_table
        statements.append(
            (f'insert into "{table}" ({columns}) values {marks}', [v for row in values for v in row])
        )
    return statements


def insert_numbered(row: models.Model, *, series: str, day: date, prefix: str) -> Statement:
    """Insert ``row`` with the next number of (community, series, day) in its ``number`` and ``turn`` columns.

    Numbers are unique and ascending without a gap among committed rows: the counter is locked until the commit, so
    this statement must be the last of its transaction. ``prefix + 007``; three digits at least, growing as needed.
    Returns (number, turn).
    """
    fields, _names = _columns(type(row))
    fields = tuple(f for f in fields if f.column not in ("number", "turn"))
    names = ", ".join(f'"{f.column}"' for f in fields)
    table = row._meta.db_table
    sql = f"""
        with drawn as (
            insert into kernel_counter (community_id, series, day, last) values (%s, %s, %s, 1)
            on conflict (community_id, series, day) do update set last = kernel_counter.last + 1
            returning last)
        insert into "{table}" ({names}, turn, number)
        select {", ".join(["%s"] * len(fields))}, drawn.last,
               %s || lpad(drawn.last::text, greatest(3, length(drawn.last::text)), '0')
        from drawn returning number, turn"""
    community = row.community_id  # type: ignore[attr-defined]
    return sql, [community, series, day, *_values(row, fields), prefix]


def read(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement in the open transaction, in the protocol's binary form: thousands of moments at once."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return psycopg.Cursor(connection.connection).execute(sql, params, binary=True).fetchall()
