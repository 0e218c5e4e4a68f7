"""`shouwen bench powercut`: kill PostgreSQL under load, again and again, and count what it had promised to keep."""

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from shouwen.plant.postgres import Embedded

WRITERS = 4
BETWEEN_KILLS = (1.0, 3.0)


@dataclass(frozen=True)
class Outcome:
    """`acknowledged` rows were committed before a kill as far as the writers know; `lost` of them are not there."""

    acknowledged: int
    lost: int
    doubled: int
    kills: int
    seconds: float


def command(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="shouwen bench powercut")
    parser.add_argument("--seconds", type=float, default=90)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="shouwen-powercut-") as place:
        Path(place).chmod(0o755)
        outcome = powercut(Path(place), given.seconds)
    line = {
        "bench": "powercut", "value": outcome.lost, "unit": "acknowledged rows lost", "limit": None, "ratio": None,
        "bar": 0, "ok": outcome.lost == 0 and outcome.doubled == 0 and outcome.kills > 0,
        "n": outcome.acknowledged, "rounds": outcome.kills,
    }  # fmt: skip
    print(json.dumps(line))
    return 0 if line["ok"] else 1


def powercut(data: Path, seconds: float) -> Outcome:
    """Write for `seconds` on a server of our own under `data`, which is killed every one to three seconds."""
    server = Embedded(data)
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table kept (writer int, n int, primary key (writer, n))")
    stop, kept, begun, kills = threading.Event(), [0] * WRITERS, time.monotonic(), 0
    writers = [threading.Thread(target=_write, args=(url, number, kept, stop)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        while time.monotonic() - begun < seconds:
            time.sleep(random.uniform(*BETWEEN_KILLS))
            _kill(server.postmaster(), children=kills % 2 == 1)
            kills += 1
            server.start()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    lost, doubled = _count(url, kept)
    server.stop()
    return Outcome(sum(kept), lost, doubled, kills, time.monotonic() - begun)


def _write(url: str, number: int, kept: list[int], stop: threading.Event) -> None:
    """Commit 1, 2, 3, ... A row whose answer never came may be there: it is not counted and not written again."""
    n = 0
    while not stop.is_set():
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
            found = connection.execute(
                "select coalesce(max(n), 0) from kept where writer = %s", [number]
            ).fetchone()
            n = max(n, found[0] if found else 0)
            while not stop.is_set():
                connection.execute("insert into kept values (%s, %s)", [number, n + 1])
                n += 1
                kept[number] = n
        time.sleep(0.05)


def _kill(postmaster: int, *, children: bool) -> None:
    main = psutil.Process(postmaster)
    doomed = [main, *(main.children(recursive=True) if children else [])]
    for process in doomed:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _count(url: str, kept: list[int]) -> tuple[int, int]:
    """Return how many acknowledged rows are missing, and how many rows are there twice."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select writer, count(*), count(distinct n), max(n) from kept group by writer"
        ).fetchall()
    there = {writer: (count, distinct, top) for writer, count, distinct, top in rows}
    lost = sum(max(0, kept[writer] - there.get(writer, (0, 0, 0))[1]) for writer in range(WRITERS))
    doubled = sum(count - distinct for count, distinct, _ in there.values())
    return lost, doubled
