"""Memberships in the staff admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnlyAdmin
from memberships.models import OrganizationMembership, SpaceMembership
from memberships.selectors import with_roles


@admin.register(OrganizationMembership)
class OrganizationMembershipAdmin(ReadOnlyAdmin):
    """Who is in which Organization, with which role."""

    folded = "search"
    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organization")
    exclude = ("search",)


@admin.register(SpaceMembership)
class SpaceMembershipAdmin(ReadOnlyAdmin):
    """Who is in which Space, with which SpaceRoles."""

    folded = "search"
    list_display = ("user", "space", "organization", "role_names", "created_at")
    list_select_related = ("user", "space", "organization")
    exclude = ("search",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpaceMembership]:
        """With the SpaceRoles, in one more statement however many rows."""
        return with_roles(super().get_queryset(request))

    @admin.display(description=_("roles"))
    def role_names(self, membership: SpaceMembership) -> str:
        """The SpaceRoles held, in their order."""
        return ", ".join(role.name for role in membership.held_roles)
