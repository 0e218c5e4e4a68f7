"""Who of the residents may do what at which address of their door: one line each, as in `matrix.py` for the staff.

An address that is only pressed leads whoever gets it to its page (302).

``get`` and ``post`` are the answers to the household: owner, tenant and family; ``employee`` the answer to somebody
who works there, who sees only their own matters; ``owner`` differs where the row is a person's own. Neighbours and
residents of another community get 404 where the address names a row of this home, else their own page without a word
of ours. Strangers and staff sign in first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.test import Client
from psycopg.types.range import DateRange

from shouwen.estate.models import Occupancy, Person, Unit
from shouwen.portal.doors import COOKIE, ROOT
from tests.cast import make_owner, make_person, make_unit
from tests.house.matrix import Codes
from tests.house.world import World, build, sign_in


@dataclass(frozen=True)
class HomeRow:
    """``row`` is true where the address names a row of the home; ``open`` where anybody may come."""

    name: str
    get: Codes = 200
    post: Codes = 405
    key: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    row: bool = False
    open: bool = False
    employee: int | None = None
    owner: int | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return "-".join([self.name, self.key, *map(str, self.more.values()), *self.data])


HOME_ROWS: list[HomeRow] = [
    HomeRow("sign_in", (200, 302), open=True),
    HomeRow("slip", 410, (422, 403), more={"secret": "guess"}, open=True),
    HomeRow("rate", 410, (410, 403), more={"secret": "guess"}, open=True),
    HomeRow("number", 302, 404, open=True),
    HomeRow("code", 404, 404, open=True),
    HomeRow("choose", 303, 303, open=True),
    HomeRow("demo", 302, 404, open=True),
    HomeRow("nowhere", 404, 404, more={"rest": "x"}, open=True),
    HomeRow("home"),
    HomeRow("matters"),
    HomeRow("events_grant"),
    HomeRow("matter", key="case", row=True, employee=404),
    *(
        HomeRow("act", 302, (303, 422), "case", {"name": name}, row=True, employee=404)
        for name in ("urge", "say", "confirm")
    ),
    HomeRow("act", 302, 404, "case", {"name": "cancel"}, row=True, employee=404),
    HomeRow("report", 200, 422),
    HomeRow("report", 200, 422, data={"kind": "repair", "text": "漏水", "send": "1"}),
    HomeRow("photo", key="home_photo", more={"variant": "thumb"}, row=True, employee=404),
    HomeRow("photo", 404, key="home_photo", more={"variant": "whole"}, row=True, employee=404),
    HomeRow("photo", 404, key="photo", more={"variant": "thumb"}, row=True, employee=404),
    HomeRow("me"),
    HomeRow("switch", 302, 303, "unit", row=True),
    HomeRow("mode", 302, 303),
    HomeRow("letters", 302, 303),
    HomeRow("prove", 410, (410, 403), more={"token": "guess"}, open=True),
    HomeRow("stop", 410, (410, 403), more={"key": 1, "mark": "guess"}, open=True),
    HomeRow("leave", 302, 303),
    HomeRow("end", 302, 404, "home_sign_in", row=True, owner=303),
]

HOUSEHOLD = ("owner", "tenant", "family")


@dataclass
class Street:
    """The staff's world with the people around one home, each with a browser of their own."""

    world: World
    cookies: dict[str, str]

    def visitor(self, who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who == "staff":
            client.cookies.load({n: m.value for n, m in self.world.with_all().cookies.items()})
        elif who != "stranger":
            client.cookies[COOKIE] = self.cookies[who]
            client.cookies[COOKIE]["path"] = ROOT
        return client


def tie(unit: Unit, name: str, role: str, since: date = date(2021, 1, 1)) -> Person:
    """Somebody with a role in a home."""
    person = make_person(unit.community, name)
    during = DateRange(since, None)
    Occupancy.objects.create(community=unit.community, unit=unit, person=person, role=role, during=during)
    return person


def build_street() -> Street:
    world = build()
    cast = world.cast
    home = cast.unit
    next_door = Unit.objects.get(community=cast.community, code="3-1-1202")
    far = make_unit(cast.other, "9-1-0101")
    neighbour, stranger = make_person(cast.community, "邻居甲"), make_person(cast.other, "外人乙")
    make_owner(next_door, neighbour)
    make_owner(far, stranger)
    people = {
        "owner": (home, cast.mei),
        "tenant": (home, tie(home, "租客丙", "tenant")),
        "family": (home, tie(home, "家人丁", "family")),
        "employee": (home, tie(home, "店员戊", "employee")),
        "neighbour": (next_door, neighbour),
        "elsewhere": (far, stranger),
    }
    return Street(world, {who: sign_in(unit, person)[1] for who, (unit, person) in people.items()})
