"""The table of moves of an order (W3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.kernel.actors import Actor
from shouwen.kernel.flow import Flow, Move
from shouwen.kernel.refusals import Refused
from shouwen.works.models import ACTIVE, Order, State


def mine(order: Order, actor: Actor) -> str | None:
    """Only the technician sent works on the order."""
    return None if order.technician_id == actor.id and actor.kind == "staff" else "order.not_yours"


def not_mine(order: Order, actor: Actor) -> str | None:
    """Who did the work does not pass it (B-FD.6)."""
    return "order.own_inspection" if mine(order, actor) is None else None


def taken(order: Order, actor: Actor) -> Refused | None:
    """Who claims too late hears who was faster."""
    if order.technician is None:
        return None
    return (
        Refused("order.have_it")
        if mine(order, actor) is None
        else Refused("order.taken", name=order.technician.name)
    )


P, N, A, S, H, F = State.POOL, State.OFFERED, State.ACCEPTED, State.ON_SITE, State.PAUSED, State.FINISHED

ORDER = Flow(
    model=Order,
    states=dict(State.choices),
    under="case",
    early=frozenset(
        ["accept", "refuse", "arrive", "pause", "resume", "absent", "material", "carry", "finish"]
    ),
    moves=(
        Move("assign", _("派工"), (P, N, A), N, "order.dispatch", "order:dispatched", key="D", primary=True),
        Move(
            "claim", _("抢单"), (P,), A, "order.work", "order:dispatched", key="Y", primary=True, late=taken
        ),
        Move("accept", _("接单"), (N,), A, "order.work", "order:accepted", (mine,), "Y", True),
        Move("refuse", _("退单"), (N, A), P, "order.work", "order:refused", (mine,), "X"),
        Move("recall", _("撤回"), (N,), P, "order.dispatch", "order:recalled", key="Z"),
        Move("arrive", _("到场"), (A,), S, "order.work", "order:arrived", (mine,), "A", True),
        Move("pause", _("停表"), (A, S), H, "order.work", "order:paused", (mine,), "P"),
        Move("resume", _("继续"), (H,), S, "order.work", "order:resumed", (mine,), "P", True),
        Move("absent", _("没人在"), (S,), H, "order.work", "order:paused", (mine,), "N"),
        Move("material", _("领料"), (A, S, H), None, "order.work", "order:materials", (mine,), "L"),
        Move("carry", _("改约"), (A, S, H), A, "order.work", "order:carried", (mine,), "T"),
        Move("finish", _("完工"), (S,), F, "order.work", "order:finished", (mine,), "F", True),
        Move(
            "inspect",
            _("验收"),
            (F,),
            State.CLOSED,
            "order.inspect",
            "order:inspected",
            (not_mine,),
            "I",
            True,
        ),
        Move("cancel", _("取消派工单"), ACTIVE, State.CANCELLED, "order.see", "order:cancelled", hidden=True),
    ),
)
