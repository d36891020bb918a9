"""The shape of what the Organization screens take in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import NameField, ServiceForm, VersionedForm


class OrganizationForm(ServiceForm):
    """A new Organization."""

    name = NameField(label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    description = forms.CharField(
        label=_("Description"),
        max_length=128,
        required=False,
        help_text=_("A short description for your members."),
    )


class OrganizationSettingsForm(VersionedForm, OrganizationForm):
    """An Organization's own settings."""
