"""Emails as rows (rules §10; architecture.md, Outbox row)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.ids import new_ksuid
from common.models import IdField, now

# What ``last_error`` says of a fault that is no answer of the mail server. Kept in English;
# ``Email.reason`` translates it. The details are in the log.
UNREACHABLE = gettext_noop("We couldn't reach the mail server.")
OUR_FAULT = gettext_noop("A problem on our side stopped this email.")


class Kind(models.TextChoices):
    """Why an email is sent; also the name of its templates."""

    ORGANIZATION_INVITATION = "organization_invitation", _("Organization invitation")
    SPACE_INVITATION = "space_invitation", _("Space invitation")
    ORGANIZATION_REMOVAL = "organization_removal", _("removed from an Organization")
    SPACE_REMOVAL = "space_removal", _("removed from a Space")
    ROLE_CHANGE = "role_change", _("Organization role changed")
    NEW_OWNER = "new_owner", _("new Owner")
    SIGN_IN_CODE = "sign_in_code", _("sign-in code")


class State(models.TextChoices):
    """An email's journey. SENDING with a lapsed lease counts as queued."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("expired")


class Email(models.Model):
    """One message to one person, written in the transaction of the change it tells of.

    ``context`` is frozen words and ids for the templates; a worker renders it in ``language``.
    ``message_id`` is made with the row, so that a second delivery carries the same.
    """

    id = IdField(default=new_ksuid)
    kind = models.CharField(max_length=40, choices=Kind)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    organization_id = models.CharField(max_length=30, db_collation="C", blank=True, default="")
    # The membership whose row shows this email's state.
    membership_id = models.CharField(max_length=30, db_collation="C", blank=True, default="")
    language = models.CharField(max_length=8, default="en")
    context = models.JSONField(default=dict)
    message_id = models.CharField(max_length=200, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease_id = models.CharField(max_length=30, blank=True, default="", editable=False)
    last_error = models.CharField(max_length=300, blank=True, default="")
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="email_state"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="email_kind"),
        ]
        indexes = [
            models.Index(
                "expires_at", "due_at", "id", name="email_due", condition=Q(state__in=["queued", "sending"])
            ),
            models.Index(
                "membership_id",
                F("created_at").desc(),
                name="email_of_membership",
                condition=~Q(membership_id=""),
            ),
            models.Index("expires_at", name="email_expiring", condition=~Q(expires_at=None)),
            models.Index("recipient", name="email_recipient"),
            models.Index(F("created_at").desc(), F("id").desc(), name="email_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def reason(self) -> str:
        """Why the last try failed: the mail server's answer, or our own words in the reader's language."""
        ours = self.last_error in (UNREACHABLE, OUR_FAULT)
        return gettext(self.last_error) if ours else self.last_error
