"""Health."""

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache


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


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except Exception:  # noqa: BLE001  # kombu lets through whatever its transport raises
        return False
    return True


def _worker_alive() -> bool:
    try:
        return bool(current_app.control.ping(timeout=1.0, limit=1))
    except Exception:  # noqa: BLE001  # as above
        return False


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
    database = _database_answers()
    broker = _broker_answers()
    state = {
        "database": database,
        "migrations": database and _migrations_applied(),
        "broker": broker,
        "worker": broker and _worker_alive(),
    }
    return JsonResponse(state, status=200 if all(state.values()) else 503)
