"""What is owed now, for machines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel

from shouwen.api.auth import actor
from shouwen.api.cases import SEE
from shouwen.api.door import answers
from shouwen.api.fields import Key, Pages
from shouwen.api.schemas import DutyOut, Rows, listed
from shouwen.cases.models import Case
from shouwen.duties.models import Duty
from shouwen.kernel import clock

router = Router(tags=["duties"])


class DutyFilter(BaseModel):
    owner_id: Key | None = None
    matter_id: UUID | None = None
    overdue: bool = False


@router.get("", response=answers(Rows[DutyOut]), summary="应办")
def list_duties(request: HttpRequest, wanted: Query[DutyFilter], pages: Pages) -> Any:
    """Open duties of cases that the token may see, the most pressing first."""
    me = actor(request, *SEE)
    rows = (
        Duty.objects.visible_to(me).open().filter(**wanted.model_dump(exclude_none=True, exclude={"overdue"}))
    )
    rows = rows.filter(Exists(Case.objects.visible_to(me).filter(pk=OuterRef("matter_id"))))
    if wanted.overdue:
        rows = rows.filter(state=Duty.State.OPEN, due_at__lt=clock.now())
    return listed(rows, ("due_at", "id"), pages)
