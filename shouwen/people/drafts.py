"""What somebody has typed and not sent: kept for a week under their own name, sealed, for their next computer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shouwen.kernel import clock
from shouwen.people.models import Draft

KEPT: Final = timedelta(days=7)
MOST: Final = 200
"""Drafts of one person: beyond that the oldest go."""

Values = dict[str, str | list[str]]
"""By the names of the fields: words, and of choices the values chosen."""


def keep(staff_id: int, form: str, values: Values) -> datetime:
    """Keep what stands in a form, in place of what stood there before."""
    at = clock.now()
    told = {"words": json.dumps(values, ensure_ascii=False), "at": at}
    Draft.objects.update_or_create(staff_id=staff_id, form=form, defaults=told)
    mine = Draft.objects.filter(staff_id=staff_id)
    Draft.objects.filter(pk__in=list(mine.order_by("-at").values_list("pk", flat=True)[MOST:])).delete()
    return at


def kept(staff_id: int, form: str) -> tuple[datetime, Values] | None:
    """What this person left in this form within the last days; nobody else's is ever found."""
    row = Draft.objects.filter(staff_id=staff_id, form=form, at__gt=clock.now() - KEPT).first()
    return (row.at, json.loads(str(row.words))) if row else None


def drop(staff_id: int, forms: Iterable[str]) -> None:
    """Sent or thrown away."""
    Draft.objects.filter(staff_id=staff_id, form__in=list(forms)).delete()


def forget() -> int:
    """Empty what is older than a week; how many there were."""
    return Draft.objects.filter(at__lte=clock.now() - KEPT).delete()[0]
