"""Reading the permissions of a SpaceRole from JSON (rules §8; api.md, SpaceRole)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from common.errors import Invalid, MisplacedFilter
from spaces.permissions.rules import refer
from spaces.permissions.vocabulary import (
    ACTIONS,
    ALIASES,
    FIELDS,
    MAPS,
    SELF,
    TARGETS,
    Effect,
    Key,
    Map,
    Setting,
)

MAX_RULES_IN_LIST = 100
MAX_RULES = 500
MAX_FAULTS = 100  # a refusal stays a page long, whatever was sent
_MISPLACED = "misplaced_filter"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

type Fault = dict[str, str]
type _Map = dict[str, dict[str, list[dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Shape:
    """A SpaceRole's permissions in canonical form, ready for its fields."""

    content_type: _Map = field(default_factory=dict)
    content: _Map = field(default_factory=dict)
    media: _Map = field(default_factory=dict)
    script: _Map = field(default_factory=dict)
    settings: list[str] = field(default_factory=list)

    def as_fields(self) -> dict[str, Any]:
        """By the names of the SpaceRole's fields."""
        return asdict(self)


def validate(body: object) -> Shape:
    """The permissions that ``body`` states, in canonical form.

    ``body`` has the maps and ``settings`` under their API names; what is left out is empty,
    ``Save`` becomes ``Edit``. Raises :class:`Invalid` with every fault (at most 100) by JSON
    pointer, or :class:`MisplacedFilter` when filters on the wrong map are the only ones.
    """
    shape, faults = read(body)
    if faults:
        refuse(faults)
    return shape


def read(body: object) -> tuple[Shape, list[Fault]]:
    """:func:`validate` without raising: what could be read, and the faults."""
    reader = _Reader()
    shape = reader.shape(body)
    return shape, reader.faults


def refuse(faults: list[Fault]) -> NoReturn:
    """Raise the error that says ``faults``."""
    if all(fault["code"] == _MISPLACED for fault in faults):
        raise MisplacedFilter(faults[0]["message"], errors=faults)
    raise Invalid(errors=faults)


