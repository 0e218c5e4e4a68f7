"""Between the two protocols of the gate: an ASGI request as a WSGI environment, a WSGI answer as an own file."""

import asyncio
import io
import json
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import IO, Any, NamedTuple

Headers = list[tuple[bytes, bytes]]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
CHUNK, SPOOL = 2**16, 2**19
PATIENCE = 60
_FRESH = (b"cache-control", b"no-store")


class Answer(NamedTuple):
    """What Django answered. A file belongs to the gate now and stands at its first byte."""

    status: int
    headers: Headers
    body: bytes | IO[bytes]


class FileBody:
    """Django hands its FileResponse to this `wsgi.file_wrapper`, so that the gate can send the file itself."""

    def __init__(self, file: IO[bytes], _block_size: int = CHUNK) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(CHUNK), b"")

    def close(self) -> None:
        self.file.close()


def refusal(scope: Scope, status: int, code: str, chinese: str, english: str) -> Answer:
    """What the gate itself refuses: to a machine in the shape of the API, to a person in plain words."""
    if scope["path"].startswith("/api/"):
        body = json.dumps({"code": f"gate.{code}", "sentence": f"{chinese} {english}", "facts": {}})
        return Answer(status, [(b"content-type", b"application/json; charset=utf-8"), _FRESH], body.encode())
    return Answer(
        status, [(b"content-type", b"text/plain; charset=utf-8"), _FRESH], f"{chinese}\n{english}\n".encode()
    )


def environ_of(scope: dict[str, Any], body: IO[bytes], length: int) -> dict[str, Any]:
    """Return the WSGI environment of a request whose body lies in `body`."""
    host, port = (scope.get("server") or ("localhost", 80))[:2]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/" + scope["http_version"],
        "REMOTE_ADDR": str((scope.get("client") or ("127.0.0.1",))[0]),
        "CONTENT_LENGTH": str(length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileBody,
    }
    for raw, value in scope["headers"]:
        _add_header(environ, raw.decode("latin-1"), value.decode("latin-1"))
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    if "_" in name or name == "content-length":  # `x_real-ip` must not pass for `x-real-ip`
        return
    key = "CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")
    between = "; " if name == "cookie" else ","
    environ[key] = environ[key] + between + value if key in environ else value


def own_file(body: FileBody) -> bytes | IO[bytes]:
    """Return a file of our own at the same place as Django's, which will be closed in Django's thread."""
    try:
        at, handle = body.file.tell(), os.dup(body.file.fileno())
    except (AttributeError, OSError, io.UnsupportedOperation):
        return gathered(body)
    copy = os.fdopen(handle, "rb")
    copy.seek(at)
    # A slice of a file (a range request) has a file's number but ends before the file's end.
    return copy if type(body.file) is io.BufferedReader else gathered(body)


def gathered(parts: Iterable[bytes]) -> bytes | IO[bytes]:
    """Run Django's answer to its end: small ones stay in memory, long ones go to a temporary file."""
    kept, size, chunks = [], 0, iter(parts)
    for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        if size > SPOOL:
            break
    else:
        return b"".join(kept)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the gate closes it after sending
    try:
        file.writelines(kept)
        file.writelines(chunks)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


async def read_body(scope: Scope, receive: Receive, body: IO[bytes], limit: int) -> int | None:
    """Return the body's length, or None if the client left or fell silent. What is too much is read but not kept:
    a browser that is still sending would show a broken connection instead of our sentence."""
    if not {name for name, _ in scope["headers"]} & {b"content-length", b"transfer-encoding"}:
        return 0
    length, more = 0, True
    while more and length <= limit * 8:
        try:
            message = await asyncio.wait_for(receive(), PATIENCE)
        except TimeoutError:
            return None
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        length += len(chunk)
        if length <= limit:
            body.write(chunk)
        more = message.get("more_body", False)
    body.seek(0)
    return length


async def send_answer(scope: Scope, send: Send, answer: Answer) -> None:
    body = answer.body
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if not isinstance(body, bytes):
        with body as file:
            while scope["method"] != "HEAD" and (chunk := file.read(CHUNK)):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        body = b""
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
