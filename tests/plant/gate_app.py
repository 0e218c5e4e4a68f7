"""A stand-in for Django behind the gate, for `test_gate.py`."""

import json
import os
import tempfile
import time
from pathlib import Path

from shouwen.plant.gate import Gate
from shouwen.plant.live import Live

BIG = Path(os.environ["GATE_DIR"]) / "big.bin"


def django(environ, start):
    path = environ["PATH_INFO"]
    length = len(environ["wsgi.input"].read())
    if path in ("/list", "/wait"):
        (_work if path == "/list" else _wait)()
        return _text(start, path)
    if path == "/file":
        start("200 OK", [("Content-Length", str(BIG.stat().st_size))])
        return environ["wsgi.file_wrapper"](BIG.open("rb"))
    if path == "/temporary":
        file = tempfile.TemporaryFile()
        file.write(b"0123456789" * 100_000)
        file.seek(10)
        start("200 OK", [])
        return environ["wsgi.file_wrapper"](file)
    if path == "/generated":
        start("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return (b"x" * 1000 for _ in range(5000))
    if path == "/echo":
        names = {key: value for key, value in environ.items() if isinstance(value, str)}
        return _text(start, json.dumps(names))
    if path == "/events/grant":
        return _grant(environ, start)
    if path == "/my/events/grant":
        return _home(environ, start)
    if path == "/boom":
        raise RuntimeError("boom")
    return _text(start, str(length))


def _work():
    """About what a list page costs."""
    until = time.perf_counter() + 0.004
    while time.perf_counter() < until:
        sum(range(100))


def _wait():
    while not BIG.with_name("go").exists():
        time.sleep(0.05)


def _grant(environ, start):
    """The cookie ``grant=7:[1, 2]`` is colleague 7 with two communities; nobody may see the matter ``hidden``."""
    cookie = environ.get("HTTP_COOKIE", "")
    withdrawn = BIG.with_name(f"withdrawn-{cookie.partition('grant=')[2].partition(':')[0]}").exists()
    if "grant=" not in cookie or environ["QUERY_STRING"] == "matter=hidden" or withdrawn:
        start("403 Forbidden", [])
        return [b""]
    viewer, _, communities = cookie.partition("grant=")[2].partition(":")
    told = {"viewer": int(viewer), "name": f"员工{viewer}", "communities": json.loads(communities)}
    return _text(start, json.dumps(told))


def _home(environ, start):
    """The cookie ``home=5`` is the household whose grant lies in ``home-5.json``; without that it has signed out."""
    grant = BIG.with_name(f"home-{environ.get('HTTP_COOKIE', '').partition('home=')[2]}.json")
    if grant.exists():
        return _text(start, grant.read_text())
    start("302 Found", [("Location", "/my/sign-in/")])
    return [b""]


def _text(start, text):
    start("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode()]


application = Gate(
    django,
    live=Live(os.environ.get("GATE_DATABASE", "postgresql:///nowhere")),
    limits=[("/small", 1000)],
    default=8 * 2**20,
)
