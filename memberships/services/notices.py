"""The emails that changes of membership send (rules §10)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from accounts.actor import Actor
from accounts.models import User
from common.bulk import Row
from memberships.models import OrganizationMembership, Role, SpaceMembership
from memberships.selectors import other_owners
from organizations.models import Organization
from outbox.models import Kind
from outbox.queue import compose
from spaces.models import Space, SpaceRole


def invitations(
    actor: Actor,
    organization: Organization,
    memberships: Iterable[OrganizationMembership],
    grants: Iterable[tuple[Space, Sequence[SpaceRole]]],
) -> Iterator[Row]:
    """Each invited person learns who invited, where to, and the Spaces given with it."""
    said: dict[str, Any] = {
        "actor": actor_name(actor),
        "organization": organization.name,
        "spaces": [{"name": space.name, "roles": [role.name for role in roles]} for space, roles in grants],
        "path": organization.get_absolute_url(),
    }
    for one in memberships:
        yield compose(
            Kind.ORGANIZATION_INVITATION,
            one.user,
            organization_id=organization.pk,
            membership_id=one.pk,
            role=one.role,
            **said,
        )


def space_invitation(actor: Actor, membership: SpaceMembership, roles: Sequence[SpaceRole]) -> Row:
    """The added person learns the Space and the SpaceRoles."""
    return compose(
        Kind.SPACE_INVITATION,
        membership.user,
        organization_id=membership.organization_id,
        membership_id=membership.pk,
        actor=actor_name(actor),
        organization=membership.space.organization.name,
        space=membership.space.name,
        roles=[role.name for role in roles],
        path=membership.space.get_absolute_url(),
    )


def organization_removal(actor: Actor, organization: Organization, user: User, spaces: Sequence[str]) -> Row:
    """Removed from, or left, the Organization and with it every Space of ``spaces`` (names)."""
    return compose(
        Kind.ORGANIZATION_REMOVAL,
        user,
        organization_id=organization.pk,
        actor=actor_name(actor),
        left=actor.user == user,
        organization=organization.name,
        spaces=list(spaces),
    )


def space_removal(actor: Actor, space: Space, user: User) -> Row:
    """Removed from the Space; the Organization membership stays."""
    return compose(
        Kind.SPACE_REMOVAL,
        user,
        organization_id=space.organization_id,
        actor=actor_name(actor),
        left=actor.user == user,
        organization=space.organization.name,
        space=space.name,
    )


def role_change(
    actor: Actor, organization: Organization, membership: OrganizationMembership, before: str
) -> Row:
    """The person's role in the Organization changed."""
    return compose(
        Kind.ROLE_CHANGE,
        membership.user,
        organization_id=organization.pk,
        actor=actor_name(actor),
        organization=organization.name,
        before=before,
        role=membership.role,
        path=organization.get_absolute_url(),
    )


def new_owners(
    actor: Actor, organization: Organization, memberships: Sequence[OrganizationMembership]
) -> Iterator[Row]:
    """The OWNERs learn of new ones, save those and whoever did it; one email each."""
    new = [one for one in memberships if one.role == Role.OWNER]
    names = [one.person.display_name for one in new]
    besides = {one.user_id for one in new} | {actor.user.pk if actor.user else ""}
    for owner in other_owners(organization, besides="").select_related("user"):
        if owner.user_id not in besides:
            yield compose(
                Kind.NEW_OWNER,
                owner.user,
                organization_id=organization.pk,
                actor=actor_name(actor),
                organization=organization.name,
                owners=names,
                path=organization.get_absolute_url(),
            )


def actor_name(actor: Actor) -> str:
    """How an email names who did it."""
    return actor.user.display_name if actor.user and not actor.is_operator else "WEEGLOO"
