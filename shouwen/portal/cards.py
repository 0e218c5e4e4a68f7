"""A matter as residents see it: where it stands, who answers for it, who works on it, what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.cases.actions import may_be_urged_at
from shouwen.cases.flow import CASE
from shouwen.cases.models import OPEN, Case, Kind, State
from shouwen.duties.models import Duty
from shouwen.kernel import clock
from shouwen.portal.progress import Progress, progress
from shouwen.portal.timeline import Item, timeline
from shouwen.works.codes import code_of
from shouwen.works.models import HELD, Order
from shouwen.works.models import State as Work

URGED_IN = CASE["urge"].sources
PROMISES = {
    Kind.REPAIR: ("repair.finish",),
    Kind.COMPLAINT: ("complaint.reply", "complaint.solve"),
    Kind.INQUIRY: ("inquiry.answer",),
    Kind.SUGGESTION: ("suggestion.answer",),
}
"""The clauses whose due time is a promise to the household, by kind; the first that still runs is told."""


@dataclass(frozen=True)
class Hand:
    """Who works on it now, and the code that the household tells them once all is well."""

    name: str
    what: str
    code: str = ""


@dataclass(frozen=True)
class Card:
    """One matter of a list or page; ``items`` only on a page."""

    case: Case
    progress: Progress
    hand: Hand | None
    opened: str
    items: tuple[Item, ...] = ()

    @property
    def mark(self) -> int:
        """Another number once there is something new to read."""
        newest = [item.iso for item in self.items[:1]]
        progress = (self.progress.headline, self.progress.promise, self.progress.late)
        shown = (
            self.case.version,
            progress,
            self.hand,
            newest,
            self.urgeable,
            self.together,
            self.case.title,
        )
        return crc32(repr(shown).encode())

    @property
    def leads(self) -> Case:
        """The case that is being worked on: this one, or the one that it was merged into."""
        return leading(self.case)

    @property
    def open(self) -> bool:
        return self.case.state in OPEN

    @property
    def urgeable(self) -> bool:
        """Whether it may be urged now."""
        return self.case.state in URGED_IN and may_be_urged_at(self.case) <= clock.now()

    @property
    def urged(self) -> str:
        """That it was urged a moment ago, or from when on it may be, where urging is no use yet."""
        if self.urgeable or self.case.state not in URGED_IN:
            return ""
        if last := self.case.urged_at:
            return _("%s 催过了") % f"{clock.local(last):%H:%M}"
        return _("%s 起可以催") % f"{clock.local(may_be_urged_at(self.case)):%H:%M}"

    @property
    def together(self) -> bool:
        """Whether it was done together with another household's, which alone is asked if all is well."""
        return self.case.merged_into is not None and self.case.merged_into.state in (
            State.DONE,
            State.SATISFIED,
        )

    @property
    def asks(self) -> bool:
        """Whether the household is asked if all is well."""
        return self.case.state == State.DONE


def leading(case: Case) -> Case:
    """Where the work goes on. Of another household's case no more is told than how far it is."""
    return case.merged_into or case


def mark(cards: Iterable[Card]) -> int:
    """Another number once one of them came, went or has something new to read."""
    return crc32(repr([(card.case.pk, card.mark) for card in cards]).encode())


def cards(cases: Iterable[Case]) -> list[Card]:
    """A page of matters; two queries whatever their number."""
    cases = list(cases)
    leads = [leading(c) for c in cases]
    orders, due = _last_orders(leads), promised(leads)
    return [_card(c, orders.get(lead.pk), due.get(lead.pk)) for c, lead in zip(cases, leads, strict=True)]


def card(case: Case) -> Card:
    """One matter with its timeline."""
    return told(cards([case])[0])


def told(card: Card, newest: int | None = None) -> Card:
    """The same with its timeline, or only the newest lines of it."""
    return replace(card, items=timeline(card.case)[:newest])


def _card(case: Case, order: Order | None, due: datetime | None) -> Card:
    opened = clock.local(case.opened_at)
    same_year = opened.year == clock.local(clock.now()).year
    return Card(
        case=case,
        progress=progress(leading(case), order, due, merged=case.merged_into_id is not None),
        hand=None if case.merged_into_id else _hand(order),
        opened=f"{opened:%m-%d}" if same_year else f"{opened:%Y-%m-%d}",
    )


def _hand(order: Order | None) -> Hand | None:
    if order is None or order.technician is None or order.state not in HELD:
        return None
    code = code_of(order) if order.unit_id and order.state == Work.ON_SITE else ""
    return Hand(order.technician.name, pgettext("trade", "%s师傅") % order.get_trade_display(), code)


def _last_orders(cases: Iterable[Case]) -> dict[UUID, Order]:
    """The newest order of each repair; the cases were found visible before."""
    repairs = [c.pk for c in cases if c.kind == Kind.REPAIR]
    rows = Order.objects.filter(case_id__in=repairs).select_related("technician")
    return {o.case_id: o for o in rows.order_by("case_id", "-turn").distinct("case_id")}


def promised(cases: Iterable[Case]) -> dict[Any, datetime]:
    """When what was promised is due, for each matter whose clock runs."""
    found: dict[Any, datetime] = {}
    known = {c.pk: PROMISES[Kind(c.kind)] for c in cases}
    told = Q(pk__isnull=True)
    for clause in {clause for clauses in known.values() for clause in clauses}:
        told |= Q(clause=clause) | Q(clause__startswith=f"{clause}.")
    running = Duty.objects.open().filter(told, matter_id__in=list(known), state=Duty.State.OPEN)
    for duty in running.order_by("-due_at"):
        if duty.due_at is not None and duty.clause.startswith(known[duty.matter_id]):
            found[duty.matter_id] = duty.due_at
    return found
