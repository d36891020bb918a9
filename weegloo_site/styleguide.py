"""``/styleguide/``: every component in every state, for those who build screens."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.models import User
from common.errors import StaleVersion
from common.forms import CheckboxCards, RadioCards, choices_of
from common.frame import Frame, MenuItem
from common.htmx import render_page

_SECTIONS = [
    ("tokens", "Tokens", "palette"),
    ("buttons", "Buttons", "mouse-pointer-click"),
    ("fields", "Fields", "text-cursor-input"),
    ("choices", "Choices", "list-checks"),
    ("people", "People and places", "users"),
    ("chips", "Chips", "tag"),
    ("tables", "Tables and rows", "table"),
    ("menus", "Menus and tabs", "menu"),
    ("dialogs", "Dialog", "app-window"),
    ("notice", "Notice", "bell"),
    ("empty", "Empty state", "box"),
    ("panels", "Panels", "panel-top"),
    ("progress", "Progress", "loader-circle"),
]
_PEOPLE = [
    ("1B", "Minji Kim", "minji.kim@example.com"),
    ("2C", "김민지", "minji@dailywear.example"),
    ("3D", "", "newcomer@example.com"),
    ("4J", "Wolfeschlegelsteinhausenbergerdorff" * 2, "w" * 60 + "@department-of-long-names.example"),
]


class SampleForm(forms.Form):
    """Every kind of field that the console's forms have."""

    name = forms.CharField(label="Name", max_length=64)
    description = forms.CharField(
        label="Description",
        required=False,
        help_text="A short description for your members.",
        widget=forms.TextInput(attrs={"placeholder": "Everyday clothes, made in Seoul"}),
    )
    email = forms.EmailField(label="Email", error_messages={"invalid": "The part after @ is missing."})
    plan = forms.CharField(label="Plan", disabled=True)
    code = forms.CharField(
        label="Code",
        help_text="Six digits. It works once, for 10 minutes.",
        widget=forms.TextInput(attrs={"class": "code-input", "inputmode": "numeric"}),
    )
    language = forms.ChoiceField(label="Language", choices=[("en", "English"), ("ko", "한국어")])
    emails = forms.CharField(label="Email(s)", widget=forms.Textarea(attrs={"rows": 3}))
    tell = forms.BooleanField(label="Email me when someone becomes an Owner", required=False)
    role = forms.ChoiceField(
        label="Choose an Organization Role",
        widget=RadioCards,
        choices=choices_of(
            [
                ("ADMIN", "Admin", "Invites and manages people and Spaces. No billing."),
                ("MEMBER", "Member", "Works with content in the Spaces they are added to."),
            ]
        ),
    )
    roles = forms.MultipleChoiceField(
        label="Space Role",
        help_text="Choose 1 to 3 roles. Their permissions add up.",
        widget=CheckboxCards,
        error_messages={"required": "Choose 1 to 3 roles."},
        choices=choices_of(
            [
                ("editor", "Editor", "Creates, edits and publishes content and media."),
                ("viewer", "Viewer", "Reads content and media, changes nothing."),
            ]
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Always wrong, to show how that looks."""
        raise forms.ValidationError("What is wrong with the form as a whole.")


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page, in English alone; in production it exists for staff only."""
    if not (settings.LOCAL or (request.user.is_authenticated and request.user.is_staff)):
        raise Http404
    with translation.override("en"):
        response = render_page(request, "styleguide.html", _context(), partial="dialog-body")
    response["Content-Language"] = "en"
    return response


def _context() -> dict[str, Any]:
    form = SampleForm(
        {
            "name": "DailyWear Company",
            "email": "minji.kim@",
            "language": "en",
            "code": "482913",
            "emails": "minji.kim@example.com\nDaniel Cho <daniel.cho@example.com>",
            "tell": "on",
            "role": "MEMBER",
        },
        initial={"plan": "Free"},
        auto_id="sample-%s",
    )
    people = [User(pk=pk, name=name, email=email) for pk, name, email in _PEOPLE]
    menu = tuple(MenuItem(label, f"#{ident}", icon) for ident, label, icon in _SECTIONS)
    return {
        "frame": Frame(menu=menu, menu_label="Styleguide"),
        "form": form,
        "people": people,
        "person": people[0],
        "tabs": [
            {"label": "Profile", "url": "#menus", "current": True, "count": None},
            {"label": "Tokens", "url": "#menus", "current": False, "count": 3},
        ],
        "stale": StaleVersion(),
    }
