"""What every settings resource has: version, who, when (seeds; rules §9)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from common.text import is_storable


def now() -> datetime:
    """The present time in UTC, to the millisecond, which is what the API shows and compares."""
    moment = timezone.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


if TYPE_CHECKING:
    _TextField = models.CharField[str, str]
else:
    _TextField = models.CharField


class IdField(_TextField):
    """A public id as primary key, compared bytewise so that KSUIDs sort by time."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs |= {"primary_key": True, "max_length": 30, "db_collation": "C", "editable": False}
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Field's many keywords

    def db_type(self, connection: Any) -> str:
        """``varchar``, by the name which makes Django leave out its second index for LIKE.

        In ``C`` collation the first one serves LIKE too; so it is for the foreign keys to it.
        """
        return f"character varying({self.max_length})"

    def get_prep_value(self, value: Any) -> Any:
        """What PostgreSQL cannot hold as text (NUL, a lone surrogate) is the id of nothing, no fault."""
        value = super().get_prep_value(value)
        if isinstance(value, str) and not is_storable(value):
            return "?"
        return value


class Versioned(models.Model):
    """``version`` from 1, +1 with every change; who and when of the first and the last."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        abstract = True

    def save_change(self, *fields: str, by: models.Model | None) -> None:
        """Write ``fields`` with the next version, now, by ``by`` (None: the system, named by none).

        Call it under the lock that made sure of the version; raises ``NotUpdated`` when the row
        is gone.
        """
        self.version = F("version") + 1
        self.updated_at = now()
        if by is not None:
            self.updated_by_id = by.pk
        self.save(update_fields=[*fields, "version", "updated_at", "updated_by"])

    save_change.alters_data = True  # type: ignore[attr-defined]  # Django's template guard
