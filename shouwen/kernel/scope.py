"""What every scoped table shares: the community key, and the one way in which rows reach a door."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

from shouwen.kernel.actors import Actor

R = TypeVar("R", bound=models.Model)


class ScopedQuerySet(models.QuerySet[R]):
    """Rows that carry ``community_id``. Rooms narrow ``visible_to`` where a right decides."""

    def visible_to(self, viewer: Actor) -> Self:
        """The rows in the communities where the viewer holds any grant."""
        return self.filter(community_id__in=viewer.communities)


def by_key(rows: models.QuerySet[R]) -> dict[Any, R]:
    """The rows by primary key: for joining a page of one room with rows of another."""
    return {row.pk: row for row in rows}
