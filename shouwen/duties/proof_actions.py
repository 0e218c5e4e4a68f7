"""What people do with a duty whose proof no room writes: sign for it, count towards it, excuse it, hand it over.

A signature has words and a picture or file; it makes a duty attested, never proven.
"""

from __future__ import annotations

from uuid import UUID

from shouwen.duties.clauses import book
from shouwen.duties.grammar import Clause
from shouwen.duties.laying import speaks
from shouwen.duties.models import Duty, Evidence, Tally
from shouwen.duties.rulings import asking
from shouwen.estate.models import Unit
from shouwen.kernel import approval, clock, files
from shouwen.kernel.actors import Actor
from shouwen.kernel.approval import PASSED, RETURNED, Signature, Step
from shouwen.kernel.files import Prepared
from shouwen.kernel.journal import frame, record
from shouwen.kernel.models import Entry
from shouwen.kernel.refusals import NotAllowed, NotFound, Refused
from shouwen.people import who
from shouwen.people.absences import stood_for

GIVE, EXCUSE = "duty.give", "duty.excuse"


def attest(duty_id: UUID, *, actor: Actor, words: str, file: Prepared | None) -> Duty:
    """Sign for a duty, with words and a picture or file; a quota counts it as one."""
    with frame(actor):
        duty, clause = _owed(duty_id, actor)
        _is_time(duty)
        if clause.step:
            raise Refused("duty.step")
        if clause.quota:
            raise Refused("duty.quota")
        keep_evidence(duty, Evidence.Kind.ATTEST, words, file, actor=actor)
        record("duty:attested", duty, clause=duty.clause)
    return fresh(duty)


def log(
    duty_id: UUID,
    *,
    actor: Actor,
    words: str,
    file: Prepared | None,
    unit_id: int | None = None,
    amount: int = 1,
) -> Duty:
    """Count one interview, one round, some minutes towards a quota."""
    with frame(actor):
        duty, clause = _owed(duty_id, actor)
        _is_time(duty)
        if clause.quota is None:
            raise Refused("duty.no_quota")
        if not 0 < amount <= 10_000 or (amount != 1 and not clause.quota.sum):
            raise Refused("duty.amount")
        key = _key(clause, duty, unit_id)
        if key and _counted(duty, key):
            raise Refused("duty.counted")
        keep_evidence(duty, Evidence.Kind.LOG, words, file, actor=actor, unit_id=unit_id, amount=amount)
        record("duty:logged", duty, clause=duty.clause, key=key or None, amount=amount)
    return fresh(duty)


def ask_excuse(duty_id: UUID, *, actor: Actor, words: str, file: Prepared | None = None) -> Evidence:
    """Ask to be excused: the words wait for somebody who may."""
    with frame(actor):
        duty, _clause = _owed(duty_id, actor)
        row = keep_evidence(duty, Evidence.Kind.ASK, words, file, actor=actor, needs_file=False)
        record("excuse:asked", duty, clause=duty.clause)
    return row


def excuse(duty_id: UUID, *, actor: Actor, words: str) -> Duty:
    """Excuse a duty, with a reason; nobody excuses their own."""
    with frame(actor):
        duty = _locked(duty_id, actor)
        if not actor.may(EXCUSE, duty.community_id):
            raise NotAllowed("duty.right")
        if (duty.owner_id is not None and duty.owner_id == actor.staff_id) or (
            duty.owner_id in {absent.id for absent in stood_for(actor.staff_id)}
        ):
            raise Refused("duty.own_excuse")
        keep_evidence(duty, Evidence.Kind.EXCUSE, words, None, actor=actor, needs_file=False)
        record("duty:excused", duty, clause=duty.clause)
    return fresh(duty)


def delegate(duty_id: UUID, *, actor: Actor, to: int) -> Duty:
    """Hand a duty to a colleague of the community, by right."""
    with frame(actor):
        duty = _locked(duty_id, actor)
        if not actor.may(GIVE, duty.community_id):
            raise NotAllowed("duty.right")
        if to == duty.about_id or to not in who.colleagues(duty.community_id):
            raise Refused("duty.to")
        if duty.owner_id == to:
            raise Refused("duty.has_it")
        record("duty:delegated", duty, clause=duty.clause, to=to)
    return fresh(duty)


