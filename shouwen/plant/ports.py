"""The port of a house: taken by binding it, and held until the house stops.

To look whether a port is free and to bind it some seconds later would give one to two houses that start together: the
web workers bind it with SO_REUSEPORT, and those of both houses would share the visitors.
"""

import contextlib
import errno
import ipaddress
import socket
import sys

from shouwen.plant.trouble import Trouble

FIRST_PORT = 8000
PORTS_TRIED = 50
SHARED = sys.platform == "linux"
"""Where the web workers can bind beside the socket that holds the port for them."""


def take(host: str, given: str | None) -> socket.socket:
    """Bind the port to use, a given one or none at all, else the first free one from 8000; whoever asks after us is told
    that it is taken, until the socket is closed.
    """
    numbers = [int(given)] if given and given.isascii() and given.isdigit() else []
    for port in numbers if given else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if held := _held(host, port):
            if not given and port != FIRST_PORT:
                english = f"Port {FIRST_PORT} is taken, using {port}."
                print(f"端口 {FIRST_PORT} 已被占用，改用 {port}。  {english}", flush=True)
            return held
    first = given or FIRST_PORT
    raise Trouble(
        f"端口 {first} 已被占用或不允许使用：请停止占用它的程序，或用 PORT 指定别的端口。",
        f"Port {first} is taken or not allowed: stop what uses it, or choose another with PORT.",
    )


def hand_over(held: socket.socket) -> None:
    """Before the web processes bind the port: it stays held beside them where that can be, else it is let go."""
    if not SHARED:
        held.close()


def free_port(host: str, given: str | None) -> int:
    """A port that is free now, for whoever binds it at once."""
    with take(host, given) as held:
        return number(held)


def number(held: socket.socket) -> int:
    return int(held.getsockname()[1])


def _held(host: str, port: int) -> socket.socket | None:
    """The port bound, so that it is nobody else's; None where it is somebody's."""
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # What a house left a minute ago is in nobody's way.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((host, port))
        heard = _is_heard(host, port)
        held.listen(1)  # on Linux two sockets may bind where none listens: it is ours from here on
    except (OSError, OverflowError) as error:
        held.close()
        if isinstance(error, socket.gaierror) or getattr(error, "errno", 0) == errno.EADDRNOTAVAIL:
            raise Trouble(
                f"HOST={host} 不是本机的地址：请写本机的 IP，或 0.0.0.0 表示全部。",
                f"HOST={host} is no address of this machine: give one that is, or 0.0.0.0 for all.",
            ) from error
        return None
    if heard:
        held.close()
        return None
    if SHARED:
        _deafen(held)
    return held


def _deafen(held: socket.socket) -> None:
    """Stay bound without listening: sockets of ours with SO_REUSEPORT may join, nobody else, and all visitors are theirs."""
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.shutdown(socket.SHUT_RDWR)


def _is_heard(host: str, port: int) -> bool:
    """Whether somebody answers where a browser would look for us.

    On macOS one program may listen on all addresses and another on one of them, at the same port; and `localhost`, which
    we call ourselves, is `::1` first: who listens there would get our visitors.
    """
    everywhere = host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    for there in ("127.0.0.1", "::1") if everywhere or is_loopback(host) else (host,):
        with contextlib.suppress(OSError), socket.create_connection((there, port), timeout=1):
            return True
    return False


def is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
