"""The gate under granian, with real sockets: fast, slow and rude clients."""

import asyncio
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.browser.line import free_port

ROOT = Path(__file__).resolve().parents[2]
BIG = 12_000_000


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    place, port = tmp_path_factory.mktemp("gate"), free_port()
    (place / "big.bin").write_bytes(os.urandom(1000) * (BIG // 1000))
    environment = {
        **os.environ, "GATE_DIR": str(place), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'plant'}",
        "GATE_DATABASE": os.environ.get("DATABASE_URL", ""),
    }  # fmt: skip
    words = ["--interface", "asgi", "--workers", "1", "--backpressure", "4096", "--backlog", "4096", "--no-ws",
             "--workers-kill-timeout", "3", "--port", str(port), "gate_app:application"]  # fmt: skip
    server = subprocess.Popen([Path(sys.executable).with_name("granian"), *words], env=environment)
    for _ in range(100):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        time.sleep(0.1)
    os.environ["GATE_DIR"] = str(place)
    yield port
    del os.environ["GATE_DIR"]
    server.terminate()
    server.wait(20)


def ask(port, path, method="GET", body=None, **headers):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request(
        method, path, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    answer = line.getresponse()
    text = answer.read()
    line.close()
    return answer, text


def test_a_body_arrives_whole(gate):
    assert ask(gate, "/", "POST", b"x" * 3_000_000)[1] == b"3000000"
    assert ask(gate, "/", "POST", iter([b"x" * 1000] * 3000))[1] == b"3000000"  # chunked


@pytest.mark.parametrize(
    ("path", "size", "expected"), [("/", 9_000_000, b"8 MB"), ("/small/x", 2000, b"0.000954 MB")]
)
def test_too_long_a_body_is_refused_with_a_sentence(gate, path, size, expected):
    answer, text = ask(gate, path, "POST", b"x" * size)
    assert answer.status == 413
    assert expected in text


def test_a_machine_is_refused_in_the_shape_of_the_api(gate):
    answer, text = ask(gate, "/api/v1/cases", "POST", b"x" * 9_000_000)
    assert answer.status == 413
    assert answer.headers["content-type"].startswith("application/json")
    assert json.loads(text)["code"] == "gate.too_big"


def test_files_are_sent_from_where_they_stand(gate):
    assert len(ask(gate, "/file")[1]) == BIG
    assert len(ask(gate, "/temporary")[1]) == 999_990
    assert ask(gate, "/file", "HEAD")[1] == b""


def test_a_generated_answer_is_sent_whole_with_all_its_cookies(gate):
    answer, text = ask(gate, "/generated")
    assert len(text) == 5_000_000
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_what_django_is_told(gate):
    _, text = ask(gate, "/echo?q=%E6%BC%8F", cookie="a=1", x_one="1", X_Two_="2", content_type="text/csv")
    told = json.loads(text)
    assert told["QUERY_STRING"] == "q=%E6%BC%8F"
    assert (told["HTTP_COOKIE"], told["HTTP_X_ONE"], told["CONTENT_TYPE"]) == ("a=1", "1", "text/csv")
    assert told["REMOTE_ADDR"] == "127.0.0.1"
    line = http.client.HTTPConnection("127.0.0.1", gate)
    line.putrequest("GET", "/echo")
    line.putheader("Remote_Addr", "1.2.3.4")
    line.putheader("X_Forwarded_For", "1.2.3.4")
    line.endheaders()
    assert "1.2.3.4" not in line.getresponse().read().decode()
    line.close()


def test_an_error_outside_django_is_a_500_and_no_more(gate):
    assert ask(gate, "/boom")[0].status == 500
    assert ask(gate, "/")[0].status == 200


@pytest.mark.parametrize(("many", "one"), [({"X_Live": "1"}, {}), ({}, {"X_Live": "1"})])
def test_pages_that_fetch_themselves_and_people_do_not_wait_for_each_other(gate, many, one):
    go = Path(os.environ["GATE_DIR"], "go")
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, gate, "/wait", **many) for _ in range(8)]
        try:
            time.sleep(0.5)
            assert ask(gate, "/list", **one)[1] == b"/list"
            assert not any(one.done() for one in asked)
        finally:
            go.touch()
    go.unlink()
    assert {one.result()[1] for one in asked} == {b"/wait"}


def test_a_stream_needs_a_session(gate):
    assert ask(gate, "/events")[0].status == 403


def _stream(port, communities):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", "/events", headers={"Cookie": f"grant={communities}"})
    answer = line.getresponse()
    assert answer.status == 200
    return line, answer


def _events(answer, wanted):
    found = []
    while len(found) < wanted:
        text = answer.fp.readline().decode()
        if text.startswith('data: {"'):
            found.append(json.loads(text[6:]))
    return found


def test_events_reach_those_who_may_see_the_community(gate):
    (one, first), (two, second) = _stream(gate, "1:[1]"), _stream(gate, "2:[1, 2]")
    time.sleep(1.5)  # LISTEN
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for community in (2, 1):
            event = {"community": community, "kind": "case", "id": "x", "version": 3}
            connection.execute("select pg_notify('shouwen', %s)", [json.dumps(event)])
        connection.execute("select pg_notify('shouwen', 'rubbish')")
    assert [event["community"] for event in _events(first, 1)] == [1]
    assert [event["community"] for event in _events(second, 2)] == [2, 1]
    one.close()
    two.close()


async def _slow_upload(port):
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n")
    with contextlib.suppress(OSError, asyncio.CancelledError):
        while True:
            writer.write(b"x" * 3000)
            await writer.drain()
            await asyncio.sleep(0.1)
    writer.close()


async def _slow_download(port):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port))
    await loop.sock_sendall(sock, b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
    with sock, contextlib.suppress(OSError):
        while await loop.sock_recv(sock, 5000):
            await asyncio.sleep(0.1)


async def _list(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /list HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return b" 200 " in answer


async def _among_slow_clients(port):
    slow = [asyncio.create_task(_slow_upload(port)) for _ in range(50)]
    slow += [asyncio.create_task(_slow_download(port)) for _ in range(50)]
    await asyncio.sleep(2)
    answered = [await _list(port) for _ in range(50)]
    still = sum(not task.done() for task in slow)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    return answered, still


@pytest.mark.slow
def test_others_are_answered_while_a_hundred_slow_clients_hang(gate):
    """How much later they are answered, `bench slow` measures."""
    answered, still = asyncio.run(_among_slow_clients(gate))
    assert all(answered)
    assert still == 100, "the slow ones were slow to the end"
