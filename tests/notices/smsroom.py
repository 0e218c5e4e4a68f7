"""A real gateway of text messages for tests: it keeps what was posted and answers as it was told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shouwen.notices.models import Gateway


@dataclass(frozen=True)
class Posted:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Exchange:
    """``answers`` are given once each, status, body and more headers; then 200."""

    posted: list[Posted] = field(default_factory=list)
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)

    def texts(self) -> list[str]:
        return [one.body.decode() for one in self.posted]


@contextmanager
def sms_server() -> Iterator[tuple[Exchange, int]]:
    """A gateway on a free port of this machine."""
    room = Exchange()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            room.posted.append(Posted(self.path, dict(self.headers), self.rfile.read(length)))
            status, words, more = room.answers.pop(0) if room.answers else (200, '{"code":0}', {})
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield room, server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def gateway(port: int, **more: object) -> Gateway:
    """The house's gateway at this server."""
    Gateway.objects.all().delete()
    given = {"url": f"http://127.0.0.1:{port}/send?account=house", "inside": True}
    return Gateway.objects.create(**given | more)
