"""The ``memberships`` app."""

from django.apps import AppConfig


class MembershipsConfig(AppConfig):
    """Registers the app."""

    name = "memberships"
    verbose_name = "Memberships"
