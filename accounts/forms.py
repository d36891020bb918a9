"""Shapes of what is typed at sign-in and in the profile."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.address_parsing import bare_address
from accounts.models import Appearance
from accounts.sign_in import read_code
from common.forms import NameField, PageForm, RadioCards, ServiceForm, VersionedForm


class EmailForm(PageForm):
    """Who signs in. What an address is, :mod:`accounts.addresses` says."""

    email = forms.CharField(
        label=_("Email"),
        max_length=320,
        widget=forms.EmailInput(
            attrs={"autocomplete": "username", "placeholder": "you@example.com", "autofocus": True}
        ),
        error_messages={"required": _("Enter your email address.")},
    )

    def clean_email(self) -> str:
        """The address, without what came along when it was pasted."""
        return bare_address(self.cleaned_data["email"])


class CodeForm(PageForm):
    """The code from the email."""

    code = forms.CharField(
        label=_("Code"),
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

    def clean_code(self) -> str:
        """The six digits; anything else is refused before it costs a try."""
        code = read_code(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(_("Enter the 6 digits from the email."))
        return code


def _languages() -> list[tuple[str, object]]:
    return [("", _("The browser’s")), *settings.LANGUAGES]


class ProfileForm(VersionedForm):
    """How the person is called, and how they read the console."""

    name = NameField(
        label=_("Name"),
        required=False,
        help_text=_("How colleagues see you in lists and emails."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=_languages,
        required=False,
        help_text=_("For the console and the emails we send you."),
    )
    appearance = forms.ChoiceField(label=_("Appearance"), choices=Appearance, required=False, widget=RadioCards)


class TokenForm(ServiceForm):
    """A new personal access token."""

    name = NameField(
        label=_("Name"),
        help_text=_("What uses the token, such as “Nightly import”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Give the token a name.")},
    )
