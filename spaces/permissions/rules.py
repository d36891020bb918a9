"""What a SpaceRole says, as values (rules §8)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from spaces.models import SpaceRole
from spaces.permissions.vocabulary import (
    ACTIONS,
    FIELDS,
    MAPS,
    TARGETS,
    Action,
    Effect,
    Key,
    Map,
    Setting,
    action_named,
)

type Condition = tuple[Key, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions that a thing meets all of; none at all is every thing.

    Always in the order of :class:`Key`, so that equal rules are equal values.
    """

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, conditions: Mapping[Key, str]) -> "Rule":
        """The rule that asks for the id of each key."""
        return cls(tuple((key, conditions[key]) for key in Key if key in conditions))

    @property
    def keys(self) -> tuple[Key, ...]:
        """What the rule asks for."""
        return tuple(key for key, _ in self.conditions)

    def as_json(self, kind: Map) -> dict[str, Any]:
        """The rule as the API and the database carry it: a Refer per key."""
        return {key.value: refer(TARGETS[kind][key], value) for key, value in self.conditions}


EVERYTHING = Rule()


@dataclass(frozen=True, slots=True)
class Grant:
    """One rule of one SpaceRole: the unit of every answer, and its reason.

    ``Allow: []`` and ``Deny: []`` are one Grant with the rule :data:`EVERYTHING`; so is a setting.
    """

    role_id: str
    role_name: str
    effect: Effect
    map: Map
    action: Action | Setting
    rule: Rule = EVERYTHING

    def covers(self, action: Action | Setting) -> bool:
        """Whether the Grant speaks of ``action`` of its map."""
        return self.action in (action, Action.ALL, Setting.ALL)


def grants_of(roles: Iterable[SpaceRole]) -> list[Grant]:
    """All that ``roles`` say, role by role, in the order of the editor.

    Reads rows as :func:`spaces.permissions.validate` left them; anything else raises, so that a
    Deny which cannot be read is never passed over.
    """
    return [grant for role in roles for grant in _grants(role)]


def body_of(role: SpaceRole) -> dict[str, Any]:
    """The role's permissions under their API names: what :func:`validate` takes."""
    return {kind.value: getattr(role, field) for kind, field in FIELDS.items()}


def refer(target: str, identifier: str) -> dict[str, Any]:
    """A reference as the API writes it."""
    return {"sys": {"id": identifier, "type": "Refer", "targetType": target}}


def _grants(role: SpaceRole) -> Iterator[Grant]:
    for kind in MAPS:
        listed = {action_named(kind, name): lists for name, lists in getattr(role, FIELDS[kind]).items()}
        for action in ACTIONS[kind]:
            for effect in Effect:
                if effect in listed.get(action, ()):
                    for rule in _rules(listed[action][effect]):
                        yield Grant(role.pk, role.name, effect, kind, action, rule)
    for setting in Setting:
        if setting in role.settings:
            yield Grant(role.pk, role.name, Effect.ALLOW, Map.SETTINGS, setting)


def _rules(rules: list[dict[str, Any]]) -> Iterator[Rule]:
    if not rules:
        yield EVERYTHING
    for rule in rules:
        yield Rule.of({Key(key): reference["sys"]["id"] for key, reference in rule.items()})
