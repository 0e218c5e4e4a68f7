"""A hundred agents and five hundred residents over plain sockets; no Django, so that they can live in a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

TOKEN = "bench" * 6 + "xy"


@dataclass
class Client:
    """A browser with its cookie, what it may ask for, and how long it thinks in between."""

    cookie: str
    think: float
    desk: bool
    unit: int
    cases: list[str]


@dataclass
class Seen:
    """Seconds of every answer that was asked for after ``since``, and what was not as it should be at any time."""

    since: float
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def live(port: int, clients: list[Client], arriving: float, seconds: float, end: Any) -> None:
    """Let all of them arrive and live for so many seconds, and hand over what they saw."""
    end.send(asyncio.run(_all(port, clients, arriving, seconds)))


async def _all(port: int, clients: list[Client], arriving: float, seconds: float) -> Seen:
    seen, until = Seen(time.perf_counter() + arriving), time.monotonic() + arriving + seconds
    await asyncio.gather(*(_one(port, client, until, seen) for client in clients))
    return seen


async def _one(port: int, client: Client, until: float, seen: Seen) -> None:
    await asyncio.sleep(random.random() * client.think)
    while time.monotonic() < until:
        act = random.choices(*zip(*(DESK if client.desk else HOME), strict=True))[0]
        try:
            await act(Ask(port, client, seen))
        except (OSError, ValueError, TimeoutError) as error:
            seen.wrong.append(repr(error))
        await asyncio.sleep(random.expovariate(1 / client.think))


@dataclass
class Ask:
    """One thing that somebody does; each request of it is measured."""

    port: int
    client: Client
    seen: Seen

    async def get(self, path: str) -> None:
        await self._send(f"GET {path} HTTP/1.1", "", 200)

    async def post(self, path: str, typed: dict[str, str], status: int) -> None:
        body = urlencode(typed)
        more = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        await self._send(f"POST {path} HTTP/1.1", f"{more}X-CSRFToken: {TOKEN}\r\n", status, body)

    async def _send(self, line: str, more: str, status: int, body: str = "") -> None:
        begun = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        with contextlib.closing(writer):
            head = f"{line}\r\nHost: x\r\nConnection: close\r\nCookie: {self.client.cookie}; csrftoken={TOKEN}\r\n{more}"
            writer.write(f"{head}\r\n{body}".encode())
            answer = await asyncio.wait_for(reader.read(), 30)
        if begun >= self.seen.since:
            self.seen.seconds.append(time.perf_counter() - begun)
        if int(answer[9:12] or b"0") != status:
            self.seen.wrong.append(f"{line}: {answer[:120]!r}")


Act = Callable[[Ask], Awaitable[None]]


async def _opens(ask: Ask) -> None:
    await ask.get(f"/desk/received/?case={random.choice(ask.client.cases)}")


async def _registers(ask: Ask) -> None:
    place = f"/cases/new/?kind=repair&unit={ask.client.unit}"
    await ask.get(place)
    typed = {"category": "leak", "title": "水管漏水", "channel": "hotline", "key": str(uuid4())}
    await ask.post(place, typed, 303)


async def _reports(ask: Ask) -> None:
    typed = {"kind": "repair", "text": "厨房水管漏水"}
    await ask.post("/my/report/", typed, 200)
    sent = typed | {
        "category": "leak",
        "key": str(uuid4()),
        "place": "home",
        "send": "1",
        "phone": "13900000000",
    }
    await ask.post("/my/report/", sent, 303)


def _looks(path: str) -> Act:
    return lambda ask: ask.get(path)


DESK: tuple[tuple[Act, float], ...] = (
    (_looks("/desk/received/"), 30), (_looks("/cases/"), 20), (_opens, 25), (_looks("/search/?q=%E6%BC%8F%E6%B0%B4"), 10),
    (_registers, 10), (_looks("/orders/board"), 5),
)  # fmt: skip
HOME: tuple[tuple[Act, float], ...] = ((_looks("/my/"), 60), (_looks("/my/matters/"), 30), (_reports, 10))
