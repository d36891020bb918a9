"""The ``activity`` app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivityConfig(AppConfig):
    """Registers the app."""

    name = "activity"
    verbose_name = _("Activity")
