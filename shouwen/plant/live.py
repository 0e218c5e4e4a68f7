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
from typing import NamedTuple

import psycopg

from shouwen.plant import presence
from shouwen.plant.bridge import Answer, Receive, Send
from shouwen.plant.presence import Presence, Told

log = logging.getLogger(__name__)
CHANNEL = "shouwen"
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


class Grant(NamedTuple):
    """Who a session belongs to and which communities it may hear of, as Django says."""

    viewer: int
    name: str
    communities: frozenset[int]


Ask = Callable[[str], Awaitable[Answer]]
"""Ask Django for the grant of a session; with a matter, refused unless its viewer may see that."""


@dataclass(eq=False)
class Stream:
    """One browser. What waits for it is kept with its community, so that a right withdrawn meanwhile holds."""

    grant: Grant
    ask_at: float
    queue: asyncio.Queue[tuple[int | None, bytes] | None] = field(
        default_factory=lambda: asyncio.Queue(QUEUE)
    )

    def put(self, community: int | None, event: bytes) -> None:
        try:
            self.queue.put_nowait((community, event))
        except asyncio.QueueFull:  # a browser that reads nothing: it refetches when it comes back
            self.end()

    def end(self) -> None:
        while self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Live:
    """The streams of one process. `{community, kind, id, version, fact}` goes to those who may see that community.

    ``among`` says how many of them hear it: the more there are, the longer each waits before it fetches.
    """

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.streams: set[Stream] = set()
        self.presence = Presence()
        self.recent: deque[tuple[float, int, bytes]] = deque(maxlen=QUEUE // 2)
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
        for at, community, event in self.recent:
            if at >= since and at > time.time() - RECENT and community in grant.communities:
                stream.put(community, event)
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
        while True:
            try:
                waiting = await asyncio.wait_for(stream.queue.get(), HEARTBEAT)
            except TimeoutError:
                waiting = (None, b": still here\n\n")
            if waiting is None:
                return
            if time.monotonic() > stream.ask_at:
                grant = await granted(ask)
                if grant is None:
                    return
                stream.grant, stream.ask_at = grant, time.monotonic() + ASK_AGAIN
            community, event = waiting
            if community is None or community in stream.grant.communities:
                await send({"type": "http.response.body", "body": event, "more_body": True})

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
                    self._tell(b"event: refetch\ndata: {}\n\n")
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
        except (ValueError, TypeError, KeyError):
            log.warning("live: not an event: %.100s", payload)
            return
        if community:
            event["among"] = sum(community in stream.grant.communities for stream in self.streams)
            text = json.dumps(event, separators=(",", ":"))
            told = f"event: change\ndata: {text}\n\n".encode()
            self.recent.append((time.time(), community, told))
            self._tell(told, community)
        else:
            self._rights_changed(kind, key)

    def _tell(self, event: bytes, community: int | None = None) -> None:
        for stream in self.streams:
            if community is None or community in stream.grant.communities:
                stream.put(community, event)

    def _rights_changed(self, kind: str, key: str) -> None:
        """Somebody's grants, or a post's rights: before these streams tell anything more, Django is asked again."""
        for stream in self.streams:
            if kind != "staff" or str(stream.grant.viewer) == key:
                stream.ask_at = 0
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
            if self.presence.at(matter, stream.grant.viewer):
                stream.put(None, event)

    def close(self) -> None:
        """End all streams, so that the process can stop."""
        if self.listener is not None:
            self.listener.cancel()
        for stream in self.streams:
            stream.end()


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
            return Grant(int(told["viewer"]), str(told["name"]), frozenset(map(int, told["communities"])))
    return None
