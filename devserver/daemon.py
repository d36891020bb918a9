"""A server process that outlives us: found or started, waited for, stopped."""

import contextlib
import os
import signal
import socket as socketlib
import subprocess
import time
from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import psutil

from . import processes
from .account import Account
from .processes import ServerFailed, say

_SAY_AFTER = 3.0
_LOST_AFTER = 1.0
_STOP_WITHIN = 60.0


class Daemon(ABC):
    """One embedded server of one data folder. Its folder is the working directory of its process.

    The caller holds the folder's mutex around every method (`servers`).
    """

    label: ClassVar[str]
    executable: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    kill_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path, socket: Path, account: Account | None = None) -> None:
        self.folder = folder
        self.socket = socket
        self.account = account
        self.log = folder.with_name(folder.name + ".log")
        self._child: subprocess.Popen[bytes] | None = None
        self._process: psutil.Process | None = None
        self._log_start = 0

    @abstractmethod
    def prepare(self) -> None:
        """Make what has to be there before the server starts."""

    @abstractmethod
    def command(self) -> list[str]:
        """Program and arguments."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return the server's whole environment: nothing of ours changes what it does."""

    @abstractmethod
    def is_main(self, process: psutil.Process) -> bool:
        """Whether that process is the server itself and not one of its children."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether it answers."""

    def start(self) -> None:
        """Begin to start it, unless it runs; `wait_ready` waits."""
        if self.socket.exists() and self.ready():
            return
        self.prepare()
        self._process, orphans = self._find()
        if self._process is None:
            self._clear(orphans)
            self._spawn()

    def wait_ready(self) -> None:
        """Wait until it answers, for as long as its process lives: recovery may take minutes.

        Raises ServerFailed with the end of its log when it ends instead.
        """
        began, said = time.monotonic(), False
        while not self.ready():
            waited = time.monotonic() - began
            if self._process is None or not processes.alive(self._process):
                self._adopt_or_fail()
            elif self._child is None and waited > _LOST_AFTER and not self.socket.exists():
                # Somebody cleared the socket away: it lives, but nobody can reach it any more.
                self.stop()
                self._clear([])
                self._spawn()
            if waited > _SAY_AFTER and not said:
                said = True
                say(f"{self.label} is still starting, perhaps recovering; see {self.log}")
            time.sleep(0.01)

    def restart_if_ended(self) -> bool:
        """Start it again if it was ended or told to end; whether it was. Raises ServerFailed."""
        if self._listens() and not self.is_shutting_down():
            return False
        if self._listens():
            self.stop()  # it waits for its clients, which have no reason to go
        self.start()
        self.wait_ready()
        return True

    def is_shutting_down(self) -> bool:
        """Whether it was told to end and waits for its clients."""
        return False

    def _listens(self) -> bool:
        with socketlib.socket(socketlib.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(os.fsencode(self.socket))
            except (ConnectionRefusedError, FileNotFoundError):
                return False
            except OSError:
                return True  # it is there, but busy
        return True

    def ask_to_stop(self) -> None:
        """Tell it to stop cleanly."""
        self._process, orphans = self._find()
        for process in [self._process] if self._process else orphans:
            _signal(process, self.stop_signal)

    def wait_stopped(self) -> None:
        """Wait until it has ended, after `ask_to_stop`; a server that hangs is made to end."""
        process = self._process
        if process is not None and not processes.wait_gone(process, _STOP_WITHIN):
            say(f"{self.label} does not stop by itself; see {self.log}")
            _signal(process, self.kill_signal)
            processes.wait_gone(process, _STOP_WITHIN)
        if self._child is not None:
            # Its main thread is gone; the kernel may still end the others.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(_LOST_AFTER)
        self._child = self._process = None

    def stop(self) -> None:
        """Ask and wait."""
        self.ask_to_stop()
        self.wait_stopped()

    def _find(self) -> tuple[psutil.Process | None, list[psutil.Process]]:
        """Find the server's process, and those which it left behind when it was killed."""
        found = list(processes.in_folder(self.executable, self.folder))
        main = next((process for process in found if self.is_main(process)), None)
        return main, [] if main else found

    def _clear(self, orphans: list[psutil.Process]) -> None:
        for orphan in orphans:
            _signal(orphan, self.kill_signal)
        for orphan in orphans:
            if not processes.wait_gone(orphan, _STOP_WITHIN):
                raise ServerFailed(f"{self.label}: process {orphan.pid} of {self.folder} hangs.")
        # The socket folder is this data folder's alone, and no server of it runs: what lies there
        # is stale. A lock file with a reused pid would stop PostgreSQL.
        self.socket.unlink(missing_ok=True)
        self.socket.with_name(self.socket.name + ".lock").unlink(missing_ok=True)

    def _spawn(self) -> None:
        account = self.account
        with processes.open_log(self.log) as log:
            self._log_start = log.tell()
            self._child = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment(),
                start_new_session=True,  # the terminal's Ctrl-C is not for it
                umask=0o077,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        self._process = psutil.Process(self._child.pid)

    def _adopt_or_fail(self) -> None:
        """Our start has ended: another one won, begun by a process that was killed meanwhile."""
        code = self._child.poll() if self._child else None
        self._process, _ = self._find()
        if self._process is None:
            end = processes.log_tail(self.log, self._log_start) if self.log.exists() else ""
            raise ServerFailed(f"{self.label} ended with {code}; {self.log} says:\n{end}")


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)  # psutil checks that the pid has not been reused


def installed(package: str) -> Path:
    """Find the folder of an installed package, without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerFailed(f"The package {package} is not installed: run `make setup`.")
    return Path(os.path.realpath(spec.origin)).parent
