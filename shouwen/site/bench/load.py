"""Load over HTTP: clients that keep their connection, each in a thread, for a while or for a number of requests."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Ask = Callable[[http.client.HTTPConnection, int], None]


@dataclass
class Seen:
    """What the clients saw: seconds of every answer, and how long the whole took."""

    seconds: list[float] = field(default_factory=list)
    took: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.seconds) / self.took if self.took else 0.0


def run(port: int, ask: Ask, *, clients: int, seconds: float) -> Seen:
    """Let ``clients`` ask again and again for ``seconds``; an unexpected answer ends the run with its error."""
    seen, lock, faults = Seen(), threading.Lock(), []
    end = time.perf_counter() + seconds

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        mine, turn = [], number
        try:
            while time.perf_counter() < end:
                begun = time.perf_counter()
                ask(connection, turn)
                mine.append(time.perf_counter() - begun)
                turn += clients
        except Exception as error:  # noqa: BLE001 - reported below, in the thread that asked
            faults.append(error)
        finally:
            connection.close()
        with lock:
            seen.seconds += mine

    begun = time.perf_counter()
    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen.took = time.perf_counter() - begun
    if faults:
        raise faults[0]
    return seen


def expect(
    connection: http.client.HTTPConnection,
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
) -> bytes:
    """Send one request and read its answer; RuntimeError for another status."""
    connection.request(method, url, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != status:
        raise RuntimeError(f"{method} {url}: {answer.status} {text[:300]!r}")
    return text
