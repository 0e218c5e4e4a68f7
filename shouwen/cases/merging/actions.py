"""Merging: one matter that was reported twice goes on as one case, and nobody who reported it is forgotten.

Nothing is moved. The merged case keeps its words, pictures and asker, its facts stay true, and its household reads no
more of the other one than how far it is. Whoever looks at the kept case at the desk sees both.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shouwen.cases.flow import CASE
from shouwen.cases.models import OPEN, Case
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import Data, frame, record
from shouwen.kernel.refusals import NotFound, Refused


def kept_of(case: Case, number: str, viewer: Actor) -> UUID:
    """The key of the case of this number in the same community, followed to where it was merged itself."""
    rows = Case.objects.visible_to(viewer).filter(community_id=case.community_id, number=number)
    found = rows.values_list("pk", "merged_into_id").first()
    if found is None:
        raise Refused("case.merge_unknown", number=number)
    return found[1] or found[0]


@CASE.move("merge")
def _merge(case: Case, *, actor: Actor, into: UUID) -> Data:
    """Close ``case`` as a duplicate of the open case ``into`` (E-1.4: that one's first responder answers for both)."""
    kept = Case.objects.visible_to(actor).filter(pk=into, community_id=case.community_id).first()
    if kept is None:
        raise NotFound("not_found")
    _alike(case, kept)
    case.merged_into, case.closed_at = kept, clock.now()
    # What was merged into this one goes along, so that every address leads straight to the open case.
    Case.objects.filter(merged_into=case.pk).update(merged_into=kept)
    record("case:joined", kept, case=str(case.pk))
    return {"case": str(kept.pk)}


def merge(key: Any, *, actor: Actor, into: UUID, version: int | None = None) -> Case:
    """Close the case ``key`` as merged into ``into``.

    Both are locked in the order of their keys: two colleagues who merge the same two cases into each other wait for
    one another, and the second is refused.
    """
    with frame(actor):
        keys = [key.pk if isinstance(key, Case) else key, into]
        seen = Case.objects.visible_to(actor).filter(pk__in=keys).order_by("pk")
        list(seen.select_for_update(of=("self",)).values_list("pk"))
        return _merge(key, actor=actor, version=version, into=into)


CASE.actions["merge"] = merge


def _alike(case: Case, kept: Case) -> None:
    """Only into an open case of the same kind, about the same colleague: who is complained of must not read it there."""
    if kept.pk == case.pk:
        raise Refused("case.merge_itself")
    if kept.state not in OPEN:
        raise Refused("case.merge_closed", number=kept.number)
    if kept.kind != case.kind:
        raise Refused("case.merge_kind", number=kept.number, kind=kept.get_kind_display())
    if kept.about_id != case.about_id:
        raise Refused("case.merge_about")
