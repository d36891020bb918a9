"""Accounts and personal access tokens (rules §2)."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from common.ids import new_ksuid
from common.models import IdField, now
from common.names import initials
from common.search import Folded, FoldedAddress


class UserManager(BaseUserManager["User"]):
    """Accounts are made by :mod:`accounts.services` only."""


class Appearance(models.TextChoices):
    """How the console looks to a person."""

    SYSTEM = "", _("Match the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class User(AbstractBaseUser):
    """An account: one person, one email address; a *slot* until its person first signs in.

    ``email`` is the stored address, which all mail goes to; ``email_key`` its canonical form.
    Accounts are never deleted, only deactivated.
    """

    id = IdField(default=new_ksuid)
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254, unique=True, editable=False)
    name = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=8, blank=True, default="")  # none: as the browser's
    # What the browser read in last: emails come in it until its person chooses one.
    language_read = models.CharField(max_length=8, blank=True, default="", db_default="", editable=False)
    appearance = models.CharField(
        max_length=5, choices=Appearance, blank=True, default=Appearance.SYSTEM, db_default=""
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    signed_in_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_active_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The path of the Organization or Space used last; signing in leads there.
    last_place = models.CharField(max_length=60, blank=True, default="", editable=False)
    # Name and address, folded; Space and Organization Memberships carry a copy.
    search = models.GeneratedField(
        expression=Concat(
            Folded("name"),
            models.Value(" "),
            FoldedAddress("email", "email_key"),
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email_key"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [
            # The sweep of never used slots reads only these.
            models.Index("created_at", name="user_slot", condition=models.Q(signed_in_at=None)),
            models.Index(models.F("created_at").desc(), models.F("id").desc(), name="user_newest"),
            GinIndex(OpClass("search", "gin_trgm_ops"), name="user_search"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_slot(self) -> bool:
        """Whether the account's person has never signed in."""
        return self.signed_in_at is None

    @property
    def display_name(self) -> str:
        """The person's name, or the address until they gave one."""
        return self.name or self.email

    @property
    def mail_language(self) -> str:
        """The language of emails to the person: chosen, else last read; empty when never here."""
        return self.language or self.language_read

    @property
    def mailing_address(self) -> str:
        """``email``, its domain in ASCII: mail software encodes ``faß.de`` by rules of 2003, as ``fass.de``."""
        if self.email.isascii():
            return self.email
        return f"{self.email.rpartition('@')[0]}@{self.email_key.rpartition('@')[2]}"

    @property
    def initials(self) -> str:
        """One or two letters that stand for the person where there is no picture."""
        return initials(self.name, self.email)

    # Staff see everything of the staff admin; what may be changed there is a service's matter.
    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether the account is active staff."""
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the account is active staff."""
        return self.is_active and self.is_staff


class PersonalAccessToken(models.Model):
    """A secret that acts for its person in the API; only its hash is kept (api.md, Auth)."""

    id = IdField(default=new_ksuid)
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="personal_access_tokens", db_index=False
    )
    name = models.CharField(max_length=64)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("personal access token")
        verbose_name_plural = _("personal access tokens")
        indexes = [models.Index("user", "created_at", "id", name="token_of_user")]

    def __str__(self) -> str:
        return self.name


class SignInCode(models.Model):
    """One code sent for a sign-in: counts its tries and the codes asked for, never the code itself.

    Rows older than a day are swept. ``user`` is None where no code was sent.
    """

    id = IdField(default=new_ksuid)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    ip = models.GenericIPAddressField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index("user", "created_at", name="code_of_user"),
            models.Index("ip", "created_at", name="code_of_ip"),
        ]

    def __str__(self) -> str:
        return self.pk


class UnsentForm(models.Model):
    """What a person typed in the form of a page and sent without a session; kept for an hour.

    The newest alone for each page; only that person sees it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=500)  # its path with the query
    fields = models.TextField()  # JSON: [[name, [value, …]], …]
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page"], name="unsent_form")]
        indexes = [models.Index("created_at", name="unsent_form_age")]

    def __str__(self) -> str:
        return str(self.pk)


class SentForm(models.Model):
    """A form that made something: a second sending of it makes nothing and leads to the same page.

    Written in the transaction of the change itself: there is one exactly when there is the other.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=32)  # the random part of the form's key
    leads_to = models.TextField()  # a path
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="sent_form")]
        indexes = [models.Index("created_at", name="sent_form_age")]

    def __str__(self) -> str:
        return str(self.pk)
