"""Real servers in folders of their own, used by real processes."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from devserver import paths, processes, servers

_USER = """
import sys
from pathlib import Path
from devserver import servers
servers.end_on_signals()
servers.use(Path(sys.argv[1]))
print("up", flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the servers of a folder until it is told to leave."""

    def __init__(self, data: Path, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USER, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=paths.PROJECT,
            env=environment,
        )

    def wait_up(self) -> "User":
        """Wait until its servers run."""
        assert self.process.stdout is not None
        if self.process.stdout.readline() != "up\n":
            pytest.fail(self.leave())
        return self

    def leave(self) -> str:
        """Let it end; what it said on stderr."""
        _, said = self.process.communicate(timeout=60)
        return said

    def kill(self) -> None:
        """End it as the kernel would."""
        self.process.kill()
        self.process.communicate()


type StartUser = Callable[..., User]


def running(data: Path) -> list[psutil.Process]:
    """Every process of both servers of a folder."""
    return [
        *processes.in_folder("postgres", paths.postgres_folder(data)),
        *processes.in_folder("valkey-server", paths.valkey_folder(data)),
    ]


def kill_servers(data: Path) -> None:
    """kill -9 for every process of both servers."""
    victims = running(data)
    kill_all(victims)
    for victim in victims:
        assert processes.wait_gone(victim, 10)


def kill_all(victims: list[psutil.Process]) -> None:
    """kill -9 for each; one may end by itself when the one before it is gone."""
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder. Whatever a test does, nothing runs on it afterwards."""
    folder = tmp_path / "d"
    yield folder
    if running(folder):
        servers.use(folder).release()
    assert running(folder) == []


@pytest.fixture
def start_user(data: Path) -> Iterator[StartUser]:
    """Starts users, of `data` unless told otherwise, and lets all leave at the end."""
    users: list[User] = []

    def start(folder: Path = data, environment: dict[str, str] | None = None) -> User:
        users.append(User(folder, environment))
        return users[-1].wait_up()

    yield start
    for user in users:
        if user.process.stdin and not user.process.stdin.closed:
            user.leave()
