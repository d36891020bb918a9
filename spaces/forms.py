"""The shape of what the Space screens take in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import ServiceForm, VersionedForm


class SpaceForm(ServiceForm):
    """A new Space."""

    name = forms.CharField(
        label=_("Name"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class SpaceSettingsForm(VersionedForm, SpaceForm):
    """A Space's own settings."""
