"""How membership changes stand in the activity log."""

from collections.abc import Sequence

from accounts.actor import Actor
from activity import log
from activity.models import Action
from common.bulk import Row
from memberships.models import OrganizationMembership, SpaceMembership
from spaces.models import SpaceRole


def logged_roles(roles: Sequence[SpaceRole]) -> list[dict[str, str]]:
    """SpaceRoles as the log keeps them: by id, with the name they had."""
    return [{"id": role.pk, "name": role.name} for role in roles]


def invited(actor: Actor, membership: OrganizationMembership) -> Row:
    """Someone became an Organization member."""
    return log.entry(
        Action.MEMBER_INVITED,
        actor=actor,
        organization_id=membership.organization_id,
        subject=membership.pk,
        user_id=membership.user_id,
        after={"role": membership.role, "version": 1},
    )


def role_changed(actor: Actor, membership: OrganizationMembership, before: str) -> Row:
    """A member's Organization role changed; ``membership`` as it is after."""
    return log.entry(
        Action.MEMBER_ROLE_CHANGED,
        actor=actor,
        organization_id=membership.organization_id,
        subject=membership.pk,
        user_id=membership.user_id,
        before={"role": before, "version": membership.version - 1},
        after={"role": membership.role, "version": membership.version},
    )


def removed(actor: Actor, membership: OrganizationMembership, places: Sequence[SpaceMembership]) -> Row:
    """A member was removed, or left, with their ``places``; enough to put all of it back."""
    return log.entry(
        Action.MEMBER_REMOVED,
        actor=actor,
        organization_id=membership.organization_id,
        subject=membership.pk,
        user_id=membership.user_id,
        before={
            "role": membership.role,
            "version": membership.version,
            "createdAt": membership.created_at.isoformat(),
            "spaces": [
                {
                    "id": place.space_id,
                    "name": place.space.name,
                    "membership": place.pk,
                    "roles": logged_roles(place.held_roles),
                    "version": place.version,
                    "createdAt": place.created_at.isoformat(),
                }
                for place in places
            ],
        },
    )


def _space_entry(action: Action, actor: Actor, membership: SpaceMembership, **change: object) -> Row:
    return log.entry(
        action,
        actor=actor,
        organization_id=membership.organization_id,
        space_id=membership.space_id,
        subject=membership.pk,
        user_id=membership.user_id,
        **change,  # type: ignore[arg-type]  # before= and after=
    )


def added_to_space(actor: Actor, membership: SpaceMembership, roles: Sequence[SpaceRole]) -> Row:
    """Someone became a Space member."""
    after = {"space": membership.space.name, "roles": logged_roles(roles), "version": 1}
    return _space_entry(Action.SPACE_MEMBER_ADDED, actor, membership, after=after)


def space_roles_changed(
    actor: Actor, membership: SpaceMembership, before: Sequence[SpaceRole], after: Sequence[SpaceRole]
) -> Row:
    """A Space member's SpaceRoles changed; ``membership`` as it is after."""
    return _space_entry(
        Action.SPACE_MEMBER_UPDATED,
        actor,
        membership,
        before={"roles": logged_roles(before), "version": membership.version - 1},
        after={"roles": logged_roles(after), "version": membership.version},
    )


def removed_from_space(actor: Actor, membership: SpaceMembership) -> Row:
    """A Space member was removed; enough to put it back."""
    before = {
        "space": membership.space.name,
        "roles": logged_roles(membership.held_roles),
        "version": membership.version,
        "createdAt": membership.created_at.isoformat(),
    }
    return _space_entry(Action.SPACE_MEMBER_REMOVED, actor, membership, before=before)
