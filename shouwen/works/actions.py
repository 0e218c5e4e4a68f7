"""Every change of an order that has a business name."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shouwen.cases import actions as cases
from shouwen.cases.calling.times import expected_by
from shouwen.cases.models import Case, Kind, Note, Photo
from shouwen.kernel import clock
from shouwen.kernel.actors import Actor
from shouwen.kernel.journal import Data, Fact, current, record
from shouwen.kernel.refusals import Refused
from shouwen.kernel.text import clean
from shouwen.people import who
from shouwen.people.models import Trade
from shouwen.works import codes
from shouwen.works.flow import ORDER, mine
from shouwen.works.models import ACTIVE, Confirmed, Order, Pause, State

MATERIALS = 300
BETWEEN = "；"


def _reason(order: Order, words: str, actor: Actor) -> None:
    if not clean(words):
        raise Refused("order.why")
    cases.keep_words(order.case, Note.Kind.REASON, words, actor)


def hand_to(order: Order, technician_id: int, how: str) -> Data:
    """Give an order to a technician: what the fact of it says."""
    order.technician_id, order.assigned_at = technician_id, clock.now()
    by = expected_by(order.case)
    if by and by > clock.now():
        _appoint(order, by)
    return {"technician": technician_id, "handler": technician_id, "how": how, "urgent": order.case.urgent}


def _appoint(order: Order, when: datetime | date) -> None:
    """A moment or day was agreed: from now on the arrival is owed by then, and by nothing else."""
    record("order:appointed", order, due=when.isoformat())


@ORDER.move("assign")
def assign(order: Order, *, actor: Actor, technician_id: int) -> Data:
    """The desk sends a technician; they accept or refuse (A-3.4.7a)."""
    if technician_id not in who.holders(order.community_id, "order.work"):
        raise Refused("order.no_skill")
    order.assigned_by_id = actor.id if actor.kind == "staff" else None
    order.accepted_at = None
    cases.start(order.case, actor=actor, handler_id=technician_id)
    return hand_to(order, technician_id, "assigned")


@ORDER.move("claim")
def claim(order: Order, *, actor: Actor) -> Data:
    """A technician takes an order from the board; the row lock leaves one winner."""
    if actor.kind != "staff" or actor.id is None:
        raise Refused("order.no_skill")
    order.accepted_at = clock.now()
    cases.start(order.case, actor=actor, handler_id=actor.id)
    return hand_to(order, actor.id, "claimed")


@ORDER.move("accept")
def accept(order: Order, *, actor: Actor) -> None:
    order.accepted_at = clock.happened()


@ORDER.move("refuse")
def refuse(order: Order, *, actor: Actor, words: str) -> Data:
    """Back to the board, with the reason on record."""
    _reason(order, words, actor)
    return put_back(order, actor)


@ORDER.move("recall")
def recall(order: Order, *, actor: Actor) -> Data:
    """The desk takes an order back that nobody has accepted yet: the undo of a dispatch."""
    return put_back(order, actor)


def put_back(order: Order, actor: Actor) -> Data:
    """Nobody has the order any more: it waits on the board, and its fact says whether that is urgent."""
    order.technician_id = order.assigned_at = order.accepted_at = None
    cases.wait(order.case, actor=actor)
    return {"urgent": order.case.urgent}


@ORDER.move("arrive")
def arrive(order: Order, *, actor: Actor) -> None:
    order.arrived_at = order.arrived_at or clock.happened()
    Case.objects.filter(pk=order.case_id, arrived_at__isnull=True).update(arrived_at=order.arrived_at)


@ORDER.move("pause")
def pause(order: Order, *, actor: Actor, reason: str, words: str = "") -> Data:
    """Stop the clocks for a named reason."""
    if reason not in Pause.values:
        raise Refused("order.pause_reason")
    order.pause_reason = reason
    cases.keep_words(order.case, Note.Kind.REASON, words, actor, must=False)
    return {"reason": reason}


@ORDER.move("resume")
def resume(order: Order, *, actor: Actor) -> None:
    order.pause_reason = ""
    order.arrived_at = order.arrived_at or clock.happened()


@ORDER.move("absent")
def absent(order: Order, *, actor: Actor, words: str = "") -> Data:
    """Came, knocked, nobody at home: the clocks wait for the household, and the first responder hears of it."""
    order.pause_reason = Pause.ABSENT
    cases.keep_words(order.case, Note.Kind.REASON, words, actor, must=False)
    return {"reason": Pause.ABSENT.value}


@ORDER.move("material")
def material(order: Order, *, actor: Actor, materials: str) -> None:
    """Parts taken for this order, written down when they are taken."""
    if not clean(materials):
        raise Refused("order.material")
    _add_materials(order, materials)


def _add_materials(order: Order, words: str) -> None:
    """Add to what was noted before; the same words again are the same parts."""
    noted = [part for part in order.materials.split(BETWEEN) if part]
    added = clean(words)
    if added and added not in noted:
        noted.append(added)
    order.materials = BETWEEN.join(noted)
    if len(order.materials) > MATERIALS:
        raise Refused("order.materials_long")


@ORDER.move("carry")
def carry(order: Order, *, actor: Actor, on: date, words: str) -> Data:
    """Carried over to another day, with the reason: the arrival is owed on that day, completion runs on (B-BB.20)."""
    if on <= clock.local(clock.happened()).date():
        raise Refused("order.carried")
    if order.pause_reason:
        record("order:resumed", order)
    order.carried_to, order.pause_reason = on, ""
    _appoint(order, on)
    _reason(order, words, actor)
    return {"on": on.isoformat()}


@ORDER.move("finish")
def finish(
    order: Order,
    *,
    actor: Actor,
    result: str,
    minutes: int | None = None,
    materials: str = "",
    confirmed_by: str = "",
    unconfirmed_why: str = "",
    signature: UUID | None = None,
    code: str = "",
) -> Data:
    """Done on site. Household work needs the household's confirmation or why not; public work is inspected (B-FD.6).

    A household confirms by ``signature`` (a picture that ``kernel.files`` keeps), by its ``code``, or by name.
    """
    if not clean(result):
        raise Refused("order.result")
    if minutes is not None and not 1 <= minutes <= 1440:
        raise Refused("order.minutes")
    order.result, order.minutes, order.finished_at = clean(result), minutes, clock.happened()
    _add_materials(order, materials)
    order.confirmed_by, order.unconfirmed_why = clean(confirmed_by)[:60], clean(unconfirmed_why)[:120]
    order.signature_id, order.confirmed_how = signature, _confirmed(order, signature, clean(code))
    cases.keep_words(order.case, Note.Kind.RESULT, order.result, actor)
    public = order.case.unit_id is None
    if not public:
        if not (order.confirmed_how or order.unconfirmed_why):
            raise Refused("order.confirmation")
        order.state = State.CLOSED
        cases.finish(order.case, actor=actor)
    return {"public": public, "confirmed": bool(order.confirmed_how), "how": order.confirmed_how or None}


def _confirmed(order: Order, signature: UUID | None, code: str) -> str:
    """The strongest of the ways in which the household confirmed; empty if it did not."""
    if code and not codes.fits(order, code):
        raise Refused("order.code")
    if code:
        return Confirmed.CODE
    if signature:
        return Confirmed.SIGNATURE
    return Confirmed.NAME if order.confirmed_by else ""


@ORDER.move("inspect")
def inspect(order: Order, *, actor: Actor, passed: bool, words: str = "") -> Data:
    """Public-area work is looked at by somebody else; what fails goes back to the board as a new turn."""
    order.inspected_by_id = actor.id if actor.kind == "staff" else None
    order.inspected_at = clock.now()
    if passed:
        cases.finish(order.case, actor=actor)
    else:
        _reason(order, words, actor)
        cases.wait(order.case, actor=actor)
        order.save()
        open_order(order.case, order.case.category.trade)
    return {"passed": passed}


@ORDER.move("cancel")
def cancel(order: Order, *, actor: Actor) -> None:
    order.pause_reason = ""


def photograph(order: Order, file_ids: list[UUID], *, actor: Actor, stage: str = "") -> None:
    """Pictures from the site, by whoever was sent there; without ``stage`` the first ones show what was found."""
    if no := mine(order, actor):
        raise Refused(no)
    if stage not in ("", Photo.Stage.BEFORE, Photo.Stage.AFTER):
        raise Refused("order.stage")
    cases.photograph(order.case, actor=actor, file_ids=file_ids, stage=stage or next_stage(order))


def next_stage(order: Order) -> str:
    """The first pictures of this turn show what was found, all later ones what was done."""
    found = order.case.photos.filter(stage=Photo.Stage.BEFORE, at__gte=order.opened_at)
    return Photo.Stage.AFTER if found.exists() else Photo.Stage.BEFORE


def open_order(case: Case, trade: str, turn: int | None = None) -> Order:
    """Put a new order of this case on the board, in the open frame."""
    if turn is None:
        turn = 1 + Order.objects.filter(case=case).count()
    order = Order(
        community_id=case.community_id,
        case=case,
        turn=turn,
        trade=trade,
        unit_id=case.unit_id,
        opened_at=clock.now(),
    )
    current().insert(order)
    record(
        "order:opened", order, now=order.state, trade=trade, urgent=case.urgent, public=case.unit_id is None
    )
    return order


# --- what other rooms' facts do to orders, in their transaction; wired by the roof ----------------------------------


def on_registered(fact: Fact, actor: Actor) -> None:
    """Every repair has an order on the board from its first second."""
    if fact.data["kind"] != Kind.REPAIR:
        return
    trade, urgent = str(fact.data.get("trade") or Trade.GENERAL), bool(fact.data["urgent"])
    order = Order(
        community_id=fact.community,
        case_id=UUID(fact.subject_id),
        turn=1,
        trade=trade,
        unit_id=fact.unit,
        opened_at=fact.recorded_at,
    )
    current().insert(order)
    record("order:opened", order, now=order.state, trade=trade, urgent=urgent, public=fact.unit is None)


def on_reopened(fact: Fact, actor: Actor) -> None:
    """A household that is not satisfied puts its repair back on the board."""
    case = Case.objects.get(pk=fact.subject_id)
    if case.kind == Kind.REPAIR:
        open_order(case, str(fact.data.get("trade") or Trade.GENERAL))


def on_cancelled(fact: Fact, actor: Actor) -> None:
    """A cancelled case needs no hands."""
    for order in Order.objects.filter(case_id=fact.subject_id).active():
        cancel(order, actor=actor)


def on_merged(fact: Fact, actor: Actor) -> None:
    """The work is done under another case: an order that nobody was sent with is void, any other forbids the merge."""
    if order := _standing(fact):
        if order.state != State.POOL:
            raise Refused("case.merge_sent")
        cancel(order, actor=actor)


def on_promised(fact: Fact, actor: Actor) -> None:
    """The household was promised another time: who is on the way is expected then."""
    for order in Order.objects.filter(case_id=fact.subject_id, state__in=[State.OFFERED, State.ACCEPTED]):
        when = expected_by(order.case)
        if when and when > clock.now():
            _appoint(order, when)


def on_recast(fact: Fact, actor: Actor) -> None:
    """Another kind: an order where there must be one, none where there must not; work that was begun forbids it."""
    if fact.data["kind"] == Kind.REPAIR:
        open_order(Case.objects.get(pk=fact.subject_id), _trade(fact))
    elif order := _standing(fact):
        _not_begun(order)
        cancel(order, actor=actor)


def on_refiled(fact: Fact, actor: Actor) -> None:
    """Another trade, or another urgency: hands that have not come yet are called back, and new ones are asked for."""
    order, hurried = _standing(fact), "urgent" in fact.data
    if order is None or (order.trade == _trade(fact) and not hurried):
        return
    _not_begun(order)
    if order.state != State.POOL:
        if order.trade == _trade(fact):
            raise Refused("order.sent", name=str(order.technician))
        cases.wait(order.case, actor=actor)
    cancel(order, actor=actor)
    open_order(Case.objects.get(pk=fact.subject_id), _trade(fact))


def _trade(fact: Fact) -> str:
    return str(fact.data.get("trade") or Trade.GENERAL)


def _standing(fact: Fact) -> Order | None:
    """The order of the case that is on the board, on its way, or waits to be inspected."""
    rows = Order.objects.filter(case_id=fact.subject_id, state__in=[*ACTIVE, State.FINISHED])
    return rows.select_related("case", "technician").order_by("-turn").first()


def _not_begun(order: Order) -> None:
    if order.state in (State.ON_SITE, State.PAUSED, State.FINISHED):
        raise Refused("order.begun", name=str(order.technician))
