"""Is a SpaceRole within what someone holds? (rules §7 Ceiling, §8; issue 4, Granting).

Sound and conservative: a yes means that whatever the role allows to anyone who holds it and
nothing else, the person's own SpaceRoles would allow too; some roles within are refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spaces.models import SpaceRole
from spaces.permissions.rules import Condition, Grant, Rule, grants_of
from spaces.permissions.vocabulary import ACTIONS, MAPS, SELF, Action, Effect, Key, Map, Setting

type _Conditions = frozenset[Condition]
type _Lists = defaultdict[tuple[Map, str, Effect], set[_Conditions]]


@dataclass(frozen=True, slots=True)
class _Side:
    """What roles say of one action of one kind of thing."""

    allows: frozenset[_Conditions]
    denies: frozenset[_Conditions]


def covers(own: Iterable[SpaceRole], wanted: SpaceRole, *, before: SpaceRole | None = None) -> bool:
    """Whether ``wanted`` gives nothing that ``own`` SpaceRoles together do not hold.

    For each Allow of ``wanted`` there must be an Allow of ``own`` with the same conditions or
    fewer, and each Deny of ``own`` that could meet it must stand in ``wanted`` too. ``:self`` is
    whoever asks, so only ``:self`` covers it.

    With ``before``, the role as it was, only what is *newly* given counts: an Allow that it had
    already passes, and a Deny taken away counts as an Allow, since that widens what its holders
    may do through their other roles.
    """
    return not beyond(own, wanted, before=before)


def beyond(own: Iterable[SpaceRole], wanted: SpaceRole, *, before: SpaceRole | None = None) -> list[Grant]:
    """What :func:`covers` misses in ``own``: what ``wanted`` would newly give, as Allows by action."""
    own = list(own)
    lists = [_lists(roles) for roles in (own, [wanted], [before] if before else [])]
    settled: defaultdict[tuple[_Side, ...], list[tuple[Map, Action]]] = defaultdict(list)
    for kind in MAPS:
        for action in ACTIONS[kind]:
            if action != Action.ALL:
                settled[tuple(_side(said, kind, action) for said in lists)].append((kind, action))
    missing = [
        Grant(wanted.pk, wanted.name, Effect.ALLOW, kind, action, Rule.of(dict(conditions)))
        for sides, places in settled.items()
        for conditions in _outside(*sides)
        for kind, action in places
    ]
    settings = [Setting(name) for name in wanted.settings if not _holds_setting(own, name, before)]
    return missing + [
        Grant(wanted.pk, wanted.name, Effect.ALLOW, Map.SETTINGS, setting) for setting in settings
    ]


def _outside(mine: _Side, theirs: _Side, past: _Side) -> Iterator[_Conditions]:
    """What goes beyond in one action of one kind."""
    for allow in theirs.allows:
        if not (_implied(allow, mine, theirs) or _implied(allow, past, theirs)):
            yield allow
    for dropped in past.denies:
        if not _implied(dropped, mine, theirs):
            yield dropped


def _implied(allow: _Conditions, by: _Side, wanted: _Side) -> bool:
    """Whether ``by`` allows all of ``allow`` that the Denies of ``wanted`` leave."""
    if _blocked(allow, wanted):
        return True
    return any(wider <= allow for wider in by.allows) and all(
        _apart(allow, deny) or _blocked(allow | deny, wanted) for deny in by.denies
    )


def _blocked(conditions: _Conditions, wanted: _Side) -> bool:
    """Whether ``wanted`` denies every thing that meets ``conditions``."""
    return any(deny <= conditions for deny in wanted.denies)


def _apart(one: _Conditions, other: _Conditions) -> bool:
    """Whether no thing can meet both: another content type, creator or id. Tags add up."""
    return any(
        key == other_key and value != other_value and key != Key.TAG and SELF not in (value, other_value)
        for key, value in one
        for other_key, other_value in other
    )


def _lists(roles: Iterable[SpaceRole]) -> _Lists:
    """The conditions by kind, action and effect; what is said of All is said of each action."""
    lists: _Lists = defaultdict(set)
    for grant in grants_of(roles):
        for action in _actions(grant):
            lists[grant.map, action, grant.effect].add(frozenset(grant.rule.conditions))
    return lists


def _side(lists: _Lists, kind: Map, action: Action) -> _Side:
    return _Side(frozenset(lists[kind, action, Effect.ALLOW]), frozenset(lists[kind, action, Effect.DENY]))


def _actions(grant: Grant) -> Iterable[str]:
    return ACTIONS.get(grant.map, ()) if grant.action == Action.ALL else (grant.action,)


def _holds_setting(own: Iterable[SpaceRole], setting: str, before: SpaceRole | None) -> bool:
    return any(
        setting in role.settings or Setting.ALL in role.settings
        for role in (*own, *([before] if before else ()))
    )
