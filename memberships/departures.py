"""What goes with a member who is removed or leaves, told before it is done (rules §4, §7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from common.errors import NotPermitted
from memberships import policies
from memberships.models import OrganizationMembership, Role, SpaceMembership, SpaceMembershipRole
from memberships.selectors import OrganizationAccess, SpaceAccess, other_owners, with_roles
from spaces.models import Space


@dataclass(frozen=True, slots=True)
class Departure:
    """The consequences of one removal from an Organization.

    ``unmanned``: Spaces left without an Administrator. ``owners_are_new``: OWNERs remain, but
    none of them has opened the Organization yet.
    """

    membership: OrganizationMembership
    is_self: bool
    places: list[SpaceMembership]
    unmanned: list[Space]
    is_last_owner: bool
    owners_are_new: bool


def departure(access: OrganizationAccess, membership: OrganizationMembership) -> Departure:
    """What removing ``membership`` would do; writes nothing.

    Raises :class:`NotPermitted` for someone whom the caller may not remove.
    """
    is_self = access.membership is not None and access.membership.pk == membership.pk
    if not is_self and not policies.may_change(access.role, membership.role):
        raise NotPermitted
    places = list(
        with_roles(
            SpaceMembership.objects.filter(
                organization=access.organization, user=membership.user_id
            ).select_related("space")
        ).order_by("created_at", "id")
    )
    opened: list[bool] = []
    if membership.role == Role.OWNER:
        owners = other_owners(access.organization, besides=membership.user_id)
        opened = [at is not None for at in owners.values_list("last_active_at", flat=True)]
    return Departure(
        membership=membership,
        is_self=is_self,
        places=places,
        unmanned=unmanned_without(places),
        is_last_owner=membership.role == Role.OWNER and not opened,
        owners_are_new=bool(opened) and not any(opened),
    )


def is_last_owner(access: OrganizationAccess) -> bool:
    """Whether the caller is the last OWNER, who cannot leave."""
    if access.membership is None or access.role != Role.OWNER:
        return False
    return not other_owners(access.organization, besides=access.membership.user_id).exists()


def unmanned_without(places: Sequence[SpaceMembership]) -> list[Space]:
    """The Spaces of ``places`` (one person's) where nobody else is an Administrator."""
    administered = {
        place.space_id: place.space for place in places if any(role.is_locked for role in place.held_roles)
    }
    if not administered:
        return []
    # Of a stranger (rules §2) it does not show whether the account is active.
    stranger = OrganizationMembership.objects.filter(
        organization=OuterRef("organization"), user=OuterRef("membership__user"), last_active_at=None
    )
    manned = set(
        SpaceMembershipRole.objects.filter(
            Q(membership__user__is_active=True) | Exists(stranger),
            space__in=list(administered),
            role__is_locked=True,
        )
        .exclude(membership__in=[place.pk for place in places])
        .values_list("space", flat=True)
    )
    return [space for pk, space in administered.items() if pk not in manned]


@dataclass(frozen=True, slots=True)
class SpaceDeparture:
    """The consequences of one removal from a Space."""

    membership: SpaceMembership
    is_self: bool
    unmanned: bool


def space_departure(access: SpaceAccess, membership: SpaceMembership) -> SpaceDeparture:
    """What removing ``membership`` from the Space would do; writes nothing. Raises :class:`NotPermitted`."""
    access.require_may_change_member(membership)
    membership.space = access.space
    return SpaceDeparture(
        membership=membership,
        is_self=access.membership is not None and access.membership.pk == membership.pk,
        unmanned=bool(unmanned_without([membership])),
    )
