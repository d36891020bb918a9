"""May someone do this? (rules §8, Deciding).

A question may leave facts of the thing out ("may she publish content?"). The answer is then about
*every* thing that the facts given leave possible:

- an Allow counts only when all its conditions are known to hold;
- a Deny counts unless one of its conditions is known not to hold.

So a yes stays a yes however many facts are added, whoever asks too little is never told yes where
the whole story says no, and ``depends_on`` names the facts that could turn a no into a yes.
With every fact given this is the plain reading: Allows add up, a matching Deny wins, nothing
listed is nothing granted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product

from spaces.models import SpaceRole
from spaces.permissions.rules import Grant, grants_of
from spaces.permissions.vocabulary import ACTIONS, SELF, Action, Effect, Key, Map, Setting

type _Facts = Mapping[Key, tuple[str, ...]]
type _Ranked = tuple[int, Grant]


@dataclass(frozen=True, slots=True)
class Request:
    """Something to be done, with what is known of the thing; None is not known.

    ``tags`` empty means known to have none. ``created_by`` may be ``:self``. For ``Create`` it is
    the asking person unless given: whoever creates a thing is its creator. Facts that the map has
    no filter for do no harm. Raises ``ValueError`` for an action that the map does not have.
    """

    map: Map
    action: Action | Setting
    content_type: str | None = None
    created_by: str | None = None
    tags: frozenset[str] | None = None
    self_id: str | None = None

    def __post_init__(self) -> None:
        if self.action not in (Setting if self.map == Map.SETTINGS else ACTIONS[self.map]):
            raise ValueError(self.action)

    def facts(self, person: str) -> _Facts:
        """What is known, with ``:self`` as the asking ``person``."""
        facts: dict[Key, tuple[str, ...]] = {}
        if self.content_type is not None:
            facts[Key.CONTENT_TYPE] = (self.content_type,)
        if self.created_by is not None:
            facts[Key.CREATED_BY] = (person if self.created_by == SELF else self.created_by,)
        elif self.action == Action.CREATE:
            facts[Key.CREATED_BY] = (person,)
        if self.tags is not None:
            facts[Key.TAG] = tuple(self.tags)
        if self.self_id is not None:
            facts[Key.SELF] = (self.self_id,)
        return facts


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the Grants that decided: the Allows of a yes, the Denies of a no.

    A no without ``because`` is one for want of an Allow. ``depends_on``: facts not given that
    could make it a yes.
    """

    allowed: bool
    because: tuple[Grant, ...] = ()
    depends_on: tuple[Key, ...] = ()


class Permissions:
    """What one person's SpaceRoles let them do: read once, asked often.

    Neither the order of roles nor that of rules makes a difference, ``because`` included.
    """

    def __init__(self, grants: Iterable[Grant], person: str) -> None:
        self.person = person
        self.grants = tuple(sorted(dict.fromkeys(grants), key=_order))
        self._filed: dict[tuple[Map, Action | Setting], tuple[_File, _File]] = {}

    @classmethod
    def of(cls, roles: Iterable[SpaceRole], person: str) -> "Permissions":
        """The permissions of the person with the id ``person``, who holds ``roles``."""
        return cls(grants_of(roles), person)

    def decide(self, request: Request) -> Decision:
        """Whether ``request`` is allowed, and why. ``All`` asks for every action of the map."""
        if request.action != Action.ALL:
            return self._decide(request)
        decisions = [
            self._decide(replace(request, action=action))
            for action in ACTIONS[request.map]
            if action != Action.ALL
        ]
        refused = [decision for decision in decisions if not decision.allowed]
        if not refused:
            return Decision(allowed=True, because=_merged(decision.because for decision in decisions))
        depends = {key for decision in refused for key in decision.depends_on}
        # One action that no fact could allow settles the whole.
        settled = not all(decision.depends_on for decision in refused)
        return Decision(
            allowed=False,
            because=_merged(decision.because for decision in refused),
            depends_on=() if settled else tuple(key for key in Key if key in depends),
        )

    def allows(self, request: Request) -> bool:
        """Whether ``request`` is allowed."""
        return self.decide(request).allowed

    def _decide(self, request: Request) -> Decision:
        allows, denies = self._files(request.map, request.action)
        facts = request.facts(self.person)
        if blocking := denies.matching(facts, possibly=True):
            return Decision(False, tuple(blocking), _depends(allows, blocking, facts))
        if granting := allows.matching(facts):
            return Decision(True, tuple(granting))
        return Decision(False, (), _depends(allows, (), facts))

    def _files(self, kind: Map, action: Action | Setting) -> "tuple[_File, _File]":
        files = self._filed.get((kind, action))
        if files is None:
            about = [
                (rank, grant)
                for rank, grant in enumerate(self.grants)
                if grant.map == kind and grant.covers(action)
            ]
            files = self._filed[kind, action] = (
                _File((one for one in about if one[1].effect == Effect.ALLOW), self.person),
                _File((one for one in about if one[1].effect == Effect.DENY), self.person),
            )
        return files


