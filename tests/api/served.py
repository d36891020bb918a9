"""A real web server in a process of its own in front of this process's test database."""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from devserver import paths
from tests.console import free_port, until
from tests.workers import database_url

HOST = "console.example.com"
GRANIAN = ("-m", "granian", "--host", "127.0.0.1", "--workers", "1", "--log-level", "warning")
SERVERS = {
    "granian wsgi": (*GRANIAN, "--interface", "wsgi", "weegloo_site.wsgi:application", "--port"),
    "granian asgi": (*GRANIAN, "--interface", "asginl", "weegloo_site.asgi:application", "--port"),
    "runserver": ("manage.py", "runserver", "--noreload"),
}


@contextmanager
def served(name: str, folder: Path, **environment: str) -> Iterator[int]:
    """The port that the server answers on."""
    port = free_port()
    log = folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *SERVERS[name], str(port)],
            cwd=paths.PROJECT,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": os.environ.get("HOME", "/"),
                "DATABASE_URL": database_url(),
                "REDIS_URL": paths.redis_url(settings.DATA_DIR),
                "BROKER_PREFIX": settings.BROKER_PREFIX,
                "SECRET_KEY": secrets.token_urlsafe(64),
                "ALLOWED_HOSTS": HOST,
                "BASE_URL": f"https://{HOST}",
                "EMAIL_URL": "smtp://127.0.0.1:1",
                "STATIC_ROOT": str(settings.STATIC_ROOT),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        until(lambda: _listens(port) or process.poll() is not None, 60)
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Answer:
    """What came back over the wire."""

    def __init__(self, raw: bytes) -> None:
        head, _blank, self.content = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(status.split(" ")[1]) if raw else 0
        self.headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}

    @property
    def json(self) -> Any:
        """The content."""
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The code of a refusal."""
        return str(self.json["sys"]["code"])


def send(port: int, method: str, path: str, token: str, *pieces: bytes, **headers: str) -> Answer:
    """Send a request whose body is ``pieces``, each in a write of its own, and read the whole answer.

    The body is sent as it is: what frames it is the caller's matter.
    """
    said = {
        "Host": HOST,
        "X-Forwarded-Proto": "https",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Connection": "close",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        with suppress(OSError):  # the server may answer and close before it has read everything
            for piece in pieces:
                connection.sendall(piece)
        raw = b""
        with suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                raw += piece
    return Answer(raw)
