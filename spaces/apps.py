"""The ``spaces`` app."""

from django.apps import AppConfig


class SpacesConfig(AppConfig):
    """Registers the app."""

    name = "spaces"
    verbose_name = "Spaces"