class _Reader:
    """Collects faults while reading; it goes only as deep as a rule can."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._rules = 0

    def shape(self, body: object) -> Shape:
        names = {kind.value for kind in Map}
        members = dict(self._members(body, "", names))
        fields: dict[str, Any] = {
            FIELDS[kind]: self._map(kind, members[kind]) for kind in MAPS if kind in members
        }
        if Map.SETTINGS in members:
            fields["settings"] = self._settings(members[Map.SETTINGS])
        if self._rules > MAX_RULES:
            self._fault("", "limit", _("A role has at most %(limit)d rules.") % {"limit": MAX_RULES})
        return Shape(**fields)

    def _map(self, kind: Map, value: object) -> _Map:
        path = f"/{kind}"
        actions = {action.value for action in ACTIONS[kind]}
        read: _Map = {}
        for name, lists in self._members(value, path, actions | _aliases_of(actions)):
            merged = read.setdefault(ALIASES.get(name, name), {})
            for effect, rules in self._lists(kind, lists, f"{path}/{name}").items():
                merged[effect] = _together(merged[effect], rules) if effect in merged else rules
        return {
            action.value: {effect.value: read[action][effect] for effect in Effect if effect in read[action]}
            for action in ACTIONS[kind]
            if action in read
        }

    def _lists(self, kind: Map, value: object, path: str) -> dict[str, list[dict[str, Any]]]:
        lists = {
            effect: self._list(kind, rules, f"{path}/{effect}")
            for effect, rules in self._members(value, path, {effect.value for effect in Effect})
        }
        if isinstance(value, Mapping) and not value:
            self._fault(path, "required", _("Give “Allow”, “Deny” or both."))
        return lists

    def _list(self, kind: Map, value: object, path: str) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            self._fault(path, "type", _("This must be a list."))
            return []
        self._rules += len(value)
        if len(value) > MAX_RULES_IN_LIST:
            limit = {"limit": MAX_RULES_IN_LIST}
            self._fault(path, "limit", _("A list has at most %(limit)d rules.") % limit)
            return []
        rules: list[dict[str, Any]] = []
        for index, entry in enumerate(value):
            rule = self._rule(kind, entry, f"{path}/{index}")
            if rule and rule in rules:
                self._fault(f"{path}/{index}", "duplicate", _("This rule is listed twice."))
            rules.append(rule)
        return rules

    def _rule(self, kind: Map, value: object, path: str) -> dict[str, Any]:
        if isinstance(value, Mapping) and not value:
            # Everything is written [], so that a filter taken out of a rule never widens it to all.
            self._fault(path, "required", _("A rule needs a filter; for everything, use an empty list."))
        rule: dict[str, Any] = {}
        for name, reference in self._members(value, path, {key.value for key in Key}):
            key = Key(name)
            if key in TARGETS[kind]:
                rule[name] = self._refer(key, TARGETS[kind][key], reference, f"{path}/{name}")
            else:
                message = _("The filter “%(filter)s” cannot be used on %(map)s.")
                self._fault(f"{path}/{name}", _MISPLACED, message % {"filter": name, "map": kind.value})
        return {key.value: rule[key] for key in Key if key in rule}

    def _refer(self, key: Key, target: str, value: object, path: str) -> dict[str, Any] | None:
        members = dict(self._members(value, path, {"sys"}, required=("sys",)))
        if "sys" not in members:
            return None
        wanted = ("id", "type", "targetType")
        sys = dict(self._members(members["sys"], f"{path}/sys", set(wanted), required=wanted))
        for name, only in (("type", "Refer"), ("targetType", target)):
            if name in sys and sys[name] != only:
                self._fault(f"{path}/sys/{name}", "value", _("This must be “%(value)s”.") % {"value": only})
        identifier = sys.get("id")
        if "id" in sys and not (isinstance(identifier, str) and is_id(key, identifier)):
            self._fault(f"{path}/sys/id", "id", _("This is not an id."))
        return refer(target, str(identifier))

    def _settings(self, value: object) -> list[str]:
        if not isinstance(value, list):
            self._fault("/settings", "type", _("This must be a list."))
            return []
        if len(value) > len(Setting):
            limit = {"limit": len(Setting)}
            self._fault("/settings", "limit", _("There are %(limit)d settings.") % limit)
            return []
        settings: list[str] = []
        for index, name in enumerate(value):
            path = f"/settings/{index}"
            if not isinstance(name, str):
                self._fault(path, "type", _("This must be a text."))
            elif name not in Setting:
                self._fault(path, "unknown", _("There is no such setting."))
            elif name in settings:
                self._fault(path, "duplicate", _("This rule is listed twice."))
            else:
                settings.append(name)
        return settings

    def _members(
        self, value: object, path: str, known: set[str], *, required: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, object]]:
        """The members of an object that are ``known``; the rest are faults."""
        if not isinstance(value, Mapping):
            self._fault(path, "type", _("This must be an object."))
            return
        for name in required:
            if name not in value:
                self._fault(f"{path}/{name}", "required", _("This is missing."))
        for name, member in value.items():
            if name in known:
                yield name, member
            else:
                message = _("Unknown here. Known: %(names)s.") % {"names": ", ".join(sorted(known))}
                self._fault(f"{path}/{_escaped(str(name))}", "unknown", message)

    def _fault(self, path: str, code: str, message: str) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append({"path": path, "code": code, "message": message})


def _aliases_of(actions: set[str]) -> set[str]:
    return {alias for alias, meant in ALIASES.items() if meant in actions}


def _together(rules: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two lists of one action as one; the empty list is everything and takes the other in."""
    if not rules or not more:
        return []
    return rules + [rule for rule in more if rule not in rules]


def is_id(key: Key, identifier: str) -> bool:
    """Whether ``identifier`` has the form of an id, or is ``:self`` where that can stand."""
    return _ID.fullmatch(identifier) is not None or (key == Key.CREATED_BY and identifier == SELF)


def _escaped(name: str) -> str:
    """A JSON pointer's token (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
