"""Who does something, and through which door."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import PersonalAccessToken, User


class Origin(models.TextChoices):
    """From where a change was made (rules §11)."""

    CONSOLE = "console", _("console")
    API = "api", _("API token")
    STAFF = "staff", _("staff")
    SYSTEM = "system", _("system")


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts; every service requires one, and no actor never means no check.

    Staff and the system have an OWNER's powers; what must always hold, holds for them too.
    """

    user: User | None
    origin: Origin
    token: PersonalAccessToken | None = None

    @property
    def is_operator(self) -> bool:
        """Whether WEEGLOO itself acts: its staff or the system."""
        return self.origin in (Origin.STAFF, Origin.SYSTEM)


SYSTEM = Actor(user=None, origin=Origin.SYSTEM)
