"""The ``organizations`` app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Registers the app; the plans exist wherever its tables do."""

    name = "organizations"
    verbose_name = _("Organizations")

    def ready(self) -> None:
        """Make missing plans after each migration, and after a test emptied the tables."""
        post_migrate.connect(_make_plans, sender=self)


def _make_plans(using: str, plan: list[Any] | None = None, **kwargs: Any) -> None:
    from organizations.models import Plan  # noqa: PLC0415
    from organizations.plans import PLANS  # noqa: PLC0415  # models are not loaded with the app

    Plan.objects.using(using).bulk_create([Plan(**fields) for fields in PLANS], ignore_conflicts=True)
