"""`make run` as its users meet it: ready, stopped by whatever stops it, nothing left behind."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from devserver import paths, processes
from tests.console import Start, environment, free_port, status, until
from tests.devserver.conftest import kill_all, running

pytestmark = pytest.mark.timeout(120)


type StartConsole = Callable[..., Start]


def gone(family: list[psutil.Process]) -> bool:
    """Whether none of them runs."""
    return not any(processes.alive(member) for member in family)


@pytest.fixture(scope="module")
def console_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all: only its first start has to migrate."""
    return tmp_path_factory.mktemp("console") / "d"


@pytest.fixture
def start(console_data: Path) -> Iterator[StartConsole]:
    """Starts consoles and ends them after the test."""
    started: list[Start] = []

    def begin(port: int | None = None, folder: Path = console_data) -> Start:
        started.append(Start(folder, port or free_port()))
        return started[-1]

    yield begin
    for console in started:
        if console.process.poll() is None:
            console.process.terminate()
            console.process.wait(60)
    assert running(console_data) == []


def test_it_starts_stops_and_goes_on(start: StartConsole) -> None:
    port = free_port()
    for number in (signal.SIGINT, signal.SIGTERM):
        console = start(port)
        console.wait_ready()
        assert status(port, "/healthz") == 200
        family = console.family()
        assert len(family) > 6
        began = time.monotonic()
        console.process.send_signal(number)
        assert console.process.wait(30) == 0
        assert time.monotonic() - began < 15
        assert gone(family)
    assert f"http://127.0.0.1:{port}/" in console.said()
    assert "owner@example.com" in console.said()


def test_two_on_one_folder_share_its_servers(start: StartConsole) -> None:
    first, second = start(), start()
    first.wait_ready()
    second.wait_ready()
    first.process.terminate()
    assert first.process.wait(30) == 0
    assert status(second.port, "/healthz") == 200


def test_killed_it_takes_everything_with_it(start: StartConsole) -> None:
    console = start()
    console.wait_ready()
    family = console.family()
    console.process.kill()
    console.process.wait()
    until(lambda: gone(family), 60)


def test_after_kill_9_of_everything_it_starts_again(start: StartConsole) -> None:
    console = start()
    console.wait_ready()
    kill_all(console.family())
    console.process.wait()
    again = start()
    again.wait_ready()
    family = again.family()
    again.process.terminate()
    assert again.process.wait(30) == 0
    assert gone(family)


def test_a_worker_that_dies_is_replaced(start: StartConsole) -> None:
    console = start()
    console.wait_ready()

    def workers() -> list[psutil.Process]:
        return [
            child
            for child in psutil.Process(console.process.pid).children()
            if processes.alive(child) and "worker" in child.cmdline()
        ]

    until(lambda: len(workers()) == 1, 20)
    (worker,) = workers()
    worker.kill()
    until(lambda: [child.pid for child in workers()] not in ([], [worker.pid]), 20)
    assert status(console.port, "/healthz") == 200


@pytest.mark.parametrize("how", ["killed", "told to stop", "told to stop while worker and beat hang"])
def test_servers_that_end_are_started_again(start: StartConsole, how: str) -> None:
    console = start()
    console.wait_ready()
    family = console.family()
    hanging = [one for one in family if {"worker", "beat"} & set(one.cmdline())] if "hang" in how else []
    servers = [one for one in running(console.data) if _is_server(one)]
    assert len(servers) == 2
    for one in hanging:
        one.suspend()
    try:
        for server in servers:
            server.kill() if how == "killed" else server.terminate()

        def serves() -> bool:
            new = [one for one in running(console.data) if _is_server(one)]
            return not set(new) & set(servers) and len(new) == 2 and status(console.port, "/healthz") == 200

        until(serves, 20)
    finally:
        for one in hanging:
            one.resume()
    until(lambda: status(console.port, "/readyz") == 200, 40)
    assert status(console.port, "/sign-in/") == 200


def _is_server(process: psutil.Process) -> bool:
    """PostgreSQL's children call themselves `postgres: …`."""
    with suppress(psutil.Error):
        words = process.cmdline()
        return bool(words) and Path(words[0].split(" ")[0]).name in ("postgres", "valkey-server")
    return False


def test_a_web_server_that_dies_ends_it(start: StartConsole) -> None:
    console = start()
    console.wait_ready()
    family = console.family()
    next(member for member in family if "granian" in member.cmdline()).kill()
    assert console.process.wait(30) != 0
    assert gone(family)


def test_a_port_in_use_is_said_before_anything_starts(data: Path, start: StartConsole) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        console = start(int(taken.getsockname()[1]), data)
        assert console.process.wait(30) == 1
    assert console.said() == f"Port {console.port} is in use: choose another one, PORT=… make run.\n"
    assert not data.exists()


def test_one_url_alone_stops_manage_py(data: Path) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=paths.PROJECT,
        env=environment() | {"WEEGLOO_DATA": str(data), "DATABASE_URL": "postgresql://db/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.startswith("REDIS_URL is missing")
    assert not data.exists()


def test_a_command_works_on_a_folder_that_was_never_served(data: Path) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "issue_token", "dev@example.com"],
        cwd=paths.PROJECT,
        env=environment() | {"WEEGLOO_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("PSNAT")
    assert running(data) == []
