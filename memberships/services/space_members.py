"""Assigning Organization members to a Space, changing their SpaceRoles, removing (rules §7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from activity import log
from common.bulk import insert_objects
from common.errors import (
    AlreadyInSpace,
    NotFound,
    NotOrganizationMember,
    RoleAboveOwn,
    StaleVersion,
)
from memberships import policies
from memberships.models import OrganizationMembership, SpaceMembership, SpaceMembershipRole
from memberships.selectors import SpaceAccess, lock_space, space_access, with_presence, with_roles
from memberships.services import entries, notices
from memberships.services.holdings import add_holdings, load_roles
from outbox import queue
from spaces.models import Space, SpaceRole


class AssignmentOutcome(StrEnum):
    """What became of one person."""

    ASSIGNED = "assigned"
    ALREADY_IN_SPACE = "already_in_space"
    NOT_ORGANIZATION_MEMBER = "not_organization_member"


@dataclass(frozen=True, slots=True)
class Assignment:
    """The outcome for one person, by id."""

    user_id: str
    outcome: AssignmentOutcome
    membership: SpaceMembership | None = None


@transaction.atomic
def assign_to_space(
    *, actor: Actor, space: Space, user_ids: Sequence[str], role_ids: Sequence[str]
) -> list[Assignment]:
    """Make Organization members Space members with 1 to 3 SpaceRoles, an outcome per person.

    Everyone assigned gets a Space invitation email; who is in the Space already, or not in the
    Organization, is left alone. A constant number of statements. Raises :class:`NotFound`,
    :class:`NotPermitted`, :class:`Invalid` (number of roles), :class:`UnknownSpaceRole`,
    :class:`RoleAboveOwn` for the call as a whole.
    """
    access = lock_space(actor, space)
    access.require_member_manager()
    roles = load_roles(access.space, role_ids)

    user_ids = list(dict.fromkeys(user_ids))
    members = {
        member.user_id: member.user
        for member in OrganizationMembership.objects.select_related("user").filter(
            organization=access.space.organization_id, user__in=user_ids
        )
    }
    if members:  # nothing is given to strangers, so they are told of first
        _require_grantable(access, roles)
    present = {
        place.user_id: place
        for place in with_roles(SpaceMembership.objects.filter(space=access.space, user__in=user_ids))
    }
    new = {
        user_id: SpaceMembership(
            organization_id=access.space.organization_id,
            space=access.space,
            user=user,
            created_by=actor.user or user,
            updated_by=actor.user or user,
        )
        for user_id, user in members.items()
        if user_id not in present
    }
    if new:
        _write(actor, access.space, list(new.values()), roles)
    return [_outcome(user_id, new, present) for user_id in user_ids]


def assign_member(*, actor: Actor, space: Space, user_id: str, role_ids: Sequence[str]) -> SpaceMembership:
    """:func:`assign_to_space` for one person, the outcome as an error.

    Raises :class:`NotOrganizationMember` and :class:`AlreadyInSpace` besides.
    """
    (assignment,) = assign_to_space(actor=actor, space=space, user_ids=[user_id], role_ids=role_ids)
    if assignment.outcome == AssignmentOutcome.ALREADY_IN_SPACE:
        raise AlreadyInSpace(membership=assignment.membership)
    if assignment.membership is None:
        raise NotOrganizationMember
    return assignment.membership


@transaction.atomic
def change_space_roles(
    *, actor: Actor, membership: SpaceMembership, role_ids: Sequence[str], expected_version: int
) -> SpaceMembership:
    """Give a Space member other SpaceRoles, 1 to 3, in the order given.

    The ceiling counts for the roles held before and after. The same roles in the same order
    change nothing. Raises :class:`NotFound`, :class:`NotPermitted` (also for a member with a role
    that the actor could not give), :class:`Invalid`, :class:`UnknownSpaceRole`,
    :class:`StaleVersion`, :class:`RoleAboveOwn`.
    """
    access, target = _lock(actor, membership)
    access.require_may_change_member(target)
    roles = load_roles(access.space, role_ids)
    if target.version != expected_version:
        raise StaleVersion(current=target)
    held = target.held_roles
    _require_grantable(access, [role for role in roles if role not in held])
    if roles == held:
        return target

    SpaceMembershipRole.objects.filter(membership=target).delete()
    add_holdings([(target, roles)])
    target.save_change(by=actor.user)
    log.record([entries.space_roles_changed(actor, target, held, roles)])
    return with_presence(with_roles(SpaceMembership.objects.select_related("user"))).get(pk=target.pk)


@transaction.atomic
def remove_from_space(*, actor: Actor, membership: SpaceMembership) -> None:
    """Remove a member from this Space only; the person gets one email.

    Raises :class:`NotFound`, :class:`NotPermitted` (also for a member with a role that the actor
    could not give).
    """
    access, target = _lock(actor, membership)
    access.require_may_change_member(target)
    SpaceMembership.objects.filter(pk=target.pk).delete()
    Space.objects.filter(pk=target.space_id).update(member_count=F("member_count") - 1)
    log.record([entries.removed_from_space(actor, target)])
    queue.enqueue([notices.space_removal(actor, access.space, target.user)])


def _lock(actor: Actor, membership: SpaceMembership) -> tuple[SpaceAccess, SpaceMembership]:
    """The Space and the row as they are under the Organization's lock."""
    access = lock_space(actor, space_access(actor, membership.space_id).space)
    target = (
        with_roles(SpaceMembership.objects.select_related("user", "space"))
        .filter(pk=membership.pk, space=access.space)
        .first()
    )
    if target is None:
        raise NotFound
    return access, target


def _require_grantable(access: SpaceAccess, roles: Sequence[SpaceRole]) -> None:
    """Refuse to give what the actor may not give (rules §7, Ceiling)."""
    if len(policies.grantable_space_roles(access.role, access.own_roles, roles)) != len(roles):
        raise RoleAboveOwn


def _write(actor: Actor, space: Space, memberships: list[SpaceMembership], roles: list[SpaceRole]) -> None:
    insert_objects(memberships)
    add_holdings([(membership, roles) for membership in memberships])
    Space.objects.filter(pk=space.pk).update(member_count=F("member_count") + len(memberships))
    log.record(entries.added_to_space(actor, membership, roles) for membership in memberships)
    queue.enqueue(notices.space_invitation(actor, membership, roles) for membership in memberships)


def _outcome(user_id: str, new: dict[str, SpaceMembership], present: dict[str, SpaceMembership]) -> Assignment:
    if user_id in new:
        return Assignment(user_id, AssignmentOutcome.ASSIGNED, new[user_id])
    if user_id in present:
        return Assignment(user_id, AssignmentOutcome.ALREADY_IN_SPACE, present[user_id])
    return Assignment(user_id, AssignmentOutcome.NOT_ORGANIZATION_MEMBER)
