"""The tasks that deliver."""

import threading

from celery import shared_task

from outbox import delivery

_wanted = threading.Event()
_busy = threading.Lock()


@shared_task
def deliver_due() -> None:
    """Deliver every email that is due. Woken after a commit; :mod:`outbox.poller` looks besides.

    One at a time in a process, so that a process that dies leaves at most one email of which
    nobody knows whether it went. Being woken meanwhile makes the running one look again.
    """
    _wanted.set()
    while _wanted.is_set() and _busy.acquire(blocking=False):
        try:
            while _wanted.is_set():
                _wanted.clear()
                delivery.deliver_all_due()
        finally:
            _busy.release()
