"""Reads of an Organization beyond its memberships (``memberships.selectors`` authorises)."""

from memberships.selectors import OrganizationAccess
from spaces.models import Space


def blocking_spaces(access: OrganizationAccess, *, limit: int) -> list[Space]:
    """The first Spaces that keep the Organization from being deleted, oldest first (rules §3).

    For OWNER and ADMIN, raises :class:`NotPermitted`.
    """
    access.require_manager()
    return list(Space.objects.filter(organization=access.organization).order_by("created_at", "id")[:limit])
