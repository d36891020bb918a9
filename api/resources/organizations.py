"""Organization (seed 002; rules §3)."""

from typing import Literal, NoReturn, NotRequired, TypedDict

from api.core import filters
from api.core.include import includable
from api.core.operations import Resource
from api.core.parsing import Body
from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import History, Id, Refer, history, refer
from api.resources.names import Description, Name
from common.errors import NotPermitted, SessionRequired
from memberships.selectors import organization_access, readable_organizations
from organizations.models import Organization as OrganizationRow
from organizations.services import create_organization, update_organization


class _Identity(TypedDict):
    id: Id
    type: Literal["Organization"]


class OrganizationSys(_Identity, History):
    """The system properties of an Organization."""

    isOfficial: bool
    plan: Refer


class Organization(TypedDict):
    """The company: groups Spaces, holds plan and members."""

    sys: OrganizationSys
    name: str
    description: NotRequired[str]


class OrganizationBody(Body):
    """What an Organization is called; without ``description`` it has none."""

    name: Name
    description: Description = ""


def organization(row: OrganizationRow) -> Organization:
    """The Organization as the API shows it."""
    shape: Organization = {
        "sys": {
            "id": row.pk,
            "type": "Organization",
            **history(row),
            "isOfficial": row.is_official,
            "plan": refer("Plan", str(row.plan_id)),
        },
        "name": row.name,
    }
    if row.description:
        shape["description"] = row.description
    return shape


ORGANIZATIONS = Resource(
    OrganizationRow, organization, Organization, fields=(*filters.HISTORY, filters.text("name", "name"))
)
includable("Organization", Organization, readable_organizations)
routes = Routes("Organizations")


def _caller(call: Call) -> Call:
    return call


def _organization(call: Call, organization_id: str) -> OrganizationRow:
    return organization_access(call.actor, organization_id).organization


def _managed(call: Call, organization_id: str) -> OrganizationRow:
    access = organization_access(call.actor, organization_id)
    access.require_manager()
    return access.organization


def _never_deleted(call: Call, organization_id: str) -> NoReturn:
    organization_access(call.actor, organization_id)
    raise SessionRequired


@routes.creating("/organizations", Organization, find=_caller, body=OrganizationBody)
def make_organization(call: Call, _found: Call, body: OrganizationBody) -> Answer:
    """Create an Organization; you become its first OWNER."""
    row = create_organization(actor=call.actor, name=body.name, description=body.description)
    return ORGANIZATIONS.written(row, status=201, location=f"{call.request.path}/{row.pk}")


@routes.reading("/organizations/{organizationId}", ORGANIZATIONS, find=_organization)
def get_organization(_call: Call, found: OrganizationRow) -> OrganizationRow:
    """An Organization, for its members.

    There is no list of all: see ``GET /me/organization-memberships``.
    """
    return found


@routes.changing(
    "/organizations/{organizationId}",
    ORGANIZATIONS,
    find=_managed,
    body=OrganizationBody,
    errors=(NotPermitted,),
)
def change_organization(
    call: Call, found: OrganizationRow, body: OrganizationBody, version: int
) -> OrganizationRow:
    """Change name and description: OWNER and ADMIN."""
    return update_organization(
        actor=call.actor,
        organization=found,
        name=body.name,
        description=body.description,
        expected_version=version,
    )


@routes.deleting("/organizations/{organizationId}", find=_never_deleted, errors=(SessionRequired,))
def delete_organization(_call: Call, _found: None) -> None:
    """Not with a token: an Organization is deleted in a signed-in console session only."""
    raise SessionRequired
