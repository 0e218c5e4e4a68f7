"""Every change of a case that has a business name. Each is one transaction; ``actor`` is keyword-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shouwen.cases.calling.times import hours_text, window_end
from shouwen.cases.flow import CASE
from shouwen.cases.models import LEVELS, Case, Category, FollowUp, Kind, Note, Photo, State
from shouwen.cases.recognise import suggest
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import Data, current, record
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import clean
from shouwen.people import who

ATTEMPTS, DAYS = 3, 2
URGE_EVERY = timedelta(minutes=30)


def keep_words(case: Case, kind: str, words: str, actor: Actor, *, must: bool = True) -> None:
    """Keep the words of the move now running in the room's own row; the journal holds none."""
    words = clean(words)
    if must and not words:
        raise Refused("case.words")
    if words:
        staff = actor.id if actor.kind == "staff" else None
        Note.objects.create(
            community_id=case.community_id,
            case_id=case.pk,
            entry_id=current().fact_id,
            staff_id=staff,
            kind=Note.Kind.SAID if actor.kind == "resident" else kind,
            words=words,
            at=clock.now(),
        )


def follow_up_by(case: Case, *, gone: int | None = None) -> int:
    """Who calls back: the first responder, or somebody else of the desk if the first responder did the work.

    Never ``gone``, who is about to leave.
    """
    if case.kind != Kind.REPAIR or case.handler_id != case.first_responder_id:
        return case.first_responder_id
    others = [s for s in who.holders(case.community_id, "case.follow_up") if s not in (case.handler_id, gone)]
    return others[0] if others else who.fallback_of(case.community_id)


def _done(case: Case) -> None:
    case.done_at = clock.now()
    record("case:done", case, now=case.state, follow_up_by=follow_up_by(case))


def _satisfy(case: Case, *, on_the_spot: bool) -> None:
    case.state, case.closed_at, case.satisfied = State.SATISFIED, clock.now(), True
    record("case:satisfied", case, now=case.state, on_the_spot=on_the_spot)


@CASE.move("answer")
def answer(case: Case, *, actor: Actor, words: str, on_the_spot: bool = False) -> None:
    """Answer an inquiry; the asker's yes on the spot closes it, else a follow-up is owed (E-1.3.2)."""
    keep_words(case, Note.Kind.ANSWER, words, actor)
    case.answered_at = case.answered_at or clock.now()
    if on_the_spot:
        case.done_at = clock.now()
        _satisfy(case, on_the_spot=True)
    else:
        _done(case)


@CASE.move("classify")
def classify(case: Case, *, actor: Actor, level: int, severity: str, handler_id: int | None = None) -> Data:
    """Class 1 service, 2 developer, 3 external; minor or major; its owner by class (C-4.3b.3)."""
    if level not in LEVELS or severity not in Case.Severity.values:
        raise Refused("case.words")
    case.level, case.severity = level, severity
    case.handler_id = _may_handle(case, handler_id or _owner_by_class(case))
    return {"level": level, "severity": severity, "handler": case.handler_id}


def _owner_by_class(case: Case) -> int:
    """Minor service complaints stay with the handler; class 2 goes to the supervisor, class 3 and major above."""
    posts = {1: (), 2: ("cs_supervisor",), 3: ("centre_manager", "office_manager")}[case.level or 1]
    if case.severity == Case.Severity.MAJOR:
        posts = ("centre_manager", "office_manager", "cs_supervisor")
    for post in posts:
        for staff in who.holders(case.community_id, post):
            if staff != case.about_id:
                return staff
    if case.handler_id and case.handler_id != case.about_id:
        return case.handler_id
    above = who.superior_of(case.first_responder_id, case.community_id)
    return above or who.fallback_of(case.community_id)


def _may_handle(case: Case, staff_id: int) -> int:
    if staff_id == case.about_id:
        raise Refused("case.about_handler")
    if staff_id not in who.holders(case.community_id, "case.answer"):
        raise Refused("case.handler_out")
    return staff_id


@CASE.move("reply")
def reply(case: Case, *, actor: Actor, words: str) -> None:
    """A clear reply to the complainant within the policy's time (E-1.5.2)."""
    keep_words(case, Note.Kind.ANSWER, words, actor)
    case.answered_at = case.answered_at or clock.now()


@CASE.move("solve")
def solve(case: Case, *, actor: Actor, words: str) -> None:
    """The complaint is dealt with; the complainant is asked next."""
    keep_words(case, Note.Kind.RESULT, words, actor)
    _done(case)


@CASE.move("hand")
def hand(case: Case, *, actor: Actor, handler_id: int, words: str = "") -> Data:
    """Pass the matter on; the first responder stays (E-1.4)."""
    if handler_id == case.handler_id:
        raise Refused("case.same_handler", name=str(case.handler))
    case.handler_id = _may_handle(case, handler_id)
    keep_words(case, Note.Kind.REASON, words, actor, must=False)
    return {"handler": handler_id}


