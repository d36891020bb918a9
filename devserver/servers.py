"""Who uses the embedded servers: the first process starts them, the last one stops them.

Each process holds a shared flock on `servers.users` in the data folder for as long as it uses
them; the kernel drops it however the process ends. Starting and stopping happen under an
exclusive flock on `servers.lock`. So no count and no pid is kept that a kill could leave wrong.
"""

import atexit
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from . import paths, processes
from .daemon import Daemon
from .postgres import Postgres
from .valkey import Valkey

_held: dict[Path, "Lease"] = {}


class Lease:
    """One process's use of a data folder's servers; also a context manager.

    Taken again in the same process it is the same lease, counted.
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        self._uses = 0
        self._users: int | None = None
        self._daemons: list[Daemon] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def take(self) -> None:
        """Use the servers; starts those which don't run. Raises ServerFailed."""
        if self._users is None:
            with _mutex(self.data):
                self._users = _open(self.data / "servers.users")
                fcntl.flock(self._users, fcntl.LOCK_SH)
                try:
                    self._start()
                except BaseException:
                    self._leave()
                    raise
        self._uses += 1

    def release(self) -> None:
        """End one use; after the last one in the last process both servers stop."""
        self._uses -= 1
        if self._uses == 0:
            self.end()

    def end(self) -> None:
        """End all uses of this process."""
        self._uses = 0
        _held.pop(self.data, None)
        if self._users is None:
            return
        # Somebody may have removed the whole folder meanwhile; its servers must go all the same.
        with _mutex(self.data) if self.data.exists() else nullcontext():
            self._leave()

    def restart_ended(self) -> list[str]:
        """Start the servers again that ended while we use them; their names. Raises ServerFailed."""
        with _mutex(self.data):
            return [daemon.label for daemon in self._daemons if daemon.restart_if_ended()]

    def forget(self) -> None:
        """In a forked child: the parent's lease is not ours, and must not outlive the parent."""
        if self._users is not None:
            os.close(self._users)
            self._users = None

    def _start(self) -> None:
        fsync = os.environ.get("WEEGLOO_FSYNC") != "off"
        postgres, valkey = Postgres(self.data, fsync=fsync), Valkey(self.data, fsync=fsync)
        owner = postgres.account.uid if postgres.account else os.geteuid()
        processes.private_folder(paths.socket_folder(self.data), owner)
        self._daemons = [valkey, postgres]
        for daemon in self._daemons:
            daemon.start()
        for daemon in self._daemons:
            daemon.wait_ready()

    def _leave(self) -> None:
        """Under the mutex: let go, and stop the servers when no process holds on."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            # Ours turns exclusive only when it is the only one: the last process stops them.
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(users)
        for daemon in self._daemons:
            daemon.ask_to_stop()
        for daemon in self._daemons:
            daemon.wait_stopped()
        with suppress(OSError):
            paths.socket_folder(self.data).rmdir()  # leave nothing in the runtime directory


def use(data: Path) -> Lease:
    """Make sure that both servers of a data folder run, until the lease or the process ends.

    Raises ServerFailed with the reason when one doesn't start.
    """
    data = data.resolve()
    # Other users have no business with the mail in there; PostgreSQL's user passes through.
    data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    lease = _held.setdefault(data, Lease(data))
    lease.take()
    return lease


def end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the process by SystemExit, so that the leases end too."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit)


def _exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


@contextmanager
def _mutex(data: Path) -> Iterator[None]:
    handle = _open(data / "servers.lock")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def end_all() -> None:
    """End every lease of this process, as its exit does."""
    for lease in list(_held.values()):
        lease.end()


def _forget_all() -> None:
    for lease in _held.values():
        lease.forget()
    _held.clear()


atexit.register(end_all)
os.register_at_fork(after_in_child=_forget_all)
