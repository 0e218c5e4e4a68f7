"""The product's own web process behind a line that can be cut and counted."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection


class Line:
    """Passes bytes on. ``streams`` counts the live streams that are open now."""

    def __init__(self, there: int) -> None:
        self.there, self.down = there, False
        self.streams: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _address = self.listener.accept()
                threading.Thread(target=self._serve, args=(here,), daemon=True).start()

    def _serve(self, here: socket.socket) -> None:
        try:
            there = socket.create_connection(("127.0.0.1", self.there))
        except OSError:
            here.close()
            return
        back = threading.Thread(target=self._pump, args=(there, here), daemon=True)
        back.start()
        with suppress(OSError):
            while chunk := here.recv(65536):
                if chunk.startswith((b"GET /events ", b"GET /events?", b"GET /my/events?")):
                    if self.down:
                        break
                    self.streams.add(here)
                there.sendall(chunk)
        self._close(here, there)

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while chunk := one.recv(65536):
                other.sendall(chunk)
        self._close(one, other)

    def _close(self, *both: socket.socket) -> None:
        for one in both:
            self.streams.discard(one)
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def cut(self) -> None:
        """End the live streams and let none begin; other requests pass."""
        self.down = True
        self._close(*list(self.streams))

    def mend(self) -> None:
        self.down = False

    def close(self) -> None:
        self.down = True
        self.listener.close()
        self._close(*list(self.streams))


def free_port() -> int:
    """Any: servers that begin at the same moment would both find the product's first port free, and share it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def product_line() -> Iterator[Line]:
    """``shouwen serve`` over the database of the test, and the line to it."""
    port = free_port()
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    words = [sys.executable, "-m", "shouwen", "serve", "--port", str(port), "--workers", "1"]
    given = os.environ | {"DATABASE_URL": database, "SHOUWEN_TESTING": "0"}  # as people run it
    server = subprocess.Popen(words, env=given, stdin=subprocess.DEVNULL)
    line = Line(port)
    try:
        for _turn in range(200):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                break
            time.sleep(0.1)
        yield line
    finally:
        line.close()
        server.terminate()
        server.wait(20)
