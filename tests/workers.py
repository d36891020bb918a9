"""Real Celery workers: processes of their own, with production's settings, on the tests' servers.

A worker sees the test database of this pytest process, not the one the console uses; the broker is
the tests' Valkey, under this process's own prefix, or another one.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil
import redis
from celery import current_app
from django.conf import settings
from django.db import connection

from devserver import paths, processes
from devserver.valkey import Valkey

_START_WITHIN = 60


def until(
    condition: Callable[[], bool], seconds: float, what: str = "", worker: "Worker | None" = None
) -> None:
    """Polls until ``condition``; fails with ``what``, and what the worker said and does, after so long."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}\n{worker.state() if worker else ''}")
        time.sleep(0.02)


def database_url() -> str:
    """DATABASE_URL of this process's test database."""
    values = connection.settings_dict
    return (
        f"postgresql:///{quote(values['NAME'])}?host={quote(values['HOST'])}"
        f"&port={values['PORT'] or 5432}&user={quote(values['USER'])}"
    )


class Worker:
    """One `celery worker` process with its children, from its start to its end."""

    def __init__(
        self,
        folder: Path,
        *,
        email_url: str,
        redis_url: str = "",
        processes: int = 1,
        beat: bool = False,
        **environment: str,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        redis_url = redis_url or paths.redis_url(settings.DATA_DIR)
        self.socket = redis_url.removeprefix("unix://").partition("?")[0]
        self.log = folder / f"worker-{secrets.token_hex(4)}.log"
        pool = ["--pool", "prefork", "--concurrency", str(processes)] if processes > 1 else ["--pool", "solo"]
        sweep = ["--beat", "--schedule", str(self.log.with_suffix(".beat"))] if beat else []
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "-A", "weegloo_site.celery:app", "worker"),
                    *("--loglevel", "info", "--hostname", f"{self.log.stem}@tests"),
                    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
                    *pool,
                    *sweep,
                ],
                cwd=paths.PROJECT,
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "HOME": os.environ.get("HOME", "/"),
                    "DATABASE_URL": database_url(),
                    "REDIS_URL": redis_url,
                    "BROKER_PREFIX": settings.BROKER_PREFIX,
                    "SECRET_KEY": secrets.token_urlsafe(64),
                    "ALLOWED_HOSTS": "console.example.com",
                    "BASE_URL": "https://console.example.com",
                    "EMAIL_URL": email_url,
                    "OUTBOX_SWEEP_SECONDS": "1",
                    "OUTBOX_LEASE_SECONDS": "2",
                    "OUTBOX_RETRY_SECONDS": "1",
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        end = time.monotonic() + _START_WITHIN
        while "ready." not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise AssertionError(self.said())
            time.sleep(0.02)
        return self

    def __exit__(self, *_error: object) -> None:
        self.end(signal.SIGTERM)

    def said(self) -> str:
        """All it logged."""
        return self.log.read_text(errors="replace")

    def state(self) -> str:
        """What waits on its broker, who is connected there, and all it logged."""
        with redis.Redis(unix_socket_path=self.socket) as client:
            keys = {key: client.type(key) for key in client.scan_iter("*celery") if b"_kombu" not in key}
            waiting = {key: client.llen(key) for key, kind in keys.items() if kind == b"list"}
            unacked = {key: client.hgetall(key) for key in client.scan_iter("*unacked")}
            clients = [
                f"{one['id']} {one['cmd']} idle {one['idle']} age {one['age']}" for one in client.client_list()
            ]
        logged = [line for line in self.said().splitlines() if "Sending due task" not in line]
        return "\n".join([f"{waiting} {unacked}", *clients, *logged])

    def kill(self) -> None:
        """`kill -9` of the worker and all its children at once: nothing is tidied up."""
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals) -> None:
        """Signal the worker; its children follow, by force if they must."""
        if self.process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


class Broker:
    """A Valkey of the test's own, to be stopped and started while everything else goes on."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        processes.private_folder(paths.socket_folder(folder), os.geteuid())
        self.server = Valkey(folder, fsync=False)
        self.url = paths.redis_url(folder)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.server.start()
        self.server.wait_ready()

    def stop(self) -> None:
        """Stop it; what was queued is kept in its file."""
        self.server.stop()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes connections and answers nothing meanwhile."""
        found = [process for process in psutil.process_iter() if self._is_main(process)]
        assert found
        for process in found:
            process.suspend()
        try:
            yield
        finally:
            for process in found:
                process.resume()

    def _is_main(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):  # it may have ended meanwhile
            return self.server.is_main(process)
        return False

    def waiting(self) -> int:
        """How many wake-ups wait for a worker."""
        with redis.Redis(unix_socket_path=str(self.server.socket)) as client:
            return int(client.llen(f"{settings.BROKER_PREFIX}celery"))  # type: ignore[arg-type]


@contextmanager
def own_broker(folder: Path) -> Iterator[Broker]:
    """Everything this process publishes goes to a broker of its own meanwhile."""
    broker = Broker(folder)
    broker.start()
    try:
        with _publishing(f"redis+socket://{broker.server.socket}?virtual_host=0", settings.BROKER_PREFIX):
            yield broker
    finally:
        broker.stop()


@contextmanager
def woken() -> Iterator[None]:
    """What this process publishes reaches its long-lived worker, for the time of one test."""
    with _publishing(current_app.conf.broker_url, worker_prefix()):
        yield


@contextmanager
def _publishing(url: str, prefix: str) -> Iterator[None]:
    """Celery keeps its pools for the life of a process; at each change it looks for them anew."""

    def publish(url: str, options: dict[str, object]) -> None:
        current_app.conf.broker_write_url = url
        current_app.conf.broker_transport_options = options
        current_app._pool = None
        current_app.amqp._producer_pool = None
        import_module("outbox.queue").breaker.reset()  # the apps are not loaded when this is imported

    kept = current_app.conf.broker_write_url, current_app.conf.broker_transport_options
    publish(url, kept[1] | {"global_keyprefix": prefix})
    try:
        yield
    finally:
        publish(*kept)


def worker_prefix() -> str:
    """The keys of the long-lived worker: no other test's wake-ups are for it."""
    return f"{settings.BROKER_PREFIX}worker:"


def quiet() -> bool:
    """Whether no wake-up waits for the long-lived worker and no task of it runs."""
    with _tests_broker() as client:
        return not client.llen(f"{worker_prefix()}celery") and not client.hlen(f"{worker_prefix()}unacked")


def forget_wake_ups() -> None:
    """Drop what a run that was killed left for the long-lived worker."""
    with _tests_broker() as client:
        client.delete(*(f"{worker_prefix()}{key}" for key in ("celery", "unacked", "unacked_index")))


def _tests_broker() -> redis.Redis:
    return redis.Redis(unix_socket_path=str(paths.redis_socket(settings.DATA_DIR)))
