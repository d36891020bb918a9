"""The activity log in the staff admin."""

from django.contrib import admin

from activity.models import ActivityEntry
from common.admin import ReadOnlyAdmin


@admin.register(ActivityEntry)
class ActivityEntryAdmin(ReadOnlyAdmin):
    """Every change, newest first; found by its id, or by whom it concerns."""

    folded = "user__search"
    list_display = ("created_at", "actor", "action", "user", "organization_id", "space_id", "origin")
    list_filter = ("action", "origin")
    list_select_related = ("actor", "user")
