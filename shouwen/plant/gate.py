"""The gate: threads that run Django never wait for a slow telephone.

An ASGI application in front of Django's WSGI handler. It reads a request's body into a spooled file before Django
sees it, runs Django in a few threads, takes the whole answer from the thread, and only then sends it at the client's
pace. `/events` is held here without any thread (see `live.py`). What open pages fetch again by themselves has one thread
of its own: two hundred screens that heard the same do not stand in the way of who presses something.
"""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shouwen.plant import bridge, presence
from shouwen.plant.bridge import Answer, Receive, Scope, Send
from shouwen.plant.live import Live, drawn_at

QUEUE = 400
STREAMS = {"/events": "/events/grant", "/my/events": "/my/events/grant"}
"""The live streams, the staff's and the residents', and where Django says what each may hear of."""


class Gate:
    """`limits` are pairs (path prefix, bytes), the first that fits counts; `default` is for all other paths."""

    def __init__(
        self,
        django: Callable[..., Any],
        *,
        live: Live,
        limits: Sequence[tuple[str, int]] = (),
        default: int = 4 * 2**20,
        threads: int = 3,
    ) -> None:
        self.django, self.live, self.limits, self.default = django, live, limits, default
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="django")
        self.aside = ThreadPoolExecutor(1, thread_name_prefix="django-live")
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"] in STREAMS and scope["method"] == "GET":
            since, path = drawn_at(scope["query_string"]), STREAMS[scope["path"]]
            await self.live.stream(lambda matter: self._grant(scope, path, matter), receive, send, since)
        elif scope["type"] == "http" and scope["path"] == "/events/here" and scope["method"] == "POST":
            await self._here(scope, receive, send)
        elif scope["type"] == "http":
            await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = next((size for prefix, size in self.limits if scope["path"].startswith(prefix)), self.default)
        with tempfile.SpooledTemporaryFile(bridge.SPOOL) as body:
            length = await bridge.read_body(scope, receive, body, limit)
            if length is None:
                return
            if length > limit:
                most = f"{limit / 2**20:.3g} MB"
                answer = bridge.refusal(
                    scope,
                    413,
                    "too_big",
                    f"内容太大，这里最多接受 {most}。",
                    f"Too large: at most {most} here.",
                )
            elif self.waiting >= QUEUE:
                answer = bridge.refusal(
                    scope, 503, "busy", "系统繁忙，请稍后再试。", "Busy, please try again shortly."
                )
            else:
                answer = await self._ask(bridge.environ_of(scope, body, length))
        await bridge.send_answer(scope, send, answer)

    async def _ask(self, environ: dict[str, Any]) -> Answer:
        self.waiting += 1
        pool = self.aside if "HTTP_X_LIVE" in environ else self.pool
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, self._run, environ)
        finally:
            self.waiting -= 1

    def _run(self, environ: dict[str, Any]) -> Answer:
        """In a thread: let Django answer, take the answer over and close it, so that its connection goes back."""
        said: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            said.update(status=int(status[:3]), headers=pairs)

        result = self.django(environ, start)
        try:
            body = bridge.own_file(result) if isinstance(result, bridge.FileBody) else bridge.gathered(result)
        finally:
            if close := getattr(result, "close", None):
                close()
        return Answer(said["status"], said["headers"], body)

    async def _here(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Who has a matter open. Another site's page can't send JSON here: its browser would have to ask first."""
        given = dict(scope["headers"])
        with tempfile.SpooledTemporaryFile(bridge.SPOOL) as body:
            length = await bridge.read_body(scope, receive, body, presence.MOST)
            if length is None:
                return
            if length > presence.MOST or given.get(b"content-type", b"") != b"application/json":
                answer = presence.answer(422)
            else:
                cookie = given.get(b"cookie", b"")
                path = STREAMS["/events"]
                answer = await self.live.here(
                    body.read(), cookie, lambda matter: self._grant(scope, path, matter)
                )
        await bridge.send_answer(scope, send, answer)

    async def _grant(self, scope: Scope, path: str, matter: str) -> Answer:
        """Ask Django who this session is and what it may hear of; with a matter, whether it may see it."""
        query = f"matter={matter}".encode() if matter else b""
        asked = {**scope, "method": "GET", "path": path, "query_string": query}
        return await self._ask(bridge.environ_of(asked, tempfile.SpooledTemporaryFile(), 0))

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.startup":
                self.live.begin()
            if kind == "lifespan.shutdown":
                self.live.close()
                self.pool.shutdown(wait=False)
                self.aside.shutdown(wait=False)
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
