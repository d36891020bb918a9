"""Delivery: claim, send, mark; each in a transaction of its own (rules §10).

A claim is a lease. Who dies with one lets it lapse, and another worker sends that email, with the
same Message-ID.
"""

import logging
import random
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q

from common.ids import new_ksuid
from common.models import now
from outbox.messages import render
from outbox.models import Email, Kind, State

logger = logging.getLogger(__name__)
_LONGEST_WAIT = timedelta(hours=6)


def deliver_all_due() -> int:
    """Send what is due, over one connection to the mail server; returns how many were tried.

    When the server cannot be reached, the rest stays queued for the next time.
    """
    expire()
    tried = 0
    mailer = mailers.default
    try:
        while email := claim():
            tried += 1
            try:
                mailer.open()
            except (OSError, smtplib.SMTPException) as error:
                logger.warning("mail server not reached", extra=_fault(email, error))
                _put_back(email, error)
                break
            deliver(email, mailer)
    finally:
        _close(mailer)
    return tried


def expire() -> None:
    """Drop what is of no use any more: sign-in codes whose time is over, sent or not."""
    Email.objects.filter(expires_at__lte=now()).delete()


@transaction.atomic
def claim() -> Email | None:
    """Take the email that is due first, sign-in codes before all, for the length of the lease; or None."""
    moment = now()
    email = (
        Email.objects.select_related("recipient")
        .select_for_update(skip_locked=True, of=("self",))
        .filter(
            Q(state=State.QUEUED) | Q(state=State.SENDING, leased_until__lt=moment),
            Q(expires_at=None) | Q(expires_at__gt=moment),
            due_at__lte=moment,
        )
        # What expires goes first: a sign-in code does not wait behind thousands of invitations.
        .order_by(F("expires_at").asc(nulls_last=True), "due_at", "id")
        .first()
    )
    if email is None:
        return None
    email.state = State.SENDING
    email.lease_id = new_ksuid()
    email.leased_until = moment + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    email.attempts += 1
    email.save(update_fields=["state", "lease_id", "leased_until", "attempts"])
    return email


def deliver(email: Email, mailer: BaseEmailBackend) -> None:
    """Send one claimed email and mark what became of it. No fault of one stops the next."""
    try:
        mailer.send_messages([render(email)])
    except Exception as error:  # whatever it was, the row must say so
        # A mail server's words may name addresses, which no log may; a fault of ours is told whole.
        ours = not isinstance(error, (OSError, smtplib.SMTPException))
        logger.warning("email not sent", extra=_fault(email, error), exc_info=ours)
        _close(mailer)  # a connection that failed once is not trusted with the next
        _mark_unsent(email, error)
    else:
        _mark(
            email,
            state=State.SENT,
            sent_at=now(),
            last_error="",
            **({"context": {}} if email.kind == Kind.SIGN_IN_CODE else {}),
        )


def _fault(email: Email, error: Exception) -> dict[str, object]:
    """A failed try for the log: ids, the kind of fault, the server's code."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return {"email": email.pk, "attempt": email.attempts, "fault": type(error).__name__, "code": code}


def _mark_unsent(email: Email, error: Exception) -> None:
    if is_permanent(error) or email.attempts >= settings.OUTBOX_MAX_ATTEMPTS:
        _mark(email, state=State.FAILED, last_error=describe(error))
    else:
        _mark(email, state=State.QUEUED, last_error=describe(error), due_at=now() + backoff(email.attempts))


def _put_back(email: Email, error: Exception) -> None:
    """Queue it again without counting the try: a mail server that is away says nothing of an email."""
    _mark(
        email,
        state=State.QUEUED,
        attempts=email.attempts - 1,
        last_error=describe(error),
        due_at=now() + backoff(1),
    )


def backoff(attempts: int) -> timedelta:
    """How long to wait after ``attempts``: doubling, up to six hours, with a tenth of chance."""
    doublings = min(attempts - 1, 20)  # beyond, a timedelta overflows long after six hours are reached
    wait: timedelta = timedelta(seconds=settings.OUTBOX_RETRY_SECONDS) * 2**doublings
    return min(wait, _LONGEST_WAIT) * random.uniform(0.9, 1.1)  # noqa: S311  # no secret


def is_permanent(error: Exception) -> bool:
    """Whether the mail server refused for good: 5xx for the recipient or the message (RFC 5321)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _reason in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def describe(error: Exception) -> str:
    """The fault in a line, for staff and for whoever invited."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reason = next(iter(error.recipients.values()))
        text = f"{code} {_text(reason)}"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"{error.smtp_code} {_text(error.smtp_error)}"
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())[:300]


def _text(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason


def _mark(email: Email, **fields: object) -> None:
    """Write the end of a try, unless the lease lapsed and another worker has the email."""
    Email.objects.filter(pk=email.pk, lease_id=email.lease_id).update(leased_until=None, lease_id="", **fields)


def _close(mailer: BaseEmailBackend) -> None:
    """Close the connection; one that is broken already is no fault."""
    try:
        mailer.close()
    except (OSError, smtplib.SMTPException):
        logger.debug("closing a broken connection to the mail server", exc_info=True)
