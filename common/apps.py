"""The ``common`` app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Registers the app."""

    name = "common"
    verbose_name = "Common"
