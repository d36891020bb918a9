"""The ``activity`` app."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """Registers the app."""

    name = "activity"
    verbose_name = "Activity"
