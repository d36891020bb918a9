"""What has to be done before serving, and only that: migrations, static files, demo data."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from devserver import paths


def main() -> None:
    """Everything that is still missing; two starts on one folder take turns."""
    with _turn():
        _migrate()
        collect_static(Path(settings.STATIC_ROOT))
        call_command("demo_data")


def tables() -> None:
    """The tables alone, for a single command on a folder that was never served; says nothing."""
    with _turn():
        _migrate(verbosity=0)


@contextmanager
def _turn() -> Iterator[None]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weegloo_site.settings")
    django.setup()
    with (paths.data_folder(os.environ) / "prepare.lock").open("w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        yield


def _migrate(verbosity: int = 1) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=verbosity)


def collect_static(root: Path) -> None:
    """Collect when a source changed; the stamp is gone while it is being done."""
    stamp = root / ".sources"
    sources = _static_sources()
    if stamp.exists() and stamp.read_text() == sources:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(sources)


def _static_sources() -> str:
    """Fingerprint every file that collectstatic would take, and of how it stores them."""
    digest = hashlib.sha256(repr((django.VERSION, settings.STORAGES)).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            info = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{info.st_size}\0{info.st_mtime_ns}\0".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
