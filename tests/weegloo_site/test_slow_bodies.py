"""Slow bodies hold no thread (findings, slow requests): a real web server, real slow clients."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.caller import Caller
from tests.api.served import HOST, served
from tests.cast import make_cast

HEAD = (
    f"POST {{path}} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\n"
    "Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
)


@contextlib.contextmanager
def slow_bodies(
    port: int, number: int, path: str = "/sign-in/", token: str = ""
) -> Iterator[list[socket.socket]]:
    """So many connections, each with a request of whose body one byte has arrived."""
    with contextlib.ExitStack() as stack:
        connections = []
        for _each in range(number):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            connection.sendall(HEAD.format(path=path, token=token).encode() + b"e")
            connections.append(connection)
        yield connections


def get(port: int, path: str) -> tuple[int, float]:
    """The status of a page, and the seconds until it was there."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(request.encode())
        raw = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(raw.split(b" ", 2)[1]), time.monotonic() - began


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/sign-in/", "/v1/organizations", "/nowhere/"])
def test_forty_slow_bodies_stop_nobody(tmp_path: Path, path: str) -> None:
    token = Caller(make_cast().owner).secret
    with served("granian asgi", tmp_path) as port:
        get(port, "/sign-in/")  # the first request of a process loads what it needs
        with slow_bodies(port, 40, path, token):
            for _round in range(5):
                for page, expected in (("/healthz", 200), ("/sign-in/", 200), ("/v1/me", 401)):
                    status, seconds = get(port, page)
                    assert (status, seconds < 5) == (expected, True), (page, seconds)


@pytest.mark.django_db(transaction=True)
def test_a_body_has_a_deadline(tmp_path: Path) -> None:
    with (
        served("granian asgi", tmp_path, REQUEST_BODY_SECONDS="1") as port,
        slow_bodies(port, 3) as connections,
    ):
        for connection in connections:
            raw = b"".join(iter(lambda: connection.recv(65536), b""))  # noqa: B023  # read at once
            assert raw.startswith(b"HTTP/1.1 408 ")
            assert b"did not arrive in time" in raw
        assert get(port, "/healthz")[0] == 200


@pytest.mark.django_db(transaction=True)
def test_a_client_that_goes_in_the_middle_costs_nothing(tmp_path: Path) -> None:
    with served("granian asgi", tmp_path) as port:
        for _round in range(3):
            with slow_bodies(port, 10):
                pass
        assert get(port, "/healthz")[0] == 200
        assert "Traceback" not in (tmp_path / "server.log").read_text()
