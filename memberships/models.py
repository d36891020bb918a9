"""Organization Membership and Space Membership (seeds 001 and 003; rules §4 to §7).

Constraints that Django cannot express (composite foreign keys, the last OWNER, at least one
SpaceRole, the search text) are SQL in migration 0002, each with a name.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.ids import new_ksuid
from common.models import IdField, Versioned
from memberships.people import stranger
from organizations.models import Organization
from spaces.models import Space, SpaceRole

MAX_SPACE_ROLES = 3


class Role(models.TextChoices):
    """A permission level across one Organization, highest first."""

    OWNER = "OWNER", _("Owner")
    ADMIN = "ADMIN", _("Admin")
    MEMBER = "MEMBER", _("Member")


class OrganizationMembership(Versioned):
    """Person × Organization × role."""

    id = IdField(default=new_ksuid)
    # No index of their own here and below: one of Meta's begins with the column.
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="organization_memberships", db_index=False
    )
    role = models.CharField(max_length=6, choices=Role, default=Role.MEMBER)
    # When the person last opened this Organization; None: never yet, and they are a stranger here.
    last_active_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What finds the person, folded: name and address, of a stranger the address alone. Filled in and
    # kept by the database.
    search = models.TextField(db_default="", editable=False)

    class Meta:
        verbose_name = _("Organization Membership")
        verbose_name_plural = _("Organization Memberships")
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="organization_member"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="organization_membership_role"),
            models.CheckConstraint(condition=Q(version__gte=1), name="organization_membership_version"),
        ]
        indexes = [
            models.Index("organization", F("created_at").desc(), F("id").desc(), name="org_membership_newest"),
            models.Index(
                "organization", "role", F("created_at").desc(), F("id").desc(), name="org_membership_by_role"
            ),
            models.Index("user", "created_at", "id", name="org_membership_of_user"),
            models.Index(F("created_at").desc(), F("id").desc(), name="org_membership_all"),
            GinIndex(
                OpClass("organization", "text_ops"),
                OpClass("search", "gin_trgm_ops"),
                name="org_membership_search",
            ),
        ]

    def __str__(self) -> str:
        return self.pk

    @property
    def person(self) -> User:
        """The member as this Organization may see them (rules §2)."""
        return self.user if self.last_active_at else stranger(self.user)


class SpaceMembership(Versioned):
    """Person × Space × 1 to 3 SpaceRoles of that Space, in the order given."""

    id = IdField(default=new_ksuid)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+", db_index=False)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="space_memberships", db_index=False)
    roles = models.ManyToManyField(SpaceRole, through="SpaceMembershipRole", related_name="memberships")
    search = models.TextField(db_default="", editable=False)

    class Meta:
        verbose_name = _("Space Membership")
        verbose_name_plural = _("Space Memberships")
        constraints = [
            models.UniqueConstraint(fields=["space", "user"], name="space_member"),
            models.UniqueConstraint(fields=["space", "id"], name="space_membership_of_space"),
            models.CheckConstraint(condition=Q(version__gte=1), name="space_membership_version"),
        ]
        indexes = [
            models.Index("space", F("created_at").desc(), F("id").desc(), name="space_membership_newest"),
            models.Index("organization", "user", name="space_membership_of_member"),
            models.Index("user", "created_at", "id", name="space_membership_of_user"),
            models.Index(F("created_at").desc(), F("id").desc(), name="space_membership_all"),
            GinIndex(
                OpClass("space", "text_ops"), OpClass("search", "gin_trgm_ops"), name="space_membership_search"
            ),
        ]

    def __str__(self) -> str:
        return self.pk

    @cached_property
    def last_active_at(self) -> datetime | None:
        """When the person last opened the Organization; ``with_presence`` loads it for lists."""
        member = OrganizationMembership.objects.filter(organization=self.organization_id, user=self.user_id)
        return member.values_list("last_active_at", flat=True).first()

    @property
    def person(self) -> User:
        """The member as the Organization may see them (rules §2)."""
        return self.user if self.last_active_at else stranger(self.user)

    @property
    def held_roles(self) -> list[SpaceRole]:
        """The SpaceRoles in their order; prefetch ``holdings__role`` for lists."""
        return [holding.role for holding in sorted(self.holdings.all(), key=lambda h: h.position)]

    @property
    def role_ids(self) -> list[str]:
        """The ids of :attr:`held_roles`."""
        return [role.pk for role in self.held_roles]


class SpaceMembershipRole(models.Model):
    """One SpaceRole held by one Space Membership; positions 0 to 2 make three the most."""

    membership = models.ForeignKey(
        SpaceMembership, on_delete=models.CASCADE, related_name="holdings", db_index=False
    )
    role = models.ForeignKey(SpaceRole, on_delete=models.PROTECT, related_name="holdings")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "position"], name="space_membership_role_position"),
            models.UniqueConstraint(fields=["membership", "role"], name="space_membership_role_once"),
            models.CheckConstraint(
                condition=Q(position__gte=0, position__lt=MAX_SPACE_ROLES), name="space_membership_role_count"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.position}"
