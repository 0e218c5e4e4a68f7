"""What may come in: texts without NUL, keys that the database knows, moments within a lifetime of records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shouwen.kernel import limits

BIGINT = 2**63 - 1
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def without_nul(value: Any) -> Any:
    """Texts, also inside lists and objects, that PostgreSQL and UTF-8 can hold."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("NUL")
        value.encode()  # a lone surrogate is no character; UnicodeEncodeError is a ValueError
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            without_nul(part)
    elif isinstance(value, list):
        for part in value:
            without_nul(part)
    return value


def within_records(value: datetime) -> datetime:
    """Aware (a moment without an offset is Chinese time), between 2000 and 2100."""
    moment = timezone.make_aware(value) if value.tzinfo is None else value
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("2000-2100")
    return moment


Key = Annotated[int, Field(ge=1, le=BIGINT)]
Moment = Annotated[datetime, AfterValidator(within_records)]
Mark = Annotated[str, StringConstraints(max_length=1000), AfterValidator(without_nul)]
Ask = Annotated[str, StringConstraints(max_length=limits.QUERY), AfterValidator(without_nul)]
Code = Annotated[str, StringConstraints(max_length=40), AfterValidator(without_nul)]
Size = Annotated[int, Field(ge=1, le=limits.PAGE_MOST)]
Idempotency = Annotated[str, StringConstraints(max_length=200, pattern=r"^[!-~]*$")]


def text(most: int, least: int = 0) -> Any:
    """A text of at most so many characters."""
    return Annotated[str, StringConstraints(min_length=least, max_length=most), AfterValidator(without_nul)]


class Paging(BaseModel):
    """The page wanted: ``page`` is the ``next`` or ``previous`` of an earlier answer."""

    page: Mark = ""
    size: Size = limits.PAGE


Pages = Query[Paging]
