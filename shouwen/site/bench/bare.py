"""What intake is measured against: a plain view with four ORM inserts in one ``atomic``, behind the same door.

Mounted only in the processes that a benchmark starts (``SHOUWEN_BENCH=1``).
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Status

from shouwen.api.auth import actor
from shouwen.api.cases import CaseIn
from shouwen.api.door import answers
from shouwen.api.schemas import CaseOut, case_row
from shouwen.cases.models import Case, Note
from shouwen.kernel import clock
from shouwen.kernel.ids import uuid7
from shouwen.kernel.models import Delivery, Entry

router = Router(tags=["bench"])


@router.post("", response=answers({201: CaseOut}))
def bare(request: HttpRequest, payload: CaseIn) -> Any:
    """A case, a note, a journal entry and a delivery: the least that such a view would write."""
    me, now = actor(request, "case.register"), clock.now()
    with transaction.atomic():
        case = Case(
            community_id=me.community_id, number=uuid4().hex[:20], turn=0, kind=payload.kind, category_id=payload.category,
            unit_id=payload.unit_id, place="1-1-0001", title=payload.title, words=payload.words,
            first_responder_id=me.staff_id, happened_at=now, recorded_at=now, opened_at=now,
        )  # fmt: skip
        case.save(force_insert=True)
        Note(community_id=me.community_id, case_id=case.pk, words=payload.words, at=now).save(
            force_insert=True
        )
        entry = Entry(
            community_id=me.community_id, subject_kind="case", subject_id=str(case.pk), matter_id=case.pk,
            verb="case:registered", actor_kind=me.kind, actor_id=me.id, at=now, recorded_at=now, data={},
        )  # fmt: skip
        entry.save(force_insert=True)
        Delivery(entry_id=uuid7(), reader="bench", run_at=now).save(force_insert=True)
    return Status(201, case_row(case))
