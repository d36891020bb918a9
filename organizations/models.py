"""Organization and Plan (rules §3, §12)."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.ids import new_short_id
from common.models import IdField, Versioned
from common.search import Folded


class Plan(models.Model):
    """What an Organization subscribes to; ``id`` is a slug. A limit of None is unlimited."""

    id = models.SlugField(primary_key=True, max_length=20)
    name = models.CharField(max_length=64)
    monthly_price = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")
    space_limit = models.PositiveIntegerField(null=True, blank=True)
    member_limit = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["monthly_price", "id"]

    def __str__(self) -> str:
        return self.name


class Organization(Versioned):
    """The company: groups Spaces, holds plan and Organization Memberships."""

    id = IdField(default=new_short_id)
    name = models.CharField(max_length=64)
    description = models.CharField(max_length=128, blank=True, default="")
    is_official = models.BooleanField(default=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, default="free", related_name="+")
    # Kept under the Organization lock; they touch neither version nor updated_at.
    member_count = models.PositiveIntegerField(default=0, editable=False)
    space_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("Organization")
        verbose_name_plural = _("Organizations")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="organization_name_given"),
            models.CheckConstraint(condition=Q(version__gte=1), name="organization_version"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="organization_newest"),
            GinIndex(OpClass(Folded("name"), "gin_trgm_ops"), name="organization_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The Organization screen."""
        return reverse("organization", args=[self.pk])
