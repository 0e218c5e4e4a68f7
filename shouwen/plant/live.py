"""Live streams: one LISTEN for each process, many browsers. An event says what changed, never its content."""

import asyncio
import contextlib
import json
import logging
import random
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg

from shouwen.plant import presence
from shouwen.plant.bridge import Answer, Receive, Send
from shouwen.plant.presence import Presence, Told

log = logging.getLogger(__name__)
CHANNEL = "shouwen"
HOME_SIGN_IN = "homesignin"
HEARTBEAT = 20
RECENT = 30
"""Seconds within which a page that was just drawn opens its stream."""
ASK_AGAIN = 300
SWEEP = 5
QUEUE = 200
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class News(NamedTuple):
    """What is told: to the colleagues of a community, and ``home`` to the household whose matter it is.

    Without a community it is for everybody.
    """

    event: bytes
    community: int | None = None
    unit: int = 0
    matter: str = ""
    home: bytes = b""


class Grant(NamedTuple):
    """Who a session belongs to and what it may hear of, as Django says.

    A colleague hears of communities, a household of its own ``matters`` alone; what happens in its ``units`` may be one
    more of them, so that Django is asked again before anything is told.
    """

    viewer: int
    name: str
    communities: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    matters: frozenset[str] = frozenset()

    def hears(self, news: News) -> bytes:
        """What this session is told; nothing where it is none of theirs."""
        if news.community is None or news.community in self.communities:
            return news.event
        return news.home if news.matter in self.matters else b""

    def asks(self, news: News) -> bool:
        """Whether only Django knows if this is theirs."""
        return news.unit in self.units and news.matter not in self.matters


Ask = Callable[[str], Awaitable[Answer]]
"""Ask Django for the grant of a session; with a matter, refused unless its viewer may see that."""


