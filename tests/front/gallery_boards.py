"""Sample contexts of dispatch, technician, supervisor, intake, print."""

from collections.abc import Iterator
from typing import Any

Page = tuple[str, str, dict[str, Any]]


def board_pages() -> Iterator[Page]:
    yield from ()
