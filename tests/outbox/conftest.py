"""A mail server, production's mail settings towards it, and a worker."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.outbox.smtp import Mailbag, Server
from tests.workers import Worker, forget_wake_ups, quiet, until, woken, worker_prefix
from weegloo_site.env import smtp_options


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[Server]:
    """One SMTP server for this pytest process."""
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def smtp(smtp_server: Server, settings: Settings) -> Iterator[Server]:
    """The server, emptied; this process sends to it through production's backend."""
    smtp_server.bag.clear()
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": smtp_options(urlsplit(smtp_server.url)),
        }
    }
    yield smtp_server
    smtp_server.bag.release.set()


@pytest.fixture
def mailbag(smtp: Server) -> Mailbag:
    """What the server was given."""
    return smtp.bag


@pytest.fixture(scope="session")
def _worker(
    smtp_server: Server,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    forget_wake_ups()
    with (
        django_db_blocker.unblock(),
        # It delivers for the test that wakes it, and never looks into the outbox of another.
        Worker(
            tmp_path_factory.mktemp("worker"),
            email_url=smtp_server.url,
            BROKER_PREFIX=worker_prefix(),
            OUTBOX_SWEEP_SECONDS="86400",
        ) as worker,
    ):
        yield worker


@pytest.fixture
def worker(_worker: Worker, transactional_db: None, smtp: Server) -> Iterator[Worker]:
    """The long-lived worker of this pytest process; idle again when the test ends."""
    with woken():
        yield _worker
    until(quiet, 20, "the worker is idle")
