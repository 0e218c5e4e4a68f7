"""Many screens and slow clients at once, over plain sockets; no Django, so that they can live in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

SOON, JITTER, EACH, CROWD = 0.15, 0.9, 0.016, 1.6
EACH_SLOW, SLOW_LEAST, SLOW_MOST = 0.15, 2.5, 15.0
"""Seconds that a screen waits before it fetches again; as in assets/js/live.js."""
LIVE = "X-Live: 1\r\n"
SEEN = 12
"""Rows of a list that stand before somebody's eyes; the others are fetched with the counts."""


class Arrival(NamedTuple):
    """A version of a case, and when a screen had its row."""

    key: str
    version: int
    at: float


class Screen:
    """A desk that shows a list: it hears events, fetches what it shows, and less often the rest and the counts."""

    def __init__(self, port: int, cookie: str, path: str, seen: frozenset[str]) -> None:
        self.port, self.cookie, self.path, self.seen = port, cookie, path, seen
        self.arrivals: list[Arrival] = []
        self.soon: dict[str, tuple[int, str]] = {}
        self.slow: dict[str, tuple[int, str]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.took = 0.0

    async def watch(self) -> None:
        """Hold the stream until cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /events HTTP/1.1\r\nHost: x\r\nCookie: {self.cookie}\r\n\r\n".encode())
        with contextlib.closing(writer):
            while line := await reader.readline():
                if line.startswith(b'data: {"'):
                    self._hear(json.loads(line[6:]))

    def _hear(self, event: dict[str, object]) -> None:
        key, told = str(event["id"]), (int(str(event["version"])), str(event["fact"]))
        among = int(str(event["among"]))
        soon = SOON + random.random() * max(JITTER, min(CROWD, EACH * among), 4 * self.took)
        slow = min(SLOW_MOST, max(SLOW_LEAST, EACH_SLOW * among))
        if key in self.seen:
            if not self.soon:
                self._later(soon, self._rows)
            self.soon[key] = told
        if not self.slow:
            self._later(soon + slow * (0.5 + random.random() / 2), self._rest)
        self.slow[key] = told

    def _later(self, wait: float, act: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await asyncio.sleep(wait)
            await act()

        task = asyncio.create_task(run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _rows(self) -> None:
        named, self.soon = self.soon, {}
        begun = time.time()
        await self._ask(named)
        self.took = time.time() - begun
        self.arrivals += [Arrival(key, version, time.time()) for key, (version, _fact) in named.items()]

    async def _rest(self) -> None:
        named = {key: told for key, told in self.slow.items() if key not in self.seen}
        self.slow = {}
        await fetch(self.port, f"/live/rail/?at={self.path}", self.cookie, LIVE)
        if named:
            await self._ask(named)

    async def _ask(self, named: dict[str, tuple[int, str]]) -> None:
        asked = ",".join(f"{key}@{fact}" for key, (_version, fact) in named.items())
        await fetch(self.port, self.path, self.cookie, f"{LIVE}X-Live-Rows: {asked}\r\n")


async def fetch(port: int, path: str, cookie: str, more: str = "") -> bytes:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.closing(writer):
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n{more}\r\n"
        writer.write(head.encode())
        answer = await reader.read()
    if b" 200 " not in answer[:20]:
        raise RuntimeError(f"{path}: {answer[:200]!r}")
    return answer


async def _watch(
    port: int,
    cookie: str,
    path: str,
    seen: frozenset[str],
    count: int,
    ready: Callable[[], None],
    over: Callable[[], bool],
) -> list[Arrival]:
    screens = [Screen(port, cookie, path, seen) for _ in range(count)]
    tasks = [asyncio.create_task(screen.watch()) for screen in screens]
    await asyncio.sleep(2)
    ready()
    while not over():  # noqa: ASYNC110 - another process says so
        await asyncio.sleep(0.1)
    broken = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if broken:
        raise RuntimeError(f"{len(broken)} streams ended by themselves")
    return [arrival for screen in screens for arrival in screen.arrivals]


def watch(port: int, cookie: str, path: str, seen: frozenset[str], count: int, end: Any) -> None:
    """A process of screens: says when all streams are open, ends when told to, and hands over what arrived."""
    found = asyncio.run(
        _watch(port, cookie, path, seen, count, lambda: end.send("ready"), lambda: bool(end.poll()))
    )
    end.send(found)


# --- clients on a bad line ----------------------------------------------------------------------------------------------


async def slow_upload(port: int, path: str, cookie: str) -> None:
    """Send a form of 3 MB at 30 kB a second."""
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    kind = "multipart/form-data; boundary=x"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\nContent-Length: 3000000\r\n\r\n"
    with contextlib.closing(writer):
        writer.write(head.encode())
        for _turn in range(1000):
            writer.write(b"x" * 3000)
            await writer.drain()
            await asyncio.sleep(0.1)


async def slow_download(port: int, path: str, cookie: str) -> None:
    """Read a file at 50 kB a second."""
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n"
        await loop.sock_sendall(sock, head.encode())
        while await loop.sock_recv(sock, 5000):  # noqa: ASYNC110 - a slow reader, on purpose
            await asyncio.sleep(0.1)
