"""The ``common`` app."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Registers the app."""

    name = "common"
    verbose_name = "Common"

    def ready(self) -> None:
        """Register what the ORM needs to know."""
        from common import lookups  # noqa: F401, PLC0415  # fields are not there with the app
