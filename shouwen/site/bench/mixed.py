"""``mixed``: a hundred agents and five hundred residents at their usual pace, all at once, for a minute.

They arrive within ten seconds, which are not measured.

An agent does something every five seconds, a resident every half minute: lists, queues, cases, searches and new
requests at the desk; the own home, the own matters and new reports on the telephone.
"""

from __future__ import annotations

import multiprocessing
from datetime import date

from psycopg.types.range import DateRange

from shouwen.cases.models import Case
from shouwen.estate.keys import person_keys
from shouwen.estate.models import Occupancy, Person, Unit
from shouwen.kernel.actors import System
from shouwen.people import home_sign_in
from shouwen.people.models import Staff
from shouwen.portal.doors import COOKIE
from shouwen.site.bench import Figure, percentile
from shouwen.site.bench.crowd import Client, Seen, live
from shouwen.site.bench.ground import UNITS, Place, fill_cases, settle
from shouwen.site.bench.server import cookie, serving

HOMES, AGENTS, RESIDENTS = 10, 100, 500
BAR_MS, THINK_AGENT, THINK_RESIDENT, ARRIVING = 500.0, 5.0, 30.0, 10.0


def measure(rows: int = 20_000, seconds: float = 60.0) -> list[Figure]:
    """The p95 of all answers, and how many were no answer."""
    places = settle(HOMES)
    fill_cases(places, rows)
    clients = [
        *(_agent(places[n % HOMES]) for n in range(AGENTS)),
        *(_resident(places[n % HOMES], n) for n in range(RESIDENTS)),
    ]
    with serving() as port:
        here, there = multiprocessing.Pipe()
        # A process of its own: what measures must not wait for what is measured.
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=live, args=(port, clients, ARRIVING, seconds, there))
        process.start()
        seen: Seen = here.recv()
        process.join(20)
    p95, wrong = 1000 * percentile(seen.seconds, 0.95), len(seen.wrong)
    for one in seen.wrong[:5]:
        print(one)  # noqa: T201 - a bench tells what it saw
    return [
        Figure("mixed", p95, "ms p95", None, None, BAR_MS, p95 < BAR_MS, len(seen.seconds), 1),
        Figure("mixed-errors", float(wrong), "answers", None, None, 0.0, not wrong, len(seen.seconds), 1),
    ]


def _agent(place: Place) -> Client:
    staff = Staff.objects.get(username=f"bench-{place.community}")
    newest = Case.objects.filter(community_id=place.community).order_by("-opened_at")
    keys = [str(key) for key in newest.values_list("pk", flat=True)[:50]]
    return Client(cookie(staff), THINK_AGENT, desk=True, unit=place.unit, cases=keys)


def _resident(place: Place, number: int) -> Client:
    turn = number // HOMES  # of this community
    unit = Unit.objects.filter(community_id=place.community).order_by("pk")[turn % UNITS]
    name = f"住户{number}"
    person = Person.objects.create(community_id=place.community, name=name, **person_keys(name))
    role = Occupancy.Role.OWNER if turn < UNITS else Occupancy.Role.FAMILY
    Occupancy.objects.create(
        community_id=place.community,
        unit=unit,
        person=person,
        role=role,
        during=DateRange(date(2020, 1, 1), None),
    )
    house = System.of(place.community)
    _slip, secret = home_sign_in.issue_slip(unit.pk, actor=house, person_id=person.pk)
    _row, kept = home_sign_in.use_slip(secret, address="127.0.0.1", agent="bench")
    return Client(f"{COOKIE}={kept}", THINK_RESIDENT, desk=False, unit=unit.pk, cases=[])
