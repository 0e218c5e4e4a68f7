"""The port of a house: bound for real, and nobody else's until it stops."""

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from shouwen.plant import ports
from shouwen.plant.trouble import Trouble


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_the_default_port_taken_gives_the_next_free_one_and_says_so(taken, monkeypatch, capsys):
    monkeypatch.setattr(ports, "FIRST_PORT", taken)
    assert ports.free_port("127.0.0.1", None) > taken
    assert str(taken) in capsys.readouterr().out


def test_a_port_at_which_localhost_answers_is_not_ours(monkeypatch):
    """As on macOS, where 127.0.0.1 may be had beside another's `*` or `::1`, and a browser goes to the other."""
    with socket.socket(socket.AF_INET6) as other:
        try:
            other.bind(("::1", 0))
        except OSError:
            pytest.skip("没有 IPv6 / no IPv6")
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Trouble, match="PORT"):
            ports.free_port("127.0.0.1", str(port))
        monkeypatch.setattr(ports, "FIRST_PORT", port)
        assert ports.free_port("0.0.0.0", None) > port


@pytest.mark.parametrize("given", ["{taken}", "0x50", "99999", "-1"])
def test_a_given_port_that_cannot_be_used_is_refused(taken, given):
    with pytest.raises(Trouble, match="PORT"):
        ports.free_port("127.0.0.1", given.format(taken=taken))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.168.1.9", False)],
)
def test_what_is_loopback(host, loopback):
    assert ports.is_loopback(host) is loopback


@pytest.mark.parametrize("host", ["203.0.113.9", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_named(host):
    with pytest.raises(Trouble, match=f"HOST={host}"):
        ports.free_port(host, None)


def test_houses_that_start_in_the_same_moment_get_a_port_each(taken, monkeypatch):
    monkeypatch.setattr(ports, "FIRST_PORT", taken)
    start = Barrier(8)

    def house(_number):
        start.wait()
        return ports.take("127.0.0.1", None)

    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(house, range(8)))
    try:
        assert len({ports.number(one) for one in held} - {taken}) == 8
    finally:
        for one in held:
            one.close()


@pytest.mark.skipif(not ports.SHARED, reason="只在 Linux 上一直占住 / held beside the workers on Linux only")
def test_a_port_is_held_beside_the_workers_until_the_house_stops():
    held = ports.take("127.0.0.1", str(_unused()))
    port = ports.number(held)
    for _start in range(2):  # a worker that ended is started again: nobody slips in between
        _refused(port)
        with socket.socket() as worker:
            worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            worker.bind(("127.0.0.1", port))
            worker.listen()
            worker.settimeout(5)
            for _visitor in range(20):
                with socket.create_connection(("127.0.0.1", port), timeout=5):
                    worker.accept()[0].close()
            _refused(port)
    held.close()
    ports.take("127.0.0.1", str(port)).close()


def _refused(port: int) -> None:
    with pytest.raises(Trouble, match="PORT"):
        ports.take("127.0.0.1", str(port))


def _unused() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
