"""A thread of each worker that looks into the outbox by itself, so that email leaves without the broker.

Wake-ups through the broker only make it sooner.
"""

import logging
import threading

from django.conf import settings
from django.db import connection

from outbox.tasks import deliver_due

logger = logging.getLogger(__name__)


def start() -> threading.Thread:
    """Start the thread; it ends with the process."""
    thread = threading.Thread(target=_poll, name="outbox-poller", daemon=True)
    thread.start()
    return thread


def _poll() -> None:
    pause = threading.Event()
    while not pause.wait(settings.OUTBOX_SWEEP_SECONDS):
        try:
            deliver_due()
        except Exception:  # whatever it was, the next round comes
            logger.warning("The outbox could not be read.", exc_info=True)
        finally:
            # The worker forks its children out of this process: nothing of the database is left open for them.
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend
