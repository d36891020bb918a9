"""A SpaceRole's maps as people edit them: a row per scope, a column per action (console.md).

Rows become rules and rules rows without loss: rules with several keys, and scopes of which both
Allow and Deny are said, come back as they were.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from common.errors import Text
from common.names import read_name
from spaces.models import SpaceRole
from spaces.permissions import (
    ACTIONS,
    EVERYTHING,
    MAPS,
    SELF,
    TARGETS,
    Action,
    Effect,
    Key,
    Map,
    Rule,
    grants_of,
    is_id,
    scope,
)

type Names = Mapping[str, str]

_BOTH: Final = f"{Effect.ALLOW} {Effect.DENY}"
_SAID: Final = ("", Effect.ALLOW.value, Effect.DENY.value, _BOTH)
_NEW: Final = {
    "ContentType": pgettext_lazy("scope", "Only a content type"),
    "Tag": pgettext_lazy("scope", "Only what is tagged"),
    "Script": pgettext_lazy("scope", "Only one script"),
    "User": pgettext_lazy("scope", "Only what someone created"),
    SELF: pgettext_lazy("scope", "Only what they created"),
}
_ASKS: Final = {
    "ContentType": gettext_lazy("Content type id"),
    "Tag": gettext_lazy("Tag id"),
    "Script": gettext_lazy("Script id"),
    "User": gettext_lazy("Created by (email or id)"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to add a scope, or to narrow one; ``value`` is what its button sends."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Cell:
    """What is said of one action in one row."""

    name: str
    action: Action
    said: str

    @property
    def options(self) -> list[tuple[str, Text]]:
        """The values to choose from; both at once only where it stands already."""
        options: list[tuple[str, Text]] = [("", "–"), *((effect.value, effect.label) for effect in Effect)]
        return [*options, (_BOTH, _("Both"))] if self.said == _BOTH else options


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a row: the inputs for its id and for the name people know it by."""

    name: str
    key: Key
    target: str
    value: str
    label: str
    fault: str

    @property
    def is_self(self) -> bool:
        """What the person created themselves: nothing to type."""
        return self.value == SELF

    @property
    def asks(self) -> Text:
        """What the input is for."""
        return _ASKS[self.target]


