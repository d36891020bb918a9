"""Is a SpaceRole within what someone holds? (rules §7 Ceiling, §8; issue 4, Granting).

Sound and conservative: a yes means that whatever the role allows to anyone who holds it and
nothing else, the person's own SpaceRoles would allow too; some roles within are refused.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from spaces.models import SpaceRole
from spaces.permissions.rules import Condition, Grant, grants_of
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
    own = list(own)
    if not all(_holds_setting(own, setting, before) for setting in wanted.settings):
        return False
    lists = [_lists(roles) for roles in (own, [wanted], [before] if before else [])]
    settled = set()
    for kind in MAPS:
        for action in ACTIONS[kind]:
            if action != Action.ALL:
                settled.add(tuple(_side(said, kind, action) for said in lists))
    return all(_within(mine, theirs, past) for mine, theirs, past in settled)


def _within(mine: _Side, theirs: _Side, past: _Side) -> bool:
    """Whether one action of one kind stays within."""
    return all(
        _implied(allow, mine, theirs) or _implied(allow, past, theirs) for allow in theirs.allows
    ) and all(_implied(dropped, mine, theirs) for dropped in past.denies)


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
