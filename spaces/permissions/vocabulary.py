"""The words that a SpaceRole is written in (rules §8): the one place that lists them.

The editor, the API, the validation and the engine all read these tables.
"""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

SELF: Final = ":self"  # in ``createdBy``: whoever asks
ALIASES: Final = {"Save": "Edit"}  # accepted when written, never given back


class Map(TextChoices):
    """The kinds of things a SpaceRole speaks of; ``settings`` is a list, not a map."""

    CONTENT_TYPE = "contentType", pgettext_lazy("kind of thing", "Content types")
    CONTENT = "content", pgettext_lazy("kind of thing", "Content")
    MEDIA = "media", pgettext_lazy("kind of thing", "Media")
    SCRIPT = "script", pgettext_lazy("kind of thing", "Scripts")
    SETTINGS = "settings", pgettext_lazy("kind of thing", "Settings")


class Action(TextChoices):
    """What is done to a thing; ``ALL`` stands for every action of its map."""

    READ = "Read", pgettext_lazy("action", "Read")
    CREATE = "Create", pgettext_lazy("action", "Create")
    EDIT = "Edit", pgettext_lazy("action", "Edit")
    DELETE = "Delete", pgettext_lazy("action", "Delete")
    PUBLISH = "Publish", pgettext_lazy("action", "Publish")
    UNPUBLISH = "Unpublish", pgettext_lazy("action", "Unpublish")
    ARCHIVE = "Archive", pgettext_lazy("action", "Archive")
    UNARCHIVE = "Unarchive", pgettext_lazy("action", "Unarchive")
    EXECUTE = "Execute", pgettext_lazy("action", "Run")
    ALL = "All", pgettext_lazy("action", "All actions")


class Setting(TextChoices):
    """A part of the Space's configuration; ``ALL`` stands for every one."""

    GENERAL = "SETTING_GENERAL", pgettext_lazy("setting", "Space settings")
    LOCALE = "SETTING_LOCALE", pgettext_lazy("setting", "Locales")
    WEBHOOK = "SETTING_WEBHOOK", pgettext_lazy("setting", "Webhooks")
    APP = "SETTING_APP", pgettext_lazy("setting", "Apps")
    TAG = "SETTING_TAG", pgettext_lazy("setting", "Tags")
    DELIVERY_ACCESS_TOKEN = "SETTING_DELIVERY_ACCESS_TOKEN", pgettext_lazy("setting", "Delivery access tokens")
    SPACE_ACCESS_TOKEN = "SETTING_SPACE_ACCESS_TOKEN", pgettext_lazy("setting", "Space access tokens")
    USER = "SETTING_USER", pgettext_lazy("setting", "Membership")
    ROLE = "SETTING_ROLE", pgettext_lazy("setting", "Roles & Permissions")
    WEB_HOSTING = "SETTING_WEB_HOSTING", pgettext_lazy("setting", "Web hosting")
    SERVICE_LOGIN = "SETTING_SERVICE_LOGIN", pgettext_lazy("setting", "Service login")
    EMAIL_ACCOUNT = "SETTING_EMAIL_ACCOUNT", pgettext_lazy("setting", "Email accounts")
    MONITORING = "SETTING_MONITORING", pgettext_lazy("setting", "Monitoring")
    SCHEDULER = "SETTING_SCHEDULER", pgettext_lazy("setting", "Schedulers")
    ALL = "SETTING_ALL", pgettext_lazy("setting", "All settings")


class Effect(TextChoices):
    """What a matching rule does."""

    ALLOW = "Allow", pgettext_lazy("effect", "Allow")
    DENY = "Deny", pgettext_lazy("effect", "Deny")


class Key(TextChoices):
    """What a rule may ask of a thing."""

    CONTENT_TYPE = "contentType", pgettext_lazy("filter", "Only a content type")
    CREATED_BY = "createdBy", pgettext_lazy("filter", "Only what someone created")
    TAG = "tag", pgettext_lazy("filter", "Only what is tagged")
    SELF = "self", pgettext_lazy("filter", "Only one")


SETTINGS: Final = tuple(Setting.values)

MAPS: Final = (Map.CONTENT_TYPE, Map.CONTENT, Map.MEDIA, Map.SCRIPT)

_ON_ENTRIES: Final = tuple(action for action in Action if action != Action.EXECUTE)
_ON_SCRIPTS: Final = (Action.CREATE, Action.READ, Action.EDIT, Action.DELETE, Action.EXECUTE, Action.ALL)

# The actions of each map, in the order of the editor's columns; ALL stands last.
ACTIONS: Final[dict[Map, tuple[Action, ...]]] = {
    Map.CONTENT_TYPE: _ON_ENTRIES,
    Map.CONTENT: _ON_ENTRIES,
    Map.MEDIA: _ON_ENTRIES,
    Map.SCRIPT: _ON_SCRIPTS,
}

# The filters of each map, with what the Refer in each must point to.
TARGETS: Final[dict[Map, dict[Key, str]]] = {
    Map.CONTENT_TYPE: {Key.CREATED_BY: "User", Key.SELF: "ContentType"},
    Map.CONTENT: {Key.CONTENT_TYPE: "ContentType", Key.CREATED_BY: "User", Key.TAG: "Tag"},
    Map.MEDIA: {Key.CREATED_BY: "User", Key.TAG: "Tag"},
    Map.SCRIPT: {Key.CREATED_BY: "User", Key.SELF: "Script"},
}

# The SpaceRole's field of each map.
FIELDS: Final[dict[Map, str]] = {
    Map.CONTENT_TYPE: "content_type",
    Map.CONTENT: "content",
    Map.MEDIA: "media",
    Map.SCRIPT: "script",
    Map.SETTINGS: "settings",
}


def action_named(kind: Map, name: str) -> Action | Setting:
    """The action of ``kind`` that ``name`` means, ``Save`` being Edit; ``ValueError`` for none."""
    if kind == Map.SETTINGS:
        return Setting(name)
    action = Action(ALIASES.get(name, name))
    if action not in ACTIONS[kind]:
        raise ValueError(name)
    return action