@CASE.move("follow_up")
def follow_up(
    case: Case, *, actor: Actor, outcome: str, satisfied: bool | None = None, words: str = ""
) -> Data:
    """One attempt to call back (E-1.5.1). Satisfied closes, not satisfied reopens, no contact leaves it owed."""
    if outcome not in FollowUp.Outcome.values:
        raise Refused("case.words")
    reached = outcome == FollowUp.Outcome.REACHED
    if reached and satisfied is None:
        raise Refused("case.satisfied_unsaid")
    _attempt(case, actor, outcome, satisfied if reached else None, words)
    if reached and satisfied:
        _satisfy(case, on_the_spot=False)
    elif reached:
        _reopen(case)
    return {"outcome": outcome, "satisfied": satisfied if reached else None}


def _attempt(case: Case, actor: Actor, outcome: str, satisfied: bool | None, words: str) -> None:
    FollowUp.objects.create(
        community_id=case.community_id,
        case=case,
        entry_id=current().fact_id,
        staff_id=_caller(case, actor),
        outcome=outcome,
        satisfied=satisfied,
        words=clean(words),
        at=clock.now(),
    )


def _caller(case: Case, actor: Actor) -> int | None:
    """Who asked; nobody where the household spoke for itself."""
    if actor.kind == "resident":
        return None
    return actor.id if actor.kind == "staff" and actor.id else case.first_responder_id


def _reopen(case: Case) -> None:
    """Not satisfied: a repair goes back to the board, anything else back to its handler."""
    case.reopened += 1
    case.satisfied, case.done_at = False, None
    case.state = State.RECEIVED if case.kind == Kind.REPAIR else State.WORKING
    if case.kind == Kind.REPAIR:
        case.handler_id = None
    record(
        "case:reopened",
        case,
        was=State.DONE,
        now=case.state,
        handler=case.handler_id,
        trade=case.category.trade,
    )


@CASE.move("close_unconfirmed")
def close_unconfirmed(case: Case, *, actor: Actor, words: str) -> None:
    """Three attempts on two days without contact: closed, and counted apart from satisfied.

    A household that answered and would not say counts as an attempt too, or its case could never be closed.
    """
    moments = case.follow_ups.exclude(outcome=FollowUp.Outcome.REACHED).filter(
        at__gte=case.done_at or case.opened_at
    )
    tried = [clock.local(at).date() for at in moments.values_list("at", flat=True)]
    if len(tried) < ATTEMPTS or len(set(tried)) < DAYS:
        raise Refused("case.attempts", attempts=len(tried), days=len(set(tried)))
    keep_words(case, Note.Kind.REASON, words, actor)
    case.closed_at = clock.now()


@CASE.move("cancel")
def cancel(case: Case, *, actor: Actor, by: str, words: str) -> Data:
    """Cancelled, and by whom: the resident, or the centre (a duplicate, a slip)."""
    if by not in ("resident", "centre"):
        raise Refused("case.words")
    keep_words(case, Note.Kind.REASON, words, actor)
    case.closed_at = clock.now()
    return {"by": by}


def may_be_urged_at(case: Case) -> datetime:
    """From when on the household may urge: half an hour after it reported or last urged."""
    return (case.urged_at or case.opened_at) + URGE_EVERY


