"""Space (api.md; rules §6)."""

from typing import Literal, TypedDict

from api.core import filters
from api.core.include import includable
from api.core.operations import Resource
from api.core.pagination import Listing
from api.core.parsing import Body
from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import History, Id, Refer, history, refer
from api.resources.names import Name
from api.resources.organization_memberships import managed_organization
from common.errors import NotPermitted
from memberships.selectors import (
    OrganizationAccess,
    organization_access,
    readable_spaces,
    space_access,
    spaces_of,
)
from spaces.models import Space as SpaceRow
from spaces.services import create_space, delete_space, update_space


class _Identity(TypedDict):
    id: Id
    type: Literal["Space"]
    organization: Refer
    plan: Refer


class SpaceSys(_Identity, History):
    """The system properties of a Space; ``plan`` is its Organization's."""


class Space(TypedDict):
    """A workspace for content."""

    sys: SpaceSys
    name: str


class SpaceBody(Body):
    """What a Space is called; names need not be unique."""

    name: Name


def space(row: SpaceRow) -> Space:
    """The Space as the API shows it; its Organization must be loaded."""
    return {
        "sys": {
            "id": row.pk,
            "type": "Space",
            "organization": refer("Organization", row.organization_id),
            "plan": refer("Plan", str(row.organization.plan_id)),
            **history(row),
        },
        "name": row.name,
    }


SPACES = Resource(SpaceRow, space, Space, fields=(*filters.HISTORY, filters.text("name", "name")))
includable("Space", Space, readable_spaces)
routes = Routes("Spaces")
LIST = "/organizations/{organizationId}/spaces"
ONE = "/spaces/{spaceId}"


def _organization(call: Call, organization_id: str) -> OrganizationAccess:
    return organization_access(call.actor, organization_id)


def _space(call: Call, space_id: str) -> SpaceRow:
    return space_access(call.actor, space_id).space


def _changeable(call: Call, space_id: str) -> SpaceRow:
    access = space_access(call.actor, space_id)
    if not access.may_change:
        raise NotPermitted
    return access.space


def _deletable(call: Call, space_id: str) -> SpaceRow:
    access = space_access(call.actor, space_id)
    if not access.may_manage:
        raise NotPermitted
    return access.space


@routes.listing(LIST, SPACES, find=_organization)
def list_spaces(_call: Call, access: OrganizationAccess) -> Listing[SpaceRow]:
    """The Spaces of an Organization: OWNER and ADMIN all, MEMBER their own."""
    total = access.organization.space_count if access.may_manage else None
    return Listing(spaces_of(access).select_related("organization"), total)


@routes.creating(LIST, Space, find=managed_organization, body=SpaceBody, errors=(NotPermitted,))
def make_space(call: Call, access: OrganizationAccess, body: SpaceBody) -> Answer:
    """Create a Space with its three roles; you become its member with Administrator."""
    row = create_space(actor=call.actor, organization=access.organization, name=body.name)
    return SPACES.written(row, status=201, location=f"/v1/spaces/{row.pk}")


@routes.reading(ONE, SPACES, find=_space)
def get_space(_call: Call, found: SpaceRow) -> SpaceRow:
    """A Space, for its members and for OWNER and ADMIN of its Organization."""
    return found


@routes.changing(ONE, SPACES, find=_changeable, body=SpaceBody, errors=(NotPermitted,))
def change_space(call: Call, found: SpaceRow, body: SpaceBody, version: int) -> SpaceRow:
    """Rename a Space: OWNER, ADMIN, and members with ``SETTING_GENERAL``."""
    return update_space(actor=call.actor, space=found, name=body.name, expected_version=version)


@routes.deleting(ONE, find=_deletable, errors=(NotPermitted,))
def remove_space(call: Call, found: SpaceRow) -> None:
    """Delete a Space with its memberships and roles: OWNER and ADMIN."""
    delete_space(actor=call.actor, space=found)
