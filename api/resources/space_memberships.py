"""Space Membership (seed 003; rules §7)."""

from typing import Annotated, Literal, TypedDict

from django.db.models import Q
from pydantic import Field

from api.core import filters
from api.core.operations import Resource
from api.core.pagination import Listing
from api.core.parsing import Body
from api.core.references import SpaceRoleRefers, UserRefer
from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import History, Id, Refer, history, refer
from api.resources.organization_memberships import ADDRESS
from common.errors import (
    AlreadyInSpace,
    NotOrganizationMember,
    NotPermitted,
    RoleAboveOwn,
    UnknownSpaceRole,
)
from memberships.models import MAX_SPACE_ROLES, SpaceMembershipRole
from memberships.models import SpaceMembership as MembershipRow
from memberships.selectors import SpaceAccess, space_access, space_members_of, space_membership
from memberships.services.space_members import assign_member, change_space_roles, remove_from_space


class _Identity(TypedDict):
    id: Id
    type: Literal["SpaceMembership"]
    space: Refer
    user: Refer


class SpaceMembershipSys(_Identity, History):
    """The system properties of a Space Membership."""


class SpaceMembership(TypedDict):
    """Which SpaceRoles a person holds in a Space."""

    sys: SpaceMembershipSys
    roles: Annotated[list[Refer], Field(min_length=1, max_length=MAX_SPACE_ROLES)]


class SpaceRolesBody(Body):
    """1 to 3 SpaceRoles of the Space."""

    roles: SpaceRoleRefers

    @property
    def role_ids(self) -> list[str]:
        """The SpaceRoles' ids, in their order."""
        return [role.sys.id for role in self.roles]


class AssignmentBody(SpaceRolesBody):
    """An Organization member and what they get."""

    user: UserRefer


def membership(row: MembershipRow) -> SpaceMembership:
    """The Space Membership as the API shows it; its roles must be loaded."""
    return {
        "sys": {
            "id": row.pk,
            "type": "SpaceMembership",
            "space": refer("Space", row.space_id),
            "user": refer("User", row.user_id),
            **history(row),
        },
        "roles": [refer("SpaceRole", role.pk) for role in row.held_roles],
    }


def _holding(_field: filters.Field, operator: str, value: str | list[str]) -> Q:
    """The members who hold a role of ``value``, or none of them."""
    ids = value if isinstance(value, list) else [value]
    found = Q(pk__in=SpaceMembershipRole.objects.filter(role__in=ids).values("membership"))
    return ~found if operator == "ne" else found


SPACE_MEMBERSHIPS = Resource(
    MembershipRow,
    membership,
    SpaceMembership,
    fields=(
        *filters.HISTORY,
        filters.refer("sys.space", "space_id"),
        filters.refer("sys.user", "user_id"),
        ADDRESS,
        filters.Field("roles.sys.id", "holdings", ("eq", "ne", "in"), orders=False, test=_holding),
    ),
)
routes = Routes("Space Memberships")
LIST = "/spaces/{spaceId}/space-memberships"
ONE = LIST + "/{spaceMembershipId}"


def _space(call: Call, space_id: str) -> SpaceAccess:
    return space_access(call.actor, space_id)


def _managed(call: Call, space_id: str) -> SpaceAccess:
    access = space_access(call.actor, space_id)
    access.require_member_manager()
    return access


def _membership(call: Call, space_id: str, membership_id: str) -> MembershipRow:
    return space_membership(space_access(call.actor, space_id), membership_id)


def _changeable(call: Call, space_id: str, membership_id: str) -> MembershipRow:
    access = space_access(call.actor, space_id)
    row = space_membership(access, membership_id)
    access.require_may_change_member(row)
    return row


@routes.listing(LIST, SPACE_MEMBERSHIPS, find=_space)
def list_space_members(_call: Call, access: SpaceAccess) -> Listing[MembershipRow]:
    """The members of a Space; every member of it sees them."""
    return Listing(space_members_of(access), access.space.member_count)


@routes.creating(
    LIST,
    SpaceMembership,
    find=_managed,
    body=AssignmentBody,
    errors=(NotPermitted, NotOrganizationMember, UnknownSpaceRole, RoleAboveOwn, AlreadyInSpace),
)
def assign(call: Call, access: SpaceAccess, body: AssignmentBody) -> Answer:
    """Assign an Organization member to the Space; they get an email.

    OWNER, ADMIN, and members of the Space with ``SETTING_USER``, who give the roles they hold.
    """
    row = assign_member(actor=call.actor, space=access.space, user_id=body.user.sys.id, role_ids=body.role_ids)
    return SPACE_MEMBERSHIPS.written(row, status=201, location=f"{call.request.path}/{row.pk}")


@routes.reading(ONE, SPACE_MEMBERSHIPS, find=_membership)
def get_space_member(_call: Call, found: MembershipRow) -> MembershipRow:
    """One member of a Space."""
    return found


@routes.changing(
    ONE,
    SPACE_MEMBERSHIPS,
    find=_changeable,
    body=SpaceRolesBody,
    errors=(NotPermitted, UnknownSpaceRole, RoleAboveOwn),
)
def change_space_member(call: Call, found: MembershipRow, body: SpaceRolesBody, version: int) -> MembershipRow:
    """Give a member of the Space other roles."""
    return change_space_roles(
        actor=call.actor, membership=found, role_ids=body.role_ids, expected_version=version
    )


@routes.deleting(ONE, find=_changeable, errors=(NotPermitted,))
def remove_space_member(call: Call, found: MembershipRow) -> None:
    """Remove a member from this Space only; they get an email."""
    remove_from_space(actor=call.actor, membership=found)
