"""``live``: two hundred screens and one change a second: how soon it is seen, what idle streams cost, what lists feel."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import re
import threading
import time
from typing import Any

import psutil

from shouwen.people.models import Staff
from shouwen.site.bench import Figure, percentile
from shouwen.site.bench.ground import Place, fill_cases, settle
from shouwen.site.bench.load import expect, run
from shouwen.site.bench.screens import SEEN, watch
from shouwen.site.bench.server import cookie, serving

SCREENS, LIST = 200, "/desk/received/"
SEEN_S, IDLE_SHARE, GROWTH = 2.0, 0.2, 2.0


def measure(rows: int = 1000, *, seconds: float = 30.0) -> list[Figure]:
    """Three figures: p95 seconds from the change of a row that is looked at to its arrival on each screen, the cores that
    idle streams use, and the p95 of the list."""
    place = settle(1)[0]
    fill_cases([place], rows)
    signed_in = cookie(Staff.objects.get(username=f"bench-{place.community}"))
    with serving() as port:
        keys = _rows(port, signed_in)
        quiet = _p95(port, signed_in, seconds / 2)
        here, there = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        seen_rows = frozenset(keys[:SEEN])
        screens = context.Process(target=watch, args=(port, signed_in, LIST, seen_rows, SCREENS, there))
        screens.start()
        here.recv()
        idle = _cores(seconds / 2)
        # The rows before everybody's eyes and as many that are not, in turn.
        made, busy = _changes(port, place, keys[: 2 * SEEN], signed_in, seconds)
        time.sleep(3)
        here.send("over")
        arrived: list[Any] = here.recv()
        screens.join(20)
    waits = _waits(made, arrived)
    seen = percentile(waits, 0.95)
    shown = sum(1 for key, _version in made if key in seen_rows)
    missed = shown * SCREENS - len(waits)
    return [
        Figure(
            "live", seen, "s p95", None, None, SEEN_S, seen < SEEN_S and not missed, len(waits), len(made)
        ),
        Figure("live-idle", idle, "cores", None, None, IDLE_SHARE, idle < IDLE_SHARE, SCREENS, 1),
        Figure("live-list", busy, "ms p95", quiet, busy / quiet, GROWTH, busy / quiet <= GROWTH, SCREENS, 1),
    ]


def _rows(port: int, signed_in: str) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    page = expect(connection, "GET", LIST, None, {"Cookie": signed_in}, 200).decode()
    return re.findall(r'id="row-([0-9a-f-]{36})"', page)


def _p95(port: int, signed_in: str, seconds: float) -> float:
    def ask(connection: http.client.HTTPConnection, _turn: int) -> None:
        expect(connection, "GET", "/cases/", None, {"Cookie": signed_in}, 200)
        time.sleep(0.05)  # somebody who reads, no flood: the screens are the load

    taken = [s - 0.05 for s in run(port, ask, clients=1, seconds=seconds).seconds]
    return 1000 * percentile(taken, 0.95)


def _changes(
    port: int, place: Place, keys: list[str], signed_in: str, seconds: float
) -> tuple[dict[tuple[str, int], float], float]:
    """One change a second, and meanwhile somebody at the list."""
    made: dict[tuple[str, int], float] = {}

    def ask(connection: http.client.HTTPConnection, turn: int) -> None:
        begun, key = time.time(), keys[turn % len(keys)]
        headers = {"Authorization": f"Bearer {place.secret}", "Content-Type": "application/json"}
        answer = expect(connection, "POST", f"/api/v1/cases/{key}/moves/urge", b"{}", headers, 200)
        made[key, json.loads(answer)["version"]] = begun
        time.sleep(max(0.0, 1 - (time.time() - begun)))

    changer = threading.Thread(target=lambda: run(port, ask, clients=1, seconds=seconds))
    changer.start()
    busy = _p95(port, signed_in, seconds)
    changer.join()
    return made, busy


def _waits(made: dict[tuple[str, int], float], arrived: list[Any]) -> list[float]:
    """Seconds from each change to each screen that had the row; a later version brings the earlier ones along."""
    return [at - made[key, version] for key, version, at in arrived if (key, version) in made]


def _cores(seconds: float) -> float:
    """Processor time of the web processes per second of the clock."""
    web = [p for child in psutil.Process().children() for p in (child, *child.children(recursive=True))
           if "serve" in " ".join(p.cmdline()) or "multiprocessing" in " ".join(p.cmdline())]  # fmt: skip

    def spent() -> float:
        return float(sum(p.cpu_times().user + p.cpu_times().system for p in web))

    before = spent()
    time.sleep(seconds)
    return (spent() - before) / seconds