@dataclass(slots=True)
class Row:
    """One scope of one kind of thing; number 0 is everything, and always there."""

    kind: Map
    number: int
    ids: dict[Key, str] = field(default_factory=dict)
    labels: dict[Key, str] = field(default_factory=dict)
    said: dict[Action, str] = field(default_factory=dict)
    faults: dict[Key, str] = field(default_factory=dict)
    is_new: bool = False
    title: str = ""

    @property
    def prefix(self) -> str:
        """What the names of its fields begin with."""
        return f"{self.kind}-{self.number}"

    @property
    def rule(self) -> Rule | None:
        """The rule of the scope; None while an id is missing, so that nothing is ever widened."""
        if self.number and not all(self.ids.values() or [""]):
            return None
        return Rule.of(self.ids)

    @property
    def to_type(self) -> bool:
        """Whether an id is missing."""
        return not all(self.ids.values())

    @property
    def says(self) -> bool:
        """Whether any action is allowed or denied."""
        return any(self.said.values())

    def entitle(self, names: Names) -> None:
        """Say the scope in words."""
        if self.rule is not None:
            self.title = scope(self.rule, names)
        else:
            targets = [SELF if value == SELF else TARGETS[self.kind][key] for key, value in self.ids.items()]
            self.title = f"{', '.join(str(_NEW[target]) for target in targets)} {self.number}"

    @property
    def named(self) -> dict[str, str]:
        """The names given to ids of this row."""
        return {self.ids[key]: label for key, label in self.labels.items() if self.ids[key] and label}

    @property
    def conditions(self) -> list[Condition]:
        """The keys, in the order of rules."""
        return [
            Condition(
                f"{self.prefix}-{key}",
                key,
                TARGETS[self.kind][key],
                self.ids[key],
                self.labels.get(key, ""),
                self.faults.get(key, ""),
            )
            for key in Key
            if key in self.ids
        ]

    @property
    def cells(self) -> list[Cell]:
        """A cell per column."""
        return [
            Cell(f"{self.prefix}-{action}", action, self.said.get(action, "")) for action in columns(self.kind)
        ]

    @property
    def narrower(self) -> list[Choice]:
        """The keys it may have besides its own."""
        return list(_choices(self.kind, f"narrow {self.kind} {self.number}", without=self.ids))


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows of one kind of thing."""

    kind: Map
    rows: list[Row]

    @property
    def columns(self) -> list[Action]:
        """The actions."""
        return columns(self.kind)

    @property
    def scopes(self) -> list[Choice]:
        """The scopes that can be added."""
        return list(_choices(self.kind, f"add {self.kind}"))


class Board:
    """The matrices of one SpaceRole."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = {kind: [row for row in rows if row.kind == kind] for kind in MAPS}
        for kind, own in self._rows.items():
            if not any(row.number == 0 for row in own):
                own.insert(0, Row(kind, 0))

    @classmethod
    def of(cls, role: SpaceRole) -> "Board":
        """What ``role`` says: a row for each rule that differs."""
        found: dict[tuple[Map, Rule], dict[Action, list[str]]] = {}
        for grant in grants_of([role]):
            if grant.map != Map.SETTINGS:
                said = found.setdefault((grant.map, grant.rule), {})
                said.setdefault(Action(grant.action), []).append(grant.effect.value)
        rows = []
        for number, ((kind, rule), said) in enumerate(found.items(), start=1):
            ids = dict(rule.conditions)
            labels = {key: role.labels.get(value, "") for key, value in ids.items()}
            words = {action: " ".join(effects) for action, effects in said.items()}
            rows.append(Row(kind, number if ids else 0, ids, labels, words))
        return cls(sorted(rows, key=lambda row: row.number > 0))

    @classmethod
    def posted(cls, data: QueryDict) -> "Board":
        """What a form holds, as it was typed."""
        rows = []
        for kind in MAPS:
            numbers = dict.fromkeys(data.getlist(f"{kind}-rows"))
            rows += [_posted(data, kind, int(each)) for each in numbers if each.isdecimal() and len(each) < 6]
        return cls(rows)

    @property
    def rows(self) -> Iterator[Row]:
        """All rows."""
        for own in self._rows.values():
            yield from own

    @property
    def matrices(self) -> list[Matrix]:
        """One per kind of thing."""
        return [Matrix(kind, own) for kind, own in self._rows.items()]

    def change(self, wish: str) -> None:
        """Do what a button asks for: ``add kind key``, ``narrow kind number key``, ``remove kind number``.

        Anything else changes nothing.
        """
        match wish.split():
            case ["add", kind, asked] if kind in self._rows:
                own = self._rows[Map(kind)]
                row = Row(Map(kind), max(row.number for row in own) + 1, is_new=True)
                if _narrow(row, asked):
                    own.append(row)
            case ["narrow", kind, number, asked]:
                for row in self._numbered(kind, number):
                    row.is_new = _narrow(row, asked)
            case ["remove", kind, number]:
                for row in self._numbered(kind, number):
                    self._rows[row.kind].remove(row)

    def name_people(self, people: Mapping[str, str]) -> None:
        """Put the ids of people where their addresses were typed; ``people`` has ids by what was typed."""
        for row in self.rows:
            typed = row.ids.get(Key.CREATED_BY, "")
            if typed in people:
                row.ids[Key.CREATED_BY] = people[typed]

    def entitle(self, names: Names) -> None:
        """Say each row's scope in words, with ``names`` and those that stand in the rows."""
        for row in self.rows:
            row.entitle({**names, **self.labels})

    @property
    def creators(self) -> set[str]:
        """The ids and addresses that stand for people."""
        return {row.ids.get(Key.CREATED_BY, "") for row in self.rows} - {"", SELF}

    @property
    def labels(self) -> dict[str, str]:
        """The names given to ids."""
        return {identifier: label for row in self.rows for identifier, label in row.named.items()}

    def permissions(self) -> dict[str, Any]:
        """The maps, by their API names; rows without an id are left out."""
        return {kind.value: dict(_map(kind, own)) for kind, own in self._rows.items()}

    def check(self) -> bool:
        """Note at each row what is wrong with it; whether nothing is."""
        seen: set[tuple[Map, Rule]] = set()
        for row in self.rows:
            row.faults = dict(_faults(row))
            rule = row.rule
            if row.says and rule is not None and not row.faults:
                if (row.kind, rule) in seen:
                    row.faults[next(iter(row.ids), Key.SELF)] = _("This rule is listed twice.")
                seen.add((row.kind, rule))
        return not any(row.faults for row in self.rows)

    def _numbered(self, kind: str, number: str) -> list[Row]:
        """The row that can be changed, if there is one."""
        return [row for row in self.rows if row.number and (row.kind, str(row.number)) == (kind, number)]


