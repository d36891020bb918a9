"""Changes of accounts that touch their memberships (rules §2, §4)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from accounts.actor import Actor
from accounts.models import PersonalAccessToken, SignInCode, User
from activity import log
from activity.models import Action, ActivityEntry
from common.errors import LastOwner, NotFound, NotPermitted
from common.models import now
from memberships.models import OrganizationMembership, Role
from memberships.selectors import other_owners
from organizations.models import Organization

UNUSED_AFTER = timedelta(days=1)


@transaction.atomic
def deactivate_account(*, actor: Actor, user: User) -> User:
    """End an account's access at once, sessions and tokens included; nothing is deleted.

    WEEGLOO's staff only. Raises :class:`NotPermitted`, :class:`NotFound`, :class:`LastOwner`
    with the Organizations that would have no active OWNER left.
    """
    if not actor.is_operator:
        raise NotPermitted
    owned = OrganizationMembership.objects.filter(user=user, role=Role.OWNER).values("organization")
    organizations = list(
        Organization.objects.select_for_update(no_key=True).filter(pk__in=owned).order_by("pk")
    )
    orphaned = [one for one in organizations if not other_owners(one, besides=user.pk).exists()]
    if orphaned:
        raise LastOwner(organizations=[one.pk for one in orphaned])
    changed = User.objects.filter(pk=user.pk, is_active=True).update(
        is_active=False, version=F("version") + 1, updated_at=now()
    )
    target = User.objects.filter(pk=user.pk).first()
    if target is None:
        raise NotFound
    if changed:
        log.record(
            log.entry(
                Action.ACCOUNT_DEACTIVATED,
                actor=actor,
                subject=user.pk,
                user_id=user.pk,
                organization_id=organization_id,
                before={"isActive": True},
                after={"isActive": False},
            )
            for organization_id in OrganizationMembership.objects.filter(user=user)
            .values_list("organization", flat=True)
            .order_by("organization")
            or [""]
        )
    return target


@transaction.atomic
def sweep_unused_accounts(*, actor: Actor) -> int:
    """Delete inert slots older than a day: never signed in, in no Organization, in no log, no younger code.

    Returns how many went. What a sign-in noted for its limits goes after a day, too.
    """
    if not actor.is_operator:
        raise NotPermitted
    before = now() - UNUSED_AFTER
    SignInCode.objects.filter(created_at__lt=before).delete()
    unused = User.objects.filter(
        ~Exists(SignInCode.objects.filter(user=OuterRef("pk"))),
        ~Exists(OrganizationMembership.objects.filter(user=OuterRef("pk"))),
        ~Exists(ActivityEntry.objects.filter(user=OuterRef("pk"))),
        ~Exists(PersonalAccessToken.objects.filter(user=OuterRef("pk"))),
        signed_in_at=None,
        is_staff=False,
        created_at__lt=before,
    ).values_list("pk", flat=True)
    locked = list(unused.select_for_update(skip_locked=True).order_by("pk")[:1000])
    # Asked again under the lock: an invitation may have committed after the first look.
    gone = list(unused.filter(pk__in=locked))
    User.objects.filter(pk__in=gone).delete()
    return len(gone)
