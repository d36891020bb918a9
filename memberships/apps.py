"""The ``memberships`` app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembershipsConfig(AppConfig):
    """Registers the app."""

    name = "memberships"
    verbose_name = _("Memberships")