class _File:
    """Grants filed by what their rules ask for, so that a question looks up and never scans.

    For each set of keys that rules have, and each part of it that a question knows, there is one
    table from the known values to the Grants; tables are made when first asked for.
    """

    def __init__(self, grants: Iterable[_Ranked], person: str) -> None:
        self._entries: dict[tuple[Key, ...], list[tuple[dict[Key, str], _Ranked]]] = {}
        for ranked in grants:
            conditions = {
                key: person if key == Key.CREATED_BY and value == SELF else value
                for key, value in ranked[1].rule.conditions
            }
            self._entries.setdefault(tuple(conditions), []).append((conditions, ranked))
        self._tables: dict[tuple[Key, ...], dict[tuple[Key, ...], dict[tuple[str, ...], list[_Ranked]]]] = {
            keys: {} for keys in self._entries
        }

    def matching(self, facts: _Facts, *, possibly: bool = False) -> list[Grant]:
        """The Grants whose conditions hold; with ``possibly``, those of which none fails."""
        found: list[_Ranked] = []
        for keys, tables in self._tables.items():
            known = tuple(key for key in keys if key in facts)
            if len(known) < len(keys) and not possibly:
                continue
            table = tables.get(known)
            if table is None:
                table = tables[known] = self._table(keys, known)
            for values in product(*(facts[key] for key in known)):
                found += table.get(values, ())
        found.sort(key=_rank)
        return [grant for _, grant in found]

    def _table(self, keys: tuple[Key, ...], known: tuple[Key, ...]) -> dict[tuple[str, ...], list[_Ranked]]:
        table: dict[tuple[str, ...], list[_Ranked]] = {}
        for conditions, ranked in self._entries[keys]:
            table.setdefault(tuple(conditions[key] for key in known), []).append(ranked)
        return table


def _depends(allows: _File, blocking: Iterable[Grant], facts: _Facts) -> tuple[Key, ...]:
    """The unknown facts that could turn the no into a yes; none when nothing could."""
    missing = [{key for key in grant.rule.keys if key not in facts} for grant in blocking]
    hopeful = [
        {key for key in grant.rule.keys if key not in facts} for grant in allows.matching(facts, possibly=True)
    ]
    if not hopeful or not all(missing):
        return ()
    if all(hopeful):  # no Allow holds for certain yet
        missing += hopeful
    return tuple(key for key in Key if any(key in keys for keys in missing))


def _rank(ranked: _Ranked) -> int:
    return ranked[0]


_POSITIONS: dict[str, int] = {word: place for place, word in enumerate((*Map, *Action, *Setting))}


def _order(grant: Grant) -> tuple[object, ...]:
    """An order of Grants by what they are, whatever order they came in."""
    return (
        grant.role_name.casefold(),
        grant.role_id,
        _POSITIONS[grant.map],
        _POSITIONS[grant.action],
        grant.effect,
        grant.rule.conditions,
    )


def _merged(reasons: Iterable[tuple[Grant, ...]]) -> tuple[Grant, ...]:
    return tuple(dict.fromkeys(grant for reason in reasons for grant in reason))
