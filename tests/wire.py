"""The line between the product and PostgreSQL, cut at COMMIT: just before it arrives, or just before its answer does."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from django.db import connection

Moment = Literal["before", "after"]
_ANSWER = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""CommandComplete of a COMMIT: the server has written it to the disk when it says so."""


class Wire:
    """Carries bytes both ways. ``cut_at`` is armed for the next COMMIT; ``cut`` tells that it happened."""

    def __init__(self, server: dict[str, Any]) -> None:
        self.server, self.cut_at, self.cut = server, None, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    cut_at: Moment | None

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self.listener.accept()
                threading.Thread(target=self._carry, args=(client, self._upstream()), daemon=True).start()

    def _upstream(self) -> socket.socket:
        host, port = self.server["HOST"], int(self.server["PORT"] or 5432)
        if not host.startswith("/"):
            return socket.create_connection((host or "localhost", port))
        line = socket.socket(socket.AF_UNIX)
        line.connect(str(Path(host) / f".s.PGSQL.{port}"))
        return line

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        """Until one side hangs up, or the moment comes: then neither hears from the other again."""
        tail = b""  # an answer may come in two pieces
        with client, server, suppress(OSError):
            while True:
                for one in select.select([client, server], [], [])[0]:
                    if not (data := one.recv(65536)):
                        return
                    asks = one is client
                    tail = b"" if asks else tail[-len(_ANSWER) :] + data
                    said = b"commit" in data.lower() if asks else _ANSWER in tail
                    if said and self.cut_at == ("before" if asks else "after"):
                        self.cut_at, self.cut = None, self.cut + 1
                        return
                    (server if asks else client).sendall(data)

    def close(self) -> None:
        self.listener.close()


@contextmanager
def wire() -> Iterator[Wire]:
    """The connection of this thread goes over a wire that can be cut; afterwards over the socket again."""
    known = connection.settings_dict
    straight = {"HOST": known["HOST"], "PORT": known["PORT"]}
    one = Wire(straight)
    connection.close()
    known.update(HOST="127.0.0.1", PORT=str(one.port))
    try:
        yield one
    finally:
        one.close()
        connection.close()
        known.update(straight)
