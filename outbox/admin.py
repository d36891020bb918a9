"""Emails in the staff admin."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actor import Actor, Origin
from accounts.models import User
from common.admin import ReadOnlyAdmin
from outbox.models import Email, Kind
from outbox.queue import send_again


@admin.register(Email)
class EmailAdmin(ReadOnlyAdmin):
    """State, attempts, last error; send again. Sign-in codes never show."""

    folded = "recipient__search"
    list_display = ("created_at", "kind", "recipient", "state", "attempts", "due_at", "sent_at", "reason")
    list_filter = ("state", "kind")
    list_select_related = ("recipient",)
    exclude = ("lease_id", "last_error")
    readonly_fields = ("reason",)
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Email]:
        """Every email but sign-in codes."""
        rows: QuerySet[Email] = super().get_queryset(request)
        return rows.exclude(kind=Kind.SIGN_IN_CODE)

    @admin.display(description=_("last error"))
    def reason(self, email: Email) -> str:
        """The last error in the reader's language."""
        return email.reason

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Email]) -> None:
        """Queue the chosen emails once more, with the same Message-ID."""
        actor = Actor(user=User.objects.get(pk=request.user.pk), origin=Origin.STAFF)
        queued = send_again(actor=actor, emails=list(queryset))
        messages.success(
            request, ngettext("%(n)d email queued.", "%(n)d emails queued.", queued) % {"n": queued}
        )
