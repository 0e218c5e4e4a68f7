"""抽查: a sample of ended duties that anybody can draw again, what was found of each, and corrections that are duties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from shouwen.duties import rulings
from shouwen.duties.clauses import book
from shouwen.duties.draws import choose
from shouwen.duties.models import Audit, Duty, Finding, Task
from shouwen.duties.occasion_actions import given
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.clock import end_of_day, start_of_day
from shouwen.kernel.ids import first_id
from shouwen.kernel.journal import frame, record
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people.models import Grant

AUDIT = "duty.audit"
MOST = 50
SETTLED = timedelta(minutes=1)
"""What was written in the last minute is left out: another transaction may still commit beside it."""
LONGEST = 400
"""Days that one audit may look at."""


def pool_of(community_id: int, clause: str, first: date, last: date, until: datetime) -> QuerySet[Duty]:
    """The duties that fell due on these days and were known to have ended by ``until``; of all clauses where it is empty.

    What has ended never changes. The key of the fact that ended it tells when that was written: a lapse is dated back
    to the end of its period. So the pool is the same whenever it is asked for. Duties about a colleague are left out:
    the list must be the same for whoever draws it again.
    """
    zone = rulings.zone_of(community_id)
    rows = Duty.objects.filter(
        community_id=community_id, due_at__gte=start_of_day(first, zone), due_at__lte=end_of_day(last, zone),
        ended_by__lt=first_id(until - SETTLED), about_id__isnull=True,
    ).exclude(state=Duty.State.VOID)  # fmt: skip
    return rows.filter(clause=clause) if clause else rows


def draw(
    community_id: int, *, actor: Actor, clause: str, first: date, last: date, size: int, seed: str = ""
) -> Audit:
    """Draw so many duties of these days; without a seed the moment gives one. Seed, pool and ids are on record."""
    _may(community_id, actor)
    if clause and book().clause(clause) is None:
        raise Refused("audit.clause")
    if first > last or (last - first).days > LONGEST:
        raise Refused("audit.days")
    if not 0 < size <= MOST:
        raise Refused("audit.size", most=MOST)
    with frame(actor):
        now = clock.now()
        keys = [
            str(key) for key in pool_of(community_id, clause, first, last, now).values_list("pk", flat=True)
        ]
        if not keys:
            raise Refused("audit.empty")
        row = Audit(
            community_id=community_id, clause=clause, first=first, last=last, seed=seed.strip()[:20] or f"{now:%m%d%H%M%S}",
            size=size, pool=len(keys), drawn_at=now, drawn_by_id=_person(actor),
        )  # fmt: skip
        row.ids = [UUID(key) for key in choose(row.seed, keys, size)]
        row.save(force_insert=True)
        record(
            "audit:drawn", row, clause=clause or None, first=first.isoformat(), last=last.isoformat(), seed=row.seed,
            size=size, pool=row.pool, ids=" ".join(str(key) for key in row.ids),
        )  # fmt: skip
    return row


def drawn_again(audit: Audit) -> Sequence[UUID]:
    """The list once more, from its seed and the duties as they had ended by then: the same as ``ids``."""
    rows = pool_of(audit.community_id, audit.clause, audit.first, audit.last, audit.drawn_at)
    keys = (str(key) for key in rows.values_list("pk", flat=True))
    return [UUID(key) for key in choose(audit.seed, keys, audit.size)]


def find(
    audit_id: UUID,
    duty_id: UUID,
    *,
    actor: Actor,
    passed: bool,
    words: str = "",
    owner_id: int | None = None,
    due: datetime | None = None,
) -> Finding:
    """Say what was found of one sampled duty; not passed wants words, and may give a colleague the correction."""
    with frame(actor):
        audit = Audit.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=audit_id).first()
        if audit is None or duty_id not in audit.ids:
            raise NotFound("not_found")
        _may(audit.community_id, actor)
        if not passed and not words.strip():
            raise Refused("audit.words")
        if (owner_id is None) != (due is None) or (passed and owner_id is not None):
            raise Refused("audit.correction")
        if Finding.objects.filter(audit=audit, duty_id=duty_id).exists():
            raise Refused("audit.found")
        if Duty.objects.filter(pk=duty_id, owner_id=_person(actor)).exists():
            raise Refused("audit.own")
        row = Finding(
            community_id=audit.community_id, audit=audit, duty_id=duty_id, passed=passed, words=words.strip()[:500],
            at=clock.now(), by_id=_person(actor),
        )  # fmt: skip
        if owner_id is not None and due is not None:
            row.task = _correction(audit, words, owner_id, due, actor)
        row.save(force_insert=True)
        record("audit:found", audit, duty=str(duty_id), passed=passed)
        _settle(audit)
    return row


def _settle(audit: Audit) -> None:
    """Once every sampled duty is judged the audit proves itself, for each post that all its judges hold (E-1.5.6)."""
    found = list(Finding.objects.filter(audit=audit).values_list("by", "passed"))
    if len(found) < len(audit.ids):
        return
    passed = sum(good for _by, good in found)
    posts: list[str | None] = [*sorted(_posts(audit, {by for by, _good in found}))]
    for post in posts or [None]:
        record(
            "audit:settled",
            audit,
            clause=audit.clause or None,
            post=post,
            passed=passed,
            failed=len(found) - passed,
        )


def _posts(audit: Audit, judges: set[int]) -> set[str]:
    grants = Grant.objects.reaching([audit.community_id]).filter(staff__in=judges)
    held: dict[int, set[str]] = {judge: set() for judge in judges}
    for judge, post in grants.values_list("staff", "post"):
        held[judge].add(post)
    return set.intersection(*held.values())


def _correction(audit: Audit, words: str, owner_id: int, due: datetime, actor: Actor) -> Task:
    """A correction is a task, and so a duty like any other."""
    return given(audit.community_id, actor=actor, words=words, owner_id=owner_id, due=due)


def _may(community_id: int, actor: Actor) -> None:
    if community_id not in actor.communities:
        raise NotFound("not_found")
    if not actor.may(AUDIT, community_id):
        raise NotAllowed("duty.right")


def _person(actor: Actor) -> int:
    if actor.staff_id is None:
        raise NotAllowed("duty.right")
    return actor.staff_id
