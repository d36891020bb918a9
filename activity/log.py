"""Writing and reading activity entries."""

from collections.abc import Iterable
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from activity.models import Action, ActivityEntry
from common.bulk import Row, insert_rows
from common.ids import new_ksuid


def entry(
    action: Action,
    *,
    actor: Actor,
    subject: str,
    organization_id: str = "",
    space_id: str = "",
    user_id: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Row:
    """The row of an entry; :func:`record` writes many with one statement."""
    return {
        "id": new_ksuid(),
        "action": action,
        "organization_id": organization_id,
        "space_id": space_id,
        "actor_id": actor.user.pk if actor.user else None,
        "origin": actor.origin,
        "token_id": actor.token.pk if actor.token else "",
        "user_id": user_id,
        "subject": subject,
        "before": before or {},
        "after": after or {},
    }


def record(entries: Iterable[Row]) -> None:
    """Write entries; call it inside the transaction of the change they tell of."""
    insert_rows(ActivityEntry, entries)


def last_change(subject: str) -> ActivityEntry | None:
    """The latest entry about a row: who changed what, for whoever made a stale change."""
    return (
        ActivityEntry.objects.filter(subject=subject)
        .select_related("actor")
        .order_by("-created_at", "-id")
        .first()
    )


def last_departure(user: User, organization_id: str) -> ActivityEntry | None:
    """How the person left the Organization last, by themselves or not."""
    return (
        ActivityEntry.objects.filter(user=user, organization_id=organization_id, action=Action.MEMBER_REMOVED)
        .order_by("-created_at", "-id")
        .first()
    )


def name_of(user: User | None) -> str:
    """How a person is called in the log."""
    return user.display_name if user else "WEEGLOO"
