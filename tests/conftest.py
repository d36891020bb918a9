"""Fixtures that every test may use."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from devserver.prepare import collect_static
from tests.cast import Cast, make_cast


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """The pages name hashed files; the first process of a run collects them for all."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "static.lock").open("w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        collect_static(Path(settings.STATIC_ROOT))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request leaves its language behind in the thread: not for the next test."""
    with translation.override("en"):
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    """A fresh Organization with an owner, an admin, a member, and a stranger elsewhere."""
    return make_cast()
