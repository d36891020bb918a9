"""Organization Membership (seed 001; rules §4, §5)."""

import unicodedata
from typing import Annotated, Any, Literal, TypedDict, cast

from django.db.models import Q
from django.utils.translation import gettext_lazy
from pydantic import Field

from accounts.addresses import canonical_address
from api.core import filters
from api.core.operations import Resource
from api.core.pagination import Listing
from api.core.parsing import Body
from api.core.references import SpaceRefer, SpaceRoleRefers
from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import History, Id, Refer, history, refer
from common.errors import (
    AlreadyMember,
    InvalidEmail,
    LastOwner,
    NotPermitted,
    RoleAboveOwn,
    UnknownSpace,
    UnknownSpaceRole,
)
from common.search import LONGEST, Term
from memberships import policies
from memberships.models import OrganizationMembership as MembershipRow
from memberships.models import Role
from memberships.selectors import (
    OrganizationAccess,
    members_of,
    organization_access,
    organization_membership,
)
from memberships.services.invitations import SpaceGrant, invite_member
from memberships.services.organization_members import change_role, remove_member

RoleName = Literal["OWNER", "ADMIN", "MEMBER"]
MAX_SPACES = 100


class _Identity(TypedDict):
    id: Id
    type: Literal["OrganizationMembership"]
    organization: Refer
    user: Refer


class OrganizationMembershipSys(_Identity, History):
    """The system properties of an Organization Membership."""


class OrganizationMembership(TypedDict):
    """Which Organization a person belongs to, with what role."""

    sys: OrganizationMembershipSys
    role: RoleName


class RoleBody(Body):
    """A member's role."""

    role: Annotated[RoleName, Field(description="OWNER, ADMIN or MEMBER")]


class SpaceGrantBody(Body):
    """A Space and 1 to 3 of its roles."""

    space: SpaceRefer
    roles: SpaceRoleRefers


class Given(Body):
    """What comes with an invitation."""

    role: Annotated[RoleName, Field(description="OWNER, ADMIN or MEMBER; without it MEMBER")] = "MEMBER"
    spaces: Annotated[
        list[SpaceGrantBody],
        Field(max_length=MAX_SPACES, description="Spaces to assign them to, each with roles"),
    ] = []

    @property
    def grants(self) -> list[SpaceGrant]:
        """The Spaces for the service."""
        return [SpaceGrant(grant.space.sys.id, [role.sys.id for role in grant.roles]) for grant in self.spaces]


class InvitationBody(Given):
    """An invitation of one address."""

    email: Annotated[str, Field(description="an email address")]


def membership(row: MembershipRow) -> OrganizationMembership:
    """The Organization Membership as the API shows it."""
    return {
        "sys": {
            "id": row.pk,
            "type": "OrganizationMembership",
            "organization": refer("Organization", row.organization_id),
            "user": refer("User", row.user_id),
            **history(row),
        },
        "role": cast("RoleName", row.role),
    }


def _address(_field: filters.Field, operator: str, value: Any) -> Q:
    """The members whose address stands in ``operator`` to ``value``."""
    match operator:
        case "match":
            # The folded text is what an index is on.
            return Q(Term.read(value).within("search"), user__email__icontains=value[:LONGEST])
        case "prefix":
            return Q(user__email_key__startswith=unicodedata.normalize("NFKC", value[:LONGEST]).casefold())
    try:
        keys = [canonical_address(one) for one in (value if operator == "in" else [value])]
    except InvalidEmail as error:
        raise ValueError(error.message) from None
    found = Q(user__email_key__in=keys)
    return ~found if operator == "ne" else found


ADDRESS = filters.Field(
    "user.email",
    "user__email_key",
    ("eq", "ne", "in", "prefix", "match"),
    orders=False,
    test=_address,
    allowed=gettext_lazy("an email address"),
)
MEMBERSHIPS = Resource(
    MembershipRow,
    membership,
    OrganizationMembership,
    fields=(
        *filters.HISTORY,
        filters.refer("sys.organization", "organization_id"),
        filters.refer("sys.user", "user_id"),
        ADDRESS,
        filters.choice("role", "role", Role.values),
    ),
)
routes = Routes("Organization Memberships")
LIST = "/organizations/{organizationId}/organization-memberships"
ONE = LIST + "/{organizationMembershipId}"


def managed_organization(call: Call, organization_id: str) -> OrganizationAccess:
    """The Organization, for OWNER and ADMIN."""
    access = organization_access(call.actor, organization_id)
    access.require_manager()
    return access


def _membership(call: Call, organization_id: str, membership_id: str) -> MembershipRow:
    return organization_membership(organization_access(call.actor, organization_id), membership_id)


def _changeable(call: Call, organization_id: str, membership_id: str) -> MembershipRow:
    access = organization_access(call.actor, organization_id)
    row = organization_membership(access, membership_id)
    if not policies.may_change(access.role, row.role):
        raise NotPermitted
    return row


def _removable(call: Call, organization_id: str, membership_id: str) -> MembershipRow:
    access = organization_access(call.actor, organization_id)
    row = organization_membership(access, membership_id)
    if row.user_id != call.user.pk and not policies.may_change(access.role, row.role):
        raise NotPermitted
    return row


@routes.listing(LIST, MEMBERSHIPS, find=managed_organization, errors=(NotPermitted,))
def list_members(_call: Call, access: OrganizationAccess) -> Listing[MembershipRow]:
    """The members of an Organization: OWNER and ADMIN."""
    return Listing(members_of(access), access.organization.member_count)


@routes.creating(
    LIST,
    OrganizationMembership,
    find=managed_organization,
    body=InvitationBody,
    errors=(NotPermitted, AlreadyMember, RoleAboveOwn, InvalidEmail, UnknownSpace, UnknownSpaceRole),
)
def invite(call: Call, access: OrganizationAccess, body: InvitationBody) -> Answer:
    """Invite a person by email address.

    They are a member at once and get an email; ``spaces`` assigns them to Spaces with it. An address
    that is a member already is refused, with the membership in ``details``, and gets no email.
    """
    row = invite_member(
        actor=call.actor,
        organization=access.organization,
        address=body.email,
        role=Role(body.role),
        spaces=body.grants,
    )
    return MEMBERSHIPS.written(row, status=201, location=f"{call.request.path}/{row.pk}")


@routes.reading(ONE, MEMBERSHIPS, find=_membership, errors=(NotPermitted,))
def get_member(_call: Call, found: MembershipRow) -> MembershipRow:
    """One member; a MEMBER reads their own."""
    return found


@routes.changing(
    ONE,
    MEMBERSHIPS,
    find=_changeable,
    body=RoleBody,
    errors=(NotPermitted, RoleAboveOwn, LastOwner),
)
def change_member(call: Call, found: MembershipRow, body: RoleBody, version: int) -> MembershipRow:
    """Give a member another role: OWNER and ADMIN, up to their own."""
    return change_role(actor=call.actor, membership=found, role=Role(body.role), expected_version=version)


@routes.deleting(ONE, find=_removable, errors=(NotPermitted, LastOwner))
def remove(call: Call, found: MembershipRow) -> None:
    """Remove a member from the Organization and all its Spaces; one's own is leaving."""
    remove_member(actor=call.actor, membership=found)