def sign(
    duty_id: UUID,
    *,
    actor: Actor,
    result: str = PASSED,
    words: str,
    file: Prepared | None,
    document: bool = False,
) -> Duty:
    """Sign a step of a chain, or return the document to its first step.

    ``document``: a room of the house holds what is signed, so that the step is proven; else it is attested.
    """
    with frame(actor):
        duty, clause = _owed(duty_id, actor)
        if clause.step is None or duty.period is None:
            raise Refused("duty.no_step")
        if result not in (PASSED, RETURNED) or (result == RETURNED and not clause.step.after):
            raise Refused("duty.result")
        keep_evidence(
            duty, Evidence.Kind.SIGN, words, file, actor=actor, needs_file=not document and result == PASSED
        )
        names = _ready(duty, clause, clause.step.name, result)
        Signature(
            community_id=duty.community_id, document=duty.matter_id, step=clause.step.name, result=result,
            by_id=actor.staff_id or 0, at=clock.now(),
        ).save(force_insert=True)  # fmt: skip
        record(
            "step:signed", duty, clause=duty.clause, chain=clause.step.chain, step=clause.step.name,
            period=duty.period.isoformat(), result=result, ready=" ".join(names), document=document,
        )  # fmt: skip
    return fresh(duty)


def chain_of(chain: str) -> list[Clause]:
    """The steps of a chain, in order."""
    return [c for c in book().clauses.values() if c.step and c.step.chain == chain]


def _ready(duty: Duty, clause: Clause, name: str, result: str) -> list[str]:
    """The steps that the signature makes ready; conditions are judged as they were when the chain was born."""
    assert clause.step is not None
    assert duty.period is not None
    steps = chain_of(clause.step.chain)
    frozen = Entry.objects.filter(
        community_id=duty.community_id, verb="day:opened", data__on=duty.period.isoformat()
    ).values_list("data", flat=True)
    ask = asking(duty.community_id, duty.born_at)
    data = frozen.first() or {}
    skipped = [c.step.name for c in steps if c.step and not speaks(c, data, duty.period, ask)]
    plan = [Step(c.step.name, c.step.after) for c in steps if c.step]
    return approval.made_ready(plan, approval.signed(duty.matter_id), name, result, skipped)


# --- shared -------------------------------------------------------------------------------------------------------


def owes(duty: Duty, actor: Actor) -> bool:
    """Whether the duty is the actor's: by name, through a post held there, or for whom they stand in today."""
    return _is_of(duty, actor) or any(_is_of(duty, absent) for absent in stood_for(actor.staff_id))


def _is_of(duty: Duty, actor: Actor) -> bool:
    if duty.owner_id is not None:
        return duty.owner_id == actor.staff_id
    held: dict[int, frozenset[str]] = getattr(actor, "posts", {})
    return duty.owner_role in held.get(duty.community_id, frozenset())


def _locked(duty_id: UUID, actor: Actor) -> Duty:
    """The open duty, locked, through the actor's scope."""
    duty = Duty.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=duty_id).first()
    if duty is None:
        raise NotFound("not_found")
    if duty.ended_at is not None:
        raise Refused("duty.ended", state=duty.get_state_display())
    return duty


def _owed(duty_id: UUID, actor: Actor) -> tuple[Duty, Clause]:
    """The duty of somebody who owes it, or who may sign for others, with its clause."""
    duty = _locked(duty_id, actor)
    if not owes(duty, actor) and not actor.may(GIVE, duty.community_id):
        raise NotAllowed("duty.right")
    clause = book().clause(duty.clause)
    if clause is None:
        raise Refused("duty.clause")
    return duty, clause


def _is_time(duty: Duty) -> None:
    if duty.opens_at and duty.opens_at > clock.now():
        raise Refused("duty.too_early", at=clock.said(duty.opens_at))
    if duty.lapses_at and duty.lapses_at < clock.now():
        raise Refused("duty.ended", state=Duty.State.BREACHED.label)


def keep_evidence(
    duty: Duty,
    kind: str,
    words: str,
    file: Prepared | None,
    *,
    actor: Actor,
    needs_file: bool = True,
    unit_id: int | None = None,
    amount: int | None = None,
) -> Evidence:
    """Keep the words and the file of a signature; refused without."""
    if not words.strip():
        raise Refused("duty.words")
    if needs_file and file is None:
        raise Refused("duty.file")
    if actor.staff_id is None:
        raise NotAllowed("duty.right")
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, community_id=duty.community_id).exists():
        raise NotFound("not_found")
    kept = files.keep(file, actor=actor, community_id=duty.community_id) if file else None
    row = Evidence(
        community_id=duty.community_id, duty_id=duty.pk, kind=kind, words=words.strip()[:500], file=kept,
        unit_id=unit_id, amount=amount, at=clock.now(), by_id=actor.staff_id,
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def _key(clause: Clause, duty: Duty, unit_id: int | None) -> str:
    """What a quota counts once: the unit, where the clause says so."""
    if clause.quota is None or not clause.quota.distinct:
        return ""
    if unit_id is None:
        raise Refused("duty.unit")
    return str(unit_id)


def _counted(duty: Duty, key: str) -> bool:
    return Tally.objects.filter(duty_id=duty.pk, key=key).exists()


def fresh(duty: Duty) -> Duty:
    """The row as the facts left it."""
    duty.refresh_from_db()
    return duty
