"""`shouwen up`: database, web, jobs, in one terminal, stopped cleanly by Ctrl-C.

Each child holds the reading end of a pipe whose writing end only this process has: when this process dies, however it
dies, the children see the end of the pipe and leave (`lifeline`).
"""

import atexit
import contextlib
import http.client
import multiprocessing
import os
import resource
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from shouwen.plant import ports
from shouwen.plant.keys import data_dir
from shouwen.plant.postgres import Embedded
from shouwen.plant.trouble import Trouble

STOP_WITHIN = 12
FILES = 8192


@dataclass
class Child:
    """One process that has to be there: started again, ever slower, when it ends by itself."""

    name: str
    words: list[str]
    process: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    failures: int = 0
    due: float = field(default=0.0)

    def tend(self, lifeline: int) -> None:
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            if self.failures and now - self.born > 60:
                self.failures = 0
            return
        if self.process is not None and self.due <= self.born:
            self.failures += 1
            self.due = now + min(30, 2 ** (self.failures - 1))
            status = self.process.returncode
            say(
                f"{self.name} 进程意外结束（{status}），将重新启动。",
                "It ended by itself and is started again.",
            )
        if now < self.due:
            return
        environment = {**os.environ, "SHOUWEN_LIFELINE": str(lifeline)}
        self.process = subprocess.Popen(  # a session of its own: Ctrl-C reaches only us, we stop in order
            [sys.executable, "-m", "shouwen", *self.words],
            env=environment, pass_fds=[lifeline], start_new_session=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.born = time.monotonic()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.due = 0
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # what macOS says of one just gone
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


def up() -> int:
    """Run everything until Ctrl-C or SIGTERM; return the exit status."""
    stop = _stop_at_signals()
    allow_files()
    host = os.environ.get("HOST") or "127.0.0.1"
    held = ports.take(host, os.environ.get("PORT"))
    port = ports.number(held)
    check_tls()
    embedded = None if os.environ.get("DATABASE_URL") else Embedded(data_dir())
    try:
        if embedded is not None:
            os.environ["DATABASE_URL"] = embedded.start()
        prepared = subprocess.run([sys.executable, "-m", "shouwen", "prepare"], check=False)
        if prepared.returncode or stop.is_set():
            return prepared.returncode
        ports.hand_over(held)
        _run_children(stop, host, port, embedded)
    finally:
        held.close()
        if embedded is not None:
            embedded.stop()
        say("已停止，数据保留。", "Stopped; the data is kept.")
    return 0


def _run_children(stop: threading.Event, host: str, port: int, embedded: Embedded | None) -> None:
    reading, writing = os.pipe()
    web = Child("web", ["serve", "--host", host, "--port", str(port)])
    jobs = Child("jobs", ["work"])
    children = [web, jobs]
    greeted = False
    try:
        while not stop.is_set():
            for child in children:
                child.tend(reading)
            if not greeted and _answers(host, port):
                greeted = True
                _greet(host, port)
            stop.wait(0.1 if not greeted else 1)
            if embedded is not None and not stop.is_set() and _tend_database(embedded):
                jobs.stop()  # its listener would not find the way back by itself
    finally:
        for child in children:
            child.stop()
        os.close(reading)
        os.close(writing)


def _tend_database(embedded: Embedded) -> bool:
    """Start the database again if it is gone; tell whether that was needed."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        os.kill(embedded.postmaster(), 0)
        return False
    say("数据库意外停止，正在重新启动。", "The database stopped by itself and is started again.")
    embedded.start()
    return True


def _stop_at_signals() -> threading.Event:
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
    return stop


def allow_files() -> None:
    """Each open screen holds a file: raise the limit, which is 256 in a shell of macOS. Children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):  # a kernel with a lower bound of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def check_tls() -> None:
    """Refuse half a pair or unreadable files before anything is started."""
    cert, key = os.environ.get("TLS_CERT"), os.environ.get("TLS_KEY")
    if not cert and not key:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert or "TLS_CERT?", key or "TLS_KEY?")
    except OSError as error:
        raise Trouble(
            f"证书不能使用：TLS_CERT 和 TLS_KEY 必须是一对可读的 PEM 文件（{error}）。",
            f"TLS can't be used: TLS_CERT and TLS_KEY must be a readable pair of PEM files ({error}).",
        ) from error


def _answers(host: str, port: int) -> bool:
    there = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    try:
        if os.environ.get("TLS_CERT"):
            context = ssl._create_unverified_context()  # noqa: S323 - our own process on this machine
            line: http.client.HTTPConnection = http.client.HTTPSConnection(
                there, port, timeout=5, context=context
            )
        else:
            line = http.client.HTTPConnection(there, port, timeout=5)
        line.request("GET", "/healthz", headers={"Connection": "close"})
        return line.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False


def _greet(host: str, port: int) -> None:
    scheme = "https" if os.environ.get("TLS_CERT") else "http"
    shown = "localhost" if ports.is_loopback(host) else host
    address = f"{(os.environ.get('SITE_URL') or f'{scheme}://{shown}:{port}').rstrip('/')}/"
    print(f"\n  首问 Shouwen  →  {address}\n", flush=True)
    signs = data_dir() / "demo.txt"
    if signs.exists():
        print(signs.read_text(), flush=True)
        if (data_dir() / "demo-home.txt").exists():
            print(
                f"  住户端 Residents  →  {address}my/  登录页上有演示住户，按一下就是他的登录条。", flush=True
            )
            print(
                "  Its sign-in page lists residents of the demo: one press gives each a sign-in slip.\n",
                flush=True,
            )
    say("按 Ctrl-C 停止。", "Ctrl-C stops everything.")


def say(chinese: str, english: str) -> None:
    print(f"{chinese}  {english}", flush=True)


def hold_lifeline(leave: Callable[[], None]) -> None:
    """In a child: call `leave` when the parent is gone."""
    if not (handle := os.environ.pop("SHOUWEN_LIFELINE", "")):
        return

    def watch() -> None:
        os.read(int(handle), 1)
        leave()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def leave_with_parent() -> None:
    """In a web worker: end when the server that started it was killed, or it would keep the port.

    And end at once when all is done: a worker that was spawned (on macOS, and from Python 3.14 on) would take Python down
    around the server's own threads, which abort at that. One that was forked never did.
    """
    if (parent := multiprocessing.parent_process()) is None:
        return
    atexit.register(os._exit, 0)

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def serve(host: str, port: int, workers: int) -> None:
    """Run the web workers in this process until it is told to stop; by itself it takes the port first, as `up` does."""
    from granian.constants import Interfaces  # noqa: PLC0415 - only this verb needs the server
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    check_tls()
    allow_files()
    held = None if "SHOUWEN_LIFELINE" in os.environ else ports.take(host, str(port))
    if held is not None:
        ports.hand_over(held)
    threads = int(os.environ.setdefault("SHOUWEN_THREADS", "3"))
    os.environ.setdefault("SHOUWEN_POOL", str(threads + 3))
    hold_lifeline(lambda: os.kill(os.getpid(), signal.SIGTERM))
    cert, key = os.environ.get("TLS_CERT"), os.environ.get("TLS_KEY")
    server = Server(
        "shouwen.site.asgi:application", address=host, port=port, interface=Interfaces.ASGI, workers=workers,
        backlog=4096, backpressure=4096, websockets=False, respawn_failed_workers=True, workers_kill_timeout=5,
        log_access=False, log_level=LogLevels.warning,
        ssl_cert=Path(cert) if cert else None, ssl_key=Path(key) if key else None,
    )  # fmt: skip
    server.serve()
    if held is not None:
        held.close()
