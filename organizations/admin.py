"""Organizations and plans in the staff admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from common.admin import ReadOnlyAdmin
from common.search import Folded
from organizations.models import Organization, Plan


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    """Organizations with their size."""

    folded = "folded_name"
    list_display = ("name", "id", "plan", "member_count", "space_count", "is_official", "created_at")
    list_filter = ("plan", "is_official")
    list_select_related = ("plan",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """With the folded name, which an index is on."""
        rows: QuerySet[Organization] = super().get_queryset(request)
        return rows.alias(folded_name=Folded("name"))


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """The plans."""

    list_display = ("name", "id", "monthly_price", "currency", "space_limit", "member_limit")
    ordering = ("monthly_price", "id")
