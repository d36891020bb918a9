"""Processes and files as the kernel shows them: no pid file is trusted, since pids are reused."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import psutil

_LOG_LIMIT = 1_000_000


class ServerFailed(RuntimeError):
    """An embedded server doesn't start or doesn't stop; the message says why and where to read on."""


def say(line: str) -> None:
    """Write a line for the person who waits."""
    with contextlib.suppress(OSError):  # whoever read our words may be gone
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def in_folder(name: str, folder: Path) -> Iterator[psutil.Process]:
    """Find the live processes of that executable name which work in that folder."""
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == name and Path(process.cwd()) == folder and alive(process):
                yield process
        except (psutil.Error, OSError):  # ended meanwhile, or another user's
            continue


def alive(process: psutil.Process) -> bool:
    """Whether it runs. A zombie doesn't: in a container nobody may ever collect it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(process: psutil.Process, seconds: float) -> bool:
    """Wait for a process, our child or not, to end; False when it still runs after that time."""
    end = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def open_log(path: Path) -> BinaryIO:
    """Open a log to append to; one that has grown past 1 MB first becomes `<name>.1`."""
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def log_tail(path: Path, start: int = 0) -> str:
    """Read the last lines of a log, from a byte on, for a message."""
    with path.open("rb") as log:
        log.seek(max(start, log.seek(0, os.SEEK_END) - 2000))
        return log.read().decode(errors="replace").strip()


def private_folder(folder: Path, uid: int) -> None:
    """Make or take over a 0700 folder of that user, refusing another user's and any symlink.

    Raises ServerFailed. The folder may stand in a shared one such as /tmp.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise ServerFailed(f"{folder} is no folder of ours ({error.strerror}); remove it.") from error
    try:
        if os.fstat(handle).st_uid not in {os.geteuid(), uid}:
            raise ServerFailed(f"{folder} belongs to another user; remove it or ask them to.")
        os.fchmod(handle, 0o700)
        if os.geteuid() == 0:
            os.fchown(handle, uid, -1)
    finally:
        os.close(handle)
