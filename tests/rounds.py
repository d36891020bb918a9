"""Races: several threads, each with its own connection, let go at the same moment."""

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from common.errors import DomainError

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "20"))


def rounds() -> Iterator[int]:
    """The numbers of the rounds: 20, or as many as SOAK_ROUNDS says."""
    yield from range(ROUNDS)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Runs ``acts`` at once; what each returned, or the :class:`DomainError` it was refused with.

    Any other exception (a deadlock, a broken constraint) is what a person would see as a 500: it
    is raised here.
    """
    outcomes: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(index: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            outcomes[index] = acts[index]()
        except BaseException as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    faults = [one for one in outcomes if isinstance(one, BaseException) and not isinstance(one, DomainError)]
    if faults:
        raise ExceptionGroup("not only refusals", [fault for fault in faults if isinstance(fault, Exception)])
    return outcomes


def won(outcomes: list[Any]) -> list[Any]:
    """What those returned who were not refused."""
    return [one for one in outcomes if not isinstance(one, DomainError)]


def refusals(outcomes: list[Any]) -> set[type[DomainError]]:
    """The kinds of refusals."""
    return {type(one) for one in outcomes if isinstance(one, DomainError)}
