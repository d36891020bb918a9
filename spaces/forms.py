"""The shape of what the Space screens take in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import NameField, ServiceForm, VersionedForm


class SpaceForm(ServiceForm):
    """A new Space."""

    name = NameField(label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))


class SpaceSettingsForm(VersionedForm, SpaceForm):
    """A Space's own settings."""
