"""Whole bodies before threads: a request takes one of the web server's threads only with its body complete.

The event loop reads the bodies of all connections at once and sends all answers, so that slow clients,
however many, hold none of the threads that answer everyone else (ASGI 3.0 outside, WSGI, PEP 3333, inside).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any

type Scope = dict[str, Any]
type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# More than any operation takes; it refuses a longer body by the part that it gets.
MOST_READ = 10 * 1024 * 1024
_IN_MEMORY = 1024 * 1024
_PROBES = ("/healthz", "/readyz")
_TOO_SLOW = b"The body of the request did not arrive in time.\n"


@dataclass
class Answer:
    """What a WSGI application answered."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    def start(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        """WSGI's ``start_response``."""
        self.status = int(status[:3])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


class BufferedApplication:
    """An ASGI application that runs ``wsgi`` in ``threads`` threads, and probes in two of their own.

    A body that takes longer than ``seconds`` is answered 408, and its connection closed.
    """

    def __init__(self, wsgi: Wsgi, *, threads: int, seconds: float) -> None:
        self._wsgi = wsgi
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="web")
        self._probes = ThreadPoolExecutor(2, thread_name_prefix="probe")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(scope["type"])
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            try:
                async with asyncio.timeout(self._seconds):
                    length = await _read(receive, body)
            except TimeoutError:
                await _send(send, _too_slow())
                return
            if length is None:
                return  # the client is gone
            body.seek(0)
            threads = self._probes if scope["path"] in _PROBES else self._threads
            environ = _environ(scope, body, length)
            answer = await asyncio.get_running_loop().run_in_executor(threads, self._run, environ)
        await _send(send, answer)

    def _run(self, environ: dict[str, Any]) -> Answer:
        """The application's answer; its parts are in memory anyway, but for small static files."""
        answer = Answer()
        found = self._wsgi(environ, answer.start)
        try:
            answer.pieces = list(found)
        finally:
            if hasattr(found, "close"):
                found.close()
        return answer


async def _read(receive: Receive, body: IO[bytes]) -> int | None:
    """Write the body into ``body``; its length, or None when the client went before its end."""
    length = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        piece: bytes = message.get("body", b"")
        length += len(piece)
        body.write(piece)
        if length > MOST_READ or not message.get("more_body"):
            return length


async def _send(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": b"".join(answer.pieces)})


def _too_slow() -> Answer:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    return Answer(408, headers, [_TOO_SLOW])


def _environ(scope: Scope, body: IO[bytes], length: int) -> dict[str, Any]:
    """The request for WSGI, with its body as long as the headers say, or to the end of the input."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").upper().replace("-", "_")
        if name not in ("CONTENT_LENGTH", "CONTENT_TYPE"):
            name = f"HTTP_{name}"
        text = value.decode("latin-1")
        separator = ";" if name == "HTTP_COOKIE" else ","
        environ[name] = f"{environ[name]}{separator}{text}" if name in environ else text
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None and length <= MOST_READ:
        environ["CONTENT_LENGTH"] = str(length)  # the server took the chunks apart
    return environ
