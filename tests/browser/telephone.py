"""A line that can be cut: a small proxy between a telephone and the house, and a Chromium that can be killed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Error

from shouwen.people.models import Staff
from tests.conftest import CHROMIUM_NAMES, CHROMIUM_WORDS

CAPTIVE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\nConnection: close\r\n\r\n<h1>Wi-Fi</h1>"
TELEPHONE = {"width": 390, "height": 844}


class Signal:
    """A TCP proxy to ``url``. `cut` ends every connection; `deafen` lets questions through and swallows the answers."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.target = (place.hostname or "", place.port or 80)
        self.up, self.deaf, self.captive, self.left = True, False, False, float("inf")
        self.open: set[socket.socket] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        self.up = False
        for one in list(self.open):
            self._close(one)

    def limit(self, most: int) -> None:
        """Cut after so many bytes of questions."""
        self.left: float = most

    def deafen(self) -> None:
        self.deaf = True

    def answer_everything(self) -> None:
        """As the sign-in page of a stranger's Wi-Fi does: 200, and a page of its own."""
        self.captive = True
        for one in list(self.open):
            self._close(one)

    def mend(self) -> None:
        for one in list(self.open):  # what was swallowed does not come later
            self._close(one)
        self.up, self.deaf, self.captive, self.left = True, False, False, float("inf")

    def close(self) -> None:
        self.cut()
        self.listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.listener.accept()
                if not self.up:
                    near.close()
                    continue
                if self.captive:
                    near.recv(65536)
                    near.sendall(CAPTIVE)
                    near.close()
                    continue
                far = socket.create_connection(self.target)
                self.open |= {near, far}
                threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.left -= 0 if answers else len(data)
                if self.left < 0:
                    self.cut()
                if not (answers and self.deaf):
                    sink.sendall(data)
        self._close(source)
        self._close(sink)

    def _close(self, one: socket.socket) -> None:
        self.open.discard(one)
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


class Telephone:
    """A Chromium with a profile on the disk, as big as a telephone; it can be killed and started again."""

    def __init__(self, kind: Any, place: Path, url: str, *words: str) -> None:
        self.kind, self.place, self.url, self.words = kind, place, url, words
        self.process: subprocess.Popen[bytes] | None = None
        self.browser: Any = None
        chinese = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": url}
        self.cookies: list[dict[str, Any]] = [chinese]
        self.start()

    def start(self) -> None:
        found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")
        if found == "playwright":
            found = self.kind.executable_path
        told = self.place / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        words = [
            found, "--headless=new", f"--user-data-dir={self.place}", "--remote-debugging-port=0", *CHROMIUM_WORDS, *self.words,
            "about:blank",
        ]  # fmt: skip
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if told.exists() and told.read_text().count("\n"):
                break
            time.sleep(0.05)
        port = told.read_text().splitlines()[0]
        self.browser = self.kind.connect_over_cdp(f"http://127.0.0.1:{port}")
        self.context = self.browser.contexts[0]
        self.page = self.context.pages[0]
        self.page.set_viewport_size(TELEPHONE)
        self.context.add_cookies(self.cookies)  # Chromium writes cookies to its disk only every half minute

    def sign_in(self, staff: Staff) -> None:
        client = Client()
        client.force_login(staff)
        name = settings.SESSION_COOKIE_NAME
        self.sign_out()
        self.cookies.append({"name": name, "value": client.cookies[name].value, "url": self.url})
        self.context.add_cookies(self.cookies)

    def sign_out(self) -> None:
        """The session is gone, as when it has expired."""
        name = settings.SESSION_COOKIE_NAME
        self.cookies = [one for one in self.cookies if one["name"] != name]
        self.context.clear_cookies(name=name)

    def kill(self) -> None:
        """No good-bye: what was not on the disk is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        with suppress(Exception):
            self.browser.close()

    def restart(self, path: str = "") -> None:
        self.kill()
        self.start()
        if path:
            self.go(path)

    def go(self, path: str) -> None:
        try:
            self.page.goto(self.url + path)
        except Error:  # the page went somewhere by itself at the same moment
            self.page.goto(self.url + path)

    def ready(self) -> None:
        """Wait until the worker stands and the pages are kept."""
        kept = """async () => { const pages = await caches.open("field-pages"); const all = [...document.querySelectorAll(
          "[data-order]")].filter((box) => box.dataset.state !== "pool").map((box) => box.dataset.url);
          for (const url of [location.pathname, ...all]) if (!(await pages.match(url))) return false;
          return Boolean(navigator.serviceWorker.controller); }"""
        self.until(lambda: self.page.evaluate(kept), "the worker and the kept pages")

    def pocket(self) -> list[dict[str, Any]]:
        """What waits, as IndexedDB has it."""
        read = """() => new Promise((resolve, reject) => { const opening = indexedDB.open("shouwen-pocket", 1);
          opening.onsuccess = () => { const all = opening.result.transaction("items").objectStore("items").getAll();
            all.onsuccess = () => { resolve(all.result.filter((one) => !one.taken).map(
              ({files, ...rest}) => ({...rest, sizes: files.map((f) => f[1].size)})));
              opening.result.close(); }; };
          opening.onerror = () => reject(opening.error); })"""
        return list(self.page.evaluate(read))

    def fill_up(self) -> None:
        """There is no room left for anything new (a quota set by CDP is ignored by the headless browser)."""
        self.page.evaluate(
            """() => { const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...given) {
            const asked = put.apply(this, given);
            if (this.name === "items") {  // as browsers do it: the transaction ends so
              const full = new DOMException("full", "QuotaExceededError");
              Object.defineProperty(this.transaction, "error", { value: full });
              this.transaction.abort();
            }
            return asked; }; }"""
        )

    def until(self, true: Any, what: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(Error):  # a page that is just being left can't be asked
                if true():
                    return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"waited {seconds} s for {what}")

    def empty(self) -> None:
        self.until(lambda: not self.pocket(), "an empty pocket")


@pytest.fixture
def signal(live_server: Any) -> Any:
    made = Signal(live_server.url)
    yield made
    made.close()


@pytest.fixture
def telephone(chromium: Any, tmp_path: Path, signal: Signal) -> Any:
    """A telephone on that signal."""
    made = Telephone(chromium.browser_type, tmp_path / "profile", signal.url)
    yield made
    made.kill()
