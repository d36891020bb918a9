"""May someone do this? (rules §8, Deciding).

A question may leave facts of the thing out ("may she publish content?"). The answer is then about
*every* thing that the facts given leave possible:

- an Allow counts only when all its conditions are known to hold;
- a Deny counts unless one of its conditions is known not to hold.

So a yes stays a yes however many facts are added, whoever asks too little is never told yes where
the whole story says no, and :meth:`Permissions.depends_on` names the facts that could turn a no.
With every fact given this is the plain reading: Allows add up, a matching Deny wins, nothing
listed is nothing granted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from spaces.models import SpaceRole
from spaces.permissions.files import File
from spaces.permissions.rules import Grant, grants_of
from spaces.permissions.vocabulary import ACTIONS, SELF, Action, Effect, Key, Map, Setting

# Where to look, the Allows first, and the facts to look up.
type _Asked = tuple[File, File, tuple[tuple[Key, str], ...]]


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

    def facts(self, person: str) -> dict[Key, str]:
        """What is known besides the tags, with ``:self`` as the asking ``person``."""
        facts = {}
        if self.content_type is not None:
            facts[Key.CONTENT_TYPE] = self.content_type
        if self.created_by is not None:
            facts[Key.CREATED_BY] = person if self.created_by == SELF else self.created_by
        if self.self_id is not None:
            facts[Key.SELF] = self.self_id
        return facts


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
        self._files: dict[tuple[Map, Action | Setting], tuple[File, File]] = {}
        self._shared: dict[tuple[int, ...], File] = {}

    @classmethod
    def of(cls, roles: Iterable[SpaceRole], person: str) -> "Permissions":
        """The permissions of the person with the id ``person``, who holds ``roles``."""
        return cls(grants_of(roles), person)

    def decide(self, request: Request) -> Decision:
        """Whether ``request`` is allowed, and why. ``All`` asks for every action of the map."""
        settled = [self._settle(asked, request) for asked in self._asked(request)]
        allowed = all(each for each, _ in settled)
        reasons = {place for each, places in settled if each == allowed for place in places}
        return Decision(allowed, tuple([self.grants[place] for place in sorted(reasons)]))

    def allows(self, request: Request) -> bool:
        """Whether ``request`` is allowed."""
        return self.decide(request).allowed

    def depends_on(self, request: Request) -> tuple[Key, ...]:
        """The facts left out of a refused ``request`` that could make it a yes.

        Nothing for a yes, nor for a no that no fact could turn.
        """
        keys: set[Key] = set()
        for asked in self._asked(request):
            if not self._settle(asked, request)[0]:
                missing = self._missing(asked, request)
                if not missing:
                    return ()
                keys |= missing
        return tuple(key for key in Key if key in keys)

    def _asked(self, request: Request) -> set[_Asked]:
        """What is to be looked up, where, for the action or for every action of ``All``."""
        facts = request.facts(self.person)
        actions = ACTIONS[request.map][:-1] if request.action == Action.ALL else (request.action,)
        asked = set()
        for action in actions:
            if action == Action.CREATE and Key.CREATED_BY not in facts:
                known = (*facts.items(), (Key.CREATED_BY, self.person))
            else:
                known = tuple(facts.items())
            asked.add((*self._about(request.map, action), known))
        return asked

    def _settle(self, asked: _Asked, request: Request) -> tuple[bool, list[int]]:
        """The answer, and the places of the Grants that decided."""
        allows, denies, facts = asked
        if blocking := denies.matching(dict(facts), request.tags, possibly=True):
            return False, blocking
        granting = allows.matching(dict(facts), request.tags)
        return bool(granting), granting

    def _missing(self, asked: _Asked, request: Request) -> set[Key]:
        """The unknown facts that a refusal hangs on."""
        allows, denies, facts = asked
        known = {key for key, _ in facts} | (set() if request.tags is None else {Key.TAG})
        blocking, hopeful = (
            [
                set(self.grants[place].rule.keys) - known
                for place in file.matching(dict(facts), request.tags, possibly=True)
            ]
            for file in (denies, allows)
        )
        if not hopeful or not all(blocking):
            return set()
        # Once an Allow holds for certain, only the Denies are open.
        return set().union(*blocking, *(hopeful if all(hopeful) else ()))

    def _about(self, kind: Map, action: Action | Setting) -> tuple[File, File]:
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
