"""The ``outbox`` app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Registers the app."""

    name = "outbox"
    verbose_name = "Emails"
