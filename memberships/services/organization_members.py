"""Changing and removing Organization members (rules §4, §7)."""

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from activity import log
from common.errors import LastOwner, NotFound, NotPermitted, RoleAboveOwn, StaleVersion
from memberships import policies
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.selectors import OrganizationAccess, lock_organization, other_owners, with_roles
from memberships.services import entries, notices
from organizations.models import Organization
from outbox import queue
from spaces.models import Space


@transaction.atomic
def change_role(
    *, actor: Actor, membership: OrganizationMembership, role: Role, expected_version: int
) -> OrganizationMembership:
    """Give a member another Organization role.

    The person is told; so are the other OWNERs of a new one. The same role again changes nothing.
    Raises :class:`NotFound`, :class:`NotPermitted` (someone above oneself, or a MEMBER),
    :class:`StaleVersion`, :class:`RoleAboveOwn`, :class:`LastOwner`.
    """
    access = lock_organization(actor, membership.organization_id)
    target = _reread(membership)
    if not policies.may_change(access.role, target.role):
        raise NotPermitted
    if target.version != expected_version:
        raise StaleVersion(current=target)
    if policies.is_above(role, access.role):
        raise RoleAboveOwn
    if target.role == role:
        return target
    _keep_an_owner(access, target)

    before = target.role
    target.role = role
    target.save_change("role", by=actor.user)
    log.record([entries.role_changed(actor, target, before)])
    queue.enqueue([notices.role_change(actor, access.organization, target, before)])
    if role == Role.OWNER:
        queue.enqueue(notices.new_owners(actor, access.organization, [target]))
    return target


@transaction.atomic
def remove_member(*, actor: Actor, membership: OrganizationMembership) -> None:
    """Remove a member from the Organization and all its Spaces; removing oneself is leaving.

    The person gets one email. Raises :class:`NotFound`, :class:`NotPermitted`,
    :class:`LastOwner`.
    """
    access = lock_organization(actor, membership.organization_id)
    target = _reread(membership)
    leaving = actor.user is not None and actor.user.pk == target.user_id
    if not leaving and not policies.may_change(access.role, target.role):
        raise NotPermitted
    _keep_an_owner(access, target)

    places = list(
        with_roles(
            SpaceMembership.objects.filter(organization=target.organization_id, user=target.user_id)
            .select_related("space")
            # In the order in which a change of the person's name takes them.
            .select_for_update(of=("self",))
            .order_by("pk")
        )
    )
    SpaceMembership.objects.filter(pk__in=[place.pk for place in places]).delete()
    Space.objects.filter(pk__in=[place.space_id for place in places]).update(member_count=F("member_count") - 1)
    OrganizationMembership.objects.filter(pk=target.pk).delete()
    Organization.objects.filter(pk=target.organization_id).update(member_count=F("member_count") - 1)
    log.record([entries.removed(actor, target, places)])
    names = [place.space.name for place in places]
    queue.enqueue([notices.organization_removal(actor, access.organization, target.user, names)])


def _reread(membership: OrganizationMembership) -> OrganizationMembership:
    """The row as it is under the Organization's lock."""
    target = (
        OrganizationMembership.objects.select_related("user")
        .filter(pk=membership.pk, organization=membership.organization_id)
        .first()
    )
    if target is None:
        raise NotFound
    return target


def _keep_an_owner(access: OrganizationAccess, target: OrganizationMembership) -> None:
    """Refuse to take the last OWNER with an active account away."""
    if target.role == Role.OWNER and not other_owners(access.organization, besides=target.user_id).exists():
        raise LastOwner
