"""The lanes of the dispatch board: orders in hand as cells of a table, by person, trade, state or building.

A board of any size costs the same number of queries: slim rows first, then whole cards for those that are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from shouwen.cases.calling.times import agreed_words
from shouwen.duties.models import Duty
from shouwen.estate.models import Building
from shouwen.front import look
from shouwen.front.clocks import ARRIVALS, chip, pause_words, promises, tags
from shouwen.kernel import clock
from shouwen.kernel.text import dotted, joined
from shouwen.people.models import Staff, Trade
from shouwen.people.viewers import StaffActor
from shouwen.works.flow import ORDER
from shouwen.works.models import Order, OrderQuerySet, State
from shouwen.works.suggest import Candidate, Crew

COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("offered", (State.OFFERED,)),
    ("working", (State.ACCEPTED, State.ON_SITE)),
    ("paused", (State.PAUSED,)),
    ("finished", (State.FINISHED,)),
)
STATES = tuple(state for _code, states in COLUMNS for state in states)
COLUMN_OF = {state: code for code, states in COLUMNS for state in states}
IN_A_CELL, IN_A_COLUMN, MOST = 2, 12, 2000
NOBODY = 0


def column_words() -> dict[str, str]:
    return {"offered": _("待接单"), "working": _("处理中"), "paused": _("停表"), "finished": _("待验收")}


def by_clock(rows: OrderQuerySet) -> OrderQuerySet:
    """What is due first comes first; what has no clock comes last, in the order in which it came in."""
    owed = Duty.objects.open().filter(matter_id=OuterRef("case_id")).order_by("due_at").values("due_at")[:1]
    return rows.annotate(due=Subquery(owed)).order_by(F("due").asc(nulls_last=True), "opened_at", "id")


@dataclass(frozen=True, slots=True)
class Slip:
    """An order in hand, as little of it as the table needs."""

    pk: UUID
    state: str
    technician: int | None
    trade: str
    building: int | None
    place: str

    @property
    def column(self) -> str:
        return COLUMN_OF[self.state]


@dataclass(frozen=True)
class Offer:
    """The order of the pool that is chosen, and its candidates: what the digits assign."""

    order: Order
    ranked: tuple[Candidate, ...]
    words: dict[int, str]
    back: str

    def press(self, place: int) -> look.Action:
        """The button that sends the candidate of this place (0 is the best)."""
        one = self.ranked[place]
        label = _("派到这里 %s") % self.order.case.place if place == 0 else _("派给 %s") % one.staff.name
        return look.Action(
            "assign",
            label,
            reverse("board_assign"),
            key=str(place + 1),
            icon="download",
            post=True,
            hidden=(
                ("order", str(self.order.pk)),
                ("person", str(one.staff.pk)),
                ("version", str(self.order.version)),
                ("next", self.back),
            ),
        )


@dataclass(frozen=True)
class Lanes:
    """The orders in hand of a community, and how each is drawn."""

    slips: tuple[Slip, ...]
    cards: dict[UUID, look.OrderCard]
    crew: Crew
    free_since: dict[int, datetime]
    left: dict[int, str]
    buildings: tuple[Building, ...]

    @classmethod
    def of(cls, rows: OrderQuerySet, community_id: int, crew: Crew, viewer: StaffActor, by: str) -> Lanes:
        """Read everything that the board of this kind shows; the number of queries is fixed."""
        slips = _slips(rows)
        key = KEYS[by]
        most = IN_A_COLUMN if by == "state" else IN_A_CELL
        shown = [s.pk for cell in _cells(slips, key).values() for s in cell[:most]]
        strangers = {s.technician for s in slips if s.technician} - {p.pk for p in crew.people}
        today = clock.start_of_day(clock.today())
        done = Order.objects.filter(community_id=community_id, finished_at__gte=today).order_by()
        return cls(
            slips,
            _cards(shown, viewer),
            crew,
            dict(done.values_list("technician").annotate(at=Max("finished_at"))),
            dict(Staff.objects.filter(pk__in=strangers).values_list("pk", "name")),
            tuple(Building.objects.filter(community_id=community_id)),
        )

    def columns(self) -> tuple[tuple[str, int], ...]:
        words = column_words()
        return tuple((words[code], sum(s.column == code for s in self.slips)) for code, _states in COLUMNS)

    @property
    def waiting(self) -> bool:
        """Whether some order was sent and not accepted yet: those are printed."""
        return any(s.column == "offered" for s in self.slips)

    def groups(self, by: str, offer: Offer | None) -> tuple[look.BoardGroup, ...]:
        """The rows of the board; only those of people take the chosen order."""
        if by == "person":
            return self._people(offer)
        return {"trade": self._trades, "state": self._states, "building": self._houses}[by]()

    # --- by person ---------------------------------------------------------------------------------------------

    def _people(self, offer: Offer | None) -> tuple[look.BoardGroup, ...]:
        """Grouped by the first trade of each, by name: positions stay, only whom the house would send comes first."""
        cells = _cells(self.slips, KEYS["person"])
        places = {c.staff.pk: n for n, c in enumerate(offer.ranked)} if offer else {}
        members: dict[str, list[Staff]] = defaultdict(list)
        for person in sorted(self.crew.people, key=lambda p: places.get(p.pk) != 0):
            members[self._first_trade(person)].append(person)
        trades = [*Trade, ""]
        groups = [
            look.BoardGroup(
                str(Trade(trade).label) if trade else _("未定工种"),
                _("%s 人") % len(members[trade]),
                tuple(self._person(p, cells, offer, places.get(p.pk)) for p in members[trade]),
            )
            for trade in trades
            if members.get(trade)
        ]
        if self.left:
            rows = tuple(
                look.BoardRow(
                    name, look.hand(name), self._row(cells, key, technician=key), place=_("不再接单")
                )
                for key, name in sorted(self.left.items())
            )
            groups.append(look.BoardGroup(_("其他人"), _("%s 人") % len(rows), rows))
        groups.sort(key=lambda g: not any(r.suggested for r in g.rows))
        return tuple(groups)

    def _first_trade(self, person: Staff) -> str:
        own = self.crew.trades[person.pk]
        return next((t.value for t in Trade if t.value in own), "")

    def _person(
        self, person: Staff, cells: dict[Any, list[Slip]], offer: Offer | None, place: int | None
    ) -> look.BoardRow:
        row = self._row(cells, person.pk, technician=person.pk)
        best = place == 0 and offer is not None and offer.ranked[0].skilled
        press = offer.press(place) if offer and place is not None else None
        if best:
            row = (replace(row[0], drop=press), *row[1:])
        return look.BoardRow(
            person.name,
            look.hand(person.name),
            row,
            id=str(person.pk) if offer else "",
            load=look.LoadBar(*self.crew.load.get(person.pk, (0, 0))),
            key=str(place + 1) if place is not None else "",
            assign=None if best else press,
            place=self._whereabouts(person, cells),
            reasons=offer.words[person.pk] if offer and place is not None and best else "",
            suggested=best,
        )

    def _whereabouts(self, person: Staff, cells: dict[Any, list[Slip]]) -> str:
        """Where somebody is: at work, on the way, asked to come, or free in the buildings they look after."""
        working = cells.get((person.pk, "working"), [])
        for state, words in ((State.ON_SITE, _("作业中")), (State.ACCEPTED, _("已接单"))):
            slip = next((s for s in working if s.state == state), None)
            if slip:
                return dotted(slip.place, words)
        names = joined(str(b) for b in self.crew.areas.get(person.pk, ())[:2])
        if offered := cells.get((person.pk, "offered")):
            return dotted(names, _("待接 %s 单") % len(offered))
        since = self.free_since.get(person.pk)
        free = (
            _("空闲 %s") % look.duration(int((clock.now() - since).total_seconds())) if since else _("空闲")
        )
        return dotted(names, free)

    # --- other ways to look ------------------------------------------------------------------------------------

    def _trades(self) -> tuple[look.BoardGroup, ...]:
        cells = _cells(self.slips, KEYS["trade"])
        rows = []
        for trade in Trade:
            able = sum(trade.value in own for own in self.crew.trades.values())
            if able or any(key == trade.value for key, _column in cells):
                row = self._row(cells, trade.value, trade=trade.value)
                rows.append(look.BoardRow(str(trade.label), None, row, place=_("%s 人会") % able))
        return (look.BoardGroup("", "", tuple(rows)),)

    def _states(self) -> tuple[look.BoardGroup, ...]:
        row = self._row(_cells(self.slips, KEYS["state"]), "", most=IN_A_COLUMN)
        place = _("%s 单") % len(self.slips)
        return (look.BoardGroup("", "", (look.BoardRow(_("全部在办"), None, row, place=place),)),)

    def _houses(self) -> tuple[look.BoardGroup, ...]:
        cells = _cells(self.slips, KEYS["building"])
        rows = [
            look.BoardRow(str(b), None, self._row(cells, b.pk, building=b.pk))
            for b in self.buildings
            if any((b.pk, code) in cells for code, _states in COLUMNS)
        ]
        if any((NOBODY, code) in cells for code, _states in COLUMNS):
            rows.append(look.BoardRow(_("公共区"), None, self._row(cells, NOBODY, building=NOBODY)))
        return (look.BoardGroup("", "", tuple(rows)),)

    def _row(
        self, cells: dict[Any, list[Slip]], key: Any, most: int = IN_A_CELL, **narrow: Any
    ) -> tuple[look.BoardCell, ...]:
        """The cells of one row: the first cards, and how many more there are behind them."""
        row = []
        for code, _states in COLUMNS:
            slips = cells.get((key, code), [])
            more = len(slips) - most
            url = f"{reverse('order_list')}?{urlencode({**narrow, 'column': code})}" if more > 0 else ""
            row.append(look.BoardCell(tuple(self.cards[s.pk] for s in slips[:most]), max(0, more), url))
        return tuple(row)


KEYS: dict[str, Any] = {
    "person": lambda s: s.technician,
    "trade": lambda s: s.trade,
    "state": lambda _: "",
    "building": lambda s: s.building or NOBODY,
}


def _slips(rows: OrderQuerySet) -> tuple[Slip, ...]:
    house = Coalesce("case__unit__building_id", "case__space__building_id")
    found = by_clock(rows.filter(state__in=STATES)).annotate(building=house)
    columns = ("pk", "state", "technician_id", "trade", "building", "case__place")
    return tuple(Slip(*values) for values in found.values_list(*columns)[:MOST])


def _cells(slips: Iterable[Slip], key: Any) -> dict[Any, list[Slip]]:
    cells: dict[Any, list[Slip]] = defaultdict(list)
    for slip in slips:
        cells[key(slip), slip.column].append(slip)
    return cells


def _cards(keys: Sequence[UUID], viewer: StaffActor) -> dict[UUID, look.OrderCard]:
    rows = Order.objects.filter(pk__in=keys).select_related("case__first_responder")
    orders = list(rows)
    due, late = promises(o.case_id for o in orders)
    return {
        o.pk: replace(card(o, due.get(o.case_id), url=page_of(o, viewer)), tags=tags(o.case, late))
        for o in orders
    }


def page_of(order: Order, viewer: StaffActor) -> str:
    """Where an order is worked on: its case at the desk, its own page for everybody else."""
    if viewer.may("case.see", order.community_id):
        return reverse("case", args=[order.case_id])
    return reverse("order", args=[order.pk])


def card(
    order: Order, duty: Duty | None, *, url: str, hint: str = "", current: bool = False
) -> look.OrderCard:
    """An order as the pool and the board show it."""
    return look.OrderCard(
        id=str(order.pk),
        url=url,
        room_number=order.case.place,
        title=order.case.title,
        clock=order_clock(order, duty),
        seal=look.seal(order.case.first_responder.name),
        trade=order.get_trade_display(),
        hint=hint,
        current=current,
        version=order.version,
        ticks=order.state in ORDER["assign"].sources,
    )


def order_clock(order: Order, duty: Duty | None, *, explain: bool = False) -> look.Clock | None:
    """The clock of an order: what it waits for while it stands, else what is due first, else what was agreed."""
    if order.state == State.PAUSED and duty is None:
        return look.held_clock(pause_words(order.pause_reason))
    if duty is not None:
        # Under 待接单 every clock waits for the arrival; elsewhere it has to say so.
        coming = duty.clause in ARRIVALS and order.state != State.OFFERED
        return chip(
            duty, explain=explain, suffix=pgettext("what a clock waits for", "到场") if coming else ""
        )
    if order.carried_to and order.state == State.ACCEPTED:
        return look.plain_clock(_("约 %s") % clock.said_day(order.carried_to), "calendar")
    if order.case.preferred_at:
        return look.plain_clock(_("约 %s") % agreed_words(order.case), "calendar")
    return None
