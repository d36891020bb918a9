"""Creating, changing and deleting Organizations (rules §3)."""

from django.db import transaction

from accounts.actor import Actor, Origin
from activity import log
from activity.models import Action
from common.errors import (
    Invalid,
    NotPermitted,
    OrganizationNotEmpty,
    PlanNotFree,
    SessionRequired,
    StaleVersion,
)
from common.models import now
from common.names import read_description, read_name
from memberships import policies
from memberships.models import OrganizationMembership, Role
from memberships.selectors import lock_organization
from organizations.models import Organization
from spaces.models import Space


@transaction.atomic
def create_organization(*, actor: Actor, name: str, description: str = "") -> Organization:
    """Create an Organization; whoever does becomes its first OWNER.

    Raises :class:`Invalid`, :class:`NotPermitted` (no person acts).
    """
    if actor.user is None:
        raise NotPermitted
    name, description = _clean(name, description)
    organization = Organization.objects.create(
        name=name, description=description, member_count=1, created_by=actor.user, updated_by=actor.user
    )
    OrganizationMembership.objects.create(
        organization=organization,
        user=actor.user,
        role=Role.OWNER,
        last_active_at=now(),
        created_by=actor.user,
        updated_by=actor.user,
    )
    log.record(
        [
            log.entry(
                Action.ORGANIZATION_CREATED,
                actor=actor,
                organization_id=organization.pk,
                subject=organization.pk,
                user_id=actor.user.pk,
                after={"name": name, "description": description, "version": 1},
            )
        ]
    )
    return organization


@transaction.atomic
def update_organization(
    *, actor: Actor, organization: Organization, name: str, description: str, expected_version: int
) -> Organization:
    """Change name and description. The same values change nothing.

    Raises :class:`NotFound`, :class:`NotPermitted`, :class:`Invalid`, :class:`StaleVersion`.
    """
    access = lock_organization(actor, organization.pk)
    access.require_manager()
    name, description = _clean(name, description)
    target = access.organization
    if target.version != expected_version:
        raise StaleVersion(current=target)
    before = {"name": target.name, "description": target.description, "version": target.version}
    if (target.name, target.description) == (name, description):
        return target
    target.name, target.description = name, description
    target.save_change("name", "description", by=actor.user)
    log.record(
        [
            log.entry(
                Action.ORGANIZATION_UPDATED,
                actor=actor,
                organization_id=target.pk,
                subject=target.pk,
                before=before,
                after={"name": name, "description": description, "version": target.version},
            )
        ]
    )
    return target


@transaction.atomic
def delete_organization(*, actor: Actor, organization: Organization) -> None:
    """Delete an Organization with its memberships: OWNER only, from a console session.

    Raises :class:`NotFound`, :class:`SessionRequired`, :class:`NotPermitted`,
    :class:`PlanNotFree`, :class:`OrganizationNotEmpty` (listing the Spaces left).
    """
    access = lock_organization(actor, organization.pk)
    if actor.origin == Origin.API:
        raise SessionRequired
    if not policies.may_delete_organization(access.role):
        raise NotPermitted
    target = access.organization
    if target.plan_id != "free":
        raise PlanNotFree
    spaces = list(Space.objects.filter(organization=target).order_by("created_at", "id"))
    if spaces:
        raise OrganizationNotEmpty(spaces=spaces)
    OrganizationMembership.objects.filter(organization=target).delete()
    Organization.objects.filter(pk=target.pk).delete()
    log.record(
        [
            log.entry(
                Action.ORGANIZATION_DELETED,
                actor=actor,
                organization_id=target.pk,
                subject=target.pk,
                before={
                    "name": target.name,
                    "description": target.description,
                    "members": target.member_count,
                    "version": target.version,
                },
            )
        ]
    )


def _clean(name: str, description: str) -> tuple[str, str]:
    """Name and description as they are stored; raises :class:`Invalid` with every fault at once."""
    name, faults = read_name(name)
    description, more = read_description(description)
    if faults or more:
        raise Invalid(errors=faults + more)
    return name, description
