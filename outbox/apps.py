"""The ``outbox`` app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """Registers the app."""

    name = "outbox"
    verbose_name = _("Emails")
