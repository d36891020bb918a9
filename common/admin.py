"""What every page of the staff admin has in common: read-only, and quick with a million rows."""

from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ActionLocation
from django.core.paginator import EmptyPage, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from common.search import Term

_MOST_COUNTED = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable when run
    """Counts up to ten thousand rows: the rest is for the search, not for page numbers."""

    @cached_property
    def count(self) -> int:
        """The number of rows, at most ten thousand."""
        rows = self.object_list
        assert isinstance(rows, QuerySet)  # noqa: S101  # what the admin pages through
        return rows.order_by()[:_MOST_COUNTED].count()

    def validate_number(self, number: float | str) -> int:
        """A page of which all rows are gone is the last one; the list keeps its filters."""
        with suppress(EmptyPage):
            return super().validate_number(number)
        return self.num_pages


class ReadOnlyAdmin(ModelAdmin):
    """Lists and shows; every change goes through a service, as an action.

    ``folded`` names a folded text column (or an expression alias) to search in; an id finds its row.
    """

    folded: str = ""
    search_fields = ("id",)
    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    ordering = ("-created_at", "-id")
    compressed_fields = True

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        """Rows whose id is the term, or whose folded text has its words."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(pk=term)
        if self.folded:
            found |= Term.read(term).within(self.folded)
        return queryset.filter(found), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The parameters of the list's own filters.

        Django allows every lookup on every column: patterns that take for ever or are none,
        numbers and years that do not exist.
        """
        field, _separator, rest = lookup.partition("__")
        return field in self.list_filter and rest in ("exact", "isnull", "id__exact")

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: list[tuple[str, str]] | None = None,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> list[tuple[str, str]]:
        """As Django 6.1 asks for them; unfold's own signature is the one before."""
        choices: list[tuple[str, str]] = admin.ModelAdmin.get_action_choices(
            self, request, [("", str(_("Select action")))], action_location
        )
        return choices

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False
