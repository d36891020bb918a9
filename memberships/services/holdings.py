"""The SpaceRoles that Space Memberships hold (rules §7)."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from common.bulk import insert_rows
from common.errors import Invalid, UnknownSpaceRole
from memberships.models import MAX_SPACE_ROLES, SpaceMembership, SpaceMembershipRole
from spaces.models import Space, SpaceRole


def choose_roles(
    space: Space, role_ids: Sequence[str], roles: Mapping[str, SpaceRole], *, path: str = "/roles"
) -> list[SpaceRole]:
    """The 1 to 3 different SpaceRoles of ``space`` that ``role_ids`` name, in that order.

    ``roles`` holds the candidates by id. Raises :class:`Invalid` and :class:`UnknownSpaceRole`.
    """
    if not 1 <= len(role_ids) <= MAX_SPACE_ROLES:
        raise Invalid.at(path, "count", _("Choose 1 to 3 roles."))
    if len(set(role_ids)) != len(role_ids):
        raise Invalid.at(path, "duplicate", _("Each role can be chosen once."))
    if any(role_id not in roles or roles[role_id].space_id != space.pk for role_id in role_ids):
        raise UnknownSpaceRole
    return [roles[role_id] for role_id in role_ids]


def load_roles(space: Space, role_ids: Sequence[str]) -> list[SpaceRole]:
    """:func:`choose_roles` among the Space's own, in one statement."""
    return choose_roles(space, role_ids, SpaceRole.objects.filter(space=space).in_bulk(list(role_ids)))


def add_holdings(assigned: Sequence[tuple[SpaceMembership, Sequence[SpaceRole]]]) -> None:
    """Give each new Space Membership its SpaceRoles, with one statement."""
    insert_rows(
        SpaceMembershipRole,
        (
            {
                "membership_id": membership.pk,
                "role_id": role.pk,
                "organization_id": membership.organization_id,
                "space_id": membership.space_id,
                "position": position,
            }
            for membership, roles in assigned
            for position, role in enumerate(roles)
        ),
    )
