"""The caller: their account and where they belong (seeds 001, 003)."""

from accounts.models import User
from api.core.pagination import Listing
from api.core.requests import Call
from api.core.routes import Routes
from api.resources.organization_memberships import MEMBERSHIPS
from api.resources.space_memberships import SPACE_MEMBERSHIPS
from api.resources.users import USERS
from memberships.models import OrganizationMembership, SpaceMembership
from memberships.selectors import organizations_of, with_roles

routes = Routes("Me")


def _caller(call: Call) -> User:
    return call.user


@routes.reading("/me", USERS, find=_caller)
def get_me(_call: Call, found: User) -> User:
    """Whose token it is."""
    return found


@routes.listing("/me/organization-memberships", MEMBERSHIPS, find=_caller)
def list_my_organizations(_call: Call, found: User) -> Listing[OrganizationMembership]:
    """The Organizations you belong to; with ``include=1`` they come along."""
    return Listing(organizations_of(found))


@routes.listing("/me/space-memberships", SPACE_MEMBERSHIPS, find=_caller)
def list_my_spaces(_call: Call, found: User) -> Listing[SpaceMembership]:
    """The Spaces you belong to; with ``include=1`` they come along."""
    return Listing(with_roles(SpaceMembership.objects.filter(user=found)))
