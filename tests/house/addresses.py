"""Every address of the house, read from the resolver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """A named address; ``space`` is its namespace, ``fields`` what it needs."""

    name: str
    space: str
    fields: tuple[str, ...]
    view: Any

    @property
    def full(self) -> str:
        return f"{self.space}:{self.name}" if self.space else self.name


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, space: str, outer: tuple[str, ...]) -> Iterator[Address]:
    for part in resolver.url_patterns:
        fields = (*outer, *part.pattern.converters)
        if isinstance(part, URLPattern):
            yield Address(part.name or str(part.pattern), space, fields, part.callback)
        else:
            yield from _walk(part, ":".join(filter(None, (space, part.namespace))), fields)
