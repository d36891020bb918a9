"""Spaces and SpaceRoles in the staff admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from common.admin import ReadOnlyAdmin
from common.search import Folded
from spaces.models import Space, SpaceRole


@admin.register(Space)
class SpaceAdmin(ReadOnlyAdmin):
    """Spaces with their Organizations."""

    folded = "folded_name"
    list_display = ("name", "id", "organization", "member_count", "created_at")
    list_select_related = ("organization",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Space]:
        """With the folded name, which an index is on."""
        rows: QuerySet[Space] = super().get_queryset(request)
        return rows.alias(folded_name=Folded("name"))


@admin.register(SpaceRole)
class SpaceRoleAdmin(ReadOnlyAdmin):
    """SpaceRoles; found by their id or their Space's."""

    list_display = ("name", "space", "organization", "is_locked", "created_at")
    list_select_related = ("space", "organization")
