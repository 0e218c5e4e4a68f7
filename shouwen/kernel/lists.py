"""Lists whose cost does not grow with the table: keyset pages and capped counts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet

R = TypeVar("R", bound=Model)
CAP = 999
MARK = 1000


@dataclass(frozen=True)
class Page(Generic[R]):
    """A page of rows, with the marks that lead to the next one and back; empty where there is none."""

    rows: list[R]
    next: str = ""
    previous: str = ""


@dataclass(frozen=True)
class Told:
    """A question that can be answered in two ways with the same hits: by an index, or row by row.

    An index that finds a tenth of a large table must bring all of it before it can be sorted; reading the first
    ``reach`` rows of the list fills the page at once. What is rarer is the index's.
    """

    index: Callable[[QuerySet[Any]], QuerySet[Any]]
    scan: Callable[[QuerySet[Any]], QuerySet[Any]]
    reach: int


def capped_count(rows: QuerySet[Any], cap: int = CAP) -> int:
    """How many rows there are, counting no further than ``cap`` + 1."""
    return int(rows.order_by()[: cap + 1].count())


def keyset(
    rows: QuerySet[R], keys: Sequence[str], mark: str = "", size: int = 50, told: Told | None = None
) -> Page[R]:
    """The page of ``rows`` after ``mark`` in the order of ``keys`` (``-field`` descends; the last key is unique).

    No key may be null. A mark that was tampered with or belongs to another order starts from the beginning.
    ``told`` narrows the rows further; an index must serve the order of ``rows`` without it.
    """
    backwards, values = _decode(rows.model, keys, mark)
    order = [turned(k) for k in keys] if backwards else list(keys)
    if values:
        rows = rows.filter(_beyond(order, values))
    found = _first(rows.order_by(*order), order[0], size + 1, told)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([])
    first, last = (_encode(row, keys) for row in (found[0], found[-1]))
    has_next, has_previous = (True, more) if backwards else (more, bool(values))
    return Page(found, "+" + last if has_next else "", "-" + first if has_previous else "")


def _first(rows: QuerySet[R], key: str, count: int, told: Told | None) -> list[R]:
    """The first ``count`` of ordered rows that the question finds."""
    if told is None:
        return list(rows[:count])
    name, side = (key[1:], "gte") if key.startswith("-") else (key, "lte")
    edge = rows.values(name)[told.reach : told.reach + 1]
    near = list(told.scan(rows.filter(**{f"{name}__{side}": edge}))[:count])
    return near if len(near) == count else list(told.index(rows)[:count])


def turned(key: str) -> str:
    """The key of the order the other way round."""
    return key[1:] if key.startswith("-") else "-" + key


def _beyond(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after ``values``. The first key's bare bound lets the index be entered at the right place."""
    wanted, equal = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name, side = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        wanted |= equal & Q(**{f"{name}__{side}": value})
        equal &= Q(**{name: value})
    name, side = (keys[0][1:], "lte") if keys[0].startswith("-") else (keys[0], "gte")
    return Q(**{f"{name}__{side}": values[0]}) & wanted


def _encode(row: Model, keys: Sequence[str]) -> str:
    values = [_value(row, key.lstrip("-")) for key in keys]
    text = json.dumps(values, cls=_Exact)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class _Exact(DjangoJSONEncoder):
    """Moments keep their microseconds: a rounded mark would skip or repeat rows."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _decode(model: type[Model], keys: Sequence[str], mark: str) -> tuple[bool, list[Any]]:
    if mark[:1] not in ("+", "-") or len(mark) > MARK:
        return False, []
    text = mark[1:] + "=" * (-len(mark[1:]) % 4)
    try:
        values = json.loads(base64.urlsafe_b64decode(text))
        if not isinstance(values, list):
            return False, []
        return mark[0] == "-", [_typed(model, k, v) for k, v in zip(keys, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        return False, []


def _typed(model: type[Model], key: str, value: Any) -> Any:
    """A value of a mark as its column takes it: marks come back from strangers."""
    if value is None or isinstance(value, (list, dict)) or (isinstance(value, str) and "\0" in value):
        raise ValueError(key)
    field = _field(model, key.lstrip("-"))
    if field is None:
        return value
    if (found := field.to_python(value)) is None:
        raise ValueError(key)
    return found


def _field(model: type[Model], path: str) -> Any:
    """The column behind a key; None for what a query computes."""
    field: Any = None
    for name in path.split("__"):
        try:
            field = (field.related_model if field is not None else model)._meta.get_field(name)
        except (FieldDoesNotExist, AttributeError):
            return None
    return field.target_field if getattr(field, "is_relation", False) else field
