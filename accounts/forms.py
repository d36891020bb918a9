"""Shapes of what is typed at sign-in and in the profile."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import VersionedForm


class EmailForm(forms.Form):
    """Who signs in. What an address is, :mod:`accounts.addresses` says."""

    email = forms.CharField(
        label=_("Email"),
        max_length=320,
        widget=forms.EmailInput(
            attrs={"autocomplete": "username", "placeholder": "you@example.com", "autofocus": True}
        ),
        error_messages={"required": _("Enter your email address.")},
    )


class CodeForm(forms.Form):
    """The code from the email."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Six digits. It works once, for 10 minutes."),
        widget=forms.TextInput(
            attrs={
                "class": "code-input",
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
            }
        ),
        error_messages={"required": _("Enter the code from the email.")},
    )


class ProfileForm(VersionedForm):
    """The person's name, and the version it was read at."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        required=False,
        help_text=_("How colleagues see you in lists and emails."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
