"""Forms that were sent: each makes what it makes once."""

import hashlib
from datetime import timedelta

from django.db import connection

from accounts.models import SentForm, User
from common.models import now

KEPT = timedelta(days=7)


def first_sending(user: User, key: str) -> SentForm | None:
    """The first sending of the form with ``key``, if there was one.

    Holds the key until the transaction ends: of two sendings at once, the second waits for the first.
    """
    number = int.from_bytes(hashlib.sha256(f"form {user.pk} {key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
    return SentForm.objects.filter(user=user, key=key).first()


def remember_sending(user: User, key: str, leads_to: str) -> None:
    """Note that the form with ``key`` made something, and the page that its sending leads to."""
    SentForm.objects.create(user=user, key=key, leads_to=leads_to)


def sweep() -> None:
    """Forget forms that were sent more than a week ago."""
    SentForm.objects.filter(created_at__lt=now() - KEPT).delete()
