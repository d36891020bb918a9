"""The shape of what the Membership screens take in; choices come from the policies."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.address_parsing import parse_addresses
from common.forms import AnyOf, CheckboxCards, RadioCards, ServiceForm, VersionedForm, choices_of
from memberships.listing import SpaceChoice
from memberships.meanings import ROLE_MEANINGS, space_role_meaning
from memberships.models import MAX_SPACE_ROLES, Role
from memberships.services.invitations import SpaceGrant
from spaces.models import SpaceRole

MAX_ADDRESSES = 10_000
MAX_TEXT = 1_000_000
_SPACE = "roles-"


class MemberFilter(forms.Form):
    """What narrows a Membership list; what is not valid narrows nothing."""

    role = forms.ChoiceField(required=False, choices=[("", _("All roles")), *Role.choices])

    def value(self, name: str) -> str:
        """One valid value, or nothing."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))

    @property
    def q(self) -> str:
        """What is searched for, as it was typed."""
        return str(self.data.get("q", "")).replace("\0", "").strip()


class RoleForm(VersionedForm):
    """Another Organization role for a member."""

    role = forms.ChoiceField(choices=Role)


class InviteForm(ServiceForm):
    """Addresses, an Organization role, and SpaceRoles in any of ``spaces``.

    A Space is given when any of its SpaceRoles is ticked.
    """

    emails = forms.CharField(
        label=_("Email(s)"),
        help_text=_("Type or paste addresses, separated by commas, spaces or lines."),
        widget=forms.Textarea(
            attrs={"rows": 4, "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type at least one email address.")},
    )
    role = forms.ChoiceField(
        label=_("Choose an Organization Role"), choices=Role, widget=RadioCards, initial=Role.MEMBER
    )

    def __init__(self, *args: Any, roles: Sequence[Role], spaces: Sequence[SpaceChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left_out = 0  # words of a pasted table that are no addresses
        self.spaces = spaces
        # Offered are these; that another one is refused, and how, is the service's matter.
        self.fields["role"].widget.choices = choices_of(
            (role, role.label, ROLE_MEANINGS[role]) for role in roles
        )
        for choice in spaces:
            self.fields[_SPACE + choice.space.pk] = _roles_field(choice.roles, required=False)

    @staticmethod
    def spaces_named(data: Any) -> list[str]:
        """The ids of the Spaces of which ``data`` ticks a SpaceRole."""
        return [name.removeprefix(_SPACE) for name in data if name.startswith(_SPACE)]

    def space_fields(self) -> Iterator[tuple[SpaceChoice, BoundField, int]]:
        """Each Space with its field and the number of SpaceRoles ticked."""
        for choice in self.spaces:
            field = self[_SPACE + choice.space.pk]
            yield choice, field, len(field.value() or [])

    def clean_emails(self) -> list[str]:
        """The single addresses as they were written."""
        text: str = self.cleaned_data["emails"]
        if len(text) > MAX_TEXT:
            raise forms.ValidationError(_("This text is too long. Invite in several steps."))
        found = parse_addresses(text)
        entries, self.left_out = found.entries, found.left_out
        if not entries:
            raise forms.ValidationError(_("Type at least one email address."))
        if len(entries) > MAX_ADDRESSES:
            words = _("These are %(number)s addresses; at most %(most)s can be invited at a time.")
            raise forms.ValidationError(
                words, params={"number": number_format(len(entries)), "most": number_format(MAX_ADDRESSES)}
            )
        return entries

    def grants(self) -> list[SpaceGrant]:
        """The Spaces to give, with their SpaceRoles; one deleted meanwhile too, for the service to refuse."""
        chosen = {
            pk: self.cleaned_data.get(_SPACE + pk, []) if _SPACE + pk in self.fields else ["?"]
            for pk in self.spaces_named(self.data)
        }
        return [SpaceGrant(pk, roles) for pk, roles in chosen.items() if roles]

    def keep(self, entries: Sequence[str]) -> None:
        """Leave ``entries`` alone in the field, one a line; everything else stays as it was."""
        self.retype("emails", "\n".join(entries))


class AssignForm(ServiceForm):
    """Organization members and 1 to 3 SpaceRoles to give them."""

    user = AnyOf(label=_("Select Members"), error_messages={"required": _("Select at least one member.")})

    def __init__(self, *args: Any, roles: Sequence[SpaceRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"] = _roles_field(roles)


class SpaceRolesForm(VersionedForm):
    """Other SpaceRoles for a Space member, all of whose roles the reader could give."""

    def __init__(
        self, *args: Any, held: Sequence[SpaceRole], grantable: Sequence[SpaceRole], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.held = held
        self.fields["roles"] = _roles_field(grantable)
        self.initial.setdefault("roles", [role.pk for role in held])

    def role_ids(self) -> list[str]:
        """Those that stay in their old order, then the new ones."""
        wanted = self.cleaned_data["roles"]
        stay = [role.pk for role in self.held if role.pk in wanted]
        return stay + [pk for pk in wanted if pk not in stay]


def _roles_field(roles: Sequence[SpaceRole], *, required: bool = True) -> AnyOf:
    def few_enough(chosen: Sequence[str]) -> None:
        if len(chosen) > MAX_SPACE_ROLES:
            words = ngettext(
                "Choose no more than %(most)d role.", "Choose no more than %(most)d roles.", MAX_SPACE_ROLES
            )
            raise forms.ValidationError(words, params={"most": MAX_SPACE_ROLES})

    return AnyOf(
        label=_("Space Role"),
        help_text=_("Choose 1 to 3 roles. Their permissions add up."),
        required=required,
        choices=choices_of((role.pk, role.name, space_role_meaning(role)) for role in roles),
        widget=CheckboxCards,
        validators=[few_enough],
        error_messages={"required": _("Choose 1 to 3 roles.")},
    )
