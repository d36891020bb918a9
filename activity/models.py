"""The activity log (rules §11)."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Origin
from accounts.models import User
from common.ids import new_ksuid
from common.models import IdField, now


class Action(models.TextChoices):
    """What was done."""

    ORGANIZATION_CREATED = "organization.created", _("created the Organization")
    ORGANIZATION_UPDATED = "organization.updated", _("changed the Organization")
    ORGANIZATION_DELETED = "organization.deleted", _("deleted the Organization")
    MEMBER_INVITED = "organization_membership.created", _("invited")
    MEMBER_ROLE_CHANGED = "organization_membership.updated", _("changed the role of")
    MEMBER_REMOVED = "organization_membership.deleted", _("removed")
    SPACE_CREATED = "space.created", _("created the Space")
    SPACE_UPDATED = "space.updated", _("changed the Space")
    SPACE_DELETED = "space.deleted", _("deleted the Space")
    SPACE_MEMBER_ADDED = "space_membership.created", _("added to the Space")
    SPACE_MEMBER_UPDATED = "space_membership.updated", _("changed the Space roles of")
    SPACE_MEMBER_REMOVED = "space_membership.deleted", _("removed from the Space")
    SPACE_ROLE_CREATED = "space_role.created", _("created the role")
    SPACE_ROLE_UPDATED = "space_role.updated", _("changed the role")
    SPACE_ROLE_DELETED = "space_role.deleted", _("deleted the role")
    ACCOUNT_UPDATED = "account.updated", _("changed the account of")
    TOKEN_CREATED = "personal_access_token.created", _("created a token of")  # a name
    TOKEN_DELETED = "personal_access_token.deleted", _("deleted a token of")  # a name
    ACCOUNT_DEACTIVATED = "account.deactivated", _("deactivated the account of")


class ActivityEntry(models.Model):
    """One change: who, when, what, for whom, before → after, from where.

    Written in the transaction of the change and never edited (a trigger refuses UPDATE and
    DELETE). Ids of an Organization and a Space are kept without foreign keys: the log outlives
    them. ``subject`` is the id of the changed row.
    """

    id = IdField(default=new_ksuid)
    organization_id = models.CharField(max_length=30, db_collation="C", blank=True, default="")
    space_id = models.CharField(max_length=30, db_collation="C", blank=True, default="")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin)
    token_id = models.CharField(max_length=30, blank=True, default="")
    action = models.CharField(max_length=40, choices=Action)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=30)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("activity entry")
        verbose_name_plural = _("activity")
        indexes = [
            models.Index("organization_id", F("created_at").desc(), F("id").desc(), name="activity_newest"),
            models.Index("subject", F("created_at").desc(), name="activity_of_subject"),
            models.Index(F("created_at").desc(), F("id").desc(), name="activity_all"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
