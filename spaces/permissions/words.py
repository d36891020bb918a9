"""SpaceRoles in plain words (console.md, Roles & Permissions).

Ids of content types, tags and people become names where the caller has them in ``names``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from common.isolation import isolated
from spaces.models import SpaceRole
from spaces.permissions.rules import EVERYTHING, Condition, Grant, Rule, grants_of
from spaces.permissions.vocabulary import MAPS, SELF, Action, Effect, Key, Map, Setting

MOST_SCOPES = 3  # named in a sentence; the rest is a number

type Names = Mapping[str, str]

_VERBS: Final = {
    Action.READ: pgettext_lazy("may", "read"),
    Action.CREATE: pgettext_lazy("may", "create"),
    Action.EDIT: pgettext_lazy("may", "edit"),
    Action.DELETE: pgettext_lazy("may", "delete"),
    Action.PUBLISH: pgettext_lazy("may", "publish"),
    Action.UNPUBLISH: pgettext_lazy("may", "unpublish"),
    Action.ARCHIVE: pgettext_lazy("may", "archive"),
    Action.UNARCHIVE: pgettext_lazy("may", "unarchive"),
    Action.EXECUTE: pgettext_lazy("may", "run"),
    Action.ALL: pgettext_lazy("may", "do everything with"),
}
_THINGS: Final = {
    Map.CONTENT_TYPE: pgettext_lazy("may do something with", "content types"),
    Map.CONTENT: pgettext_lazy("may do something with", "content"),
    Map.MEDIA: pgettext_lazy("may do something with", "media"),
    Map.SCRIPT: pgettext_lazy("may do something with", "scripts"),
}


_ANYTHING: Final = pgettext_lazy("may not", "do anything with")
_ALL_SETTINGS: Final = pgettext_lazy("full access to", "all settings")


@dataclass(frozen=True, slots=True)
class Line:
    """What one SpaceRole says of one kind of thing, as a clause."""

    effect: Effect
    words: str
    role: SpaceRole


@dataclass(frozen=True, slots=True)
class Section:
    """All that SpaceRoles say of one kind of thing."""

    kind: Map
    lines: list[Line]


def names_in(roles: Iterable[SpaceRole]) -> dict[str, str]:
    """The names that ``roles`` give to ids; where two differ, the first role's."""
    return {identifier: name for role in reversed(list(roles)) for identifier, name in role.labels.items()}


def sections(roles: Iterable[SpaceRole], names: Names | None = None) -> list[Section]:
    """What ``roles`` say, each line with its role; kinds of which nothing is said are absent."""
    said = [(role, grants_of([role])) for role in roles]
    found = []
    for kind in Map:
        lines = [
            Line(effect, words, role)
            for role, grants in said
            for effect in Effect
            for words in clauses([grant for grant in grants if grant.map == kind], effect, names)
        ]
        if lines:
            found.append(Section(kind, lines))
    return found


def summary(role: SpaceRole, names: Names | None = None) -> str:
    """Up to three short sentences that sum ``role`` up, in the active language."""
    grants = grants_of([role])
    whole = [grant for grant in grants if _is_full_access(grant)]
    full = {grant.map for grant in whole}
    may = clauses(
        [one for one in grants if one.effect == Effect.DENY or one.map not in full], Effect.ALLOW, names
    )
    never = clauses(grants, Effect.DENY, names)
    said = []
    if may:
        said.append(_("Can %(may)s.") % {"may": _together(may)})
    if whole:
        things = [str(_THINGS.get(kind, _ALL_SETTINGS)) for kind in Map if kind in full]
        said.append(_("Full access to %(things)s.") % {"things": _listed(things)})
    if not said:
        said.append(_("No access."))
    if never:
        said.append(_("Can't %(never)s.") % {"never": _together(never)})
    return " ".join(said)


def _is_full_access(grant: Grant) -> bool:
    """Whether it allows everything with one kind of thing, or all settings."""
    everything = grant.action == Setting.ALL or (grant.action == Action.ALL and grant.rule == EVERYTHING)
    return grant.effect == Effect.ALLOW and everything


def describe(grant: Grant, names: Names | None = None) -> str:
    """One Grant as a clause: “edit content of the type “product””."""
    if isinstance(grant.action, Setting):
        return _settings([grant])
    return _clause([grant.action], grant.map, [grant.rule], names or {})


