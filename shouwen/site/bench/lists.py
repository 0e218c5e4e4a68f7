"""``list``: the first page of all cases over HTTP, at 1,000 and at 300,000 cases."""

from __future__ import annotations

import http.client
from statistics import median

from shouwen.people.models import Staff
from shouwen.site.bench import Figure
from shouwen.site.bench.ground import Place, fill_cases, settle
from shouwen.site.bench.load import expect, run
from shouwen.site.bench.server import cookie, serving

BAR_MS, GROWTH, SLACK_MS = 30.0, 1.3, 5.0


def measure(rows: int = 300_000, small: int = 1_000, rounds: int = 7, seconds: float = 2.0) -> Figure:
    """p50 milliseconds of ``/cases/`` at ``rows``; ``limit`` is the same at ``small`` in the same house."""
    few, many = settle(1)[0], settle(1)[0]
    fill_cases([few], small)
    fill_cases([many], rows)
    with serving() as port:
        slow, quick = _interleaved(port, many, few, rounds, seconds)
    ratio = slow / quick
    ok = slow <= BAR_MS and (ratio <= GROWTH or slow - quick <= SLACK_MS)
    return Figure("list", slow, "ms p50", quick, ratio, BAR_MS, ok, rows, rounds)


def _interleaved(port: int, many: Place, few: Place, rounds: int, seconds: float) -> tuple[float, float]:
    found: dict[int, list[float]] = {many.community: [], few.community: []}
    for _ in range(rounds):
        for place in (few, many):
            found[place.community].append(_p50(port, place, seconds))
    return median(found[many.community]), median(found[few.community])


def _p50(port: int, place: Place, seconds: float) -> float:
    headers = {"Cookie": cookie(Staff.objects.get(username=f"bench-{place.community}"))}

    def ask(connection: http.client.HTTPConnection, _turn: int) -> None:
        expect(connection, "GET", "/cases/", None, headers, 200)

    return 1000 * median(run(port, ask, clients=1, seconds=seconds).seconds)
