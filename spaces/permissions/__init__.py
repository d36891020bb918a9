"""What SpaceRoles allow (rules §8): pure functions from a person's SpaceRoles to decisions.

``vocabulary`` lists the words, ``validation`` reads JSON, ``rules`` holds it as values,
``decisions`` answers, ``ceiling`` compares, ``words`` says it to people.
"""

from collections.abc import Iterable

from spaces.models import SpaceRole
from spaces.permissions.ceiling import beyond, covers
from spaces.permissions.decisions import Decision, Permissions, Request
from spaces.permissions.rules import EVERYTHING, Grant, Rule, body_of, grants_of, refer
from spaces.permissions.validation import MAX_RULES, MAX_RULES_IN_LIST, Shape, is_id, validate
from spaces.permissions.vocabulary import (
    ACTIONS,
    FIELDS,
    MAPS,
    SELF,
    SETTINGS,
    TARGETS,
    Action,
    Effect,
    Key,
    Map,
    Setting,
    action_named,
)
from spaces.permissions.words import Section, clauses, describe, names_in, scope, sections, summary

__all__ = [
    "ACTIONS",
    "EVERYTHING",
    "FIELDS",
    "MAPS",
    "MAX_RULES",
    "MAX_RULES_IN_LIST",
    "SELF",
    "SETTINGS",
    "TARGETS",
    "Action",
    "Decision",
    "Effect",
    "Grant",
    "Key",
    "Map",
    "Permissions",
    "Request",
    "Rule",
    "Section",
    "Setting",
    "Shape",
    "action_named",
    "allows_setting",
    "beyond",
    "body_of",
    "clauses",
    "covers",
    "describe",
    "grants_of",
    "is_id",
    "names_in",
    "refer",
    "scope",
    "sections",
    "summary",
    "validate",
]


def allows_setting(roles: Iterable[SpaceRole], setting: str) -> bool:
    """Whether any of ``roles`` carries ``setting`` or ``SETTING_ALL``.

    What :meth:`Permissions.decide` answers for settings, without reading the maps.
    """
    return any(setting in role.settings or Setting.ALL in role.settings for role in roles)
