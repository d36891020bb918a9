"""Health."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTimeError
from contextlib import suppress

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

# Seconds.
REMEMBERED = 2.0
LONGEST_WAIT = 1.5
_QUICKLY = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5, "retry_on_timeout": False, "max_retries": 0}
_NOTHING_KNOWN = {"database": False, "migrations": False, "broker": False, "worker": False}


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _migrations_applied() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _worker_state() -> tuple[bool, bool]:
    """Whether the broker answers, and a worker through it."""
    try:
        with current_app.connection_for_write(transport_options=_QUICKLY) as broker:
            broker.default_channel  # noqa: B018  # connects, and asks the broker for an answer
            return True, bool(current_app.control.ping(timeout=0.5, limit=1, connection=broker))
    except Exception:  # noqa: BLE001  # kombu lets through whatever its transport raises
        return False, False


def _check(state: dict[str, bool]) -> None:
    """Write the state of each part as it is found; closes the database connection, this thread's own.

    Migrations come last, as reading them takes longest; once applied, they stay so.
    """
    try:
        state["database"] = _database_answers()
        state["broker"], state["worker"] = _worker_state()
        if not state["migrations"]:
            state["migrations"] = state["database"] and _migrations_applied()
    finally:
        connection.close()


class Readiness:
    """The last state of the parts: looked at again after 2 s, by one check at a time.

    Probes come often, and most of all when things are bad: none starts a check of its own while one
    runs, and none waits longer than 1.5 s. A part that does not answer by then counts as away.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readyz")
        self._running: Future[None] | None = None
        self._state = dict(_NOTHING_KNOWN)
        self._until = 0.0

    def state(self) -> dict[str, bool]:
        """Whether each part answers, as of the last 2 s."""
        with self._lock:
            if time.monotonic() < self._until:
                return dict(self._state)
            if self._running is None or self._running.done():
                self._state = _NOTHING_KNOWN | {"migrations": self._state["migrations"]}
                self._running = self._thread.submit(_check, self._state)
            running = self._running
        with suppress(NotInTimeError):
            running.result(LONGEST_WAIT)
        with self._lock:
            self._until = time.monotonic() + REMEMBERED
            return dict(self._state)

    def forget(self) -> None:
        """Look anew at the next question."""
        with self._lock:
            self._until = 0.0


readiness = Readiness()


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process lives and the database answers, else 503."""
    ok = _database_answers()
    return JsonResponse({"database": ok}, status=200 if ok else 503)


@login_not_required
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when a person could be served wholly: database, migrations, broker and a worker."""
    state = readiness.state()
    return JsonResponse(state, status=200 if all(state.values()) else 503)
