"""Inviting up to 10,000 addresses at a time (rules §5)."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field

from api.core.requests import Call
from api.core.responses import Answer
from api.core.routes import Routes
from api.core.schemas import Refer, refer
from api.resources.organization_memberships import LIST, Given, managed_organization
from common.errors import NotPermitted, RoleAboveOwn, UnknownSpace, UnknownSpaceRole
from memberships.models import Role
from memberships.selectors import OrganizationAccess
from memberships.services.invitations import Verdict, invite_members

MAX_ADDRESSES = 10_000
MAX_BODY = 4 * 1024 * 1024


class BulkBody(Given):
    """Addresses, as they are or as ``Name <a@b>``."""

    emails: Annotated[
        list[str],
        Field(
            min_length=1,
            max_length=MAX_ADDRESSES,
            description=f"1 to {MAX_ADDRESSES:,} email addresses, also as Name <address>",
        ),
    ]


class Item(TypedDict):
    """What became of one address."""

    email: str
    outcome: Literal[
        "invited", "already_member", "duplicate", "invalid", "over_plan_limit", "over_sending_limit"
    ]
    organizationMembership: NotRequired[Refer]
    reason: NotRequired[str]


class BulkAnswer(TypedDict):
    """A verdict for each address, in the order given."""

    items: list[Item]


routes = Routes("Organization Memberships")


@routes.creating(
    f"{LIST}/bulk",
    BulkAnswer,
    find=managed_organization,
    body=BulkBody,
    status=200,
    most=MAX_BODY,
    errors=(NotPermitted, RoleAboveOwn, UnknownSpace, UnknownSpaceRole),
)
def invite_many(call: Call, access: OrganizationAccess, body: BulkBody) -> Answer:
    """Invite many addresses, each with its own verdict.

    Good ones go through whatever the others are. A role above one's own refuses the whole call.
    """
    verdicts = invite_members(
        actor=call.actor,
        organization=access.organization,
        addresses=body.emails,
        role=Role(body.role),
        spaces=body.grants,
    )
    return Answer(200, {"items": [_item(verdict) for verdict in verdicts]})


def _item(verdict: Verdict) -> Item:
    item: Item = {"email": verdict.entry, "outcome": verdict.outcome.value}
    if verdict.membership is not None:
        item["organizationMembership"] = refer("OrganizationMembership", verdict.membership.pk)
    if verdict.reason:
        item["reason"] = verdict.reason
    return item