@dataclass(eq=False)
class Stream:
    """One browser. What waits for it is looked at again before it is told, so that a right withdrawn meanwhile holds."""

    grant: Grant
    ask_at: float
    queue: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def put(self, news: News) -> None:
        """Let it wait for the browser, if it is theirs or may be."""
        if not (self.grant.hears(news) or self.grant.asks(news)):
            return
        try:
            self.queue.put_nowait(news)
        except asyncio.QueueFull:  # a browser that reads nothing: it refetches when it comes back
            self.end()

    def end(self) -> None:
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Live:
    """The streams of one process. `{community, kind, id, version, fact}` goes to those who may see that community; a
    household is told `{matter}`, and only of its own.

    ``among`` says how many of them hear it: the more there are, the longer each waits before it fetches.
    """

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.streams: set[Stream] = set()
        self.presence = Presence()
        self.recent: deque[tuple[float, News]] = deque(maxlen=QUEUE // 2)
        self.known: dict[tuple[bytes, str], tuple[Grant, float]] = {}
        self.listener: asyncio.Task[None] | None = None
        self.speaker: psycopg.AsyncConnection | None = None
        self.speaking = asyncio.Lock()

    # --- streams ---------------------------------------------------------------------------------------------------

    async def stream(self, ask: Ask, receive: Receive, send: Send, since: float = 0) -> None:
        """Hold one browser's stream until it leaves, its session ends, or the process stops.

        It begins with what was heard lately and after ``since``, the second in which its page was drawn.
        """
        grant = await granted(ask)
        if grant is None:
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": "请先登录。 Sign in first.\n".encode()})
            return
        self.begin()
        stream = Stream(grant, time.monotonic() + ASK_AGAIN)
        self.streams.add(stream)
        for at, news in self.recent:
            if at >= since and at > time.time() - RECENT:
                stream.put(news)
        gone = asyncio.create_task(_gone(receive))
        gone.add_done_callback(lambda _: stream.end())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            # Not all browsers come back in the same second after a restart.
            welcome = f"retry: {random.randint(2000, 5000)}\n: welcome\n\n".encode()
            await send({"type": "http.response.body", "body": welcome, "more_body": True})
            await self._feed(stream, ask, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.streams.discard(stream)
            gone.cancel()

    async def _feed(self, stream: Stream, ask: Ask, send: Send) -> None:
        beat = time.monotonic() + HEARTBEAT
        while True:
            try:
                news = await asyncio.wait_for(stream.queue.get(), max(0, beat - time.monotonic()))
            except TimeoutError:
                news = News(b": still here\n\n")
            if news is None:
                return
            if time.monotonic() > stream.ask_at or stream.grant.asks(news):
                grant = await granted(ask)
                if grant is None:
                    return
                stream.grant, stream.ask_at = grant, time.monotonic() + ASK_AGAIN
            # What is not told does not even move the next sign of life.
            if told := stream.grant.hears(news):
                beat = time.monotonic() + HEARTBEAT
                await send({"type": "http.response.body", "body": told, "more_body": True})

    # --- what the database tells -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Listen; called at the start of the process, and again should that ever have failed."""
        if self.listener is None or self.listener.done():
            self.listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        """Hear the database for as long as the process lives; after a gap everybody refetches."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self.database_url, autocommit=True
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    await connection.execute(f"listen {presence.CHANNEL}")
                    self._tell(News(b"event: refetch\ndata: {}\n\n"))
                    while True:
                        async for notice in connection.notifies(timeout=SWEEP):
                            self._hear(notice.channel, notice.payload)
                        for matter in self.presence.sweep():
                            self._show(matter)
            except psycopg.Error as error:
                log.warning("live: lost the database, trying again: %s", error)
            await asyncio.sleep(1)

    def _hear(self, channel: str, payload: str) -> None:
        if channel == presence.CHANNEL:
            if matter := self.presence.hear(payload):
                self._show(matter)
            return
        try:
            event = json.loads(payload)
            community, kind, key = int(event["community"]), str(event["kind"]), str(event["id"])
            unit, apart = int(event.pop("unit", None) or 0), bool(event.pop("apart", False))
        except (ValueError, TypeError, KeyError):
            log.warning("live: not an event: %.100s", payload)
            return
        if not community or kind == HOME_SIGN_IN:
            self._rights_changed(kind, key)
        if community:
            event["among"] = sum(community in stream.grant.communities for stream in self.streams)
            matter = "" if apart else str(event.get("matter", ""))
            news = News(_change(event), community, 0 if apart else unit, matter, _change({"matter": matter}))
            self.recent.append((time.time(), news))
            self._tell(news)

    def _tell(self, news: News) -> None:
        for stream in self.streams:
            stream.put(news)

    def _rights_changed(self, kind: str, key: str) -> None:
        """Somebody's grants, a post's rights, a household's sign-in: before these streams tell anything more, Django is
        asked again.
        """
        for stream in self.streams:
            at_home, own = bool(stream.grant.units), str(stream.grant.viewer) == key
            if at_home == (kind == HOME_SIGN_IN) and (own or kind not in ("staff", HOME_SIGN_IN)):
                stream.ask_at = 0
        if kind != HOME_SIGN_IN:
            self.known = {k: v for k, v in self.known.items() if kind == "staff" and str(v[0].viewer) != key}

    # --- who is here -------------------------------------------------------------------------------------------------

    async def here(self, body: bytes, cookie: bytes, ask: Ask) -> Answer:
        """A tab tells that it has a matter open: only who may see the matter is seen there, and sees the others."""
        told = presence.read(body)
        if told is None:
            return presence.answer(422)
        grant = await self._at(told, cookie, ask)
        if grant is None:
            return presence.answer(403)
        self.begin()
        payload = presence.payload(told, grant.viewer, grant.name)
        self._hear(presence.CHANNEL, payload)
        await self._speak(payload)
        return presence.answer(200, self.presence.picture(told.matter))

    async def _at(self, told: Told, cookie: bytes, ask: Ask) -> Grant | None:
        """Django's answer holds for a while, so that telling again every half minute costs it nothing."""
        grant, until = self.known.get((cookie, told.matter), (None, 0.0))
        if grant is None or until < time.monotonic():
            now = time.monotonic()
            self.known = {key: kept for key, kept in self.known.items() if kept[1] > now}
            grant = await granted(lambda _: ask(told.matter))
            if grant is not None:
                self.known[cookie, told.matter] = (grant, now + ASK_AGAIN)
        return grant

    async def _speak(self, payload: str) -> None:
        async with self.speaking:
            with contextlib.suppress(psycopg.Error):  # nobody is seen until the next time it is told
                if self.speaker is None or self.speaker.closed:
                    self.speaker = await psycopg.AsyncConnection.connect(self.database_url, autocommit=True)
                await self.speaker.execute("select pg_notify(%s, %s)", [presence.CHANNEL, payload])

    def _show(self, matter: str) -> None:
        event = f"event: here\ndata: {self.presence.picture(matter)}\n\n".encode()
        for stream in self.streams:
            if not stream.grant.units and self.presence.at(matter, stream.grant.viewer):
                stream.put(News(event))

    def close(self) -> None:
        """End all streams, so that the process can stop."""
        if self.listener is not None:
            self.listener.cancel()
        for stream in self.streams:
            stream.end()


def _change(event: dict[str, Any]) -> bytes:
    return f"event: change\ndata: {json.dumps(event, separators=(',', ':'))}\n\n".encode()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def drawn_at(query: bytes) -> float:
    """The second in ``?since=``; without a sensible one now, so that nothing is told again."""
    found = re.fullmatch(rb"since=(\d{1,12})", query)
    return float(found[1]) if found else time.time()


async def granted(ask: Ask) -> Grant | None:
    """What Django grants, or None where it refuses."""
    answer = await ask("")
    if not isinstance(answer.body, bytes):
        answer.body.close()
        return None
    with contextlib.suppress(ValueError, TypeError, KeyError):
        if answer.status == 200:
            told = json.loads(answer.body)
            communities, units = (
                frozenset(map(int, told.get(name, ()))) for name in ("communities", "units")
            )
            matters = frozenset(map(str, told.get("matters", ())))
            return Grant(int(told["viewer"]), str(told["name"]), communities, units, matters)
    return None
