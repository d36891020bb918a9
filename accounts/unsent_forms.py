"""What people typed in forms that could not be sent: kept until they signed in again."""

import json
from datetime import timedelta

from django.http import QueryDict

from accounts.models import UnsentForm, User
from common.models import now

KEPT = timedelta(hours=1)
# A pasted list of addresses (memberships.forms.MAX_TEXT) and as many choices again.
MOST_CHARACTERS = 2_000_000
MOST_FORMS = 5
LONGEST_PAGE = 500


def keep(person_id: str, page: str, typed: QueryDict) -> bool:
    """Keep what a person typed in the form at ``page``; whether that could be done.

    Too much text, too long an address and an account that cannot sign in keep nothing; of one
    person's forms the newest few stay.
    """
    size = sum(len(name) + sum(map(len, typed.getlist(name))) for name in typed)
    if not size or size > MOST_CHARACTERS or len(page) > LONGEST_PAGE:
        return False
    if not User.objects.filter(pk=person_id, is_active=True).exists():
        return False
    fields = json.dumps([(name, typed.getlist(name)) for name in typed])
    UnsentForm.objects.update_or_create(
        user_id=person_id, page=page, defaults={"fields": fields, "created_at": now()}
    )
    newest = UnsentForm.objects.filter(user=person_id).order_by("-created_at", "-pk")
    UnsentForm.objects.filter(user=person_id).exclude(
        pk__in=list(newest.values_list("pk", flat=True)[:MOST_FORMS])
    ).delete()
    return True


def kept(user: User, page: str) -> QueryDict | None:
    """What the person typed in the form at ``page`` within the last hour."""
    form = UnsentForm.objects.filter(user=user, page=page, created_at__gt=now() - KEPT).first()
    if form is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in json.loads(form.fields):
        typed.setlist(name, values)
    return typed


def drop(user: User, page: str) -> None:
    """Forget what the person typed there: it was sent."""
    UnsentForm.objects.filter(user=user, page=page).delete()


def sweep() -> None:
    """Forget what was typed more than an hour ago."""
    UnsentForm.objects.filter(created_at__lt=now() - KEPT).delete()
