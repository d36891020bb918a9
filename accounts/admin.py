"""Accounts and tokens in the staff admin."""

from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actor import Actor, Origin
from accounts.models import PersonalAccessToken, User
from common.admin import ReadOnlyAdmin
from common.errors import DomainError
from memberships.services.accounts import deactivate_account

# What Django and allauth register themselves could be edited past our services.
for _model in (Group, EmailAddress):
    admin.site.unregister(_model)


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Accounts: search by name, address or id; deactivate."""

    folded = "search"
    list_display = ("email", "name", "is_active", "is_staff", "signed_in_at", "last_active_at", "created_at")
    list_filter = ("is_active", "is_staff")
    exclude = ("password", "search", "last_place", "language_read")
    actions = ("deactivate",)

    @admin.action(description=gettext_lazy("Deactivate account: sign-in, sessions and tokens end at once"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """End the access of the chosen accounts, each by the service, each with its own refusal."""
        actor = Actor(user=User.objects.get(pk=request.user.pk), origin=Origin.STAFF)
        done = 0
        for user in queryset:
            try:
                deactivate_account(actor=actor, user=user)
                done += 1
            except DomainError as error:
                refusal = _("%(email)s: %(reason)s %(way)s") % {
                    "email": user.email,
                    "reason": error.message,
                    "way": error.suggestion,
                }
                messages.error(request, refusal)
        if done:
            messages.success(
                request,
                ngettext("%(n)d account deactivated.", "%(n)d accounts deactivated.", done) % {"n": done},
            )


@admin.register(PersonalAccessToken)
class PersonalAccessTokenAdmin(ReadOnlyAdmin):
    """Tokens by name and last use; their secrets are nowhere."""

    folded = "user__search"
    list_display = ("name", "user", "prefix", "created_at", "last_used_at")
    list_select_related = ("user",)
    exclude = ("secret_hash",)
