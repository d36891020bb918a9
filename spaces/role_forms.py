"""The shape of what the Roles & Permissions screens take in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import Text
from common.forms import CheckboxCards, Choice, NameField, ServiceForm, VersionedForm, choices_of
from common.isolation import isolated
from spaces.models import SpaceRole
from spaces.permissions import (
    ACTIONS,
    MAPS,
    SELF,
    Action,
    Effect,
    Grant,
    Key,
    Map,
    Request,
    Rule,
    Setting,
    action_named,
)
from spaces.role_matrix import Board

SETTING_MEANINGS: Final[dict[Setting, Text]] = {
    Setting.ALL: _("Every setting below and all future ones."),
    Setting.GENERAL: _("Rename the Space."),
    Setting.USER: _("Add, change and remove members of this Space."),
    Setting.ROLE: _("Create, change and delete roles, within their own permissions."),
    Setting.LOCALE: _("The languages that content is written in."),
    Setting.TAG: _("The tags that content and media can carry."),
    Setting.WEBHOOK: _("Messages to other systems when something changes."),
    Setting.APP: _("Install and remove apps."),
    Setting.DELIVERY_ACCESS_TOKEN: _("Keys that let sites and apps read content."),
    Setting.SPACE_ACCESS_TOKEN: _("Keys that let programs work in this Space."),
    Setting.WEB_HOSTING: _("Sites served from this Space."),
    Setting.SERVICE_LOGIN: _("How visitors of a service sign in."),
    Setting.EMAIL_ACCOUNT: _("Addresses that emails are sent from."),
    Setting.MONITORING: _("Usage, errors and logs."),
    Setting.SCHEDULER: _("Tasks that run on a schedule."),
}


def _settings() -> list[tuple[str, Choice]]:
    """Made for each form: a :class:`Choice` is in the language of the moment."""
    return choices_of((one, one.label, meaning) for one, meaning in SETTING_MEANINGS.items())


class SpaceRoleForm(ServiceForm):
    """A SpaceRole: its name, its settings, and the ``board`` with its matrices."""

    name = NameField(label=_("Name"), widget=forms.TextInput(attrs={"autocomplete": "off"}))
    settings = forms.MultipleChoiceField(
        label=_("Settings"),
        help_text=_("What they can manage in this Space besides content."),
        required=False,
        choices=_settings,
        widget=CheckboxCards(attrs={"role": "switch"}),
    )

    def __init__(self, *args: Any, board: Board, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.board = board

    def clean(self) -> dict[str, Any]:
        """What stands in the matrices, too."""
        if not self.board.check():
            self.add_error(None, _("Some rules need a fix. They are marked below."))
        return self.cleaned_data

    @property
    def permissions(self) -> dict[str, Any]:
        """What the service takes; the settings in the order of the vocabulary."""
        chosen = self["settings"].value() or []
        return {**self.board.permissions(), "settings": [one.value for one in Setting if one in chosen]}


class SpaceRoleEditForm(VersionedForm, SpaceRoleForm):
    """A SpaceRole that exists."""


class MoveForm(ServiceForm):
    """Where the holders of a SpaceRole go that is deleted; which role counts, the service knows."""

    move_to = forms.CharField(
        label=_("Move them to"),
        help_text=_("No email is sent. Members who already have the other role only lose this one."),
        required=False,
        max_length=64,
    )

    def __init__(self, *args: Any, roles: Sequence[SpaceRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a role")), *((role.pk, isolated(role.name)) for role in roles)]
        self.fields["move_to"].widget = forms.Select(choices=choices)


def _questions() -> Iterator[tuple[Text, list[tuple[str, Text]]]]:
    for kind in MAPS:
        yield kind.label, [(f"{kind} {action}", _in(kind, action.label)) for action in ACTIONS[kind]]
    yield Map.SETTINGS.label, [(f"{Map.SETTINGS} {one}", _in(Map.SETTINGS, one.label)) for one in Setting]


def _in(kind: Map, label: Text) -> str:
    return gettext("%(kind)s: %(action)s") % {"kind": kind.label, "action": label}


def _id_field(label: Any, *, known: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=64,
        validators=[RegexValidator(r"\A[A-Za-z0-9._-]+\Z", _("This is not an id."))],
        widget=forms.TextInput(attrs={"list": known, "autocomplete": "off", "spellcheck": "false"}),
    )


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and the same as a Grant, to say it in words."""

    request: Request
    grant: Grant


class AskForm(forms.Form):
    """One question about what a person may do."""

    what = forms.ChoiceField(label=_("What they want to do"), choices=_questions)
    content_type = _id_field(_("Content type id"), known="known-ContentType")
    tag = _id_field(_("Tag id"), known="known-Tag")
    self_id = _id_field(_("Id of the content type or script itself"), known="known-Script")
    created_by = forms.CharField(
        label=_("Created by (email or id)"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"list": "known-User", "autocomplete": "off", "spellcheck": "false"}),
    )
    own = forms.BooleanField(label=_("They created it themselves"), required=False)

    def question(self, creator: str | None) -> Question:
        """What is asked, ``creator`` being the id of who was typed."""
        kind_name, action_name = self.cleaned_data["what"].split()
        kind = Map(kind_name)
        action: Action | Setting = action_named(kind, action_name)
        facts = {
            Key.CONTENT_TYPE: self.cleaned_data["content_type"] if kind == Map.CONTENT else "",
            Key.CREATED_BY: SELF if self.cleaned_data["own"] else creator or "",
            Key.TAG: self.cleaned_data["tag"] if kind in (Map.CONTENT, Map.MEDIA) else "",
            Key.SELF: self.cleaned_data["self_id"] if kind in (Map.CONTENT_TYPE, Map.SCRIPT) else "",
        }
        given = {key: value for key, value in facts.items() if value and kind != Map.SETTINGS}
        request = Request(
            kind,
            action,
            content_type=given.get(Key.CONTENT_TYPE),
            created_by=given.get(Key.CREATED_BY),
            tags=frozenset({given[Key.TAG]} if Key.TAG in given else ()),
            self_id=given.get(Key.SELF),
        )
        return Question(request, Grant("", "", Effect.ALLOW, kind, action, Rule.of(given)))
