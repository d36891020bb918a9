"""Space and SpaceRole (rules §6, §8)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.ids import new_ksuid, new_short_id
from common.models import IdField, Versioned
from common.search import Folded
from organizations.models import Organization


class Space(Versioned):
    """A workspace for content; belongs to exactly one Organization for ever."""

    id = IdField(default=new_short_id)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="spaces", db_index=False
    )
    name = models.CharField(max_length=64)
    member_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("Space")
        verbose_name_plural = _("Spaces")
        constraints = [
            # The target of composite foreign keys: a Space with its Organization.
            models.UniqueConstraint(fields=["organization", "id"], name="space_of_organization"),
            models.CheckConstraint(condition=~Q(name=""), name="space_name_given"),
            models.CheckConstraint(condition=Q(version__gte=1), name="space_version"),
        ]
        indexes = [
            models.Index("organization", "created_at", "id", name="space_oldest"),
            models.Index(F("created_at").desc(), F("id").desc(), name="space_newest"),
            GinIndex(OpClass(Folded("name"), "gin_trgm_ops"), name="space_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The Space's overview."""
        return reverse("space", args=[self.pk])


class SpaceRole(Versioned):
    """A named bundle of permissions inside one Space.

    Each map goes from an action to ``{"Allow"?: [rule], "Deny"?: [rule]}``; ``settings`` is a
    list of ``SETTING_…`` names. ``spaces.permissions`` reads them. ``labels`` gives ids of content
    types, tags and scripts, which live outside this product, the names people know them by.
    """

    id = IdField(default=new_ksuid)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="space_roles", db_index=False)
    name = models.CharField(max_length=64)
    is_locked = models.BooleanField(default=False, editable=False)
    content_type = models.JSONField(default=dict, blank=True)
    content = models.JSONField(default=dict, blank=True)
    media = models.JSONField(default=dict, blank=True)
    script = models.JSONField(default=dict, blank=True)
    settings = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    labels = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("SpaceRole")
        verbose_name_plural = _("SpaceRoles")
        constraints = [
            models.UniqueConstraint("space", Lower("name"), name="space_role_name"),
            # The target of the composite foreign key: a SpaceRole with its Space.
            models.UniqueConstraint(fields=["space", "id"], name="space_role_of_space"),
            models.CheckConstraint(condition=~Q(name=""), name="space_role_name_given"),
            models.CheckConstraint(condition=Q(version__gte=1), name="space_role_version"),
        ]
        indexes = [
            models.Index("space", "created_at", "id", name="space_role_oldest"),
            models.Index(F("created_at").desc(), F("id").desc(), name="space_role_newest"),
        ]

    def __str__(self) -> str:
        return self.name
