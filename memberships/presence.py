"""When a person was last in an Organization (rules §2).

Reading what the caller may do there has loaded the membership already, so noting it costs one
statement every few minutes, and no other. It never waits for a lock: what is busy is noted with the
next page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.db import connection

from common.models import now
from memberships.models import OrganizationMembership

EVERY = timedelta(minutes=5)
# The memberships noted in this request; None outside of one, where no person is anywhere.
_noted: ContextVar[set[str] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[None]:
    """Let :func:`here` note memberships: a person's own request runs inside."""
    token = _noted.set(set())
    try:
        yield
    finally:
        _noted.reset(token)


def here(membership: OrganizationMembership) -> None:
    """Note that the member opened their Organization, before anything of it is shown to them."""
    noted = _noted.get()
    if noted is None or membership.pk in noted:
        return
    noted.add(membership.pk)
    moment, last = now(), membership.last_active_at
    if last is not None and moment - last < EVERY:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT weegloo_note_active(%s, %s, %s)", [membership.pk, moment, moment - EVERY])
        if cursor.fetchone()[0]:
            membership.last_active_at = moment
