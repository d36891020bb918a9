"""May someone do this? (rules §8, Deciding).

A rule matches when each of its keys matches a fact of the thing asked about. A fact that is not
given matches no rule that names it, be it an Allow or a Deny. Allows add up, a matching Deny wins,
nothing listed is nothing granted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from spaces.models import SpaceRole
from spaces.permissions.files import File
from spaces.permissions.rules import Grant, grants_of
from spaces.permissions.vocabulary import ACTIONS, SELF, Action, Effect, Key, Map, Setting

type _Files = tuple[File, File]  # the Allows and the Denies that speak of an action
type _Facts = dict[Key, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """Something to be done, with what is known of the thing; None is not given.

    ``created_by`` may be ``:self``. Facts that the map has no filter for do no harm. Raises
    ``ValueError`` for an action that the map does not have.
    """

    map: Map
    action: Action | Setting
    content_type: str | None = None
    created_by: str | None = None
    tags: frozenset[str] = frozenset()
    self_id: str | None = None

    def __post_init__(self) -> None:
        if self.action not in (Setting if self.map == Map.SETTINGS else ACTIONS[self.map]):
            raise ValueError(self.action)

    def facts(self, person: str) -> _Facts:
        """What is given, with ``:self`` as the asking ``person``."""
        creator = person if self.created_by == SELF else self.created_by
        given = {Key.CONTENT_TYPE: self.content_type, Key.CREATED_BY: creator, Key.SELF: self.self_id}
        facts = {key: (value,) for key, value in given.items() if value is not None}
        return facts | {Key.TAG: tuple(self.tags)}


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the Grants that decided: the Allows of a yes, the Denies of a no.

    A no without ``because`` is one for want of an Allow.
    """

    allowed: bool
    because: tuple[Grant, ...] = ()


class Permissions:
    """What one person's SpaceRoles let them do: read once, asked often.

    Neither the order of roles nor that of rules makes a difference, ``because`` included.
    """

    def __init__(self, grants: Iterable[Grant], person: str) -> None:
        self.person = person
        self.grants = tuple(sorted(dict.fromkeys(grants), key=_order))
        self._files: dict[tuple[Map, Action | Setting], _Files] = {}
        self._shared: dict[tuple[int, ...], File] = {}

    @classmethod
    def of(cls, roles: Iterable[SpaceRole], person: str) -> "Permissions":
        """The permissions of the person with the id ``person``, who holds ``roles``."""
        return cls(grants_of(roles), person)

    def decide(self, request: Request) -> Decision:
        """Whether ``request`` is allowed, and why. ``All`` asks for every action of the map."""
        facts = request.facts(self.person)
        settled = [self._settle(files, facts) for files in self._asked(request)]
        allowed = all(each for each, _ in settled)
        reasons = {place for each, places in settled if each == allowed for place in places}
        return Decision(allowed, tuple([self.grants[place] for place in sorted(reasons)]))

    def allows(self, request: Request) -> bool:
        """Whether ``request`` is allowed."""
        return self.decide(request).allowed

    def _asked(self, request: Request) -> set[_Files]:
        """Where to look, for the action or for every action of ``All``."""
        actions = ACTIONS[request.map][:-1] if request.action == Action.ALL else (request.action,)
        return {self._about(request.map, action) for action in actions}

    @staticmethod
    def _settle(files: _Files, facts: _Facts) -> tuple[bool, list[int]]:
        """The answer, and the places of the Grants that decided."""
        allows, denies = files
        if blocking := denies.matching(facts):
            return False, blocking
        granting = allows.matching(facts)
        return bool(granting), granting

    def _about(self, kind: Map, action: Action | Setting) -> _Files:
        """The Allows and the Denies that speak of an action."""
        files = self._files.get((kind, action))
        if files is None:
            files = (self._file(kind, action, Effect.ALLOW), self._file(kind, action, Effect.DENY))
            self._files[kind, action] = files
        return files

    def _file(self, kind: Map, action: Action | Setting, effect: Effect) -> File:
        """The Grants of one effect; actions of which the same is said share one file."""
        places = tuple(
            place
            for place, grant in enumerate(self.grants)
            if grant.map == kind and grant.effect == effect and grant.covers(action)
        )
        if places not in self._shared:
            rules = [(place, self.grants[place].rule) for place in places]
            self._shared[places] = File(
                (place, {key: self._resolved(value) for key, value in rule.conditions}) for place, rule in rules
            )
        return self._shared[places]

    def _resolved(self, value: str) -> str:
        return self.person if value == SELF else value


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
