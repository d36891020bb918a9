"""Putting emails into the outbox, in the transaction of the change they tell of."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import translation
from kombu.exceptions import LimitExceeded
from kombu.pools import producers

from accounts.actor import Actor
from accounts.models import User
from common.breaker import Breaker
from common.bulk import Row, insert_rows
from common.errors import NotPermitted
from common.ids import new_ksuid
from common.models import now
from outbox.models import Email, Kind, State
from outbox.tasks import deliver_due

logger = logging.getLogger(__name__)
breaker = Breaker(10)
# Seconds. Nobody waits longer for a broker that hangs, and it is asked once.
_QUICKLY = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, "retry_on_timeout": False, "max_retries": 0}


def compose(
    kind: Kind,
    recipient: User,
    *,
    organization_id: str = "",
    membership_id: str = "",
    expires_at: datetime | None = None,
    **context: object,
) -> Row:
    """The row of an email with its frozen ``context``, in the recipient's language.

    Whose language nobody knows yet gets that of the request which causes the email.
    """
    row_id = new_ksuid()
    domain = settings.BASE_URL.partition("://")[2].partition("/")[0].partition(":")[0]
    return {
        "id": row_id,
        "kind": kind,
        "recipient_id": recipient.pk,
        "organization_id": organization_id,
        "membership_id": membership_id,
        "language": recipient.mail_language or translation.get_language() or settings.LANGUAGE_CODE,
        "context": context,
        "message_id": f"<{row_id}@{domain}>",
        "expires_at": expires_at,
    }


def enqueue(emails: Iterable[Row]) -> None:
    """Write emails; a worker is woken once when the transaction commits."""
    if insert_rows(Email, emails):
        wake_worker_on_commit()


@transaction.atomic
def send_again(*, actor: Actor, emails: Sequence[Email]) -> int:
    """Queue emails once more that were sent or failed; returns how many. WEEGLOO's staff only.

    One that waits or is on its way is left alone; a sign-in code is never sent twice. Raises
    :class:`NotPermitted`.
    """
    if not actor.is_operator:
        raise NotPermitted
    queued = (
        Email.objects.filter(pk__in=[email.pk for email in emails], state__in=[State.SENT, State.FAILED])
        .exclude(kind=Kind.SIGN_IN_CODE)
        .update(state=State.QUEUED, attempts=0, due_at=now(), last_error="", sent_at=None)
    )
    if queued:
        wake_worker_on_commit()
    return queued


def wake_worker_on_commit() -> None:
    """Wake a worker after the commit, at most once a transaction.

    The commit has happened then: a broker that is away costs the wake-up only, a worker that polls delivers.
    """
    connection = transaction.get_connection()
    if not any(waiting[1] is _wake_worker for waiting in connection.run_on_commit):
        transaction.on_commit(_wake_worker, robust=True)


def _wake_worker() -> None:
    if breaker.is_open:
        return
    publisher = current_app.connection_for_write(transport_options=_QUICKLY)
    try:
        with producers[publisher].acquire(block=True, timeout=0.2) as producer:
            deliver_due.apply_async(producer=producer, retry=False)
    except (deliver_due.OperationalError, LimitExceeded, OSError):
        breaker.trip()
        logger.warning("The broker is away; a worker finds the email by itself.")