@CASE.move("urge")
def urge(case: Case, *, actor: Actor, words: str = "") -> None:
    """The resident, or the first responder for them, asks again. A resident at most every half hour."""
    now = clock.now()
    if actor.kind == "resident" and (wait := may_be_urged_at(case) - now) > timedelta():
        raise Refused("case.urged_lately", minutes=-(-int(wait.total_seconds()) // 60))
    case.urges, case.urged_at = case.urges + 1, now
    keep_words(case, Note.Kind.NOTE, words, actor, must=False)


@CASE.move("promise")
def promise(
    case: Case,
    *,
    actor: Actor,
    preferred_at: datetime,
    preferred_until: datetime | None = None,
    words: str = "",
) -> Data:
    """Agree another time with the resident: a moment, or hours of one day, which may have begun already."""
    ends = window_end(preferred_at, preferred_until)
    if (ends or preferred_at) < clock.now():
        raise Refused("case.past")
    case.preferred_at, case.preferred_until = preferred_at, ends
    keep_words(case, Note.Kind.NOTE, words, actor, must=False)
    return {"hours": hours_text(preferred_at, ends)}


@CASE.move("note")
def note(case: Case, *, actor: Actor, words: str) -> None:
    keep_words(case, Note.Kind.NOTE, words, actor)


@CASE.move("photograph")
def photograph(case: Case, *, actor: Actor, file_ids: list[UUID], stage: str = Photo.Stage.INTAKE) -> None:
    """Add pictures that ``kernel.files`` already checked and stored."""
    _keep_photos(case, file_ids, stage)


def _keep_photos(case: Case, file_ids: Sequence[UUID], stage: str) -> None:
    Photo.objects.bulk_create(
        Photo(
            community_id=case.community_id,
            case=case,
            entry_id=current().fact_id,
            file_id=f,
            stage=stage,
            at=clock.happened(),
        )
        for f in file_ids
    )


@CASE.move("refile")
def refile(
    case: Case, *, actor: Actor, category: str, urgent: bool | None = None, suggested: bool = False
) -> Data:
    """Another category of the same kind, or another urgency: the promises made stand. What it means for an order on
    its way is for works to say. ``suggested`` when the house proposed it and somebody accepted.
    """
    chosen, was = _category(category, case.kind), (case.category_id, case.urgent)
    case.category_id = category
    case.urgent = case.urgent or chosen.urgent if urgent is None else urgent
    if (category, case.urgent) == was:
        raise Refused("case.nothing_changed")
    other = category if category != was[0] else None
    return {"category": other, "trade": chosen.trade, **_changes(case, was[1], suggested)}


@CASE.move("say")
def say(case: Case, *, actor: Actor, words: str, file_ids: Sequence[UUID] = ()) -> None:
    """The household adds what it forgot, or what has changed: words, pictures, or both."""
    keep_words(case, Note.Kind.SAID, words, actor, must=not file_ids)
    _keep_photos(case, file_ids, Photo.Stage.INTAKE)


@CASE.move("confirm")
def confirm(case: Case, *, actor: Actor, satisfied: bool, words: str = "") -> Data:
    """The household says itself whether all is well (E-1.5.1): no call is owed any more, or it begins again."""
    _attempt(case, actor, FollowUp.Outcome.REACHED, satisfied, words)
    if satisfied:
        _satisfy(case, on_the_spot=False)
    else:
        _reopen(case)
    return {"satisfied": satisfied}


@CASE.move("recast")
def recast(
    case: Case,
    *,
    actor: Actor,
    kind: str,
    category: str,
    urgent: bool | None = None,
    suggested: bool = False,
) -> Data:
    """Another kind: what was promised for the old one falls away, and the new one begins."""
    if kind == case.kind:
        raise Refused("case.same_kind")
    chosen, was_urgent = _category(category, kind), case.urgent
    if case.about_id and kind != Kind.COMPLAINT:
        raise Refused("case.about_only_complaint")
    hand = None if case.kind == Kind.REPAIR else case.handler_id
    case.kind, case.category_id, case.state = kind, category, State.RECEIVED
    case.level, case.severity, case.answered_at = None, "", None
    case.urgent = case.urgent or chosen.urgent if urgent is None else urgent
    case.handler_id = None if kind == Kind.REPAIR else hand or case.first_responder_id
    changes = _changes(case, was_urgent, suggested)
    return {"kind": kind, "category": category, "trade": chosen.trade, **changes}


def _category(code: str, kind: str) -> Category:
    chosen = Category.objects.filter(pk=code, kind=kind, active=True).first()
    if chosen is None:
        raise Refused("case.category")
    return chosen


def _changes(case: Case, was_urgent: bool, suggested: bool) -> Data:
    """``urgent`` only where it became another."""
    hurried = case.urgent if case.urgent != was_urgent else None
    return {"urgent": hurried, "suggested": suggested or None}


@CASE.move("decline")
def decline(case: Case, *, actor: Actor) -> Data:
    """The house's proposal was looked at and not taken; it is not made again."""
    proposal = suggest(f"{case.title}\n{case.words}")
    return {"category": proposal.category.pk if proposal else None}


@CASE.move("confirm_back_entry")
def confirm_back_entry(case: Case, *, actor: Actor) -> None:
    """A second person has seen the paper: from now on the clocks count from when it happened (C-4.3b.2)."""
    case.back_entry_by_id = actor.id
    case.opened_at = case.happened_at


@CASE.move("start")
def start(case: Case, *, actor: Actor, handler_id: int) -> Data:
    """An order found its technician, who is now the handler."""
    case.handler_id = handler_id
    return {"handler": handler_id}


@CASE.move("wait")
def wait(case: Case, *, actor: Actor) -> None:
    """The order is back on the board: nobody's hand."""
    case.handler_id = None


@CASE.move("finish")
def finish(case: Case, *, actor: Actor) -> Data:
    """The order is finished and, where it must be, inspected: the household is asked next."""
    case.done_at = clock.now()
    return {"follow_up_by": follow_up_by(case)}