def scope(rule: Rule, names: Names | None = None) -> str:
    """Which things a rule is about: “everything”, “of the type “product” and tagged “sale””."""
    if rule == EVERYTHING:
        return _("everything")
    return _scope(rule, names or {})


def clauses(grants: Iterable[Grant], effect: Effect, names: Names | None = None) -> list[str]:
    """What ``grants`` of one effect say: a clause for the actions of a kind that have the same rules."""
    grants = list(grants)
    said = []
    for kind in MAPS:
        rules: dict[Action, list[Rule]] = {}
        for grant in grants:
            if grant.map == kind and grant.effect == effect:
                rules.setdefault(Action(grant.action), []).append(grant.rule)
        if EVERYTHING in rules.get(Action.ALL, ()):
            rules = {Action.ALL: [EVERYTHING]}
        alike: dict[frozenset[Rule], list[Action]] = {}
        for action, own in rules.items():
            alike.setdefault(frozenset(own), []).append(action)
        said += [
            _clause(actions, kind, rules[actions[0]], names or {}, effect=effect) for actions in alike.values()
        ]
    settings = _settings(grants) if effect == Effect.ALLOW else ""
    return [*said, settings] if settings else said


def _clause(
    actions: Sequence[Action],
    kind: Map,
    rules: Sequence[Rule],
    names: Names,
    *,
    effect: Effect = Effect.ALLOW,
) -> str:
    all_of_them = _ANYTHING if effect == Effect.DENY else _VERBS[Action.ALL]
    verbs = _listed([str(all_of_them if action == Action.ALL else _VERBS[action]) for action in actions])
    clause = _("%(actions)s %(things)s") % {"actions": verbs, "things": _THINGS[kind]}
    if EVERYTHING in rules:
        return clause
    scopes = [_scope(rule, names) for rule in rules[:MOST_SCOPES]]
    more = len(rules) - len(scopes)
    if more:
        scopes.append(ngettext("%(count)d more case", "%(count)d more cases", more) % {"count": more})
    return _("%(clause)s %(scopes)s") % {"clause": clause, "scopes": _any_of(scopes)}


def _scope(rule: Rule, names: Names) -> str:
    return _all_of([_condition(condition, names) for condition in rule.conditions])


def _condition(condition: Condition, names: Names) -> str:
    key, value = condition
    name = {"name": isolated(names.get(value, value))}
    match key:
        case Key.CONTENT_TYPE:
            return _("of the type “%(name)s”") % name
        case Key.CREATED_BY if value == SELF:
            return _("that they created themselves")
        case Key.CREATED_BY:
            return _("that “%(name)s” created") % name
        case Key.TAG:
            return _("tagged “%(name)s”") % name
        case _:
            return _("named “%(name)s”") % name


def _settings(grants: Iterable[Grant]) -> str:
    """“manage Webhooks and Tags”, or nothing."""
    settings = [grant.action for grant in grants if isinstance(grant.action, Setting)]
    if Setting.ALL in settings:
        return _("manage all settings")
    if settings:
        return _("manage %(settings)s") % {"settings": _listed([str(one.label) for one in settings])}
    return ""


# Languages join words in their own ways: a list each of what can be done, of conditions that all
# hold, of those of which one is enough, and of clauses.


def _listed(words: Sequence[str]) -> str:
    last = pgettext("what can be done", "%(most)s and %(last)s")
    return _joined(words, pgettext("what can be done", ", "), last)


def _all_of(words: Sequence[str]) -> str:
    last = pgettext("conditions that all hold", "%(most)s and %(last)s")
    return _joined(words, pgettext("conditions that all hold", ", "), last)


def _any_of(words: Sequence[str]) -> str:
    last = pgettext("conditions of which one is enough", "%(most)s or %(last)s")
    return _joined(words, pgettext("conditions of which one is enough", ", "), last)


def _together(clauses: Sequence[str]) -> str:
    return pgettext("clauses", "; ").join(clauses)


def _joined(words: Sequence[str], comma: str, last: str) -> str:
    *most, final = words
    return last % {"most": comma.join(most), "last": final} if most else final
