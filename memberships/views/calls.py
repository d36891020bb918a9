"""The API's call for what each Organization and Space screen shows."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.curl import ApiCall
from common.errors import Text
from memberships.places import MOST
from memberships.selectors import OrganizationAccess, SpaceAccess

_MOST = 100
_PAGE = _("The page: follow “next” in the answer's “links”.")
_SEARCH = _("The search: the API finds people by their email address alone.")
_PLACES = _("The search: the API has none here.")
_NEWEST_FIRST = "-sys.createdAt,-sys.id"
_EXAMPLE = "minji.kim@example.com"


def my_organizations(*, q: str) -> ApiCall:
    """Organizations: one's memberships, the Organizations with them."""
    return _list("/me/organization-memberships", {"include": "1"}, [_PLACES] if q else [], most=MOST)


def organization(access: OrganizationAccess) -> ApiCall:
    """Organization › Settings."""
    return ApiCall(_organization(access))


def spaces(access: OrganizationAccess, *, cursor: str) -> ApiCall:
    """The Organization screen."""
    return _list(f"{_organization(access)}/spaces", cursor=cursor)


def members(access: OrganizationAccess, *, q: str, role: str, cursor: str) -> ApiCall:
    """Organization › Membership, with its filters."""
    query, left_out = _people(q)
    if role:
        query["role"] = role
    return _list(f"{_organization(access)}/organization-memberships", query, left_out, cursor)


def member(access: OrganizationAccess, membership_id: str) -> ApiCall:
    """One member of the Organization."""
    return ApiCall(f"{_organization(access)}/organization-memberships/{membership_id}")


def invitations(access: OrganizationAccess, *, role: str) -> ApiCall:
    """Organization › Membership › Invite, with the role chosen and an address to replace."""
    path = f"{_organization(access)}/organization-memberships/bulk"
    return ApiCall(path, body={"emails": [_EXAMPLE], "role": role})


def space(access: SpaceAccess) -> ApiCall:
    """A Space's overview and settings."""
    return ApiCall(_space(access))


def space_members(access: SpaceAccess, *, q: str, cursor: str) -> ApiCall:
    """Space › Membership, with its search."""
    query, left_out = _people(q)
    return _list(f"{_space(access)}/space-memberships", query, left_out, cursor)


def roles(access: SpaceAccess) -> ApiCall:
    """Space › Roles & Permissions."""
    return ApiCall(f"{_space(access)}/space-roles", {"limit": str(_MOST)})


def role(access: SpaceAccess, role_id: str) -> ApiCall:
    """One SpaceRole."""
    return ApiCall(f"{_space(access)}/space-roles/{role_id}")


def permissions(access: SpaceAccess, user_id: str, question: Mapping[str, str]) -> ApiCall:
    """What a person may do in the Space; ``question`` is in the API's own words."""
    return ApiCall(f"{_space(access)}/access", {"user": user_id, **question})


def _organization(access: OrganizationAccess) -> str:
    return f"/organizations/{access.organization.pk}"


def _space(access: SpaceAccess) -> str:
    return f"/spaces/{access.space.pk}"


def _people(q: str) -> tuple[dict[str, str], list[Text]]:
    """The list's order and its search; only an address can be searched for."""
    query = {"order": _NEWEST_FIRST}
    if "@" in q and " " not in q.strip():
        return query | {"user.email[match]": q}, []
    return query, [_SEARCH] if q else []


def _list(
    path: str,
    query: Mapping[str, str] | None = None,
    left_out: list[Text] | None = None,
    cursor: str = "",
    most: int = 0,
) -> ApiCall:
    limit = str(min(most or settings.PAGE_SIZE, _MOST))
    told = [*(left_out or []), *([_PAGE] if cursor else [])]
    return ApiCall(path, {"limit": limit, **(query or {})}, left_out=told)
