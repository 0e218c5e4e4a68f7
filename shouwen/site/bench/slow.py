"""``slow``: what fifty slow uploads and fifty slow downloads add to the p95 of the list page, signed in."""

from __future__ import annotations

import asyncio
import http.client
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from uuid import UUID

from shouwen.cases.models import Case, Photo
from shouwen.kernel import clock
from shouwen.kernel.files import StoredFile
from shouwen.people.models import Staff
from shouwen.site.bench import Figure, percentile
from shouwen.site.bench.ground import fill_cases, settle
from shouwen.site.bench.load import expect, run
from shouwen.site.bench.screens import slow_download, slow_upload
from shouwen.site.bench.server import cookie, serving

CLIENTS, BAR_MS, BIG = 50, 50.0, 12_000_000


def measure(rows: int = 1000, *, rounds: int = 5, seconds: float = 3.0) -> Figure:
    """Added milliseconds: the median over rounds, each measured without and with the slow ones; ``limit`` is p95 without."""
    place = settle(1)[0]
    fill_cases([place], rows)
    staff = Staff.objects.get(username=f"bench-{place.community}")
    picture = big_photo(Case.objects.first() or Case())
    signed_in, alone, among = cookie(staff), [], []
    with serving() as port:
        _p95(port, signed_in, 1.0)
        for _ in range(rounds):
            alone.append(_p95(port, signed_in, seconds))
            with hanging(port, signed_in, picture) as still:
                among.append(_p95(port, signed_in, seconds))
                if still() != 2 * CLIENTS:
                    raise RuntimeError(f"only {still()} slow clients were left")
    added = median(m - a for a, m in zip(alone, among, strict=True))
    base = median(alone)
    return Figure(
        "slow",
        added,
        "ms added to p95",
        base,
        median(among) / base,
        BAR_MS,
        added < BAR_MS,
        2 * CLIENTS,
        rounds,
    )


def _p95(port: int, signed_in: str, seconds: float) -> float:
    def ask(connection: http.client.HTTPConnection, _turn: int) -> None:
        expect(connection, "GET", "/cases/", None, {"Cookie": signed_in}, 200)

    return 1000 * percentile(run(port, ask, clients=1, seconds=seconds).seconds, 0.95)


def big_photo(case: Case) -> UUID:
    """A picture of 12 MB that belongs to a case: more than all buffers on its way hold."""
    name = os.urandom(32).hex()
    row = StoredFile.objects.create(
        community_id=case.community_id, sha256=name, name="big.jpg", mime="image/jpeg", size=BIG,
        created_at=clock.now(), created_by_kind="system",
    )  # fmt: skip
    path = row.path("screen")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff\xe0" + os.urandom(BIG))
    photo = Photo.objects.create(community_id=case.community_id, case=case, file=row, at=clock.now())
    return photo.pk


@contextmanager
def hanging(port: int, signed_in: str, picture: UUID, clients: int = CLIENTS) -> Iterator[Callable[[], int]]:
    """Slow uploads and downloads on their way; yields a function that counts those still going on."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    path = f"/photos/{picture}/screen/"
    going = [
        asyncio.run_coroutine_threadsafe(one, loop)
        for _ in range(clients)
        for one in (
            slow_upload(port, "/cases/new/?elsewhere=1", signed_in),
            slow_download(port, path, signed_in),
        )
    ]
    threading.Event().wait(2)
    try:
        yield lambda: sum(not one.done() for one in going)
    finally:
        for one in going:
            one.cancel()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.2), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