def columns(kind: Map) -> list[Action]:
    """The actions of ``kind``; All stands first."""
    return sorted(ACTIONS[kind], key=lambda action: action != Action.ALL)


def _posted(data: QueryDict, kind: Map, number: int) -> Row:
    row = Row(kind, number)
    for key in TARGETS[kind] if number else ():
        name = f"{row.prefix}-{key}"
        if name in data:
            row.ids[key] = data.get(name, "").strip()
            row.labels[key] = data.get(f"{name}-name", "").strip()
    for action in ACTIONS[kind]:
        said = data.get(f"{row.prefix}-{action}", "")
        row.said[action] = said if said in _SAID else ""
    return row


def _choices(kind: Map, wish: str, without: Mapping[Key, str] | None = None) -> Iterator[Choice]:
    for key, target in TARGETS[kind].items():
        if key not in (without or ()):
            if key == Key.CREATED_BY:
                yield Choice(f"{wish} {SELF}", _NEW[SELF])
            yield Choice(f"{wish} {key}", _NEW[target])


def _narrow(row: Row, asked: str) -> bool:
    """Give ``row`` the key that ``asked`` names; whether it could."""
    key = Key.CREATED_BY if asked == SELF else next((key for key in TARGETS[row.kind] if key == asked), None)
    if key is None or key in row.ids:
        return False
    row.ids[key] = SELF if asked == SELF else ""
    return True


def _map(kind: Map, rows: Sequence[Row]) -> Iterator[tuple[str, dict[str, Any]]]:
    for action in ACTIONS[kind]:
        lists: dict[str, list[dict[str, Any]]] = {}
        for effect in Effect:
            spoken = [row.rule for row in rows if effect in row.said.get(action, "").split()]
            rules = [rule for rule in spoken if rule is not None]
            if rules:
                everything = EVERYTHING in rules
                lists[effect.value] = [] if everything else [rule.as_json(kind) for rule in rules]
        if lists:
            yield action.value, lists


def _faults(row: Row) -> Iterator[tuple[Key, str]]:
    """What is wrong with what was typed; a new row left empty is passed over."""
    typed = any(value and value != SELF for value in row.ids.values())
    for key, value in row.ids.items():
        label = row.labels.get(key, "")
        if not value:
            if row.says or typed:
                yield key, _("Enter the id.")
        elif key == Key.CREATED_BY and "@" in value:
            yield key, _("No member of this Space has the address “%(address)s”.") % {"address": value}
        elif not is_id(key, value):
            words = _("“%(id)s” is not an id: letters, digits, “.”, “_” and “-”, at most 64.")
            yield key, words % {"id": value}
        elif label and (faults := read_name(label)[1]):
            yield key, faults[0]["message"]
