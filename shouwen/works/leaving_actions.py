"""When a technician leaves: the orders in their hands go to another technician, or back to the board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.db.models import QuerySet
from django.utils.translation import ngettext

from shouwen.cases import actions as cases
from shouwen.cases.models import Case
from shouwen.kernel.actors import Actor, System
from shouwen.kernel.journal import record
from shouwen.people import who
from shouwen.people.holdings import Holding
from shouwen.people.models import Staff
from shouwen.works.actions import hand_to, put_back
from shouwen.works.models import HELD, Order, State


def _held(staff: Staff) -> QuerySet[Order]:
    return Order.objects.filter(technician=staff, state__in=HELD)


def _count(staff: Staff) -> Mapping[int, int]:
    return Counter(_held(staff).values_list("community_id", flat=True))


def _words(count: int) -> str:
    return ngettext("%(n)s 张派工单", "%(n)s 张派工单", count) % {"n": count}


def _pass_on(staff: Staff, heir: Staff, community_id: int, actor: Actor) -> int:
    """To the heir, if they can be sent, to accept or refuse; else back to the board, where the desk sends somebody."""
    able = heir.pk in who.holders(community_id, "order.work")
    rows = _held(staff).filter(community_id=community_id).select_related("case__category")
    list(Case.objects.filter(pk__in=rows.values("case")).order_by("pk").select_for_update().values_list("pk"))
    orders = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for order in orders:
        if order.pause_reason:
            record("order:resumed", order)
        was, order.pause_reason = order.state, ""
        order.version += 1
        # The order moves its case, whatever the rights of whoever manages the staff.
        house = System.of(community_id)
        if able:
            order.state, order.accepted_at = State.OFFERED, None
            record(
                "order:dispatched",
                order,
                None,
                was=was,
                now=order.state,
                **hand_to(order, heir.pk, "handed_over"),
            )
            cases.start(order.case, actor=house, handler_id=heir.pk)
        else:
            order.state = State.POOL
            back = put_back(order, house)
            record("order:recalled", order, None, was=was, now=order.state, **back)
        order.save()
    return len(orders)


HOLDING = Holding("orders", _words, _count, _pass_on)
