"""Live streams: one LISTEN for each process, many browsers. An event says what changed, never its content."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable

import psycopg

from shouwen.plant.bridge import Answer, Receive, Send

log = logging.getLogger(__name__)
CHANNEL = "shouwen"
HEARTBEAT = 20
ASK_AGAIN = 300
QUEUE = 200
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Live:
    """The streams of one process. `{community, kind, id, version}` goes to those who may see that community."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.streams: dict[asyncio.Queue[bytes | None], frozenset[int]] = {}
        self.listener: asyncio.Task[None] | None = None

    async def stream(self, grant: Callable[[], Awaitable[Answer]], receive: Receive, send: Send) -> None:
        """Hold one browser's stream until it leaves, its session ends, or the process stops."""
        communities = await _allowed(grant)
        if communities is None:
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": "请先登录。 Sign in first.\n".encode()})
            return
        if self.listener is None or self.listener.done():
            self.listener = asyncio.create_task(self._listen())
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE)
        self.streams[queue] = communities
        gone = asyncio.create_task(_gone(receive))
        gone.add_done_callback(lambda _: _end(queue))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send(
                {"type": "http.response.body", "body": b"retry: 3000\n: welcome\n\n", "more_body": True}
            )
            await self._feed(queue, grant, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            del self.streams[queue]
            gone.cancel()

    async def _feed(
        self, queue: asyncio.Queue[bytes | None], grant: Callable[[], Awaitable[Answer]], send: Send
    ) -> None:
        loop = asyncio.get_running_loop()
        ask_at = loop.time() + ASK_AGAIN
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                event = b": still here\n\n"
            if event is None:
                return
            if loop.time() > ask_at:
                communities = await _allowed(grant)
                if communities is None:
                    return
                self.streams[queue], ask_at = communities, loop.time() + ASK_AGAIN
            await send({"type": "http.response.body", "body": event, "more_body": True})

    async def _listen(self) -> None:
        """Hear the database for as long as the process lives; after a gap everybody refetches."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self.database_url, autocommit=True
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    self._tell(b"event: refetch\ndata: {}\n\n", None)
                    async for notice in connection.notifies():
                        self._hear(notice.payload)
            except psycopg.Error as error:
                log.warning("live: lost the database, trying again: %s", error)
            await asyncio.sleep(1)

    def _hear(self, payload: str) -> None:
        try:
            event = json.loads(payload)
            community, text = event["community"], json.dumps(event, separators=(",", ":"))
        except (ValueError, TypeError, KeyError):
            log.warning("live: not an event: %.100s", payload)
            return
        self._tell(f"event: change\ndata: {text}\n\n".encode(), community)

    def _tell(self, event: bytes, community: int | None) -> None:
        for queue, communities in self.streams.items():
            if community is None or community in communities:
                try:
                    queue.put_nowait(event)
                except asyncio.QueueFull:  # a browser that reads nothing: it refetches when it comes back
                    _end(queue)

    def close(self) -> None:
        """End all streams, so that the process can stop."""
        if self.listener is not None:
            self.listener.cancel()
        for queue in self.streams:
            _end(queue)


def _end(queue: asyncio.Queue[bytes | None]) -> None:
    while queue.full():
        queue.get_nowait()
    queue.put_nowait(None)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _allowed(grant: Callable[[], Awaitable[Answer]]) -> frozenset[int] | None:
    """Return the communities that Django grants, or None where it refuses."""
    answer = await grant()
    if not isinstance(answer.body, bytes):
        answer.body.close()
        return None
    with contextlib.suppress(ValueError, TypeError):
        if answer.status == 200:
            return frozenset(int(community) for community in json.loads(answer.body))
    return None
