"""Delivery: claim, send, mark; each in a transaction of its own (rules §10).

A claim is a lease. Who dies with one lets it lapse, and another worker sends that email, with the
same Message-ID.
"""

import logging
import random
import smtplib
import socket
import ssl
from datetime import timedelta

from django.conf import settings
from django.core.mail import mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, transaction
from django.db.models import F, Q

from common.ids import new_ksuid
from common.models import now
from outbox.messages import one_line, render
from outbox.models import OUR_FAULT, UNREACHABLE, Email, Kind, State

logger = logging.getLogger(__name__)
_LONGEST_WAIT = timedelta(hours=6)
_LONGEST_ANSWER = 2_000  # octets of a mail server's answer that are read
_LONGEST_ERROR = 300


def deliver_all_due() -> int:
    """Send what is due, over one connection to the mail server; returns how many were tried.

    When the server cannot be reached, the rest stays queued for the next time.
    """
    expire()
    give_up()
    tried = 0
    mailer = mailers.default
    try:
        while email := claim():
            tried += 1
            try:
                mailer.open()
            except Exception as error:  # noqa: BLE001  # logged and written on the row
                _log("mail server not reached", email, error)
                _put_back(email, error)
                break
            deliver(email, mailer)
    finally:
        _close(mailer)
    return tried


def expire() -> None:
    """Drop what is of no use any more: sign-in codes whose time is over, sent or not."""
    Email.objects.filter(expires_at__lte=now()).delete()


def give_up() -> None:
    """Fail emails whose last try ended without a result: its worker died, or could not write it."""
    for email in Email.objects.filter(
        state=State.SENDING, leased_until__lt=now(), attempts__gte=settings.OUTBOX_MAX_ATTEMPTS
    ):
        _mark(email, state=State.FAILED, last_error=OUR_FAULT)


@transaction.atomic
def claim() -> Email | None:
    """Take the email that is due first, sign-in codes before all, for the length of the lease; or None."""
    moment = now()
    email = (
        Email.objects.select_related("recipient")
        .select_for_update(skip_locked=True, of=("self",))
        .filter(
            Q(state=State.QUEUED)
            | Q(state=State.SENDING, leased_until__lt=moment, attempts__lt=settings.OUTBOX_MAX_ATTEMPTS),
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
    except Exception as error:  # noqa: BLE001  # logged and written on the row
        _log("email not sent", email, error)
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


def _log(event: str, email: Email, error: Exception) -> None:
    """Log a fault: ids, its kind and code, and its details where they cannot quote an address."""
    answer = _answer(error)
    code = answer[0] if answer else getattr(error, "errno", None)
    fault: dict[str, object] = {"fault": type(error).__name__, "code": code}
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        fault["detail"] = str(error)[:_LONGEST_ERROR]
    logger.warning(
        event,
        extra={"email": email.pk, "attempt": email.attempts, **fault},
        # A database error quotes the row, with the names in it.
        exc_info=not isinstance(error, OSError | DatabaseError),
    )


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
        last_error=describe(error, otherwise=UNREACHABLE),
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


def describe(error: Exception, otherwise: str = OUR_FAULT) -> str:
    """The fault in a line, for staff and inviters: the mail server's answer, or words of our own.

    Our own words are message ids; :attr:`Email.reason` translates them.
    """
    answer = _answer(error)
    if answer is not None:
        code, text = answer
        return f"{code} {_line(text)}"[:_LONGEST_ERROR].strip()
    lost = (smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError, socket.gaierror, ssl.SSLError)
    return UNREACHABLE if isinstance(error, lost) else otherwise


def _answer(error: Exception) -> tuple[int, bytes | str] | None:
    """The reply code and the text of a mail server that refused; None for any other fault."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, text = next(iter(error.recipients.values()), (0, ""))
        case smtplib.SMTPResponseException():
            code, text = error.smtp_code, error.smtp_error
        case _:
            return None
    return (code, text) if 200 <= code <= 599 else None  # smtplib has -1 for a reply without a code


def _line(text: bytes | str) -> str:
    """A server's words in one line that the database can keep, whatever octets they are."""
    text = text[:_LONGEST_ANSWER]
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return " ".join(one_line(text).split())


def _mark(email: Email, **fields: object) -> None:
    """Write the end of a try, unless the lease lapsed and another worker has the email.

    A fault is logged only: the next email is due. When the lease lapses, this one is tried again.
    """
    mine = Email.objects.filter(pk=email.pk, lease_id=email.lease_id)
    try:
        with transaction.atomic():
            mine.update(leased_until=None, lease_id="", **fields)
    except Exception as error:  # noqa: BLE001  # logged
        _log("result of an email not written", email, error)


def _close(mailer: BaseEmailBackend) -> None:
    """Close the connection; one that is broken already is no fault."""
    try:
        mailer.close()
    except Exception:  # whatever it is, the connection is given up
        logger.debug("closing a broken connection to the mail server", exc_info=True)
