"""The ``spaces`` app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpacesConfig(AppConfig):
    """Registers the app."""

    name = "spaces"
    verbose_name = _("Spaces")
