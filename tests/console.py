"""A console of its own, as `make run` starts it, for the tests that meet the whole."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from devserver import paths
from tests.devserver.conftest import running


class Start:
    """One start of the supervisor, as the Makefile's recipe does it."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port
        self.output = data.with_suffix(f".{time.monotonic_ns()}.out")
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "devserver.supervisor"],
                cwd=paths.PROJECT,
                env=environment() | {"PORT": str(port), "WEEGLOO_DATA": str(data)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Wait for its words of welcome."""
        until(lambda: "is ready" in self.said() or self.process.poll() is not None, 90)
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        """All its output, its children's too."""
        return self.output.read_text(errors="replace")

    def family(self) -> list[psutil.Process]:
        """The supervisor and everything it started, servers included."""
        return [
            psutil.Process(self.process.pid),
            *psutil.Process(self.process.pid).children(recursive=True),
            *running(self.data),
        ]


def environment() -> dict[str, str]:
    """What the consoles of the tests inherit."""
    dropped = {"MAKELEVEL", "BROKER_PREFIX", "DATABASE_URL", "REDIS_URL"}
    return {key: value for key, value in os.environ.items() if key not in dropped}


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Poll a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this took too long"
        time.sleep(0.05)


def free_port() -> int:
    """A port nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(port: int, path: str) -> int:
    """The status of a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
