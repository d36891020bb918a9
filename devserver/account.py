"""The system user PostgreSQL runs as, since it refuses root, and what that user must reach."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from .processes import say


@dataclass(frozen=True)
class Account:
    """A system user, by the ids the kernel compares."""

    name: str
    uid: int
    gid: int


def choose(pgdata: Path) -> Account | None:
    """Choose the user for PostgreSQL when we are root, else None, for ourselves.

    The owner of existing data, then `postgres`, then `nobody`. Raises KeyError when a system has
    neither.
    """
    if os.geteuid() != 0:
        return None
    if pgdata.exists() and (owner := pgdata.stat().st_uid) != 0:
        try:
            return _account(pwd.getpwuid(owner))
        except KeyError:  # data from elsewhere, of a user without a name here
            return Account(str(owner), owner, pgdata.stat().st_gid)
    try:
        return _account(pwd.getpwnam("postgres"))
    except KeyError:
        return _account(pwd.getpwnam("nobody"))


def admit(account: Account, *paths: Path) -> None:
    """Let the account reach these paths: add search permission to the folders above that lack it.

    Only search (x), only where needed; prints one line naming each folder it opened.
    """
    folders = [folder for path in paths for folder in reversed(path.resolve().parents)]
    _report(account, [folder for folder in folders if _open(account, folder, read=False)])


def admit_tree(account: Account, tree: Path) -> None:
    """Let the account read and run an installed tree, which a strict umask may have closed.

    The top goes last, so that an interrupted walk is taken up again.
    """
    if not tree.exists() or _granted(account, tree, read=True):
        return
    for folder, _, files in os.walk(tree, topdown=False):
        for file in files:
            path = Path(folder, file)
            if not path.is_symlink():
                _open(account, path, read=True)
        _open(account, Path(folder), read=True)
    _report(account, [tree])


def own(account: Account, tree: Path) -> None:
    """Give a tree to the account; data copied by root has lost its owner."""
    if tree.stat().st_uid == account.uid:
        return
    for folder, _, files in os.walk(tree, topdown=False):
        for name in files:
            os.lchown(Path(folder, name), account.uid, account.gid)
        os.lchown(folder, account.uid, account.gid)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _wanted(account: Account, path: Path, *, read: bool) -> tuple[int, int]:
    """Return the path's mode, and the one that lets the account in: the kernel looks at one class only."""
    info = path.stat()
    mode = stat.S_IMODE(info.st_mode)
    shift = 6 if info.st_uid == account.uid else 3 if info.st_gid == account.gid else 0
    search = stat.S_ISDIR(info.st_mode) or mode & stat.S_IXUSR
    bits = (stat.S_IROTH if read else 0) | (stat.S_IXOTH if search else 0)
    return mode, mode | bits << shift


def _granted(account: Account, path: Path, *, read: bool) -> bool:
    mode, wanted = _wanted(account, path, read=read)
    return mode == wanted


def _open(account: Account, path: Path, *, read: bool) -> bool:
    mode, wanted = _wanted(account, path, read=read)
    if mode != wanted:
        path.chmod(wanted)
    return mode != wanted


def _report(account: Account, opened: list[Path]) -> None:
    if opened:
        names = ", ".join(map(str, opened))
        say(f"Running as root, so PostgreSQL runs as {account.name}; opened for it: {names}")
