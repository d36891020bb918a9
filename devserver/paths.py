"""Where a data folder keeps its servers, and how they are reached: computed, never touched."""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parents[1]
DATABASE = "weegloo"

_PG_SOCKET = ".s.PGSQL.5432"
_VALKEY_SOCKET = "valkey.sock"
# sun_path holds 104 bytes on macOS and 108 on Linux, with the closing NUL.
_LONGEST_SOCKET = 103
# libpq splits a host at commas and URLs quote much else, each reader in its own way.
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")


def data_folder(environ: Mapping[str, str]) -> Path:
    """Name the absolute folder of all local data: WEEGLOO_DATA, else `var` in the project."""
    return Path(environ.get("WEEGLOO_DATA") or PROJECT / "var").expanduser().resolve()


def postgres_folder(data: Path) -> Path:
    """PGDATA."""
    return data.resolve() / "postgres"


def valkey_folder(data: Path) -> Path:
    """Where Valkey keeps its append-only file."""
    return data.resolve() / "valkey"


def socket_folder(data: Path) -> Path:
    """Name the private folder of both sockets: in the data folder when the path is short and plain.

    Otherwise it is in the runtime directory, named by the user and a hash of the data folder, so
    that every process of the user computes the same one.
    """
    data = data.resolve()
    inside = data / "run"
    if _fits(inside):
        return inside
    name = f"weegloo-{os.geteuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    return next(
        (
            folder / name
            for folder in _runtime_folders()
            if _fits(folder / name) and stat.S_ISDIR(_mode(folder))
        ),
        Path("/tmp", name),  # noqa: S108  # taken over only when it is ours: processes.private_folder
    )


def database_socket(data: Path) -> Path:
    """PostgreSQL's socket."""
    return socket_folder(data) / _PG_SOCKET


def redis_socket(data: Path) -> Path:
    """Valkey's socket."""
    return socket_folder(data) / _VALKEY_SOCKET


def database_url(data: Path) -> str:
    """DATABASE_URL of the embedded PostgreSQL, in libpq's form: the host is a query parameter."""
    return f"postgresql:///{DATABASE}?host={quote(str(socket_folder(data)))}&port=5432&user={DATABASE}"


def redis_url(data: Path) -> str:
    """REDIS_URL of the embedded Valkey, in redis-py's form."""
    return f"unix://{quote(str(redis_socket(data)))}?db=0"


def _fits(folder: Path) -> bool:
    path = str(folder / _PG_SOCKET)
    return len(path) <= _LONGEST_SOCKET and _PLAIN.fullmatch(path) is not None


def _runtime_folders() -> list[Path]:
    # Root's PostgreSQL is another user's process, which has no business in root's XDG folder.
    names = ("TMPDIR",) if os.geteuid() == 0 else ("XDG_RUNTIME_DIR", "TMPDIR")
    named = [Path(os.environ.get(name, "")) for name in names]
    return [folder for folder in named if folder.is_absolute()]


def _mode(folder: Path) -> int:
    try:
        return folder.stat().st_mode
    except OSError:
        return 0
